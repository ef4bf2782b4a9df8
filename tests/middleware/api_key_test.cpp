// SPDX-License-Identifier: MIT
#include <middleware/api_key.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir::middleware {
namespace {

constexpr const char* kChallenge = "ApiKey realm=\"api\", header=\"X-API-Key\"";
constexpr const char* kKey = "0123456789abcdef";
// SHA-256 of "abc".
constexpr const char* kDigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

ApiKey::Options some_keys() {
  return {.keys = {{.key = kKey, .owner = "billing"},
                   {.key = "fedcba9876543210", .owner = "billing"},
                   {.owner = "search", .key_sha256 = kDigestOfAbc}}};
}

class ApiKeyTest : public ::testing::Test {
 protected:
  void serve(ApiKey::Options options) {
    app.use(ApiKey(std::move(options)));
    app.get("/").handle([](Context& context) { return "hello " + std::string(context.principal()); });
  }
  TestResponse get(std::string_view key) { return TestClient(app).get("/", {{"X-API-Key", key}}); }
  TestResponse ask(std::string_view target) { return TestClient(app).get(target); }

  App app{"test"};
};

TEST_F(ApiKeyTest, AKeysOwnerBecomesThePrincipal) {
  serve(some_keys());
  get(kKey).expect_status(200).expect_body("hello billing");
  get("fedcba9876543210").expect_status(200).expect_body("hello billing");
}

TEST_F(ApiKeyTest, ADigestIsAsGoodAsTheKey) {
  serve(some_keys());
  get("abc").expect_status(200).expect_body("hello search");
  get(kDigestOfAbc).expect_status(401);
}

TEST_F(ApiKeyTest, WithoutAKeyItIsAskedFor) {
  serve(some_keys());
  ask("/").expect_status(401).expect_header("WWW-Authenticate", kChallenge);
  ask("/").expect_header("Content-Type", "application/problem+json");
}

TEST_F(ApiKeyTest, AnyOtherKeyIsRefused) {
  serve(some_keys());
  for (const char* const key : {"", "0", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF", "1123456789abcdef",
                                "0123456789abcdef,", "\xff", "' OR 1=1 --", "../../etc/passwd"}) {
    get(key).expect_status(401).expect_header("WWW-Authenticate", kChallenge);
  }
}

TEST_F(ApiKeyTest, NothingThatWasSentComesBack) {
  serve(some_keys());
  EXPECT_EQ(get("mallory-was-here").body.find("mallory"), std::string::npos);
}

TEST_F(ApiKeyTest, AKeyHasAtMost256Bytes) {
  const std::string longest(256, 'k');
  serve({.keys = {{.key = longest, .owner = "a"}}});
  get(longest).expect_status(200);
  get(longest + "k").expect_status(401);
}

TEST_F(ApiKeyTest, SeveralKeysAreABadRequest) {
  serve(some_keys());
  TestClient(app).get("/", {{"X-API-Key", kKey}, {"x-api-key", kKey}}).expect_status(400);
  TestClient(app).get("/", {{"X-API-Key", "wrong"}, {"X-API-Key", kKey}}).expect_status(400);
}

TEST_F(ApiKeyTest, SeveralKeysInTheQueryAreABadRequest) {
  auto options = some_keys();
  options.query = "key";
  serve(options);
  const std::string one = "key=" + std::string(kKey);
  TestClient(app).get("/?" + one).expect_status(200);
  TestClient(app).get("/?" + one + "&key=other").expect_status(400);
  TestClient(app).get("/?" + one + "&" + one).expect_status(400);
}

TEST_F(ApiKeyTest, TheHeaderCanBeAnother) {
  auto options = some_keys();
  options.header = "Service-Key";
  serve(options);
  TestClient(app).get("/", {{"service-key", kKey}}).expect_status(200);
  get(kKey).expect_status(401).expect_header("WWW-Authenticate", "ApiKey realm=\"api\", header=\"Service-Key\"");
}

TEST_F(ApiKeyTest, TheQueryIsNotLookedAtUnlessAsked) {
  serve(some_keys());
  ask("/?key=0123456789abcdef").expect_status(401);
  ask("/?X-API-Key=0123456789abcdef").expect_status(401);
}

TEST_F(ApiKeyTest, TheQueryMayCarryTheKey) {
  auto options = some_keys();
  options.query = "key";
  serve(options);
  ask("/?a=1&key=0123456789abcdef").expect_status(200).expect_body("hello billing");
  ask("/?key=0123456789abcde%66").expect_status(200);
  get(kKey).expect_status(200);
  ask("/?key=").expect_status(401);
  ask("/?key").expect_status(401);
  ask("/?KEY=0123456789abcdef").expect_status(401);
  ask("/").expect_status(401);
}

TEST_F(ApiKeyTest, AMalformedQueryIsABadRequest) {
  auto options = some_keys();
  options.query = "key";
  serve(options);
  ask("/?key=%00").expect_status(400);
}

TEST_F(ApiKeyTest, AKeyInBothPlacesIsABadRequest) {
  auto options = some_keys();
  options.query = "key";
  serve(options);
  TestClient(app).get("/?key=0123456789abcdef", {{"X-API-Key", kKey}}).expect_status(400);
}

TEST(ApiKeyOptionsTest, WhatCannotBeIsRefused) {
  using Options = ApiKey::Options;
  const auto key = [](ApiKey::Key one) { return Options{.keys = {std::move(one)}}; };
  EXPECT_THROW(ApiKey(Options{}), std::invalid_argument);
  EXPECT_THROW(ApiKey(key({.key = kKey, .owner = ""})), std::invalid_argument);
  EXPECT_THROW(ApiKey(key({.owner = "a"})), std::invalid_argument);
  EXPECT_THROW(ApiKey(key({.key = kKey, .owner = "a", .key_sha256 = kDigestOfAbc})), std::invalid_argument);
  EXPECT_THROW(ApiKey(key({.owner = "a", .key_sha256 = "ba78"})), std::invalid_argument);
  EXPECT_THROW(ApiKey(key({.key = std::string(15, 'k'), .owner = "a"})), std::invalid_argument);
  EXPECT_NO_THROW(ApiKey(key({.key = std::string(16, 'k'), .owner = "a"})));
  EXPECT_THROW(ApiKey(key({.key = std::string(257, 'k'), .owner = "a"})), std::invalid_argument);
  EXPECT_THROW(ApiKey(Options{.keys = {{.key = kKey, .owner = "a"}, {.key = kKey, .owner = "b"}}}),
               std::invalid_argument);
  EXPECT_THROW(ApiKey(Options{.keys = {{.key = kKey, .owner = "a"}}, .header = "X Key"}), std::invalid_argument);
  EXPECT_THROW(ApiKey(Options{.keys = {{.key = kKey, .owner = "a"}}, .header = ""}), std::invalid_argument);
  EXPECT_THROW(ApiKey(Options{.keys = {{.key = kKey, .owner = "a"}}, .realm = "\""}), std::invalid_argument);
}

}  // namespace
}  // namespace weir::middleware
