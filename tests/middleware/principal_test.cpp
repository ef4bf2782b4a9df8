// SPDX-License-Identifier: MIT
// Who asks, as each authenticating middleware finds out, and what the framework makes of it.
#include <middleware/api_key.hpp>
#include <middleware/basic_auth.hpp>
#include <middleware/bearer_auth.hpp>

#include <tests/middleware/jwt_maker.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::middleware {
namespace {

struct Order {
  int count = 0;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::count>()); }
};

std::string bearer(const std::string& subject) {
  const std::string claims = R"({"sub":")" + subject + R"(","exp":)" + std::to_string(testing::kStart + 3'600) + "}";
  return "Bearer " + testing::hmac_key().sign(R"({"alg":"HS256"})", claims);
}

/// A job for everybody who may in, by one of three ways.
class PrincipalTest : public ::testing::Test {
 protected:
  PrincipalTest() {
    const auto job = app.job<Order>("order").handle([](const Order&) {});
    auto by_key = app.group("/key");
    by_key.use(ApiKey{
        {.keys = {{.key = std::string(32, 'a'), .owner = "ann"}, {.key = std::string(32, 'b'), .owner = "bob"}}}});
    auto by_password = app.group("/password");
    by_password.use(BasicAuth{{.credentials = {{"ann", "secret of ann"}, {"bob", "secret of bob"}}}});
    auto by_token = app.group("/token");
    by_token.use(BearerAuth{{.jwt = {.secret = testing::kSecret}}});
    for (auto* const group : {&by_key, &by_password, &by_token}) group->post("/orders").as_job(job);
  }

  TestResponse order(TestClient& client, std::string_view way, const std::string& field, const std::string& value) {
    return client.post("/" + std::string(way) + "/orders", R"({"count":1})",
                       {{"Content-Type", "application/json"}, {"Idempotency-Key", "k-1"}, {field, value}});
  }
  /// Ann orders twice by one key, and Bob by the same.
  void expect_own_keys(std::string_view way, const std::string& field, const std::string& ann, const std::string& bob) {
    TestClient client(app);
    const TestResponse first = order(client, way, field, ann);
    first.expect_status(202);
    order(client, way, field, ann).expect_status(202).expect_header("Idempotency-Replayed", "true");
    const TestResponse other = order(client, way, field, bob);
    other.expect_status(202).expect_no_header("Idempotency-Replayed");
    EXPECT_NE(other.header("Location"), first.header("Location"));
  }

  App app{"test"};
};

TEST_F(PrincipalTest, IdempotencyKeysAreThoseOfAnApiKeysOwner) {
  expect_own_keys("key", "X-API-Key", std::string(32, 'a'), std::string(32, 'b'));
}

TEST_F(PrincipalTest, IdempotencyKeysAreThoseOfAUser) {
  expect_own_keys("password", "Authorization", "Basic YW5uOnNlY3JldCBvZiBhbm4=", "Basic Ym9iOnNlY3JldCBvZiBib2I=");
}

TEST_F(PrincipalTest, IdempotencyKeysAreThoseOfATokensSubject) {
  expect_own_keys("token", "Authorization", bearer("ann"), bearer("bob"));
}

}  // namespace
}  // namespace weir::middleware
