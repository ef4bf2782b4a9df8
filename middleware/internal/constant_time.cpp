// SPDX-License-Identifier: MIT
#include <middleware/internal/constant_time.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstddef>
#include <memory>

namespace weir::middleware::internal {
namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

}  // namespace

Digest sha256(std::string_view text) {
  // Looking the algorithm up by its name takes longer than the digest of a short text; and so does a new context.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  Digest digest{};
  WEIR_CHECK(context != nullptr && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1);
  WEIR_CHECK(EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1);
  WEIR_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::optional<Digest> parse_digest(std::string_view hex) {
  Digest digest{};
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    const int high = base::hex_value(hex[2 * i]);
    const int low = base::hex_value(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    digest[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return digest;
}

Digest random_digest() {
  Digest digest{};
  WEIR_CHECK(RAND_bytes(digest.data(), static_cast<int>(digest.size())) == 1);
  return digest;
}

bool equal_digests(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace weir::middleware::internal
