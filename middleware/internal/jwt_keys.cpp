// SPDX-License-Identifier: MIT
#include <middleware/internal/jwt_keys.hpp>

#include <middleware/internal/base64.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <utility>

namespace weir::middleware::internal {
namespace {

constexpr std::size_t kSecretBytesMin = 32;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr int kRsaExponentBitsMax = 64;  // a long one would make each verification slow
constexpr std::size_t kCoordinateBytes = 32;

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    kFree(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;
using Number = Owned<BIGNUM, BN_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using SharedKey = std::shared_ptr<EVP_PKEY>;

// What went wrong stays in a queue of the thread, where TLS would take it for its own.
struct ErrorQueueGuard {
  ErrorQueueGuard() = default;
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
  ~ErrorQueueGuard() { ERR_clear_error(); }
};

base::Error refused(const char* sentence) {
  return {base::ErrorCode::kInvalidArgument, sentence};
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

SharedKey share(EVP_PKEY* key) {
  return {key, EVP_PKEY_free};
}

Number number_of(std::string_view big_endian) {
  return Number(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

SharedKey build_public_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  const bool is_built = parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  return is_built ? share(key) : nullptr;
}

std::optional<std::string> decode_member(const std::optional<std::string>& member) {
  return member ? decode_base64url(*member) : std::nullopt;
}

SharedKey rsa_key_of(const Jwk& jwk) {
  const std::optional<std::string> modulus = decode_member(jwk.modulus);
  const std::optional<std::string> exponent = decode_member(jwk.exponent);
  if (!modulus || !exponent || modulus->size() > kRsaBitsMax / 8) return nullptr;
  const Number n = number_of(*modulus);
  const Number e = number_of(*exponent);
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  const bool is_pushed = n && e && builder &&
                         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                         OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  return is_pushed ? build_public_key("RSA", builder.get()) : nullptr;
}

SharedKey ec_key_of(const Jwk& jwk) {
  const std::optional<std::string> x = decode_member(jwk.x);
  const std::optional<std::string> y = decode_member(jwk.y);
  if (!x || !y || x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) return nullptr;
  const std::string point = "\x04" + *x + *y;  // uncompressed, SEC 1 section 2.3.3
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  const bool is_pushed =
      builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
  return is_pushed ? build_public_key("EC", builder.get()) : nullptr;
}

SharedKey ed25519_key_of(const Jwk& jwk) {
  const std::optional<std::string> x = decode_member(jwk.x);
  if (!x || x->size() != kCoordinateBytes) return nullptr;
  return share(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()));
}

bool is_sound_rsa(const EVP_PKEY* key) {
  BIGNUM* taken = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &taken) != 1) return false;
  const Number exponent(taken);
  const int bits = EVP_PKEY_get_bits(key);
  return bits >= kRsaBitsMin && bits <= kRsaBitsMax && BN_is_odd(exponent.get()) == 1 &&
         BN_is_one(exponent.get()) == 0 && BN_num_bits(exponent.get()) <= kRsaExponentBitsMax;
}

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t length = 0;
  return EVP_PKEY_get_group_name(key, name.data(), name.size(), &length) == 1 &&
         std::string_view(name.data(), length) == "prime256v1";
}

// Whether the numbers are what a key of its kind has: a point on the curve, say.
bool is_valid(EVP_PKEY* key) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_public_check(context.get()) == 1;
}

// The kind of a key in a set, where it is one of ours.
std::optional<JwtAlgorithm> algorithm_of(const Jwk& jwk) {
  if (jwk.type == "oct") return JwtAlgorithm::kHs256;
  if (jwk.type == "RSA") return JwtAlgorithm::kRs256;
  if (jwk.type == "EC" && jwk.curve == "P-256") return JwtAlgorithm::kEs256;
  if (jwk.type == "OKP" && jwk.curve == "Ed25519") return JwtAlgorithm::kEdDsa;
  return std::nullopt;
}

bool is_for_verifying(const Jwk& jwk, JwtAlgorithm algorithm) {
  if (jwk.use && *jwk.use != "sig") return false;
  if (jwk.operations && std::count(jwk.operations->begin(), jwk.operations->end(), "verify") == 0) return false;
  return !jwk.algorithm || find_jwt_algorithm(*jwk.algorithm) == algorithm;
}

bool verify_hmac(EVP_PKEY* key, EVP_MD_CTX* context, std::string_view text, std::string_view signature) {
  std::array<unsigned char, 32> expected{};
  std::size_t length = expected.size();
  return EVP_DigestSignInit_ex(context, nullptr, "SHA256", nullptr, nullptr, key, nullptr) == 1 &&
         EVP_DigestSign(context, expected.data(), &length, bytes_of(text), text.size()) == 1 &&
         length == signature.size() && CRYPTO_memcmp(expected.data(), signature.data(), length) == 0;
}

