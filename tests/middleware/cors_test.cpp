// SPDX-License-Identifier: MIT
// Answers to requests that are no preflights.
#include <middleware/cors.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {
namespace {

constexpr std::string_view kApp = "https://app.example.com";
constexpr std::string_view kAllowOrigin = "Access-Control-Allow-Origin";
constexpr std::string_view kAllowCredentials = "Access-Control-Allow-Credentials";
constexpr std::string_view kExpose = "Access-Control-Expose-Headers";

std::vector<std::string> all_of(const TestResponse& response, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [field, value] : response.headers) {
    if (field == name) values.push_back(value);
  }
  return values;
}

void add_routes(App& app) {
  app.get("/").handle([] { return "x"; });
  app.post("/").body_limit(1).handle([](Context&) { return "x"; });
  app.get("/throw").handle([] { throw 1; });
  app.get("/busy").handle([] { return Response(503); });
}

TestResponse get(const CorsOptions& options, std::string_view origin, std::string_view target = "/") {
  App app{"test"};
  app.use(Cors{options});
  add_routes(app);
  return TestClient(app).get(target, {{"Origin", origin}});
}

const CorsOptions& listed() {
  static const CorsOptions kOptions{.origins = {std::string(kApp), "https://*.example.org"}};
  return kOptions;
}

TEST(CorsTest, AListedOriginMayRead) {
  const TestResponse response = get(listed(), kApp);
  response.expect_status(200).expect_body("x").expect_header(kAllowOrigin, kApp).expect_header("Vary", "Origin");
  response.expect_no_header(kAllowCredentials).expect_no_header(kExpose);
  response.expect_no_header("Access-Control-Allow-Methods").expect_no_header("Access-Control-Max-Age");
}

TEST(CorsTest, AnotherOriginGetsTheAnswerWithoutLeave) {
  get(listed(), "https://other.example")
      .expect_status(200)
      .expect_body("x")
      .expect_no_header(kAllowOrigin)
      .expect_header("Vary", "Origin");
}

TEST(CorsTest, ARequestWithoutOriginVariesOnly) {
  App app{"test"};
  app.use(Cors{listed()});
  add_routes(app);
  TestClient(app).get("/").expect_status(200).expect_no_header(kAllowOrigin).expect_header("Vary", "Origin");
}

TEST(CorsTest, WhatOnlyLooksLikeAListedOriginMayNotRead) {
  for (const char* const origin :
       {"https://app.example.com.evil.org", "https://evilapp.example.com", "https://app.example.co",
        "http://app.example.com", "https://app.example.com:8443", "https://app.example.com:443",
        "https://app.example.com/", "https://app.example.com.", "https://user@app.example.com",
        "https://app.example.com https://evil.org", "https://app.example.com,https://evil.org",
        "https://evil.org#https://app.example.com", "app.example.com", "//app.example.com", "*", ""}) {
    get(listed(), origin).expect_status(200).expect_no_header(kAllowOrigin);
  }
}

TEST(CorsTest, CaseCounts) {
  get(listed(), "HTTPS://app.example.com").expect_no_header(kAllowOrigin);
  get(listed(), "https://APP.example.com").expect_no_header(kAllowOrigin);
}

TEST(CorsTest, AHostBelowAPatternMayRead) {
  for (const char* const origin : {"https://a.example.org", "https://a.b.example.org", "https://x-1.example.org"}) {
    get(listed(), origin).expect_header(kAllowOrigin, origin);
  }
}

TEST(CorsTest, WhatOnlyEndsLikeAPatternMayNotRead) {
  for (const char* const origin :
       {"https://example.org", "https://evilexample.org", "https://.example.org", "https://a..example.org",
        "https://a.example.org.evil.com", "http://a.example.org", "https://a.example.org:8443",
        "https://evil.com/.example.org", "https://evil.com#.example.org", "https://evil.com?.example.org",
        "https://evil.com\\.example.org", "https://evil.com@a.example.org", "https://evil.com:80.example.org",
        "https://evil.com%00.example.org", "https://evil.com\t.example.org", "https://evil.com .example.org",
        "https://A.example.org"}) {
    get(listed(), origin).expect_status(200).expect_no_header(kAllowOrigin);
  }
}

TEST(CorsTest, NullMayReadWhereItIsListed) {
  get(listed(), "null").expect_status(200).expect_no_header(kAllowOrigin);
  get({.origins = {"null"}}, "null").expect_header(kAllowOrigin, "null");
  get({.origins = {"null"}}, "NULL").expect_no_header(kAllowOrigin);
}

TEST(CorsTest, AnOverlongOriginIsIgnored) {
  const std::string label = std::string(63, 'a') + ".";
  const std::string longest = "https://" + label + label + label + std::string(49, 'a') + ".example.org";
  ASSERT_EQ(longest.size(), std::string_view("https://").size() + 253);
  get(listed(), longest).expect_header(kAllowOrigin, longest);
  get(listed(), "https://b" + longest.substr(8)).expect_status(200).expect_no_header(kAllowOrigin);
  get(listed(), "https://" + std::string(8000, 'a') + ".example.org").expect_status(200).expect_no_header(kAllowOrigin);
}

TEST(CorsTest, SeveralOriginsCountAsNone) {
  App app{"test"};
  app.use(Cors{listed()});
  add_routes(app);
  TestClient client(app);
  client.get("/", {{"Origin", kApp}, {"Origin", "https://evil.org"}}).expect_no_header(kAllowOrigin);
  client.get("/", {{"Origin", "https://evil.org"}, {"origin", kApp}}).expect_no_header(kAllowOrigin);
  client.get("/", {{"Origin", kApp}, {"Origin", kApp}}).expect_status(200).expect_no_header(kAllowOrigin);
}

