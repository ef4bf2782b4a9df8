// SPDX-License-Identifier: MIT
#include <middleware/rate_limit.hpp>

#include <tests/middleware/limit_fixture.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

class RateLimitTest : public LimitTest {
 protected:
  /// The app with that limit, and a client.
  RateLimit use(RateLimitOptions options) {
    RateLimit limit(std::move(options));
    app.use(AsClient{});
    app.use(limit);
    add_routes();
    start();
    return limit;
  }
  int status(std::string_view target = "/") { return client->get(target).status; }
  int status_as(std::string_view address) { return client->get("/", {{"X-Test-Client", address}}).status; }
};

// ---- the bucket ----

TEST_F(RateLimitTest, ABurstIsAdmittedAndTheNextRequestIsNot) {
  use({.requests = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 429);
}

TEST_F(RateLimitTest, TokensComeBackOneByOne) {
  use({.requests = 2, .per = 1s});
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 200);
  client->advance(499ms);
  EXPECT_EQ(status(), 429);
  client->advance(1ms);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 429);
}

TEST_F(RateLimitTest, ARefusedRequestCostsNoToken) {
  use({.requests = 1, .per = 1s});
  EXPECT_EQ(status(), 200);
  for (int i = 0; i < 9; ++i) {
    client->advance(100ms);
    EXPECT_EQ(status(), 429);
  }
  client->advance(100ms);
  EXPECT_EQ(status(), 200);
}

TEST_F(RateLimitTest, APauseEarnsABurstAndNoMore) {
  use({.requests = 10, .per = 1s, .burst = 2});
  client->advance(1h);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 429);
}

TEST_F(RateLimitTest, ABurstMayBeLargerThanTheRate) {
  use({.requests = 1, .per = 1s, .burst = 5});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 429);
}

TEST_F(RateLimitTest, AClockThatStandsStillGivesNothing) {
  const RateLimit limit = use({.requests = 5});
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += status() == 200 ? 1 : 0;
  EXPECT_EQ(admitted, 5);
  EXPECT_EQ(limit.refused(), 95U);
  EXPECT_NE(client->metrics().find("\nweir_rate_limit_refused_total{policy=\"default\"} 95\n"), std::string::npos);
}

// ---- the answer ----

TEST_F(RateLimitTest, ARefusalIsAProblemThatSaysWhenToComeBack) {
  use({.requests = 1, .per = 90s});
  status();
  const TestResponse response = client->get("/");
  response.expect_status(429).expect_header("Content-Type", "application/problem+json");
  response.expect_json_at("/status", "429");
  response.expect_header("Retry-After", "90");
}

TEST_F(RateLimitTest, RetryAfterIsRoundedUp) {
  use({.requests = 1, .per = 90s});
  status();
  client->advance(1500ms);
  EXPECT_EQ(client->get("/").header("Retry-After"), "89");
}

TEST_F(RateLimitTest, RetryAfterIsAtLeastASecond) {
  use({.requests = 1000, .per = 1s, .burst = 1});
  status();
  EXPECT_EQ(client->get("/").header("Retry-After"), "1");
}

TEST_F(RateLimitTest, WhoComesBackWhenToldIsAdmitted) {
  use({.requests = 3, .per = 10s});
  while (status() == 200) client->advance(700ms);
  const std::string wait = client->get("/").header("Retry-After").value_or("");
  client->advance(std::chrono::seconds(std::stoi(wait)));
  EXPECT_EQ(status(), 200);
}

TEST_F(RateLimitTest, EachAnswerSaysWhatIsLeft) {
  use({.requests = 100, .per = 60s});
  const TestResponse first = client->get("/");
  first.expect_header("RateLimit-Policy", R"("default";q=100;w=60)");
  first.expect_header("RateLimit", R"("default";r=99;t=1)");
  client->get("/").expect_header("RateLimit", R"("default";r=98;t=1)");
}