// The two numbers of a JWS one after the other (RFC 7518 section 3.4) as the DER that OpenSSL reads; "" unless they are
// 1 or more. That they are below the order, OpenSSL looks at.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  Number r = number_of(signature.substr(0, kCoordinateBytes));
  Number s = number_of(signature.substr(kCoordinateBytes));
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  // (0, 0) verified everything in some libraries.
  if (!r || !s || !pair || BN_is_zero(r.get()) == 1 || BN_is_zero(s.get()) == 1) return {};
  if (ECDSA_SIG_set0(pair.get(), r.release(), s.release()) != 1) return {};
  std::array<unsigned char, 80> der{};  // 72 at most
  unsigned char* end = der.data();
  const int length = i2d_ECDSA_SIG(pair.get(), &end);
  return length > 0 ? std::string(reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(length))
                    : std::string();
}

}  // namespace

std::optional<JwtAlgorithm> find_jwt_algorithm(std::string_view name) {
  if (name == "HS256") return JwtAlgorithm::kHs256;
  if (name == "RS256") return JwtAlgorithm::kRs256;
  if (name == "ES256") return JwtAlgorithm::kEs256;
  if (name == "EdDSA") return JwtAlgorithm::kEdDsa;
  return std::nullopt;
}

base::Result<JwtKey> JwtKey::from_secret(std::string_view secret) {
  const ErrorQueueGuard guard;
  if (secret.size() < kSecretBytesMin) return refused("a secret has fewer than 32 bytes");
  if (secret.find("-----BEGIN") != std::string_view::npos) {
    return refused("a secret is a PEM, which may well be public");
  }
  SharedKey key = share(EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, nullptr, bytes_of(secret), secret.size()));
  if (!key) return refused("a secret cannot be used");
  return JwtKey(JwtAlgorithm::kHs256, std::move(key));
}

base::Result<JwtKey> JwtKey::from_public_key(SharedKey key) {
  if (!key) return refused("a public key is malformed");
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      if (!is_sound_rsa(key.get())) {
        return refused("an RSA key has not 2048 to 8192 bits, or an exponent that is even, 1 or beyond 64 bits");
      }
      if (!is_valid(key.get())) return refused("an RSA key is not valid");
      return JwtKey(JwtAlgorithm::kRs256, std::move(key));
    case EVP_PKEY_EC:
      if (!is_p256(key.get()) || !is_valid(key.get())) return refused("an EC key is none of the curve P-256");
      return JwtKey(JwtAlgorithm::kEs256, std::move(key));
    case EVP_PKEY_ED25519:
      return JwtKey(JwtAlgorithm::kEdDsa, std::move(key));
    default:
      return refused("a public key is neither RSA nor EC nor Ed25519");
  }
}

base::Result<JwtKey> JwtKey::from_pem(std::string_view pem) {
  const ErrorQueueGuard guard;
  const Owned<BIO, BIO_free> source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!source) return refused("a public key is malformed");
  return from_public_key(share(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr)));
}

base::Result<std::optional<JwtKey>> JwtKey::from_jwk(const Jwk& jwk) {
  const ErrorQueueGuard guard;
  const std::optional<JwtAlgorithm> algorithm = algorithm_of(jwk);
  if (!algorithm || !is_for_verifying(jwk, *algorithm)) return std::optional<JwtKey>();
  base::Result<JwtKey> key = refused("a secret is malformed");
  if (*algorithm == JwtAlgorithm::kHs256) {
    const std::optional<std::string> secret = decode_member(jwk.secret);
    if (secret) key = from_secret(*secret);
  } else if (*algorithm == JwtAlgorithm::kRs256) {
    key = from_public_key(rsa_key_of(jwk));
  } else {
    key = from_public_key(*algorithm == JwtAlgorithm::kEs256 ? ec_key_of(jwk) : ed25519_key_of(jwk));
  }
  if (!key) return std::move(key).error();
  key->id_ = jwk.id;
  return std::optional(std::move(key).value());
}

bool JwtKey::verify(std::string_view text, std::string_view signature) const {
  const ErrorQueueGuard guard;
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  if (!context) return false;
  if (algorithm_ == JwtAlgorithm::kHs256) return verify_hmac(key_.get(), context.get(), text, signature);
  std::string der;
  if (algorithm_ == JwtAlgorithm::kEs256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const char* const digest = algorithm_ == JwtAlgorithm::kEdDsa ? nullptr : "SHA256";
  return EVP_DigestVerifyInit_ex(context.get(), nullptr, digest, nullptr, nullptr, key_.get(), nullptr) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

}  // namespace weir::middleware::internal
