// SPDX-License-Identifier: MIT
#include <middleware/limit_key.hpp>

#include <tests/middleware/limit_fixture.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace weir::middleware {
namespace {

// Answers what a request's key is.
class LimitKeyTest : public LimitTest {
 protected:
  void use(LimitKey key) {
    app.use(AsClient{});
    app.get("/").handle([key](Context& context) {
      const auto value = key.of(context);
      return value ? std::to_string(*value) : std::string("none");
    });
    start();
  }
  std::string of(TestClient::Headers headers = {}) { return client->get("/", headers).body; }
  std::string of_client(std::string_view address) { return of({{"X-Test-Client", address}}); }
};

TEST_F(LimitKeyTest, AnIpv4ClientIsItsAddress) {
  use(LimitKey::client());
  const std::string key = of_client("192.0.2.1:80");
  EXPECT_EQ(of_client("192.0.2.1:65535"), key);
  EXPECT_EQ(of_client("192.0.2.1"), key);
  EXPECT_EQ(of_client("[::ffff:192.0.2.1]:80"), key);
  EXPECT_NE(of_client("192.0.2.2:80"), key);
}

TEST_F(LimitKeyTest, AnIpv6ClientIsItsNetwork) {
  use(LimitKey::client());
  const std::string key = of_client("[2001:db8::1]:80");
  EXPECT_EQ(of_client("2001:db8::1"), key);
  EXPECT_EQ(of_client("2001:DB8:0:0:ffff::"), key);
  EXPECT_NE(of_client("[2001:db8:0:1::1]:80"), key);
}

TEST_F(LimitKeyTest, APrefixMayEndWithinAByte) {
  use(LimitKey::client(44));
  EXPECT_EQ(of_client("2001:db8:10::"), of_client("2001:db8:1f:ffff::1"));
  EXPECT_NE(of_client("2001:db8:10::"), of_client("2001:db8:20::"));
}

TEST_F(LimitKeyTest, AWholeAddressMayCount) {
  use(LimitKey::client(128));
  EXPECT_NE(of_client("2001:db8::1"), of_client("2001:db8::2"));
}

TEST_F(LimitKeyTest, APeerWithoutAnAddressIsItsName) {
  use(LimitKey::client());
  EXPECT_EQ(of_client("unix"), of_client("unix"));
  EXPECT_NE(of_client("unix"), of_client("memory"));
}

TEST_F(LimitKeyTest, APrincipalIsOneWhereverItComesFrom) {
  use(LimitKey::principal());
  const std::string ada = of({{"X-Test-User", "ada"}});
  EXPECT_EQ(of({{"X-Test-User", "ada"}, {"X-Test-Client", "192.0.2.1:1"}}), ada);
  EXPECT_NE(of({{"X-Test-User", "bob"}}), ada);
}

TEST_F(LimitKeyTest, WithoutAPrincipalItIsTheClient) {
  use(LimitKey::principal());
  EXPECT_EQ(of_client("192.0.2.1:1"), of_client("192.0.2.1:2"));
  EXPECT_NE(of_client("192.0.2.1:1"), of_client("192.0.2.2:1"));
}

TEST_F(LimitKeyTest, APrincipalNamedLikeAClientIsNotTheClient) {
  use(LimitKey::principal());
  EXPECT_NE(of({{"X-Test-User", "memory"}}), of());
  EXPECT_NE(of({{"X-Test-User", "192.0.2.1"}}), of_client("192.0.2.1"));
}

TEST_F(LimitKeyTest, AHeaderIsItsValue) {
  use(LimitKey::header("X-Api-Key"));
  const std::string key = of({{"X-Api-Key", "a"}});
  EXPECT_EQ(of({{"x-api-key", "a"}}), key);
  EXPECT_NE(of({{"X-Api-Key", "b"}}), key);
  EXPECT_NE(of({{"X-Api-Key", ""}}), of());
}

TEST_F(LimitKeyTest, WithoutTheHeaderItIsTheClient) {
  use(LimitKey::header("X-Api-Key"));
  EXPECT_EQ(of_client("192.0.2.1:1"), of_client("192.0.2.1:2"));
}

TEST_F(LimitKeyTest, AFunctionDecides) {
  use(LimitKey::function([](const Context& context) { return context.query("tenant"); }));
  EXPECT_EQ(client->get("/?tenant=a").body, client->get("/?tenant=a&x=1").body);
  EXPECT_NE(client->get("/?tenant=a").body, client->get("/?tenant=b").body);
  EXPECT_EQ(client->get("/").body, "none");
}

TEST_F(LimitKeyTest, TwoKeysHashDifferently) {
  use(LimitKey::client());
  const std::string key = of();
  app.get("/other").handle(
      [other = LimitKey::client()](Context& context) { return std::to_string(*other.of(context)); });
  start();
  EXPECT_NE(client->get("/other").body, key);
}

TEST(LimitKeyMistakesTest, AreRefused) {
  EXPECT_NO_THROW(LimitKey::client(1));
  EXPECT_NO_THROW(LimitKey::client(128));
  EXPECT_THROW(LimitKey::client(0), std::invalid_argument);
  EXPECT_THROW(LimitKey::client(129), std::invalid_argument);
  EXPECT_THROW(LimitKey::header(""), std::invalid_argument);
  EXPECT_THROW(LimitKey::function(nullptr), std::invalid_argument);
}

}  // namespace
}  // namespace weir::middleware