TEST(CorsTest, NothingOfAnOriginGetsIntoTheAnswersHead) {
  App app{"test"};
  app.use(Cors{listed()});
  add_routes(app);
  TestClient client(app);
  for (const std::string_view origin : {"https://a.example.org\rSet-Cookie: a=b", "https://a.example.org\nX: y",
                                        "https://a.example.org%0d%0aX: y", "https://a\x01.example.org"}) {
    auto connection = client.connect();
    const std::string answer =
        connection.send("GET / HTTP/1.1\r\nHost: a\r\nOrigin: " + std::string(origin) + "\r\n\r\n");
    EXPECT_EQ(answer.find("a.example"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos) << answer;
  }
}

TEST(CorsTest, ErrorsCanBeRead) {
  get(listed(), kApp, "/none").expect_status(404).expect_header(kAllowOrigin, kApp).expect_header("Vary", "Origin");
  get(listed(), kApp, "/throw").expect_status(500).expect_header(kAllowOrigin, kApp);
  get(listed(), kApp, "/busy").expect_status(503).expect_header(kAllowOrigin, kApp);
  get(listed(), "https://evil.org", "/none").expect_status(404).expect_no_header(kAllowOrigin);
}

TEST(CorsTest, RefusedMethodsAndContentCanBeRead) {
  App app{"test"};
  app.use(Cors{listed()});
  add_routes(app);
  TestClient client(app);
  client.put("/", "x", {{"Origin", kApp}}).expect_status(405).expect_header(kAllowOrigin, kApp);
  client.post("/", "xx", {{"Origin", kApp}}).expect_status(413).expect_header(kAllowOrigin, kApp);
}

TEST(CorsTest, ARefusalByAFullServiceCanBeRead) {
  App app{"test"};
  app.use(Cors{listed()});
  app.get("/").in_flight(1).handle([](Context& context) -> Task<std::string> {
    co_await context.sleep(std::chrono::seconds(1));
    co_return "x";
  });
  TestClient client(app);
  auto first = client.connect();
  first.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.get("/", {{"Origin", kApp}}).expect_status(503).expect_header(kAllowOrigin, kApp);
}

TEST(CorsTest, AHooksRefusalCanBeRead) {
  struct RefuseAll {
    std::optional<Response> before(Context&) const { return problem(401); }
  };
  App app{"test"};
  app.use(Cors{listed()});
  app.use(RefuseAll{});
  add_routes(app);
  TestClient(app).get("/", {{"Origin", kApp}}).expect_status(401).expect_header(kAllowOrigin, kApp);
}

TEST(CorsTest, CredentialsAndExposedHeadersAreSaid) {
  const CorsOptions options{
      .origins = {std::string(kApp)}, .exposed_headers = {"X-Request-Id", "ETag"}, .credentials = true};
  get(options, kApp)
      .expect_header(kAllowOrigin, kApp)
      .expect_header(kAllowCredentials, "true")
      .expect_header(kExpose, "X-Request-Id, ETag");
  get(options, "https://evil.org").expect_no_header(kAllowCredentials).expect_no_header(kExpose);
}

TEST(CorsTest, AStarIsForEveryAnswerAndVariesNothing) {
  const CorsOptions options{.origins = {"*"}, .exposed_headers = {"ETag"}};
  for (const char* const origin : {"https://any.example", "null", "garbage", ""}) {
    get(options, origin).expect_header(kAllowOrigin, "*").expect_header(kExpose, "ETag").expect_no_header("Vary");
  }
  App app{"test"};
  app.use(Cors{options});
  add_routes(app);
  TestClient(app).get("/").expect_header(kAllowOrigin, "*").expect_no_header("Vary");
}

TEST(CorsTest, TheServicesOwnOriginIsLeftAlone) {
  App app{"test"};
  app.use(Cors{{.origins = {"http://own.example", "https://own.example", "http://own.example:8080"}}});
  add_routes(app);
  TestClient client(app);
  const auto get_at = [&client](std::string_view host, std::string_view origin) {
    auto connection = client.connect();
    connection.write("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\nOrigin: " + std::string(origin) +
                     "\r\n\r\n");
    return connection.read_answer();
  };
  get_at("own.example", "http://own.example").expect_status(200).expect_no_header(kAllowOrigin);
  get_at("OWN.example", "http://own.example").expect_status(200).expect_no_header(kAllowOrigin);
  get_at("own.example", "https://own.example").expect_header(kAllowOrigin, "https://own.example");
  get_at("own.example", "http://own.example:8080").expect_header(kAllowOrigin, "http://own.example:8080");
}

TEST(CorsTest, WhatTheHandlerVariesByStays) {
  App app{"test"};
  app.use(Cors{listed()});
  app.get("/one").handle([] { return Response(200).add_header("Vary", "Accept").add_header("Vary", "Cookie"); });
  app.get("/has").handle([] { return Response(200).add_header("Vary", "Accept, origin"); });
  TestClient client(app);
  EXPECT_EQ(all_of(client.get("/one"), "Vary"), (std::vector<std::string>{"Accept", "Cookie", "Origin"}));
  EXPECT_EQ(all_of(client.get("/has"), "Vary"), (std::vector<std::string>{"Accept, origin"}));
}

TEST(CorsTest, ThereIsOneAllowOriginWhateverTheHandlerSays) {
  App app{"test"};
  app.use(Cors{listed()});
  app.get("/").handle([] { return Response(200).add_header("Access-Control-Allow-Origin", "*"); });
  const TestResponse response = TestClient(app).get("/", {{"Origin", kApp}});
  EXPECT_EQ(all_of(response, kAllowOrigin), (std::vector<std::string>{std::string(kApp)}));
}

}  // namespace
}  // namespace weir::middleware
