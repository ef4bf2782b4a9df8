// SPDX-License-Identifier: MIT
// Hooks of a request that is answered while its handler still runs on a pool: both read what there is of it. Whether
// they may is what the thread sanitizer says.
#include <middleware/access_log.hpp>
#include <middleware/bearer_auth.hpp>
#include <middleware/compression.hpp>
#include <middleware/etag.hpp>
#include <middleware/request_id.hpp>
#include <middleware/security_headers.hpp>
#include <middleware/trace_context.hpp>
#include <middleware/trusted_proxies.hpp>

#include <tests/middleware/jwt_maker.hpp>
#include <tests/routing/lane_fixture.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

/// All that a request is asked for by whoever may ask.
std::string read_all(const Context& context) {
  std::string all(context.path("rest"));
  all += context.query("q").value_or("none");
  all += context.header("Host").value_or("none");
  all.append(context.route()).append(context.client()).append(context.peer()).append(context.scheme());
  all.append(context.host()).append(context.principal()).append(context.request_id()).append(context.traceparent());
  const auto* const token = context.attached<VerifiedJwt>();
  return all + (token != nullptr ? token->claims : "none");
}

/// The hooks' part of it.
class Reading {
 public:
  explicit Reading(std::string& in_after, std::string& in_done) : in_after_(&in_after), in_done_(&in_done) {}
  void after(Context& context, Response&) const { *in_after_ = read_all(context); }
  void done(Context& context, const http::Outcome&) const { *in_done_ = read_all(context); }

 private:
  std::string* in_after_;
  std::string* in_done_;
};

class HooksBesidePoolTest : public LaneTest {
 protected:
  HooksBesidePoolTest() {
    app.use(AccessLog{});
    app.use(TrustedProxies{{.proxies = {"127.0.0.0/8"}}});
    app.use(RequestId{});
    app.use(TraceContext{});
    app.use(SecurityHeaders{});
    app.use(Compression{});
    app.use(Reading(in_after, in_done));
    app.use(BearerAuth{{.jwt = {.secret = testing::kSecret}}});
    app.use(ETag{});
    app.get("/{rest...}").on(cpu).timeout(1s).handle([this](Context& context) {
      in_handler = read_all(context);
      while (!is_over) {
        looked += read_all(context).size();
        ++looks;
      }
      return in_handler;
    });
    start();
  }
  void TearDown() override {
    is_over = true;
    LaneTest::TearDown();
  }
  TestClient::Connection ask() {
    const std::string token = testing::hmac_key().sign(R"({"alg":"HS256"})", testing::good_claims());
    auto connection =
        send(get_request("/a%20b/c?q=1", "Authorization: Bearer " + token + "\r\nX-Forwarded-For: 203.0.113.7\r\n"));
    EXPECT_TRUE(client->run_until([this] { return looks > 0; }));
    return connection;
  }

  std::string in_handler;
  std::string in_after;
  std::string in_done;
  std::atomic<bool> is_over{false};
  std::atomic<int> looks{0};
  std::size_t looked = 0;
};

TEST_F(HooksBesidePoolTest, TheyReadTheSameWhenItsTimeIsUp) {
  auto connection = ask();
  client->advance(2s);
  EXPECT_EQ(connection.read_answer().status, 504);
  const int looks_then = looks;
  EXPECT_TRUE(client->run_until([&] { return looks > looks_then; })) << "the handler goes on";
  is_over = true;
  EXPECT_TRUE(wait_for_metric("weir_late_results_total", 1));
  EXPECT_NE(in_handler.find("sub"), std::string::npos) << in_handler;
  EXPECT_EQ(in_after, in_handler);
  EXPECT_EQ(in_done, in_handler);
}

TEST_F(HooksBesidePoolTest, AndWhenItsClientHasLeft) {
  {
    auto connection = ask();
    connection.reset();
  }
  EXPECT_TRUE(client->run_until([&] { return !in_done.empty(); }));
  is_over = true;
  EXPECT_TRUE(wait_for_metric("weir_late_results_total", 1));
  EXPECT_EQ(in_done, in_handler);
}

}  // namespace
}  // namespace weir::middleware
