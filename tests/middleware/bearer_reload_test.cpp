// SPDX-License-Identifier: MIT
// A file of keys that changes while requests come.
#include <middleware/bearer_auth.hpp>

#include <tests/middleware/jwt_maker.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;
using testing::good_claims;
using testing::jwks;
using testing::SigningKey;

class EventLog final : public base::Log {
 public:
  std::vector<std::string> events;

 protected:
  void write(base::LogLevel, std::string_view event, std::span<const base::LogField>) noexcept override {
    events.emplace_back(event);
  }
};

class BearerReloadTest : public ::testing::Test {
 protected:
  BearerReloadTest()
      : path(std::filesystem::path(::testing::TempDir()) /
             ("jwks-" + std::to_string(getpid()) + "-" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    write(jwks(named(old_key, "old")));
  }
  ~BearerReloadTest() override { std::filesystem::remove(path); }

  static std::string named(const SigningKey& key, const std::string& id) { return key.jwk(",\"kid\":\"" + id + "\""); }
  void write(const std::string& text) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << text; }
  /// As who deploys a file does: a new one takes its name.
  void replace(const std::string& text) const {
    const std::filesystem::path fresh = path.string() + ".new";
    std::ofstream(fresh, std::ios::binary) << text;
    std::filesystem::rename(fresh, path);
  }
  JwtOptions options() const { return {.jwks_file = path}; }
  void serve() {
    app.use(BearerAuth({.jwt = options()}));
    app.get("/").handle([](Context& context) { return std::string(context.principal()); });
  }
  static int ask(TestClient& client, const SigningKey& key, const std::string& id) {
    const std::string token = key.sign(testing::header_of("HS256", ",\"kid\":\"" + id + "\""), good_claims());
    return client.get("/", {{"Authorization", "Bearer " + token}}).status;
  }

  std::filesystem::path path;
  SigningKey old_key = SigningKey::hmac(std::string(32, 'o'));
  SigningKey new_key = SigningKey::hmac(std::string(32, 'n'));
  App app{"test"};
};

TEST_F(BearerReloadTest, AChangeIsNoticedAfterTheInterval) {
  serve();
  TestClient client(app);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  replace(jwks(named(new_key, "new")));
  client.advance(29s);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  client.advance(1s);
  EXPECT_EQ(ask(client, old_key, "old"), 401) << "although its token was remembered";
  EXPECT_EQ(ask(client, new_key, "new"), 200);
}

TEST_F(BearerReloadTest, AFileWrittenInPlaceIsNoticedToo) {
  serve();
  TestClient client(app);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  write(jwks(named(old_key, "old") + "," + named(new_key, "new")));
  client.advance(30s);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  EXPECT_EQ(ask(client, new_key, "new"), 200);
}

TEST_F(BearerReloadTest, AnUnknownKeyMakesItLookEarlier) {
  serve();
  TestClient client(app);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  replace(jwks(named(new_key, "new")));
  client.advance(5s);
  EXPECT_EQ(ask(client, new_key, "new"), 200);
}

TEST_F(BearerReloadTest, UnknownKeysMakeItLookAtMostEveryFewSeconds) {
  serve();
  TestClient client(app);
  EXPECT_EQ(ask(client, new_key, "new"), 401);
  replace(jwks(named(new_key, "new")));
  client.advance(4s);
  EXPECT_EQ(ask(client, new_key, "new"), 401);
  client.advance(1s);
  EXPECT_EQ(ask(client, new_key, "new"), 200);
}

TEST_F(BearerReloadTest, AWrongSignatureDoesNotMakeItLook) {
  serve();
  TestClient client(app);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  replace(jwks(named(new_key, "old")));
  client.advance(20s);
  EXPECT_EQ(ask(client, new_key, "old"), 401);
}

TEST_F(BearerReloadTest, TheOldKeysStayWhenTheNewFileIsBroken) {
  serve();
  TestClient client(app);
  const std::string weak = jwks(named(SigningKey::hmac("short"), "new"));
  for (const std::string& broken :
       {std::string(), std::string("{\"keys\":["), jwks(""), weak, std::string((256 << 10) + 1, ' ')}) {
    replace(broken);
    client.advance(30s);
    EXPECT_EQ(ask(client, old_key, "old"), 200);
  }
  std::filesystem::remove(path);
  client.advance(30s);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  std::filesystem::create_directory(path);
  client.advance(30s);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  std::filesystem::remove(path);
  write(jwks(named(new_key, "new")));
  client.advance(30s);
  EXPECT_EQ(ask(client, new_key, "new"), 200);
}

