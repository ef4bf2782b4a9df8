// SPDX-License-Identifier: MIT
#include <middleware/security_headers.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kCsp = "Content-Security-Policy";
constexpr std::string_view kHsts = "Strict-Transport-Security";
constexpr std::chrono::seconds kYear = 24h * 365;

// As behind a proxy that speaks https.
struct SayHttps {
  void before(Context& context) const { context.set_origin("", "https", ""); }
};

TestResponse answer_of(const SecurityHeadersOptions& options, bool is_https = false) {
  App app{"test"};
  if (is_https) app.use(SayHttps{});
  app.use(SecurityHeaders{options});
  app.get("/").handle([] { return "x"; });
  return TestClient(app).get("/");
}

std::string reason(const SecurityHeadersOptions& options) {
  try {
    SecurityHeaders{options};
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

void expect_defaults(const TestResponse& response) {
  response.expect_header("X-Content-Type-Options", "nosniff")
      .expect_header(kCsp, "default-src 'none'; frame-ancestors 'none'")
      .expect_header("X-Frame-Options", "DENY")
      .expect_header("Referrer-Policy", "no-referrer")
      .expect_header("Cross-Origin-Resource-Policy", "same-origin")
      .expect_header("Cross-Origin-Opener-Policy", "same-origin")
      .expect_no_header("Permissions-Policy");
}

TEST(SecurityHeadersTest, AnAnswerHasTheDefaults) {
  expect_defaults(answer_of({}));
}

TEST(SecurityHeadersTest, TheAnswersOfTheFrameworkHaveThem) {
  App app{"test"};
  app.use(SecurityHeaders{});
  app.post("/").body_limit(1).handle([](Context&) { return "x"; });
  app.get("/throw").handle([] { throw 1; });
  TestClient client(app);
  expect_defaults(client.get("/none").expect_status(404));
  expect_defaults(client.get("/").expect_status(405));
  expect_defaults(client.post("/", "xx").expect_status(413));
  expect_defaults(client.get("/throw").expect_status(500));
}

TEST(SecurityHeadersTest, TheOptionsAreTheValues) {
  answer_of({.content_security_policy = "default-src 'self'",
             .frame_options = "SAMEORIGIN",
             .referrer_policy = "no-referrer, strict-origin-when-cross-origin",
             .cross_origin_resource_policy = "cross-origin",
             .cross_origin_opener_policy = "unsafe-none",
             .permissions_policy = "camera=()"})
      .expect_header(kCsp, "default-src 'self'")
      .expect_header("X-Frame-Options", "SAMEORIGIN")
      .expect_header("Referrer-Policy", "no-referrer, strict-origin-when-cross-origin")
      .expect_header("Cross-Origin-Resource-Policy", "cross-origin")
      .expect_header("Cross-Origin-Opener-Policy", "unsafe-none")
      .expect_header("Permissions-Policy", "camera=()");
}

TEST(SecurityHeadersTest, AnEmptyOptionLeavesItsFieldOut) {
  answer_of({.content_security_policy = "",
             .frame_options = "",
             .referrer_policy = "",
             .cross_origin_resource_policy = "",
             .cross_origin_opener_policy = ""})
      .expect_header("X-Content-Type-Options", "nosniff")
      .expect_no_header(kCsp)
      .expect_no_header("X-Frame-Options")
      .expect_no_header("Referrer-Policy")
      .expect_no_header("Cross-Origin-Resource-Policy")
      .expect_no_header("Cross-Origin-Opener-Policy");
}

TEST(SecurityHeadersTest, TheHandlersOwnValueStaysInAnyCase) {
  App app{"test"};
  app.use(SecurityHeaders{});
  app.get("/").handle([] {
    Response response = Response::html("<p>x");
    response.set_header("content-security-policy", "default-src 'self'");
    response.set_header("Cross-Origin-Opener-Policy", "unsafe-none");
    return response;
  });
  const TestResponse response = TestClient(app).get("/");
  response.expect_header(kCsp, "default-src 'self'")
      .expect_header("Cross-Origin-Opener-Policy", "unsafe-none")
      .expect_header("X-Frame-Options", "DENY");
  const auto is_csp = [](const auto& field) { return field.first == kCsp; };
  EXPECT_TRUE(std::none_of(response.headers.begin(), response.headers.end(), is_csp));  // no second one
}

TEST(SecurityHeadersTest, OtherFieldsOfTheHandlerStay) {
  App app{"test"};
  app.use(SecurityHeaders{});
  app.get("/").handle([] { return Response::text("x").set_header("X-Other", "1").add_header("X-Other", "2"); });
  const TestResponse response = TestClient(app).get("/");
  expect_defaults(response);
  response.expect_header("X-Other", "1").expect_header("Content-Type", "text/plain; charset=utf-8").expect_body("x");
}

TEST(SecurityHeadersTest, HstsIsSaidOverHttpsAlone) {
  answer_of({}, true).expect_header(kHsts, "max-age=31536000; includeSubDomains");
  answer_of({}, false).expect_no_header(kHsts);
}

TEST(SecurityHeadersTest, AClientsWordForHttpsIsNotEnough) {
  App app{"test"};
  app.use(SecurityHeaders{});
  app.get("/").handle([] { return "x"; });
  TestClient(app)
      .get("/", {{"X-Forwarded-Proto", "https"}, {"Forwarded", "proto=https"}})
      .expect_status(200)
      .expect_no_header(kHsts);
}

TEST(SecurityHeadersTest, HstsFollowsItsOptions) {
  answer_of({.hsts_max_age = 0s, .hsts_includes_subdomains = false}, true).expect_header(kHsts, "max-age=0");
  answer_of({.hsts_max_age = kYear, .hsts_preload = true}, true)
      .expect_header(kHsts, "max-age=31536000; includeSubDomains; preload");
  answer_of({.hsts_max_age = std::nullopt}, true).expect_no_header(kHsts).expect_header("X-Frame-Options", "DENY");
}

TEST(SecurityHeadersTest, UnknownWordsAreRefused) {
  EXPECT_EQ(reason({.frame_options = "ALLOW-FROM https://a.example"}),
            "SecurityHeaders: frame_options is one of DENY, SAMEORIGIN, not \"ALLOW-FROM https://a.example\"");
  EXPECT_NE(reason({.frame_options = "deny"}), "");
  EXPECT_NE(reason({.referrer_policy = "never"}), "");
  EXPECT_NE(reason({.referrer_policy = "no-referrer, never"}), "");
  EXPECT_NE(reason({.cross_origin_resource_policy = "none"}), "");
  EXPECT_NE(reason({.cross_origin_opener_policy = "same-site"}), "");
}

TEST(SecurityHeadersTest, ControlCharactersAreRefused) {
  EXPECT_EQ(reason({.content_security_policy = "default-src 'self'\r\nSet-Cookie: a=b"}),
            "SecurityHeaders: the response header 'Content-Security-Policy' has a control character in its value");
  EXPECT_NE(reason({.permissions_policy = std::string("camera=()\0", 10)}), "");
}

TEST(SecurityHeadersTest, ANegativeAgeIsRefused) {
  EXPECT_EQ(reason({.hsts_max_age = -1s}), "SecurityHeaders: hsts_max_age is negative");
  EXPECT_EQ(reason({.hsts_max_age = 0s}), "");
}

TEST(SecurityHeadersTest, PreloadTakesSubdomainsAndAYear) {
  EXPECT_EQ(reason({.hsts_max_age = kYear, .hsts_preload = true}), "");
  EXPECT_NE(reason({.hsts_max_age = kYear - 1s, .hsts_preload = true}), "");
  EXPECT_NE(reason({.hsts_max_age = std::nullopt, .hsts_preload = true}), "");
  EXPECT_NE(reason({.hsts_includes_subdomains = false, .hsts_preload = true}), "");
}

}  // namespace
}  // namespace weir::middleware
