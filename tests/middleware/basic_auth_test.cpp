// SPDX-License-Identifier: MIT
#include <middleware/basic_auth.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <openssl/evp.h>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

constexpr const char* kChallenge = "Basic realm=\"api\", charset=\"UTF-8\"";
// SHA-256 of "abc".
constexpr const char* kDigestOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string base64(std::string_view bytes) {
  std::string text(4 * (bytes.size() / 3 + 1) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}
std::string basic(std::string_view user_and_password) {
  return "Basic " + base64(user_and_password);
}

BasicAuth::Options two_users() {
  return {.credentials = {{.user = "ann", .password = "secret:1"},
                          {.user = "bj\xc3\xb6rn", .password_sha256 = kDigestOfAbc}}};
}

class BasicAuthTest : public ::testing::Test {
 protected:
  template <class M>
  void serve(M middleware) {
    app.use(std::move(middleware));
    app.get("/").handle([](Context& context) { return "hello " + std::string(context.principal()); });
  }
  TestResponse get(std::string_view authorization) {
    return TestClient(app).get("/", {{"Authorization", authorization}});
  }
  void expect_refused(std::string_view authorization) {
    const TestResponse response = get(authorization);
    EXPECT_EQ(response.status, 401) << authorization;
    EXPECT_EQ(response.header("WWW-Authenticate"), kChallenge) << authorization;
    EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  }

  App app{"test"};
};

TEST_F(BasicAuthTest, AKnownUserBecomesThePrincipal) {
  serve(BasicAuth(two_users()));
  get(basic("ann:secret:1")).expect_status(200).expect_body("hello ann");
}

TEST_F(BasicAuthTest, ADigestIsAsGoodAsThePassword) {
  serve(BasicAuth(two_users()));
  get(basic("bj\xc3\xb6rn:abc")).expect_status(200).expect_body("hello bj\xc3\xb6rn");
  expect_refused(basic(std::string("bj\xc3\xb6rn:") + kDigestOfAbc));
}

TEST_F(BasicAuthTest, WithoutCredentialsTheyAreAskedFor) {
  serve(BasicAuth(two_users()));
  const TestResponse response = TestClient(app).get("/");
  response.expect_status(401).expect_header("WWW-Authenticate", kChallenge);
  response.expect_header("Content-Type", "application/problem+json");
}

TEST_F(BasicAuthTest, AWrongPasswordAndAnUnknownUserGetTheSameAnswer) {
  serve(BasicAuth(two_users()));
  const TestResponse wrong = get(basic("ann:secret:2"));
  const TestResponse unknown = get(basic("eve:secret:1"));
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.status, unknown.status);
  EXPECT_EQ(wrong.body, unknown.body);
  EXPECT_EQ(wrong.header("WWW-Authenticate"), unknown.header("WWW-Authenticate"));
}

TEST_F(BasicAuthTest, NearMissesAreRefused) {
  serve(BasicAuth(two_users()));
  for (const char* const text : {"ann:", "ann:secret", "ann:secret:11", "ann:secret:1 ", " ann:secret:1",
                                 "Ann:secret:1", "ann:abc", "bj\xc3\xb6rn:secret:1", "annsecret:1", "ann:secret:1:"}) {
    expect_refused(basic(text));
  }
}

TEST_F(BasicAuthTest, TheBorderBetweenUserAndPasswordCounts) {
  serve(BasicAuth({.credentials = {{.user = "a", .password = "bc"}}}));
  get(basic("a:bc")).expect_status(200);
  expect_refused(basic("ab:c"));
}

TEST_F(BasicAuthTest, TheCaseOfTheSchemeDoesNotCount) {
  serve(BasicAuth(two_users()));
  const std::string text = base64("ann:secret:1");
  for (const char* const scheme : {"basic ", "BASIC ", "bAsIc ", "Basic    "}) get(scheme + text).expect_status(200);
}

TEST_F(BasicAuthTest, OtherSchemesAreNotLookedAt) {
  serve(BasicAuth(two_users()));
  const std::string text = base64("ann:secret:1");
  for (const char* const scheme : {"Bearer ", "Basic", "Basic\t", "Basic:", "Basic, ", "XBasic ", ""}) {
    expect_refused(scheme + text);
  }
}

TEST_F(BasicAuthTest, MalformedBase64IsRefused) {
  serve(BasicAuth(two_users()));
  const std::string text = base64("ann:secret:1");
  for (const std::string& bad : {std::string(), text + "=", text.substr(1), text + " " + text, text + ",", "!" + text,
                                 std::string("===="), std::string("\xff\xff\xff\xff")}) {
    expect_refused("Basic " + bad);
  }
}

TEST_F(BasicAuthTest, TextWithoutAColonOrAUserIsRefused) {
  serve(BasicAuth({.verifier = [](std::string_view, std::string_view) { return true; }}));
  expect_refused(basic("ann"));
  expect_refused(basic(":secret"));
  expect_refused(basic(":"));
  get(basic("ann:")).expect_status(200);
}

