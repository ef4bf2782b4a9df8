// SPDX-License-Identifier: MIT
// Makes keys and tokens for tests, good ones and others.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace weir::middleware::testing {

inline std::string base64url(std::string_view bytes) {
  std::string text(4 * (bytes.size() / 3 + 1) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

/// A key with its private part.
class SigningKey {
 public:
  enum class Kind { kHmac, kRsa, kEc, kEd25519 };

  static SigningKey hmac(const std::string& secret) {
    return {Kind::kHmac,
            EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, reinterpret_cast<const unsigned char*>(secret.data()),
                                         secret.size()),
            secret};
  }
  static SigningKey rsa(unsigned bits = 2048) { return {Kind::kRsa, EVP_RSA_gen(bits), ""}; }
  static SigningKey ec(std::string curve = "P-256") { return {Kind::kEc, EVP_EC_gen(curve.data()), ""}; }
  static SigningKey ed25519() { return {Kind::kEd25519, EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), ""}; }

  /// A token over any two texts.
  std::string sign(std::string_view header, std::string_view payload) const {
    const std::string text = base64url(header) + "." + base64url(payload);
    return text + "." + base64url(signature(text));
  }
  /// The signature as a JWS has it.
  std::string signature(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const char* const digest = kind_ == Kind::kEd25519 ? nullptr : "SHA256";
    std::string bytes(1024, '\0');
    std::size_t length = bytes.size();
    const bool is_signed =
        EVP_DigestSignInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr) == 1 &&
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(bytes.data()), &length,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    if (!is_signed) throw std::runtime_error("cannot sign");
    bytes.resize(length);
    return kind_ == Kind::kEc ? raw_of(bytes) : bytes;
  }
  std::string public_pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> sink(BIO_new(BIO_s_mem()), BIO_free);
    if (PEM_write_bio_PUBKEY(sink.get(), key_.get()) != 1) throw std::runtime_error("cannot write the key");
    char* text = nullptr;
    const long length = BIO_get_mem_data(sink.get(), &text);
    return {text, static_cast<std::size_t>(length)};
  }
  /// As RFC 7517 writes it; `more` is members with a comma before each.
  std::string jwk(const std::string& more = "") const {
    switch (kind_) {
      case Kind::kHmac:
        return R"({"kty":"oct","k":")" + base64url(secret_) + "\"" + more + "}";
      case Kind::kRsa:
        return R"({"kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N, 0) + R"(","e":")" +
               number(OSSL_PKEY_PARAM_RSA_E, 0) + "\"" + more + "}";
      case Kind::kEc:
        return R"({"kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) + R"(","y":")" +
               number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "\"" + more + "}";
      case Kind::kEd25519:
        return R"({"kty":"OKP","crv":"Ed25519","x":")" + raw_public() + "\"" + more + "}";
    }
    return {};
  }

 private:
  SigningKey(Kind kind, EVP_PKEY* key, std::string secret)
      : kind_(kind), key_(key, EVP_PKEY_free), secret_(std::move(secret)) {
    if (!key_) throw std::runtime_error("cannot make the key");
  }
  std::string number(const char* name, int bytes_min) const {
    BIGNUM* value = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), name, &value) != 1) throw std::runtime_error("no such number");
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> owner(value, BN_free);
    std::string bytes(static_cast<std::size_t>(std::max(bytes_min, BN_num_bytes(value))), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    return base64url(bytes);
  }
  std::string raw_public() const {
    std::array<unsigned char, 32> bytes{};
    std::size_t length = bytes.size();
    EVP_PKEY_get_raw_public_key(key_.get(), bytes.data(), &length);
    return base64url({reinterpret_cast<const char*>(bytes.data()), length});
  }
  static std::string raw_of(const std::string& der) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), ECDSA_SIG_free);
    std::string raw(64, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32);
    return raw;
  }

  Kind kind_;
  std::shared_ptr<EVP_PKEY> key_;
  std::string secret_;
};

/// {"keys":[...]}
inline std::string jwks(const std::string& keys) {
  return R"({"keys":[)" + keys + "]}";
}

/// Where a ManualClock starts: 2026-01-01T00:00:00Z.
inline constexpr long kStart = 1'767'225'600;

inline const std::string kSecret = "0123456789abcdef0123456789abcdef";

/// One of each kind for the whole program: an RSA key takes long to make.
inline const SigningKey& hmac_key() {
  static const SigningKey key = SigningKey::hmac(kSecret);
  return key;
}
inline const SigningKey& rsa_key() {
  static const SigningKey key = SigningKey::rsa();
  return key;
}
inline const SigningKey& ec_key() {
  static const SigningKey key = SigningKey::ec();
  return key;
}
inline const SigningKey& ed25519_key() {
  static const SigningKey key = SigningKey::ed25519();
  return key;
}

/// {"sub":"ann","exp":<an hour after kStart><more>}
inline std::string good_claims(const std::string& more = "") {
  return R"({"sub":"ann","exp":)" + std::to_string(kStart + 3600) + more + "}";
}
inline std::string header_of(const std::string& algorithm, const std::string& more = "") {
  return R"({"alg":")" + algorithm + "\"" + more + "}";
}

}  // namespace weir::middleware::testing
