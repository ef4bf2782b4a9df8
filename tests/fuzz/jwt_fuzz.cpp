// SPDX-License-Identifier: MIT
// No bytes are a good token but those that we have signed, and of these only such as say who asks, until when, as a
// plain JSON object; and no bytes as a file of keys do harm.
//
// Input: a byte that chooses, then a token, the claims of one that is signed here, its header, or a JWKS.
#include <middleware/internal/jwt_keys.hpp>
#include <middleware/jwt.hpp>
#include <tests/fuzz/pieces.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace {

using weir::fuzz::require;
using weir::middleware::JwtVerifier;

const std::string kSecret = "0123456789abcdef0123456789abcdef";
constexpr long kNow = 1'800'000'000;

// Another one than the product's, so that they share no fault.
std::string base64url(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63U];
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 63U];
  return text;
}

std::string signed_by_us(std::string_view header, std::string_view claims) {
  const std::string text = base64url(header) + "." + base64url(claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), kSecret.data(), static_cast<int>(kSecret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, &size);
  return text + "." + base64url({reinterpret_cast<const char*>(mac), size});
}

bool is_accepted(const std::string& token) {
  static const JwtVerifier verifier({.secret = kSecret, .cached_tokens = 0});
  return verifier.verify(token, weir::base::WallTime(std::chrono::seconds(kNow))).token != nullptr;
}

void check_claims(const std::string& claims) {
  if (!is_accepted(signed_by_us(R"({"alg":"HS256"})", claims))) return;
  const auto json = nlohmann::json::parse(claims, nullptr, false);
  require(json.is_object(), "accepted claims are an object", claims);
  require(json.contains("sub") && json["sub"].is_string(), "accepted claims say who asks", claims);
  require(json.contains("exp") && json["exp"].is_number(), "accepted claims end", claims);
  require(json["exp"].get<double>() + 60 > kNow, "accepted claims have not ended", claims);
  require(!json.contains("aud"), "accepted claims are for nobody else", claims);
}

void check_header(const std::string& header) {
  if (!is_accepted(signed_by_us(header, R"({"sub":"a","exp":4102444800})"))) return;
  const auto json = nlohmann::json::parse(header, nullptr, false);
  require(json.is_object() && json.contains("alg") && json["alg"] == "HS256", "an accepted header has our algorithm",
          header);
  require(!json.contains("crit"), "an accepted header asks for no extension", header);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const char choice = static_cast<char>(input.take_byte());
  const std::string text(input.rest());
  switch (choice) {
    case 'c':
      check_claims(text);
      break;
    case 'h':
      check_header(text);
      break;
    case 'k':
      static_cast<void>(weir::middleware::internal::JwtKeySet::from_jwks(text));
      break;
    default:
      require(!is_accepted(text), "nobody else can sign", text);
  }
  return 0;
}
