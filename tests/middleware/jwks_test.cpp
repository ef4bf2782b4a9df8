// SPDX-License-Identifier: MIT
// Key sets: which keys count, and which refuse the set.
#include <middleware/internal/jwt_keys.hpp>

#include <tests/middleware/jwt_maker.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::middleware::internal {
namespace {

using middleware::testing::base64url;
using middleware::testing::ec_key;
using middleware::testing::ed25519_key;
using middleware::testing::hmac_key;
using middleware::testing::jwks;
using middleware::testing::rsa_key;
using middleware::testing::SigningKey;
using Answer = JwtKeySet::Answer;

std::string error_of(const std::string& json) {
  const auto keys = JwtKeySet::from_jwks(json);
  return keys ? "" : keys.error().message();
}
std::size_t size_of(const std::string& json) {
  const auto keys = JwtKeySet::from_jwks(json);
  return keys ? keys->size() : 0;
}
Answer verify(const std::string& json, const SigningKey& key, const char* algorithm, const char* id = nullptr) {
  JoseHeader header;
  header.algorithm = algorithm;
  if (id != nullptr) header.key_id = id;
  const auto keys = JwtKeySet::from_jwks(json);
  return keys ? keys->verify(header, "text", key.signature("text")) : Answer::kUnknownKey;
}

TEST(JwksTest, EachKindOfKeyVerifies) {
  const std::string all = jwks(hmac_key().jwk(R"(,"kid":"h")") + "," + rsa_key().jwk(R"(,"kid":"r")") + "," +
                               ec_key().jwk(R"(,"kid":"e")") + "," + ed25519_key().jwk(R"(,"kid":"d")"));
  EXPECT_EQ(verify(all, hmac_key(), "HS256", "h"), Answer::kVerified);
  EXPECT_EQ(verify(all, rsa_key(), "RS256", "r"), Answer::kVerified);
  EXPECT_EQ(verify(all, ec_key(), "ES256", "e"), Answer::kVerified);
  EXPECT_EQ(verify(all, ed25519_key(), "EdDSA", "d"), Answer::kVerified);
  EXPECT_EQ(verify(all, rsa_key(), "RS256", "e"), Answer::kWrongAlgorithm);
  EXPECT_EQ(verify(all, rsa_key(), "RS256", "x"), Answer::kUnknownKey);
  EXPECT_EQ(verify(all, rsa_key(), "RS256"), Answer::kVerified);
}

TEST(JwksTest, AKeysPublicTextIsNotTheSecretOfAnother) {
  const std::string set = jwks(rsa_key().jwk(R"(,"kid":"r")"));
  const SigningKey forged = SigningKey::hmac(rsa_key().jwk(R"(,"kid":"r")"));
  EXPECT_EQ(verify(set, forged, "HS256", "r"), Answer::kWrongAlgorithm);
}

TEST(JwksTest, KeysForOtherUsesArePassedOver) {
  const std::string good = hmac_key().jwk();
  for (const char* const more :
       {R"(,"use":"enc")", R"(,"use":"")", R"(,"use":"SIG")", R"(,"alg":"RSA-OAEP")", R"(,"alg":"PS256")",
        R"(,"alg":"HS256")", R"(,"key_ops":["encrypt"])", R"(,"key_ops":["sign"])", R"(,"key_ops":[])"}) {
    EXPECT_EQ(size_of(jwks(good + "," + rsa_key().jwk(more))), 1U) << more;
  }
  for (const char* const more : {R"(,"use":"sig")", R"(,"alg":"RS256")", R"(,"key_ops":["verify"])",
                                 R"(,"key_ops":["sign","verify"])", R"(,"x5c":["x"],"x5t":"y","unknown":{})"}) {
    EXPECT_EQ(size_of(jwks(good + "," + rsa_key().jwk(more))), 2U) << more;
  }
}

TEST(JwksTest, KeysOfOtherKindsArePassedOver) {
  const std::string good = hmac_key().jwk();
  for (const char* const other :
       {R"({"kty":"EC","crv":"P-384","x":"AA","y":"AA"})", R"({"kty":"OKP","crv":"X25519","x":"AA"})",
        R"({"kty":"XYZ"})", R"({"kty":"rsa"})", R"({"kty":"EC"})"}) {
    EXPECT_EQ(size_of(jwks(good + "," + other)), 1U) << other;
  }
}

TEST(JwksTest, ASetWithoutAUsableKeyIsRefused) {
  EXPECT_EQ(error_of(jwks("")), "it has no key that can be used");
  EXPECT_EQ(error_of(jwks(R"({"kty":"XYZ"})")), "it has no key that can be used");
}

TEST(JwksTest, WeakKeysAreRefused) {
  EXPECT_NE(error_of(jwks(SigningKey::rsa(1024).jwk())).find("2048"), std::string::npos);
  EXPECT_NE(error_of(jwks(SigningKey::rsa(2040).jwk())).find("2048"), std::string::npos);
  EXPECT_NE(error_of(jwks(SigningKey::hmac(std::string(31, 'x')).jwk())).find("32 bytes"), std::string::npos);
  EXPECT_EQ(error_of(jwks(SigningKey::hmac(std::string(32, 'x')).jwk())), "");
}

TEST(JwksTest, RsaExponentsAreOddAndSmall) {
  const std::string key = rsa_key().jwk();
  const std::string front = key.substr(0, key.find("\"e\":") + 4);
  for (const std::string& exponent : {std::string("\x01", 1), std::string("\x01\x00\x00", 3), std::string(),
                                      "\x01" + std::string(8, '\x01'), std::string(256, '\xff')}) {
    EXPECT_NE(error_of(jwks(front + "\"" + base64url(exponent) + "\"}")), "");
  }
  EXPECT_EQ(error_of(jwks(front + "\"AQAB\"}")), "");
}

TEST(JwksTest, AHugeModulusIsRefused) {
  const std::string modulus(1025, '\xff');
  EXPECT_NE(error_of(jwks(R"({"kty":"RSA","e":"AQAB","n":")" + base64url(modulus) + "\"}")), "");
}

