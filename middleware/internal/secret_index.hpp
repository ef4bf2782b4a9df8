// SPDX-License-Identifier: MIT
// Who owns a secret, found by its digest.
#pragma once

#include <middleware/internal/constant_time.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <unordered_map>

namespace weir::middleware::internal {

/// Digests of secrets with their owners. The secrets themselves are not kept.
///
/// It is looked up by the digest of a random salt of this object and the secret's digest. So what time the table takes
/// depends on a number that nobody outside can know or steer, and tells nothing about a secret or a part of it; and a
/// secret that is not there takes the same way as one that is.
///
/// Thread: filled by one, then read by any.
class SecretIndex {
 public:
  /// False, with nothing changed, when that secret is there.
  bool add(const Digest& secret, const std::string& owner);
  /// Null when it is not there. Ownership: good as long as the index.
  const std::string* find(const Digest& secret) const;
  std::size_t size() const { return owners_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Digest& digest) const noexcept {
      std::uint64_t front = 0;
      std::memcpy(&front, digest.data(), sizeof(front));
      return front;
    }
  };
  struct Equal {
    bool operator()(const Digest& a, const Digest& b) const { return equal_digests(a, b); }
  };
  Digest salted(const Digest& secret) const;

  Digest salt_ = random_digest();
  std::unordered_map<Digest, std::string, Hash, Equal> owners_;
};

}  // namespace weir::middleware::internal
