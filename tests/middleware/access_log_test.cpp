// SPDX-License-Identifier: MIT
#include <middleware/access_log.hpp>

#include <middleware/request_id.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/net/memory_transport.hpp>
#include <weir/observe/logger.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/routing_service.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

// Keeps each event as its fields in text.
class RecordingLog final : public base::Log {
 public:
  struct Line {
    base::LogLevel level;
    std::string event;
    std::map<std::string, std::string, std::less<>> fields;
    std::vector<std::string> keys;  // in their order
  };
  std::vector<Line> lines;

 protected:
  void write(base::LogLevel level, std::string_view event, std::span<const base::LogField> fields) noexcept override {
    Line line{level, std::string(event), {}, {}};
    for (const base::LogField& field : fields) {
      std::ostringstream text;
      std::visit([&text](const auto& value) { text << value; }, field.value);
      line.fields.emplace(field.key, text.str());
      line.keys.emplace_back(field.key);
    }
    lines.push_back(std::move(line));
  }
};

// A service with a log of our own, driven through memory.
class AccessLogTest : public testing::Test {
 protected:
  AccessLogTest() {
    app.use(RequestId{});
    app.use(AccessLog{});
    app.get("/users/{id}").handle([this] {
      clock.advance(25ms);
      return "hello";
    });
    app.get("/large").handle([] { return std::string(100'000, 'x'); });
    app.get("/throw").handle([] { throw 1; });
  }
  RecordingLog::Line line_of(std::string_view target, std::string_view method = "GET") {
    Served served(*this);
    served.peer.send(std::string(method) + " " + std::string(target) +
                     " HTTP/1.1\r\nHost: a\r\nX-Request-Id: id-7\r\n\r\n");
    return last();
  }
  RecordingLog::Line last() {
    EXPECT_FALSE(log.lines.empty());
    return log.lines.empty() ? RecordingLog::Line{} : log.lines.back();
  }

  struct Served {
    explicit Served(AccessLogTest& test) : Served(test, test.app, test.log) {}
    Served(AccessLogTest& test, App& app, base::Log& log)
        : loop({.clock = &test.clock}),
          dispatcher({.handlers = {}, .pools = {}, .clock = test.clock, .log = log, .metrics = test.metrics}),
          lanes({app.build_routes(), dispatcher, test.limits, test.metrics}),
          service({loop, lanes, test.limits, log, test.metrics}),
          connections({loop, test.limits, service, log, test.metrics}) {
      connections.adopt(peer.take_server_end());
    }
    loop::Loop loop;
    exec::Dispatcher dispatcher;
    routing::Lanes lanes;
    routing::RoutingService service;
    http::ConnectionSet connections;
    net::MemoryPeer peer;
  };

  App app{"test"};
  base::ManualClock clock;
  http::Limits limits;
  RecordingLog log;
  observe::MetricsRegistry metrics;
};

TEST_F(AccessLogTest, ARequestIsOneLineWithItsFields) {
  const auto line = line_of("/users/7?secret=1");
  EXPECT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(line.level, base::LogLevel::kInfo);
  EXPECT_EQ(line.event, "request");
  const std::map<std::string, std::string, std::less<>> expected{
      {"method", "GET"},     {"path", "/users/7"}, {"route", "/users/{id}"}, {"status", "200"},   {"bytes", "5"},
      {"duration_ms", "25"}, {"client", "memory"}, {"request_id", "id-7"},   {"end", "complete"},
  };
  EXPECT_EQ(line.fields, expected);
}

TEST_F(AccessLogTest, ARequestWithoutARouteIsLoggedToo) {
  const auto line = line_of("/none");
  EXPECT_EQ(line.fields.at("status"), "404");
  EXPECT_EQ(line.fields.at("route"), "");
}

TEST_F(AccessLogTest, AnExceptionIsLoggedAsTheAnswerThatItBecame) {
  EXPECT_EQ(line_of("/throw").fields.at("status"), "500");
  EXPECT_EQ(log.lines.size(), 2U);
  EXPECT_EQ(log.lines.front().event, "request.failed");
  EXPECT_EQ(log.lines.front().fields.at("request_id"), "id-7");
}

TEST_F(AccessLogTest, ToHeadNoBytesWent) {
  EXPECT_EQ(line_of("/users/7", "HEAD").fields.at("bytes"), "0");
}

TEST_F(AccessLogTest, PipelinedRequestsAreLoggedInTheirOrder) {
  Served served(*this);
  served.peer.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /users/2 HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(log.lines.size(), 2U);
  EXPECT_EQ(log.lines[0].fields.at("path"), "/users/1");
  EXPECT_EQ(log.lines[1].fields.at("path"), "/users/2");
}

TEST_F(AccessLogTest, TheLineComesWhenTheLastByteHasGone) {
  Served served(*this);
  served.peer.set_receive_window(1000);
  served.peer.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(log.lines.empty());
  served.peer.set_receive_window(SIZE_MAX);
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(last().fields.at("path"), "/large");
  EXPECT_EQ(last().fields.at("bytes"), "100000");
  EXPECT_EQ(last().fields.at("end"), "complete");
}

TEST_F(AccessLogTest, ACutAnswerSaysWhy) {
  Served served(*this);
  served.peer.set_receive_window(1000);
  served.peer.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  served.peer.reset();
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(last().fields.at("end"), "disconnected");
}

TEST_F(AccessLogTest, TheLinesOfATurnComeAtItsEndAndNoRequestForgesOne) {
  std::string text;
  observe::LoggerOptions options;
  options.output = [&text](std::string_view lines) { text += lines; };
  observe::Logger logger(std::move(options));
  App other{"test"};
  other.use(AccessLog{{.fields = {AccessField::kPath, AccessField::kUserAgent, AccessField::kReferer}}});
  Served served(*this, other, logger);
  const std::string forged = R"(curl","level":"error\)";
  ASSERT_TRUE(served.loop.try_post([&] {
    served.peer.send("GET /%22%0a HTTP/1.1\r\nHost: a\r\nUser-Agent: " + forged +
                     "\r\nReferer: \xff\xc2\x9b"
                     "31m\xe2\x80\xa8\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    logger.flush();
    EXPECT_EQ(text, "");
  }));
  served.loop.run_once();
  logger.flush();
  std::istringstream lines(text);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first.at("level"), "info");
  EXPECT_EQ(first.at("path"), "/%22%0a");
  EXPECT_EQ(first.at("user_agent"), forged);
  EXPECT_EQ(line.find_first_of("\xff\x9b"), std::string::npos) << line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line).at("path"), "/2");
  EXPECT_FALSE(std::getline(lines, line)) << line;
}

TEST_F(AccessLogTest, FieldsAreThoseChosenInTheirOrder) {
  using enum AccessField;
  App other{"test"};
  other.use(
      AccessLog{{.fields = {kStatus, kQuery, kUserAgent, kReferer, kPrincipal, kScheme, kHost, kPeer, kTraceId}}});
  other.get("/").handle([](Context& context) {
    context.set_principal("ann");
    return "";
  });
  Served served(*this, other, log);
  served.peer.send(
      "GET /?q=%22 HTTP/1.1\r\nHost: here:80\r\nUser-Agent: curl/8\r\n"
      "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");
  const std::map<std::string, std::string, std::less<>> expected{
      {"status", "200"},        {"query", "q=%22"},
      {"user_agent", "curl/8"}, {"scheme", "http"},
      {"host", "here:80"},      {"principal", "ann"},
      {"peer", "memory"},       {"trace_id", "0af7651916cd43dd8448eb211c80319c"},
  };
  EXPECT_EQ(last().fields, expected);  // a field that the request lacks is not there
  EXPECT_EQ(last().keys.front(), "status");
  EXPECT_EQ(last().keys.back(), "trace_id");
}

TEST_F(AccessLogTest, QuietRouteIsLoggedWhenItFails) {
  App other{"test"};
  bool fails = false;
  other.use(AccessLog{});
  other.get("/healthz").handle([&fails] {
    if (fails) throw HttpError(503, "not well");
    return "";
  });
  Served served(*this, other, log);
  served.peer.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(log.lines.empty());
  fails = true;
  served.peer.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(last().fields.at("status"), "503");
}

TEST_F(AccessLogTest, LevelIsAsChosen) {
  App other{"test"};
  other.use(AccessLog{{.level = base::LogLevel::kWarn}});
  other.get("/").handle([] { return ""; });
  Served served(*this, other, log);
  served.peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(last().level, base::LogLevel::kWarn);
}

TEST_F(AccessLogTest, FieldThatIsThereTwiceIsRefused) {
  EXPECT_NO_THROW(AccessLog({.fields = {AccessField::kStatus, AccessField::kBytes}}));
  EXPECT_THROW(AccessLog({.fields = {AccessField::kStatus, AccessField::kBytes, AccessField::kStatus}}),
               std::invalid_argument);
}

TEST_F(AccessLogTest, AboveInfoNothingIsLogged) {
  log.set_level(base::LogLevel::kWarn);
  Served served(*this);
  served.peer.send("GET /users/7 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(log.lines.empty());
}

}  // namespace
}  // namespace weir::middleware