TEST(JwksTest, APointBesideTheCurveIsRefused) {
  const std::string one = base64url(std::string(31, '\0') + "\x01");
  EXPECT_NE(error_of(jwks(R"({"kty":"EC","crv":"P-256","x":")" + one + R"(","y":")" + one + "\"}")), "");
  const std::string zero = base64url(std::string(32, '\0'));
  EXPECT_NE(error_of(jwks(R"({"kty":"EC","crv":"P-256","x":")" + zero + R"(","y":")" + zero + "\"}")), "");
}

TEST(JwksTest, MalformedKeysAreRefused) {
  for (const char* const key :
       {R"({"kty":"RSA"})", R"({"kty":"RSA","n":"!","e":"AQAB"})", R"({"kty":"RSA","n":7,"e":"AQAB"})",
        R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})", R"({"kty":"EC","crv":"P-256"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"AA"})", R"({"kty":"OKP","crv":"Ed25519"})", R"({"kty":"oct"})",
        R"({"kty":"oct","k":"+/+/"})", R"({"kty":7})", R"({})", "7", "null", R"({"kty":"oct","kid":7})",
        R"({"kty":"XYZ","use":7})", R"({"kty":"XYZ","key_ops":[7]})"}) {
    EXPECT_NE(error_of(jwks(hmac_key().jwk() + "," + key)), "") << key;
  }
}

TEST(JwksTest, ASetIsAnObjectWithAListOfKeys) {
  for (const char* const text : {"", "x", "[]", "{}", "null", R"({"keys":{}})", R"({"keys":null})", R"({"keys":[]}x)",
                                 R"({"keys":[],"keys":[]})", "-----BEGIN PUBLIC KEY-----"}) {
    EXPECT_NE(error_of(text), "") << text;
  }
}

TEST(JwksTest, ASetHasAtMost64Keys) {
  const auto many = [](int count) {
    std::string keys = hmac_key().jwk();
    for (int i = 1; i < count; ++i) keys += "," + hmac_key().jwk(R"(,"kid":")" + std::to_string(i) + "\"");
    return jwks(keys);
  };
  EXPECT_EQ(size_of(many(64)), 64U);
  EXPECT_EQ(error_of(many(65)), "it has too many keys");
}

TEST(JwksTest, TwoKeysOfOneNameAndAlgorithmAreRefused) {
  const std::string named = R"(,"kid":"a")";
  EXPECT_EQ(error_of(jwks(hmac_key().jwk(named) + "," + hmac_key().jwk(named))), "two keys have the same kid");
  const std::string both = jwks(hmac_key().jwk(named) + "," + ec_key().jwk(named));
  EXPECT_EQ(verify(both, hmac_key(), "HS256", "a"), Answer::kVerified);
  EXPECT_EQ(verify(both, ec_key(), "ES256", "a"), Answer::kVerified);
}

TEST(JwksTest, AKeyWithoutANameCountsWhereTheNameIsUnknown) {
  const std::string other = SigningKey::hmac(std::string(32, 'x')).jwk(R"(,"kid":"a")");
  const std::string set = jwks(other + "," + hmac_key().jwk());
  EXPECT_EQ(verify(set, hmac_key(), "HS256", "b"), Answer::kVerified);
  EXPECT_EQ(verify(set, hmac_key(), "HS256", "a"), Answer::kWrongSignature);
  EXPECT_EQ(verify(set, hmac_key(), "HS256"), Answer::kVerified);
}

TEST(JwksTest, WithoutANameFourKeysAreTried) {
  const auto after = [](int others) {
    std::string keys;
    for (int i = 0; i < others; ++i) keys += SigningKey::hmac(std::string(32, static_cast<char>('a' + i))).jwk() + ",";
    return jwks(keys + hmac_key().jwk());
  };
  EXPECT_EQ(verify(after(3), hmac_key(), "HS256"), Answer::kVerified);
  EXPECT_EQ(verify(after(4), hmac_key(), "HS256"), Answer::kWrongSignature);
}

TEST(JwtKeyTest, APemHasAPublicKeyOfOurKinds) {
  for (const SigningKey* const key : {&rsa_key(), &ec_key(), &ed25519_key()})
    EXPECT_TRUE(JwtKey::from_pem(key->public_pem()));
  EXPECT_EQ(JwtKey::from_pem(rsa_key().public_pem())->algorithm(), JwtAlgorithm::kRs256);
  EXPECT_FALSE(JwtKey::from_pem(SigningKey::rsa(1024).public_pem()));
  EXPECT_FALSE(JwtKey::from_pem(SigningKey::ec("P-384").public_pem()));
  EXPECT_FALSE(JwtKey::from_pem(SigningKey::ec("secp256k1").public_pem()));
  EXPECT_FALSE(JwtKey::from_pem(""));
  EXPECT_FALSE(JwtKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
}

TEST(JwtKeyTest, ErrorsSayNothingOfTheKey) {
  const std::string secret = "do-not-tell";
  EXPECT_EQ(JwtKey::from_secret(secret).error().message().find(secret), std::string::npos);
}

}  // namespace
}  // namespace weir::middleware::internal