TEST_F(BearerReloadTest, AClientThatLeavesDoesNotKeepItFromBeingRead) {
  serve();
  TestClient client(app);
  EXPECT_EQ(ask(client, old_key, "old"), 200);
  replace(jwks(named(new_key, "new")));
  client.advance(30s);
  auto connection = client.connect();
  const std::string token = new_key.sign(R"({"alg":"HS256","kid":"none"})", good_claims());
  connection.write("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n");
  connection.reset();
  EXPECT_TRUE(client.run_until([&] { return ask(client, new_key, "new") == 200; }));
}

TEST_F(BearerReloadTest, TheLogTellsOfChangesAndOfFailures) {
  EventLog log;
  const JwtVerifier verifier(options());
  app.get("/").handle([&verifier, &log](Context&) -> Task<std::string> {
    co_await verifier.reload(&log);
    co_return "looked";
  });
  TestClient client(app);
  client.get("/").expect_status(200);
  EXPECT_TRUE(log.events.empty()) << "nothing has changed";
  replace(jwks(named(new_key, "new")));
  client.get("/").expect_status(200);
  EXPECT_EQ(log.events, (std::vector<std::string>{"jwks.reloaded"}));
  client.get("/").expect_status(200);
  EXPECT_EQ(log.events.size(), 1U);
  replace("{}");
  client.get("/").expect_status(200);
  EXPECT_EQ(log.events.back(), "jwks.reload_failed");
}

TEST_F(BearerReloadTest, ATouchedFileKeepsWhatIsRemembered) {
  EventLog log;
  const JwtVerifier verifier(options());
  const std::string token = old_key.sign(R"({"alg":"HS256","kid":"old"})", good_claims());
  std::vector<std::shared_ptr<const VerifiedJwt>> seen;
  app.get("/").handle([&](Context& context) -> Task<std::string> {
    co_await verifier.reload(&log);
    seen.push_back(verifier.verify(token, context.clock().wall_now()).token);
    co_return "";
  });
  TestClient client(app);
  client.get("/").expect_status(200);
  replace(jwks(named(old_key, "old")));
  client.get("/").expect_status(200);
  ASSERT_EQ(seen.size(), 2U);
  ASSERT_NE(seen[0], nullptr);
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_TRUE(log.events.empty());
}

TEST_F(BearerReloadTest, OneCallerAtATimeGetsTheTurn) {
  const JwtVerifier verifier(options());
  const base::TimePoint start(1h);
  EXPECT_TRUE(verifier.take_reload_turn(start, false));
  EXPECT_FALSE(verifier.take_reload_turn(start, false));
  EXPECT_FALSE(verifier.take_reload_turn(start + 4999ms, true));
  EXPECT_TRUE(verifier.take_reload_turn(start + 5s, true));
  EXPECT_FALSE(verifier.take_reload_turn(start + 34s, false));
  EXPECT_TRUE(verifier.take_reload_turn(start + 35s, false));
  EXPECT_TRUE(verifier.take_reload_turn(start, false)) << "another clock";
}

TEST_F(BearerReloadTest, WithoutAFileThereIsNoTurn) {
  const JwtVerifier verifier({.secret = testing::kSecret});
  EXPECT_FALSE(verifier.take_reload_turn(base::TimePoint(1h), false));
  EXPECT_FALSE(verifier.take_reload_turn(base::TimePoint(1h), true));
}

TEST_F(BearerReloadTest, AtTheStartTheFileHasToBeGood) {
  EXPECT_NO_THROW(JwtVerifier{options()});
  const std::string good = jwks(named(old_key, "old"));
  write(good + std::string((256 << 10) - good.size(), ' '));
  EXPECT_NO_THROW(JwtVerifier{options()});
  write(good + std::string((256 << 10) - good.size() + 1, ' '));
  EXPECT_THROW(JwtVerifier{options()}, std::invalid_argument);
  write("{}");
  EXPECT_THROW(JwtVerifier{options()}, std::invalid_argument);
  EXPECT_THROW(JwtVerifier({.jwks_file = path.string() + ".none"}), std::invalid_argument);
  EXPECT_THROW(JwtVerifier({.jwks_file = ::testing::TempDir()}), std::invalid_argument);
}

}  // namespace
}  // namespace weir::middleware