TEST_F(BasicAuthTest, ControlCharactersAndWrongUtf8AreRefused) {
  serve(BasicAuth({.verifier = [](std::string_view, std::string_view) { return true; }}));
  for (const char* const text :
       {"a\nb:c", "a:b\rc", "a:\x1b[2J", "a:\x7f", "a\t:b", "a:\xff", "\xc0\x80:a", "a:\xc3"}) {
    expect_refused(basic(text));
  }
  expect_refused(basic(std::string_view("a\0b:c", 5)));
}

TEST_F(BasicAuthTest, TheLengthIsBounded) {
  serve(BasicAuth({.verifier = [](std::string_view, std::string_view) { return true; }}));
  EXPECT_EQ(get(basic("a:" + std::string(766, 'x'))).status, 200);  // 768 bytes are 1024 in base64
  expect_refused(basic("a:" + std::string(767, 'x')));
}

TEST_F(BasicAuthTest, NothingThatWasSentComesBack) {
  serve(BasicAuth(two_users()));
  const TestResponse response = get(basic("mallory:hunter2"));
  for (const auto& [name, value] : response.headers) EXPECT_EQ(value.find("mallory"), std::string::npos) << name;
  EXPECT_EQ(response.body.find("mallory"), std::string::npos);
  EXPECT_EQ(response.body.find("hunter2"), std::string::npos);
}

TEST_F(BasicAuthTest, SeveralFieldsAreABadRequest) {
  serve(BasicAuth(two_users()));
  const std::string good = basic("ann:secret:1");
  TestClient(app).get("/", {{"Authorization", good}, {"authorization", good}}).expect_status(400);
  TestClient(app).get("/", {{"Authorization", good}, {"Authorization", ""}}).expect_status(400);
}

TEST_F(BasicAuthTest, AVerifierDecides) {
  serve(BasicAuth(
      {.verifier = [](std::string_view user, std::string_view password) { return user == "ann" && password == "a:b"; },
       .realm = "inside"}));
  get(basic("ann:a:b")).expect_status(200).expect_body("hello ann");
  get(basic("ann:a")).expect_status(401).expect_header("WWW-Authenticate", "Basic realm=\"inside\", charset=\"UTF-8\"");
}

TEST_F(BasicAuthTest, AVerifierMayWait) {
  serve(AsyncBasicAuth({.verifier = [](Context& context, std::string user, std::string password) -> Task<bool> {
    co_await context.sleep(50ms);
    co_return user == "ann" && password == "right";
  }}));
  TestClient client(app);
  const auto ask = [&client](const char* text) {
    auto connection = client.connect();
    connection.write("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: " + basic(text) + "\r\n\r\n");
    client.advance(50ms);
    return connection.read_answer();
  };
  ask("ann:right").expect_status(200).expect_body("hello ann");
  ask("ann:wrong").expect_status(401).expect_header("WWW-Authenticate", kChallenge);
}

TEST_F(BasicAuthTest, AWaitingVerifierIsNotAskedWithoutCredentials) {
  bool is_asked = false;
  serve(AsyncBasicAuth({.verifier = [&is_asked](Context&, std::string, std::string) -> Task<bool> {
    is_asked = true;
    co_return true;
  }}));
  expect_refused("Basic !");
  TestClient(app).get("/").expect_status(401);
  const std::string good = basic("a:b");
  TestClient(app).get("/", {{"Authorization", good}, {"Authorization", good}}).expect_status(400);
  EXPECT_FALSE(is_asked);
}

TEST(BasicAuthOptionsTest, WhatCannotBeIsRefused) {
  using Options = BasicAuth::Options;
  const auto verifier = [](std::string_view, std::string_view) { return true; };
  const auto user = [](BasicCredential credential) { return Options{.credentials = {std::move(credential)}}; };
  EXPECT_THROW(BasicAuth(Options{}), std::invalid_argument);
  EXPECT_THROW(BasicAuth(Options{.credentials = {{"ann", "secret"}}, .verifier = verifier}), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"", "secret"})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"a:b", "secret"})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"a\nb", "secret"})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"ann", "secret\r"})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"ann\xff", "secret"})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"ann", ""})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"ann", "secret", kDigestOfAbc})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(user({"ann", "", "ba78"})), std::invalid_argument);
  EXPECT_THROW(BasicAuth(Options{.credentials = {{"ann", "x"}, {"ann", "x"}}}), std::invalid_argument);
  EXPECT_THROW(BasicAuth(Options{.verifier = verifier, .realm = "a\"b"}), std::invalid_argument);
  EXPECT_THROW(BasicAuth(Options{.verifier = verifier, .realm = ""}), std::invalid_argument);
  EXPECT_THROW(BasicAuth(Options{.verifier = verifier, .realm = "a\r\nb"}), std::invalid_argument);
  EXPECT_THROW(BasicAuth(Options{.verifier = verifier, .realm = std::string(257, 'a')}), std::invalid_argument);
  EXPECT_NO_THROW(BasicAuth(Options{.verifier = verifier, .realm = std::string(256, 'a')}));
  EXPECT_THROW(AsyncBasicAuth(AsyncBasicAuth::Options{}), std::invalid_argument);
}

}  // namespace
}  // namespace weir::middleware
