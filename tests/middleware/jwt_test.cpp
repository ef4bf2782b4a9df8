// SPDX-License-Identifier: MIT
// What a token says: its claims, its times, its size. Signatures and keys are in jwt_keys_test.cpp.
#include <middleware/jwt.hpp>

#include <tests/middleware/jwt_maker.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::middleware {
namespace {

using testing::good_claims;
using testing::hmac_key;
using testing::kSecret;
using testing::kStart;

base::WallTime at(double seconds) {
  return base::WallTime(std::chrono::duration_cast<base::WallTime::duration>(std::chrono::duration<double>(seconds)));
}
std::string signed_claims(std::string_view claims) {
  return hmac_key().sign(R"({"alg":"HS256"})", claims);
}
std::string claims_of(const std::string& members) {
  return "{\"sub\":\"ann\"," + members + "}";
}

JwtFailure check(const JwtVerifier& verifier, std::string_view token, double seconds = kStart) {
  return verifier.verify(token, at(seconds)).failure;
}
JwtFailure check_claims(std::string_view claims, JwtOptions options = {.secret = kSecret}, double seconds = kStart) {
  return check(JwtVerifier(std::move(options)), signed_claims(claims), seconds);
}

TEST(JwtTest, AGoodTokenSaysWhoItIs) {
  const JwtVerifier verifier({.secret = kSecret});
  const std::string claims = good_claims(R"(,"scope":"read write","role":{"admin":true})");
  const JwtVerifier::Answer answer = verifier.verify(signed_claims(claims), at(kStart));
  ASSERT_NE(answer.token, nullptr);
  EXPECT_EQ(answer.failure, JwtFailure::kNone);
  EXPECT_EQ(answer.token->subject, "ann");
  EXPECT_EQ(answer.token->claims, claims);
  EXPECT_EQ(answer.token->scopes, (std::vector<std::string>{"read", "write"}));
  EXPECT_EQ(answer.token->expires_at, kStart + 3600);
}

TEST(JwtTest, ATokenEndsWithItsSkew) {
  const JwtVerifier verifier({.secret = kSecret});
  const std::string token = signed_claims(claims_of("\"exp\":" + std::to_string(kStart)));
  EXPECT_EQ(check(verifier, token, kStart - 1), JwtFailure::kNone);
  EXPECT_EQ(check(verifier, token, kStart + 59.9), JwtFailure::kNone);
  EXPECT_EQ(check(verifier, token, kStart + 60), JwtFailure::kExpired);
  EXPECT_EQ(check(verifier, token, kStart + 1e6), JwtFailure::kExpired);
  EXPECT_EQ(check(verifier, token, kStart + 59), JwtFailure::kNone);  // the calendar may go back
}

TEST(JwtTest, ATokenBeginsWithItsSkew) {
  for (const char* const claim : {"nbf", "iat"}) {
    const std::string token =
        signed_claims(good_claims(",\"" + std::string(claim) + "\":" + std::to_string(kStart + 100)));
    const JwtVerifier verifier({.secret = kSecret});
    EXPECT_EQ(check(verifier, token, kStart), JwtFailure::kNotYetValid);
    EXPECT_EQ(check(verifier, token, kStart + 39), JwtFailure::kNotYetValid);
    EXPECT_EQ(check(verifier, token, kStart + 40), JwtFailure::kNone);
    EXPECT_EQ(check(verifier, token, kStart + 39), JwtFailure::kNotYetValid) << "remembered, and looked at again";
  }
}

TEST(JwtTest, WithoutSkewTheBordersAreSharp) {
  const JwtVerifier verifier({.secret = kSecret, .clock_skew = std::chrono::seconds(0)});
  const std::string token =
      signed_claims(claims_of("\"nbf\":" + std::to_string(kStart) + ",\"exp\":" + std::to_string(kStart + 10) + ".5"));
  EXPECT_EQ(check(verifier, token, kStart - 0.5), JwtFailure::kNotYetValid);
  EXPECT_EQ(check(verifier, token, kStart), JwtFailure::kNone);
  EXPECT_EQ(check(verifier, token, kStart + 10.25), JwtFailure::kNone);
  EXPECT_EQ(check(verifier, token, kStart + 10.5), JwtFailure::kExpired);
}

TEST(JwtTest, ATokenForEverIsRefusedUnlessAllowed) {
  EXPECT_EQ(check_claims(R"({"sub":"ann"})"), JwtFailure::kExpired);
  EXPECT_EQ(check_claims(R"({"sub":"ann"})", {.secret = kSecret, .require_expiry = false}), JwtFailure::kNone);
}

TEST(JwtTest, TimesMayBeAnyFormOfNumber) {
  for (const char* const text : {"1.8e9", "1800000000.0", "18E8", "253402300799"}) {
    EXPECT_EQ(check_claims(claims_of("\"exp\":" + std::string(text))), JwtFailure::kNone) << text;
  }
}

TEST(JwtTest, TimesOfWrongTypeOrBeyondTheCalendarAreRefused) {
  for (const char* const text :
       {"\"1800000000\"", "null", "true", "[1800000000]", "{}", "-1", "-1e300", "1e300", "1e999", "253402300800",
        "18446744073709551616", "99999999999999999999999999", "1800000000000", "NaN", "Infinity", "0x7fffffff", "01"}) {
    for (const char* const claim : {"exp", "nbf", "iat"}) {
      const std::string claims = "{\"sub\":\"ann\",\"" + std::string(claim) + "\":" + text + "}";
      EXPECT_EQ(check_claims(claims, {.secret = kSecret, .require_expiry = false}), JwtFailure::kMalformed) << claims;
    }
  }
}

TEST(JwtTest, ZeroIsATimeLongAgo) {
  EXPECT_EQ(check_claims(claims_of("\"exp\":0")), JwtFailure::kExpired);
  EXPECT_EQ(check_claims(claims_of("\"exp\":-0.0")), JwtFailure::kExpired);
}

TEST(JwtTest, TheIssuerIsOneOfThose) {
  const JwtOptions options{.secret = kSecret, .issuers = {"https://a", "https://b"}};
  EXPECT_EQ(check_claims(good_claims(R"(,"iss":"https://b")"), options), JwtFailure::kNone);
  for (const char* const more :
       {"", R"(,"iss":"https://c")", R"(,"iss":"https://b/")", R"(,"iss":"HTTPS://B")", R"(,"iss":"")"}) {
    EXPECT_EQ(check_claims(good_claims(more), options), JwtFailure::kWrongIssuer) << more;
  }
  EXPECT_EQ(check_claims(good_claims(R"(,"iss":["https://b"])"), options), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims(good_claims(R"(,"iss":"anybody")")), JwtFailure::kNone);
}

TEST(JwtTest, TheAudienceHasOneOfUs) {
  const JwtOptions options{.secret = kSecret, .audiences = {"orders", "bills"}};
  for (const char* const more : {R"(,"aud":"orders")", R"(,"aud":["x","bills"])"}) {
    EXPECT_EQ(check_claims(good_claims(more), options), JwtFailure::kNone) << more;
  }
  for (const char* const more :
       {"", R"(,"aud":"order")", R"(,"aud":["x"])", R"(,"aud":[])", R"(,"aud":"orders bills")"}) {
    EXPECT_EQ(check_claims(good_claims(more), options), JwtFailure::kWrongAudience) << more;
  }
  for (const char* const more : {R"(,"aud":null)", R"(,"aud":7)", R"(,"aud":["orders",7])", R"(,"aud":{"orders":1})"}) {
    EXPECT_EQ(check_claims(good_claims(more), options), JwtFailure::kMalformed) << more;
  }
}

TEST(JwtTest, ATokenForSomebodyElseIsNotForUs) {
  EXPECT_EQ(check_claims(good_claims(R"(,"aud":"x")")), JwtFailure::kWrongAudience);
  EXPECT_EQ(check_claims(good_claims(R"(,"aud":"x")"), {.secret = kSecret, .accept_any_audience = true}),
            JwtFailure::kNone);
}

TEST(JwtTest, TheSubjectIsNeeded) {
  const std::string exp = "\"exp\":1800000000";
  EXPECT_EQ(check_claims("{" + exp + "}"), JwtFailure::kNoSubject);
  EXPECT_EQ(check_claims("{" + exp + ",\"sub\":\"\"}"), JwtFailure::kNoSubject);
  EXPECT_EQ(check_claims("{" + exp + ",\"sub\":7}"), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims("{" + exp + ",\"sub\":null}"), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims("{" + exp + "}", {.secret = kSecret, .require_subject = false}), JwtFailure::kNone);
}

TEST(JwtTest, ASubjectWithControlCharactersIsRefused) {
  for (const char* const subject : {R"(a\nb)", R"(a\u0000b)", R"(\u001b[2J)", R"(\u007f)"}) {
    EXPECT_EQ(check_claims(R"({"exp":1800000000,"sub":")" + std::string(subject) + "\"}"), JwtFailure::kMalformed)
        << subject;
  }
}

TEST(JwtTest, ScopesComeInFourForms) {
  const JwtVerifier verifier({.secret = kSecret});
  for (const char* const more : {R"(,"scope":"a b")", R"(,"scp":"a b")", R"(,"scope":["a","b"])", R"(,"scp":["a","b"])",
                                 R"(,"scope":"  a  b ")"}) {
    const auto answer = verifier.verify(signed_claims(good_claims(more)), at(kStart));
    ASSERT_NE(answer.token, nullptr) << more;
    EXPECT_EQ(answer.token->scopes, (std::vector<std::string>{"a", "b"})) << more;
  }
  EXPECT_EQ(check_claims(good_claims(R"(,"scope":7)")), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims(good_claims(R"(,"scope":["a",7])")), JwtFailure::kMalformed);
}

TEST(JwtTest, MembersThatAreThereTwiceAreRefused) {
  EXPECT_EQ(check_claims(good_claims(R"(,"sub":"eve")")), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims(good_claims(R"(,"\u0073ub":"eve")")), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims(good_claims(R"(,"role":{"a":1,"a":2})")), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims(good_claims(R"(,"x":{"sub":1},"y":{"sub":2})")), JwtFailure::kNone);
  const std::string token = hmac_key().sign(R"({"alg":"none","alg":"HS256"})", good_claims());
  EXPECT_EQ(check(JwtVerifier({.secret = kSecret}), token), JwtFailure::kMalformed);
}

TEST(JwtTest, ClaimsAreOneJsonObject) {
  for (const std::string& claims :
       {std::string(), std::string("null"), std::string("[]"), std::string("\"x\""), good_claims() + "x",
        good_claims() + good_claims(), "\xef\xbb\xbf" + good_claims(), good_claims().substr(1), std::string("{,}"),
        good_claims(R"(,"x":'y')"), good_claims(",\"x\":\"\xff\""), good_claims(R"(,"x":"\ud800")"),
        good_claims(",")}) {
    EXPECT_EQ(check_claims(claims), JwtFailure::kMalformed) << claims;
  }
}

TEST(JwtTest, ClaimsAreAtMost16LevelsDeep) {
  const auto nested = [](std::size_t levels) {
    return good_claims(",\"x\":" + std::string(levels, '[') + std::string(levels, ']'));
  };
  EXPECT_EQ(check_claims(nested(15)), JwtFailure::kNone);
  EXPECT_EQ(check_claims(nested(16)), JwtFailure::kMalformed);
  EXPECT_EQ(check_claims(nested(2000)), JwtFailure::kMalformed);
}

TEST(JwtTest, ATokenHasAtMost8KiB) {
  const JwtVerifier verifier({.secret = kSecret});
  std::string token = signed_claims(good_claims());
  std::string filler;
  while (token.size() < 8190) {
    filler += 'x';
    token = signed_claims(good_claims(",\"x\":\"" + filler + "\""));
  }
  ASSERT_LE(token.size(), 8192U);
  EXPECT_EQ(check(verifier, token), JwtFailure::kNone);
  token = signed_claims(good_claims(",\"x\":\"" + filler + "xxx\""));
  ASSERT_GT(token.size(), 8192U);
  EXPECT_EQ(check(verifier, token), JwtFailure::kTooLong);
  EXPECT_EQ(check(verifier, std::string(10'000'000, '.')), JwtFailure::kTooLong);
  EXPECT_EQ(check(JwtVerifier({.secret = kSecret, .token_bytes_max = token.size()}), token), JwtFailure::kNone);
}

TEST(JwtTest, TheTypeCanBeAskedFor) {
  const JwtVerifier verifier({.secret = kSecret, .type = "at+jwt"});
  const auto with_type = [](const std::string& more) {
    return hmac_key().sign(R"({"alg":"HS256")" + more + "}", good_claims());
  };
  for (const char* const more : {R"(,"typ":"at+jwt")", R"(,"typ":"AT+JWT")", R"(,"typ":"application/at+jwt")"}) {
    EXPECT_EQ(check(verifier, with_type(more)), JwtFailure::kNone) << more;
  }
  for (const char* const more : {"", R"(,"typ":"JWT")", R"(,"typ":"")"}) {
    EXPECT_EQ(check(verifier, with_type(more)), JwtFailure::kWrongType) << more;
  }
  EXPECT_EQ(check(verifier, with_type(R"(,"typ":7)")), JwtFailure::kMalformed);
}

TEST(JwtTest, AVerifiedTokenIsRemembered) {
  const JwtVerifier verifier({.secret = kSecret});
  const std::string token = signed_claims(good_claims());
  const auto first = verifier.verify(token, at(kStart)).token;
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(verifier.verify(token, at(kStart)).token, first);
  const JwtVerifier forgetful({.secret = kSecret, .cached_tokens = 0});
  const auto other = forgetful.verify(token, at(kStart)).token;
  ASSERT_NE(other, nullptr);
  EXPECT_NE(forgetful.verify(token, at(kStart)).token, other);
}

TEST(JwtTest, ARefusedTokenIsNotRemembered) {
  const JwtVerifier verifier({.secret = kSecret});
  const std::string token = signed_claims(claims_of("\"exp\":" + std::to_string(kStart + 1000)));
  EXPECT_EQ(check(verifier, token, kStart + 2000), JwtFailure::kExpired);
  EXPECT_EQ(check(verifier, token.substr(0, token.size() - 1)), JwtFailure::kMalformed);
  EXPECT_EQ(check(verifier, token), JwtFailure::kNone);
}

TEST(JwtTest, TheMemoryIsBounded) {
  const JwtVerifier verifier({.secret = kSecret, .cached_tokens = 2});
  std::vector<std::weak_ptr<const VerifiedJwt>> tokens;
  for (int i = 0; i < 100; ++i) {
    tokens.emplace_back(verifier.verify(signed_claims(good_claims(",\"n\":" + std::to_string(i))), at(kStart)).token);
  }
  const auto alive = std::count_if(tokens.begin(), tokens.end(), [](const auto& token) { return !token.expired(); });
  EXPECT_EQ(alive, 2);
  EXPECT_FALSE(tokens.back().expired());
}

TEST(JwtTest, FailuresHaveNames) {
  EXPECT_EQ(to_string(JwtFailure::kNone), "none");
  EXPECT_EQ(to_string(JwtFailure::kExpired), "expired");
  EXPECT_EQ(to_string(JwtFailure::kNoSubject), "no subject");
}

TEST(JwtOptionsTest, WhatCannotBeIsRefused) {
  using namespace std::chrono_literals;
  const auto refuses = [](JwtOptions options) { EXPECT_THROW(JwtVerifier(std::move(options)), std::invalid_argument); };
  refuses({});
  refuses({.secret = kSecret, .public_key_pem = testing::rsa_key().public_pem()});
  refuses({.secret = kSecret, .jwks_file = "/nowhere"});
  refuses({.secret = kSecret.substr(1)});
  refuses({.secret = testing::rsa_key().public_pem()});
  refuses({.secret = kSecret, .clock_skew = -1s});
  refuses({.secret = kSecret, .clock_skew = 3601s});
  refuses({.secret = kSecret, .token_bytes_max = 0});
  refuses({.secret = kSecret, .cached_tokens = 65'537});
  refuses({.secret = kSecret, .reload_interval = 0s});
  refuses({.secret = kSecret, .early_reload_interval = 0s});
  refuses({.secret = kSecret, .audiences = {"a"}, .accept_any_audience = true});
  EXPECT_NO_THROW(JwtVerifier({.secret = kSecret, .clock_skew = 3600s, .cached_tokens = 65'536}));
}

}  // namespace
}  // namespace weir::middleware