TEST_F(RateLimitTest, ARefusalSaysThatNothingIsLeft) {
  use({.requests = 1, .per = 60s});
  status();
  client->advance(20s);
  client->get("/").expect_status(429).expect_header("RateLimit", R"("default";r=0;t=40)");
}

TEST_F(RateLimitTest, FrameworkAnswersAndExceptionsSayItToo) {
  use({.requests = 10, .per = 10s});
  client->get("/none").expect_status(404).expect_header("RateLimit", R"("default";r=9;t=1)");
  client->post("/", "x").expect_status(405).expect_header("RateLimit", R"("default";r=8;t=1)");
  client->get("/throw").expect_status(500).expect_header("RateLimit", R"("default";r=7;t=1)");
}

TEST_F(RateLimitTest, APolicyIsToldInWholeSeconds) {
  EXPECT_EQ(policy({.requests = 5, .per = 100ms}), R"("default";q=50;w=1)");
  EXPECT_EQ(policy({.requests = 10, .per = 1500ms}), R"("default";q=13;w=2)");
  EXPECT_EQ(policy({.requests = 3, .per = 1s}), R"("default";q=3;w=1)");
  EXPECT_EQ(policy({.requests = 10, .per = 1s, .burst = 20}), R"("default";q=20;w=2)");
  EXPECT_EQ(policy({.requests = 10, .per = 1s, .burst = 2}), R"("default";q=10;w=1)");
}

TEST_F(RateLimitTest, FieldsCanBeLeftOut) {
  use({.requests = 1, .has_fields = false});
  client->get("/").expect_status(200).expect_no_header("RateLimit").expect_no_header("RateLimit-Policy");
  client->get("/").expect_status(429).expect_no_header("RateLimit").expect_header("Retry-After", "1");
}

TEST_F(RateLimitTest, TwoLimitsEachSayTheirs) {
  app.use(RateLimit{{.requests = 10, .per = 1s, .name = "burst"}});
  app.use(RateLimit{{.requests = 50, .per = 1h, .name = "hourly"}});
  add_routes();
  start();
  const std::string answer = connect().send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_NE(answer.find("RateLimit: \"burst\";r=9;t=1\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find("RateLimit: \"hourly\";r=49;t=72\r\n"), std::string::npos) << answer;
}

TEST_F(RateLimitTest, CopiesShareTheirBuckets) {
  const RateLimit limit({.requests = 1});
  app.get("/a").use(limit).handle([] { return "a"; });
  app.get("/b").use(limit).handle([] { return "b"; });
  start();
  EXPECT_EQ(status("/a"), 200);
  EXPECT_EQ(status("/b"), 429);
}

TEST_F(RateLimitTest, ContentOfARefusedRequestIsNotWaitedFor) {
  app.post("/").use(RateLimit{{.requests = 1}}).handle([](Context& context) { return std::string(context.body()); });
  start();
  client->post("/", "x").expect_status(200);
  const std::string answer = connect().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 429 ")) << answer;
}

// ---- who is counted ----

TEST_F(RateLimitTest, AClientIsItsAddressWithoutItsPort) {
  use({.requests = 1});
  EXPECT_EQ(status_as("192.0.2.1:40000"), 200);
  EXPECT_EQ(status_as("192.0.2.1:40001"), 429);
  EXPECT_EQ(status_as("192.0.2.2:40000"), 200);
}

TEST_F(RateLimitTest, ASpoofedForwardingFieldChangesNothing) {
  use({.requests = 1});
  EXPECT_EQ(status(), 200);
  for (const char* const name : {"X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP"}) {
    EXPECT_EQ(client->get("/", {{name, "203.0.113.9"}}).status, 429) << name;
  }
}

