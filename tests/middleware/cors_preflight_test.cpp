// SPDX-License-Identifier: MIT
#include <middleware/cors.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kApp = "https://app.example.com";
constexpr std::string_view kRequestMethod = "Access-Control-Request-Method";
constexpr std::string_view kRequestHeaders = "Access-Control-Request-Headers";
constexpr std::string_view kAllowOrigin = "Access-Control-Allow-Origin";
constexpr std::string_view kAllowMethods = "Access-Control-Allow-Methods";
constexpr std::string_view kAllowHeaders = "Access-Control-Allow-Headers";

struct RefuseAll {
  std::optional<Response> before(Context&) const { return problem(401); }
};

// A preflight to a service with `options`, behind which nobody is let in.
struct Preflight {
  CorsOptions options{.origins = {std::string(kApp)}, .headers = {"Content-Type", "X-Token"}};
  std::string_view target = "/";

  TestResponse send(TestClient::Headers headers) const {
    App app{"test"};
    app.use(Cors{options});
    app.use(RefuseAll{});
    app.get("/").handle([] { return "x"; });
    return TestClient(app).options(target, headers);
  }
  TestResponse ask(std::string_view origin, std::string_view method) const {
    return send({{"Origin", origin}, {kRequestMethod, method}});
  }
  TestResponse ask(std::string_view origin, std::string_view method, std::string_view names) const {
    return send({{"Origin", origin}, {kRequestMethod, method}, {kRequestHeaders, names}});
  }
};

bool has_vary(const TestResponse& response, std::string_view name) {
  return std::find(response.headers.begin(), response.headers.end(),
                   std::pair<std::string, std::string>("Vary", name)) != response.headers.end();
}

void expect_refused(const TestResponse& response) {
  response.expect_status(204).expect_body("");
  for (const auto& field : response.headers) EXPECT_FALSE(field.first.starts_with("Access-Control")) << field.first;
  EXPECT_TRUE(has_vary(response, "Origin"));
}

