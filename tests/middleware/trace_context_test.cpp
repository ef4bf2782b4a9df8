// SPDX-License-Identifier: MIT
#include <middleware/trace_context.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::middleware {
namespace {

constexpr const char* kTrace = "0af7651916cd43dd8448eb211c80319c";

class TraceContextTest : public testing::Test {
 protected:
  TraceContextTest() {
    app.use(TraceContext{});
    app.get("/").handle([](Context& context) { return std::string(context.traceparent()); });
  }
  TestResponse ask(const std::string& traceparent) {
    TestClient client(app);
    return client.get("/", {{"traceparent", traceparent}});
  }
  /// Whether the trace was taken over.
  bool goes_on(const std::string& traceparent) {
    const std::string own = ask(traceparent).header("traceresponse").value_or("");
    EXPECT_EQ(own.size(), 55U) << own;
    return own.substr(3, 32) == kTrace;
  }
  App app{"test"};
};

std::string with(const std::string& trace, const std::string& span, const std::string& version = "00",
                 const std::string& flags = "01") {
  return version + "-" + trace + "-" + span + "-" + flags;
}

TEST_F(TraceContextTest, TraceGoesOnWithASpanOfOurOwn) {
  const std::string own = ask(with(kTrace, "b7ad6b7169203331", "00", "00")).header("traceresponse").value();
  EXPECT_EQ(own.substr(0, 36), std::string("00-") + kTrace + "-");
  EXPECT_NE(own.substr(36, 16), "b7ad6b7169203331");
  EXPECT_EQ(own.substr(52), "-00");
}

TEST_F(TraceContextTest, HandlerSeesTheSameSpan) {
  const TestResponse response = ask(with(kTrace, "b7ad6b7169203331"));
  EXPECT_EQ(response.body, response.header("traceresponse"));
}

TEST_F(TraceContextTest, RequestWithoutATraceBeginsOne) {
  TestClient client(app);
  const auto first = client.get("/").header("traceresponse").value();
  const auto second = client.get("/").header("traceresponse").value();
  EXPECT_EQ(first.size(), 55U);
  EXPECT_NE(first.substr(3, 32), second.substr(3, 32));
}

TEST_F(TraceContextTest, LaterVersionIsUnderstood) {
  EXPECT_TRUE(goes_on(with(kTrace, "b7ad6b7169203331", "01")));
  EXPECT_TRUE(goes_on(with(kTrace, "b7ad6b7169203331", "cc") + "-what-follows"));
}

TEST_F(TraceContextTest, MalformedOneIsNotTakenOver) {
  const std::string span = "b7ad6b7169203331";
  const std::string upper = "0AF7651916CD43DD8448EB211C80319C";
  for (const std::string& sent :
       {with(upper, span), with(kTrace, "0000000000000000"), with(std::string(32, '0'), span), with(kTrace, span, "ff"),
        with(kTrace, span) + "-more", with(kTrace, span) + "x", with(kTrace, span, "0"), with(kTrace, span, "00", "0"),
        with(kTrace, "b7ad6b716920333g"), std::string(kTrace), std::string("00"), std::string(10000, 'a')}) {
    EXPECT_FALSE(goes_on(sent)) << sent;
  }
}

TEST_F(TraceContextTest, EveryAnswerHasIt) {
  TestClient client(app);
  EXPECT_TRUE(client.get("/missing").header("traceresponse"));
  EXPECT_TRUE(client.post("/", "").header("traceresponse"));
}

}  // namespace
}  // namespace weir::middleware
