// SPDX-License-Identifier: MIT
// Bearer tokens as a client sends them. What is in a token: jwt_test.cpp; its keys: jwt_keys_test.cpp, jwks_test.cpp.
#include <middleware/bearer_auth.hpp>

#include <tests/middleware/jwt_maker.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;
using testing::good_claims;
using testing::hmac_key;
using testing::kSecret;

constexpr const char* kInvalid = "Bearer realm=\"api\", error=\"invalid_token\"";
constexpr const char* kMalformed = "Bearer realm=\"api\", error=\"invalid_request\"";

std::string good_token(const std::string& more = "") {
  return hmac_key().sign(R"({"alg":"HS256"})", good_claims(more));
}

std::string claims_in(const Context& context) {
  const VerifiedJwt* const token = context.attached<VerifiedJwt>();
  return token != nullptr ? token->claims : "none";
}

class BearerAuthTest : public ::testing::Test {
 protected:
  void serve(BearerAuth::Options options = {.jwt = {.secret = kSecret}}) {
    const BearerAuth auth(std::move(options));
    app.use(auth);
    app.get("/").handle([](Context& context) { return "hello " + std::string(context.principal()); });
    app.get("/claims").handle([](Context& context) { return claims_in(context); });
  }
  TestResponse get(std::string_view authorization, std::string_view target = "/") {
    return TestClient(app).get(target, {{"Authorization", authorization}});
  }

  App app{"test"};
};

TEST_F(BearerAuthTest, TheSubjectBecomesThePrincipal) {
  serve();
  get("Bearer " + good_token()).expect_status(200).expect_body("hello ann");
}

TEST_F(BearerAuthTest, TheCaseOfTheSchemeDoesNotCount) {
  serve();
  for (const char* const scheme : {"bearer ", "BEARER ", "bEaReR ", "Bearer   "}) {
    get(scheme + good_token()).expect_status(200);
  }
}

TEST_F(BearerAuthTest, WithoutATokenThereIsNoError) {
  serve();
  const TestResponse none = TestClient(app).get("/");
  none.expect_status(401).expect_header("WWW-Authenticate", "Bearer realm=\"api\"");
  none.expect_header("Content-Type", "application/problem+json");
  for (const char* const other : {"Basic YTpi", "", "Bearer\tx", "Bearerx", "Digest x=\"Bearer y\""}) {
    get(other).expect_status(401).expect_header("WWW-Authenticate", "Bearer realm=\"api\"");
  }
}

TEST_F(BearerAuthTest, TextThatCannotBeATokenIsABadRequest) {
  serve();
  const std::string good = good_token();
  for (const std::string& text : {std::string(), std::string("="), "\"" + good + "\"", good + " " + good, good + ",x",
                                  good + "\tx", "\xe2\x80\x8b" + good, good + "\xc2\xa0x", "token=" + good, good + ";",
                                  std::string("%00"), std::string("<script>")}) {
    get("Bearer " + text).expect_status(400).expect_header("WWW-Authenticate", kMalformed);
  }
}

TEST_F(BearerAuthTest, SeveralFieldsAreABadRequest) {
  serve();
  const std::string good = "Bearer " + good_token();
  TestClient client(app);
  client.get("/", {{"Authorization", good}, {"authorization", good}}).expect_status(400);
  client.get("/", {{"Authorization", "Basic YTpi"}, {"Authorization", good}}).expect_status(400);
  client.get("/", {{"Authorization", good}, {"Authorization", ""}})
      .expect_status(400)
      .expect_header("WWW-Authenticate", kMalformed);
}

TEST_F(BearerAuthTest, AnyBadTokenGetsTheSameAnswer) {
  serve();
  const std::string reference = get("Bearer x").expect_status(401).body;
  std::string changed = good_token();
  changed.back() = changed.back() == 'A' ? 'E' : 'A';
  for (const std::string& token :
       {std::string("a.b.c"), std::string("..."), changed, good_token() + "=", std::string(9000, 'a'),
        hmac_key().sign(R"({"alg":"none"})", good_claims()), hmac_key().sign(R"({"alg":"HS256"})", "{}"),
        hmac_key().sign(R"({"alg":"HS256"})", R"({"sub":"ann","exp":1})")}) {
    get("Bearer " + token).expect_status(401).expect_header("WWW-Authenticate", kInvalid).expect_body(reference);
  }
}

