// SPDX-License-Identifier: MIT
// Signatures, keys and the attacks on both.
#include <middleware/internal/jwt_keys.hpp>

#include <middleware/jwt.hpp>
#include <tests/middleware/jwt_maker.hpp>

#include <openssl/err.h>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::middleware {
namespace {

using internal::JwtKeySet;
using testing::base64url;
using testing::ec_key;
using testing::ed25519_key;
using testing::good_claims;
using testing::header_of;
using testing::hmac_key;
using testing::jwks;
using testing::kSecret;
using testing::kStart;
using testing::rsa_key;
using testing::SigningKey;

const base::WallTime kNow{std::chrono::seconds(kStart)};

struct Case {
  std::string algorithm;
  const SigningKey* key;
  JwtVerifier verifier;
};
std::vector<Case> all_cases() {
  std::vector<Case> cases;
  cases.push_back({"HS256", &hmac_key(), JwtVerifier({.secret = kSecret})});
  for (const auto& [algorithm, key] :
       {std::pair("RS256", &rsa_key()), std::pair("ES256", &ec_key()), std::pair("EdDSA", &ed25519_key())}) {
    cases.push_back({algorithm, key, JwtVerifier({.public_key_pem = key->public_pem()})});
  }
  return cases;
}
JwtFailure check(const JwtVerifier& verifier, std::string_view token) {
  return verifier.verify(token, kNow).failure;
}

TEST(JwtSignatureTest, EachAlgorithmVerifies) {
  for (const Case& one : all_cases()) {
    EXPECT_EQ(check(one.verifier, one.key->sign(header_of(one.algorithm), good_claims())), JwtFailure::kNone)
        << one.algorithm;
  }
}

// RFC 7515 appendix A.1.
TEST(JwtSignatureTest, TheExampleOfTheStandardVerifies) {
  const std::string key =
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
  const auto keys = JwtKeySet::from_jwks(jwks(key));
  ASSERT_TRUE(keys);
  const std::string_view text =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  internal::JoseHeader header;
  header.algorithm = "HS256";
  const std::string raw =
      "\x74\x18\xdf\xb4\x97\x99\xe0\x25\x4f\xfa\x60\x7d\xd8\xad\xbb\xba\x16\xd4\x25\x4d\x69\xd6\xbf\xf0\x5b\x58\x05\x58"
      "\x53\x84\x8d\x79";
  EXPECT_EQ(base64url(raw), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  EXPECT_EQ(keys->verify(header, text, raw), JwtKeySet::Answer::kVerified);
}

TEST(JwtSignatureTest, AnyChangedCharacterIsRefused) {
  for (const Case& one : all_cases()) {
    const std::string token = one.key->sign(header_of(one.algorithm), good_claims());
    for (std::size_t i = 0; i < token.size(); ++i) {
      std::string changed = token;
      changed[i] = token[i] == 'A' ? 'B' : 'A';
      EXPECT_NE(check(one.verifier, changed), JwtFailure::kNone) << one.algorithm << i;
      for (const unsigned bit : {0U, 3U, 5U, 7U}) {
        changed[i] = static_cast<char>(static_cast<unsigned char>(token[i]) ^ (1U << bit));
        EXPECT_NE(check(one.verifier, changed), JwtFailure::kNone) << one.algorithm << i;
      }
    }
  }
}

TEST(JwtSignatureTest, AnyBitOfASignatureCounts) {
  for (const Case& one : all_cases()) {
    const std::string text = base64url(header_of(one.algorithm)) + "." + base64url(good_claims());
    const std::string signature = one.key->signature(text);
    for (std::size_t i = 0; i < signature.size(); ++i) {
      std::string changed = signature;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (1U << (i % 8)));
      EXPECT_EQ(check(one.verifier, text + "." + base64url(changed)), JwtFailure::kWrongSignature)
          << one.algorithm << i;
    }
  }
}

TEST(JwtSignatureTest, ACutOrLongerSignatureIsRefused) {
  for (const Case& one : all_cases()) {
    const std::string text = base64url(header_of(one.algorithm)) + "." + base64url(good_claims());
    const std::string signature = one.key->signature(text);
    for (const std::string& wrong : {std::string(), signature.substr(1), signature.substr(0, signature.size() - 1),
                                     signature + '\0', '\0' + signature, signature + signature}) {
      EXPECT_NE(check(one.verifier, text + "." + base64url(wrong)), JwtFailure::kNone) << one.algorithm;
    }
  }
}

TEST(JwtSignatureTest, TheSignatureOfAnotherKeyIsRefused) {
  const JwtVerifier verifier({.public_key_pem = ec_key().public_pem()});
  EXPECT_EQ(check(verifier, SigningKey::ec().sign(header_of("ES256"), good_claims())), JwtFailure::kWrongSignature);
  const SigningKey other = SigningKey::hmac(std::string(32, 'x'));
  EXPECT_EQ(check(JwtVerifier({.secret = kSecret}), other.sign(header_of("HS256"), good_claims())),
            JwtFailure::kWrongSignature);
}

// Some libraries take (0, 0) for everything; r and s have to be 1 to n-1.
TEST(JwtSignatureTest, EcSignaturesOfZeroOrTheOrderAreRefused) {
  const JwtVerifier verifier({.public_key_pem = ec_key().public_pem()});
  const std::string text = base64url(header_of("ES256")) + "." + base64url(good_claims());
  const std::string good = ec_key().signature(text);
  const std::string zero(32, '\0');
  const std::string order = "\xff\xff\xff\xff" + std::string(4, '\0') + std::string(8, '\xff') +
                            "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
  ASSERT_EQ(order.size(), 32U);
  const std::string r = good.substr(0, 32);
  const std::string s = good.substr(32);
  for (const std::string& wrong :
       {zero + zero, r + zero, zero + s, order + order, r + order, order + s, zero + order, std::string(64, '\xff')}) {
    EXPECT_EQ(check(verifier, text + "." + base64url(wrong)), JwtFailure::kWrongSignature);
  }
}

TEST(JwtSignatureTest, AnEcSignatureInDerIsRefused) {
  const JwtVerifier verifier({.public_key_pem = ec_key().public_pem()});
  const std::string text = base64url(header_of("ES256")) + "." + base64url(good_claims());
  const std::string raw = ec_key().signature(text);
  const std::string der = "\x30\x44\x02\x20" + raw.substr(0, 32) + "\x02\x20" + raw.substr(32);
  EXPECT_EQ(check(verifier, text + "." + base64url(der)), JwtFailure::kWrongSignature);
}

TEST(JwtSignatureTest, FailuresLeaveNothingInTheErrorQueue) {
  const JwtVerifier verifier({.public_key_pem = rsa_key().public_pem()});
  const std::string text = base64url(header_of("RS256")) + "." + base64url(good_claims());
  EXPECT_EQ(check(verifier, text + "." + base64url(std::string(256, 'x'))), JwtFailure::kWrongSignature);
  EXPECT_THROW(JwtVerifier({.public_key_pem = "-----BEGIN PUBLIC KEY-----\n!"}), std::invalid_argument);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(JwtAlgorithmTest, NoneIsNoAlgorithm) {
  for (const Case& one : all_cases()) {
    for (const char* const none : {"none", "None", "NONE", "nOnE", "", "null"}) {
      const std::string text = base64url(header_of(none)) + "." + base64url(good_claims()) + ".";
      EXPECT_EQ(check(one.verifier, text), JwtFailure::kWrongAlgorithm) << none;
      EXPECT_EQ(check(one.verifier, one.key->sign(header_of(none), good_claims())), JwtFailure::kWrongAlgorithm);
    }
  }
}

TEST(JwtAlgorithmTest, TheKeyDecidesAndNotTheToken) {
  for (const Case& one : all_cases()) {
    for (const char* const algorithm : {"HS256", "RS256", "ES256", "EdDSA", "HS384", "HS512", "RS384", "PS256", "ES384",
                                        "ES256K", "hs256", "rs256", "HS256 ", " HS256", "ED25519"}) {
      if (algorithm == one.algorithm) continue;
      EXPECT_EQ(check(one.verifier, one.key->sign(header_of(algorithm), good_claims())), JwtFailure::kWrongAlgorithm)
          << one.algorithm << " as " << algorithm;
    }
  }
}

// The public key is known to all: a verifier that lets the token choose HS256 takes it for the secret.
TEST(JwtAlgorithmTest, APublicKeyIsNoSecret) {
  for (const SigningKey* const key : {&rsa_key(), &ec_key(), &ed25519_key()}) {
    const std::string pem = key->public_pem();
    const JwtVerifier verifier({.public_key_pem = pem});
    for (const std::string& secret : {pem, pem.substr(0, pem.size() - 1), key->jwk()}) {
      EXPECT_EQ(check(verifier, SigningKey::hmac(secret).sign(header_of("HS256"), good_claims())),
                JwtFailure::kWrongAlgorithm);
    }
  }
}

TEST(JwtAlgorithmTest, TheAlgorithmIsAText) {
  const JwtVerifier verifier({.secret = kSecret});
  for (const char* const header :
       {"{}", R"({"alg":null})", R"({"alg":["HS256"]})", R"({"alg":0})", R"([])", "", "null"}) {
    EXPECT_EQ(check(verifier, hmac_key().sign(header, good_claims())), JwtFailure::kMalformed) << header;
  }
}

TEST(JwtHeaderTest, ExtensionsAreRefused) {
  const JwtVerifier verifier({.secret = kSecret});
  for (const char* const more : {R"(,"crit":["exp"])", R"(,"crit":[])", R"(,"crit":null)",
                                 R"(,"crit":["b64"],"b64":false)", R"(,"b64":false)", R"(,"b64":true)"}) {
    EXPECT_EQ(check(verifier, hmac_key().sign(header_of("HS256", more), good_claims())), JwtFailure::kExtension)
        << more;
  }
}

// A token that brings its own key along, or says where one is: signed with that key it is refused.
TEST(JwtHeaderTest, KeysInTheTokenAreNotUsed) {
  const SigningKey own = SigningKey::ec();
  const JwtVerifier verifier({.public_key_pem = ec_key().public_pem()});
  for (const std::string& more :
       {",\"jwk\":" + own.jwk(), std::string(R"(,"jku":"https://evil.test/keys.json")"),
        std::string(R"(,"jku":"file:///etc/passwd")"), std::string(R"(,"x5u":"http://169.254.169.254/")"),
        ",\"x5c\":[\"" + base64url(own.public_pem()) + "\"]"}) {
    EXPECT_EQ(check(verifier, own.sign(header_of("ES256", more), good_claims())), JwtFailure::kWrongSignature) << more;
    EXPECT_EQ(check(verifier, ec_key().sign(header_of("ES256", more), good_claims())), JwtFailure::kNone) << more;
  }
}

TEST(JwtHeaderTest, AKeyIdIsOnlyCompared) {
  const auto keys = JwtKeySet::from_jwks(jwks(hmac_key().jwk(R"(,"kid":"a")")));
  ASSERT_TRUE(keys);
  internal::JoseHeader header;
  header.algorithm = "HS256";
  for (const char* const id :
       {"../../../../dev/null", "/etc/passwd", "a' OR '1'='1", "a;ls", "|id", "A", "a ", "", "http://evil.test/"}) {
    header.key_id = id;
    EXPECT_EQ(keys->verify(header, "x", hmac_key().signature("x")), JwtKeySet::Answer::kUnknownKey) << id;
  }
  header.key_id = "a";
  EXPECT_EQ(keys->verify(header, "x", hmac_key().signature("x")), JwtKeySet::Answer::kVerified);
}

TEST(JwtFormTest, ATokenIsThreePartsOfBase64url) {
  const JwtVerifier verifier({.secret = kSecret});
  const std::string good = hmac_key().sign(header_of("HS256"), good_claims());
  ASSERT_EQ(check(verifier, good), JwtFailure::kNone);
  const std::string two = good.substr(0, good.rfind('.'));
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("..."), two, good + ".", "." + good,
        good + ".x.y", good + "=", good + "==", " " + good, good + " ", good + "\n", good + '\0', two + "..",
        good + "\xe2\x80\x8b", "\xef\xbb\xbf" + good, "%" + good, good + "+"}) {
    EXPECT_EQ(check(verifier, text), JwtFailure::kMalformed) << text;
  }
}

}  // namespace
}  // namespace weir::middleware