TEST(CorsPreflightTest, ItIsAnsweredAheadOfWhatIsInside) {
  const TestResponse response = Preflight{}.ask(kApp, "PUT", "content-type,x-token");
  response.expect_status(204)
      .expect_body("")
      .expect_header(kAllowOrigin, kApp)
      .expect_header(kAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
      .expect_header(kAllowHeaders, "Content-Type, X-Token")
      .expect_header("Access-Control-Max-Age", "600")
      .expect_no_header("Access-Control-Allow-Credentials")
      .expect_no_header("Access-Control-Expose-Headers");
  EXPECT_TRUE(has_vary(response, "Origin"));
  EXPECT_TRUE(has_vary(response, kRequestMethod));
  EXPECT_TRUE(has_vary(response, kRequestHeaders));
}

TEST(CorsPreflightTest, ThePathNeedNotExist) {
  Preflight{.target = "/none"}.ask(kApp, "GET").expect_status(204).expect_header(kAllowOrigin, kApp);
  Preflight{.target = "*"}.ask(kApp, "GET").expect_status(204).expect_header(kAllowOrigin, kApp);
}

TEST(CorsPreflightTest, TheMethodNeedNotExistThere) {
  Preflight{.target = "/"}.ask(kApp, "DELETE").expect_status(204).expect_header(kAllowOrigin, kApp);
}

TEST(CorsPreflightTest, AnotherOriginGetsNoLeave) {
  for (const char* const origin :
       {"https://evil.org", "https://app.example.com.evil.org", "https://evilapp.example.com", "null"}) {
    expect_refused(Preflight{}.ask(origin, "GET"));
  }
}

TEST(CorsPreflightTest, AnotherMethodGetsNoLeave) {
  const Preflight preflight{.options = {.origins = {std::string(kApp)}, .methods = {"GET", "PATCH"}}};
  preflight.ask(kApp, "PATCH").expect_header(kAllowMethods, "GET, PATCH");
  for (const char* const method : {"PUT", "patch", "GETS", "GE", "GET,PATCH", "GET PATCH", "", "*"}) {
    expect_refused(preflight.ask(kApp, method));
  }
}

TEST(CorsPreflightTest, SeveralMethodsGetNoLeave) {
  expect_refused(Preflight{}.send({{"Origin", kApp}, {kRequestMethod, "GET"}, {kRequestMethod, "PUT"}}));
}

TEST(CorsPreflightTest, AnotherHeaderGetsNoLeave) {
  for (const char* const names : {"x-other", "x-token,x-other", "x-token x-other", "x-tokens", "x-toke",
                                  "authorization", "*", "x-token;x-other", "x-token\t,\"x\""}) {
    expect_refused(Preflight{}.ask(kApp, "GET", names));
  }
}

TEST(CorsPreflightTest, HeadersAreListsInAnyCaseAndOverSeveralFields) {
  const Preflight preflight;
  for (const char* const names : {"", "X-TOKEN", " x-token , content-type ", "x-token,,content-type,"}) {
    preflight.ask(kApp, "GET", names).expect_header(kAllowOrigin, kApp);
  }
  preflight
      .send(
          {{"Origin", kApp}, {kRequestMethod, "GET"}, {kRequestHeaders, "x-token"}, {kRequestHeaders, "content-type"}})
      .expect_header(kAllowOrigin, kApp);
  expect_refused(preflight.send(
      {{"Origin", kApp}, {kRequestMethod, "GET"}, {kRequestHeaders, "x-token"}, {kRequestHeaders, "x-other"}}));
}

TEST(CorsPreflightTest, NoMoreThan64HeadersAreLookedAt) {
  std::string names = "x-token";
  for (int i = 1; i < 64; ++i) names += ",x-token";
  Preflight{}.ask(kApp, "GET", names).expect_header(kAllowOrigin, kApp);
  expect_refused(Preflight{}.ask(kApp, "GET", names + ",x-token"));
}

TEST(CorsPreflightTest, StarsAllowAnything) {
  const Preflight preflight{.options = {.origins = {"*"}, .methods = {"*"}, .headers = {"*"}}};
  const TestResponse response = preflight.ask("https://any.example", "PUT", "x-any");
  response.expect_status(204)
      .expect_header(kAllowOrigin, "*")
      .expect_header(kAllowMethods, "*")
      .expect_header(kAllowHeaders, "*");
  EXPECT_FALSE(has_vary(response, "Origin"));
  EXPECT_TRUE(has_vary(response, kRequestMethod));
  preflight.ask("https://any.example", "a b").expect_no_header(kAllowOrigin);
  preflight.ask("https://any.example", "PUT", "x any").expect_no_header(kAllowOrigin);
}

TEST(CorsPreflightTest, AStarDoesNotStandForAuthorization) {
  const std::string_view any = "https://any.example";
  Preflight{.options = {.origins = {"*"}, .headers = {"*"}}}
      .ask(any, "GET", "Authorization")
      .expect_status(204)
      .expect_no_header(kAllowOrigin);
  Preflight{.options = {.origins = {"*"}, .headers = {"*", "Authorization"}}}
      .ask(any, "GET", "authorization,x-any")
      .expect_header(kAllowOrigin, "*")
      .expect_header(kAllowHeaders, "*, Authorization");
}

TEST(CorsPreflightTest, CredentialsAreSaid) {
  Preflight{.options = {.origins = {std::string(kApp)}, .credentials = true}}
      .ask(kApp, "GET")
      .expect_header(kAllowOrigin, kApp)
      .expect_header("Access-Control-Allow-Credentials", "true");
}

TEST(CorsPreflightTest, NothingToListMeansNoField) {
  Preflight{.options = {.origins = {std::string(kApp)}, .headers = {}, .max_age = 0s}}
      .ask(kApp, "GET")
      .expect_header(kAllowOrigin, kApp)
      .expect_no_header(kAllowHeaders)
      .expect_header("Access-Control-Max-Age", "0");
}

TEST(CorsPreflightTest, PrivateNetworksGetNoLeave) {
  Preflight{}
      .send({{"Origin", kApp}, {kRequestMethod, "GET"}, {"Access-Control-Request-Private-Network", "true"}})
      .expect_header(kAllowOrigin, kApp)
      .expect_no_header("Access-Control-Allow-Private-Network");
}

TEST(CorsPreflightTest, WithoutOriginOrMethodItIsAnOrdinaryRequest) {
  const Preflight preflight;
  preflight.send({{kRequestMethod, "GET"}}).expect_status(401).expect_no_header(kAllowOrigin);
  preflight.send({{"Origin", kApp}}).expect_status(401).expect_header(kAllowOrigin, kApp);
  EXPECT_EQ(preflight.send({{"Origin", kApp}, {kRequestMethod, ""}}).status, 204);
}

TEST(CorsPreflightTest, WithoutAValidOriginItIsAnOrdinaryRequest) {
  const Preflight preflight;
  for (const char* const origin : {"", "garbage", "https://A", "https://a/", "https://a b"}) {
    preflight.ask(origin, "GET").expect_status(401).expect_no_header(kAllowOrigin);
  }
  preflight.send({{"Origin", kApp}, {"Origin", kApp}, {kRequestMethod, "GET"}}).expect_status(401);
}

TEST(CorsPreflightTest, OtherOptionsRequestsReachTheirHandler) {
  App app{"test"};
  app.use(Cors{{.origins = {std::string(kApp)}}});
  app.get("/").handle([] { return "x"; });
  TestClient client(app);
  client.options("/", {{"Origin", kApp}}).expect_status(204).expect_header("Allow", "GET, HEAD, OPTIONS");
}

TEST(CorsPreflightTest, OnAGroupItAnswersForWhatIsBelow) {
  App app{"test"};
  Group api = app.group("/api");
  api.use(Cors{{.origins = {std::string(kApp)}}});
  api.get("/x").handle([] { return "x"; });
  app.get("/x").handle([] { return "x"; });
  TestClient client(app);
  client.options("/api/x", {{"Origin", kApp}, {kRequestMethod, "GET"}}).expect_header(kAllowOrigin, kApp);
  client.options("/x", {{"Origin", kApp}, {kRequestMethod, "GET"}}).expect_no_header(kAllowOrigin);
}

}  // namespace
}  // namespace weir::middleware