TEST_F(BearerAuthTest, ATokenInTheQueryOrTheContentIsNotLookedAt) {
  serve();
  app.post("/").handle([] { return "posted"; });
  TestClient client(app);
  client.get("/?access_token=" + good_token()).expect_status(401);
  client.post("/", "access_token=" + good_token(), {{"Content-Type", "application/x-www-form-urlencoded"}})
      .expect_status(401);
}

TEST_F(BearerAuthTest, NothingThatWasSentComesBack) {
  serve();
  const TestResponse response = get("Bearer mallory.was.here");
  EXPECT_EQ(response.body.find("mallory"), std::string::npos);
  for (const auto& [name, value] : response.headers) EXPECT_EQ(value.find("mallory"), std::string::npos) << name;
}

TEST_F(BearerAuthTest, ATokenEndsAlthoughItIsRemembered) {
  serve();
  TestClient client(app);
  const std::string good = "Bearer " + good_token();
  client.get("/", {{"Authorization", good}}).expect_status(200);
  client.advance(3600s + 59s);
  client.get("/", {{"Authorization", good}}).expect_status(200);
  client.advance(1s);
  client.get("/", {{"Authorization", good}}).expect_status(401).expect_header("WWW-Authenticate", kInvalid);
}

TEST_F(BearerAuthTest, AllRequiredScopesAreNeeded) {
  serve({.jwt = {.secret = kSecret}, .required_scopes = {"read", "write"}});
  get("Bearer " + good_token(R"(,"scope":"write other read")")).expect_status(200);
  for (const char* const more : {"", R"(,"scope":"read")", R"(,"scope":"read Write")", R"(,"scope":"readwrite")",
                                 R"(,"scope":["read write"])"}) {
    get("Bearer " + good_token(more))
        .expect_status(403)
        .expect_header("WWW-Authenticate", "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"read write\"");
  }
  get("Bearer x").expect_status(401);
}

TEST_F(BearerAuthTest, AHandlerReadsTheClaims) {
  serve();
  const std::string claims = good_claims(R"(,"tenant":{"id":7})");
  get("Bearer " + hmac_key().sign(R"({"alg":"HS256"})", claims), "/claims").expect_status(200).expect_body(claims);
}

TEST_F(BearerAuthTest, AHandlerOnAPoolReadsTheClaims) {
  serve();
  const Pool side = app.pool("side", {.workers = 1});
  app.get("/pool").on(side).handle([](Context& context) { return claims_in(context); });
  get("Bearer " + good_token(), "/pool").expect_status(200).expect_body(good_claims());
}

TEST_F(BearerAuthTest, ClaimsEndWithTheirRequest) {
  const BearerAuth auth({.jwt = {.secret = kSecret}});
  app.get("/in").use(auth).handle([](Context& context) { return claims_in(context); });
  app.get("/out").handle([](Context& context) { return claims_in(context); });
  TestClient client(app);
  auto connection = client.connect();  // its requests have the same place in memory
  const std::string field = "Authorization: Bearer " + good_token() + "\r\n";
  connection.write("GET /in HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
  EXPECT_EQ(connection.read_answer().body, good_claims());
  connection.write("GET /out HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
  EXPECT_EQ(connection.read_answer().body, "none");
}

TEST(BearerAuthOptionsTest, WhatCannotBeIsRefused) {
  using Options = BearerAuth::Options;
  EXPECT_THROW(BearerAuth(Options{}), std::invalid_argument);
  EXPECT_THROW(BearerAuth(Options{.jwt = {.secret = "short"}}), std::invalid_argument);
  EXPECT_THROW(BearerAuth(Options{.jwt = {.secret = kSecret}, .realm = "a\"b"}), std::invalid_argument);
  for (const char* const scope : {"", "a b", "a\"b", "a\\b", "a\r\nb", "\xc3\xa4"}) {
    EXPECT_THROW(BearerAuth(Options{.jwt = {.secret = kSecret}, .required_scopes = {scope}}), std::invalid_argument);
  }
}

}  // namespace
}  // namespace weir::middleware