TEST_F(RateLimitTest, AllAddressesOfAnIpv6SubscriberAreOneClient) {
  use({.requests = 1});
  EXPECT_EQ(status_as("[2001:db8::1]:1"), 200);
  EXPECT_EQ(status_as("[2001:db8::ffff:ffff:ffff:ffff]:2"), 429);
  EXPECT_EQ(status_as("[2001:db8:0:1::1]:1"), 200);
}

TEST_F(RateLimitTest, AFunctionMayExemptARequest) {
  const auto unless_free = [](const Context& context) -> std::optional<std::string> {
    if (context.header("X-Free")) return std::nullopt;
    return "all";
  };
  use({.requests = 1, .key = LimitKey::function(unless_free)});
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 429);
  client->get("/", {{"X-Free", "1"}}).expect_status(200).expect_no_header("RateLimit");
}

TEST_F(RateLimitTest, ARefusedClientStaysRefusedWhateverTheOthersDo) {
  use({.requests = 2, .per = 1h, .max_keys = 16});
  EXPECT_EQ(status_as("192.0.2.1:1"), 200);
  EXPECT_EQ(status_as("192.0.2.1:1"), 200);
  for (int i = 0; i < 1000; ++i) {
    const std::string address = "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ":1";
    status_as(address);
  }
  EXPECT_EQ(status_as("192.0.2.1:1"), 429);
}

// ---- mistakes ----

TEST(RateLimitOptionsTest, ZeroAndNegativeValuesAreRefused) {
  EXPECT_THROW(RateLimit({}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .per = 0ns}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .per = -1s}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .max_keys = 0}), std::invalid_argument);
}

TEST(RateLimitOptionsTest, AMillionPerSecondIsTheHighestRate) {
  EXPECT_NO_THROW(RateLimit({.requests = 1'000'000, .per = 1s}));
  EXPECT_THROW(RateLimit({.requests = 1'001'002, .per = 1s}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = UINT64_MAX, .per = 1s}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .per = 999ns}), std::invalid_argument);
}

TEST(RateLimitOptionsTest, NothingOverflows) {
  constexpr std::chrono::nanoseconds kTenYears = std::chrono::hours(24 * 3653);
  EXPECT_NO_THROW(RateLimit({.requests = 1, .per = kTenYears}));
  EXPECT_THROW(RateLimit({.requests = 1, .per = kTenYears + 1ns}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .per = std::chrono::nanoseconds::max()}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .per = kTenYears, .burst = 2}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .per = 1s, .burst = UINT64_MAX}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .max_keys = SIZE_MAX}), std::invalid_argument);
  EXPECT_THROW(RateLimit({.requests = 1, .max_keys = (1U << 24U) + 1}), std::invalid_argument);
}

TEST(RateLimitOptionsTest, ANameIsTextOfAQuotedString) {
  EXPECT_NO_THROW(RateLimit({.requests = 1, .name = std::string(64, 'x')}));
  for (const std::string& name : {std::string(), std::string(65, 'x'), std::string("a\"b"), std::string("a\\b"),
                                  std::string("a\r\nb"), std::string("\xc3\xa4")}) {
    EXPECT_THROW(RateLimit({.requests = 1, .name = name}), std::invalid_argument) << name;
  }
}

TEST(RateLimitOptionsTest, AMistakeIsNamed) {
  try {
    RateLimit({.requests = 0});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_NE(std::string(error.what()).find("`requests` is 0"), std::string::npos) << error.what();
  }
}

TEST_F(RateLimitTest, TheHighestRateStillLimits) {
  use({.requests = 1'000'000, .per = 1s, .burst = 1});
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(status(), 429);
  client->advance(1us);
  EXPECT_EQ(status(), 200);
}

TEST_F(RateLimitTest, TheLongestPeriodStillCounts) {
  use({.requests = 1, .per = std::chrono::hours(24 * 3653)});
  EXPECT_EQ(status(), 200);
  client->get("/").expect_status(429).expect_header("Retry-After", "315619200");
}

}  // namespace
}  // namespace weir::middleware
