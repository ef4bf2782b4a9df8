// SPDX-License-Identifier: MIT
// Verified tokens that one loop remembers.
#pragma once

#include <middleware/internal/constant_time.hpp>
#include <middleware/jwt.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

namespace weir::middleware::internal {

/// A table of fixed size in which each token has two places; a newer one pushes the older to the second. Only verified
/// tokens come in, so that nobody can push them out but who has many.
///
/// Thread: one.
class JwtCache {
 public:
  /// Rounds up to a power of two; 0: remembers nothing.
  explicit JwtCache(std::size_t tokens) : slots_(tokens == 0 ? 0 : std::bit_ceil(tokens < 2 ? 2 : tokens)) {}

  std::shared_ptr<const VerifiedJwt> find(const Digest& digest) const {
    if (slots_.empty()) return nullptr;
    const std::size_t first = place_of(digest);
    for (const Slot* const slot : {&slots_[first], &slots_[first ^ 1U]}) {
      if (slot->token && slot->digest == digest) return slot->token;
    }
    return nullptr;
  }
  void add(const Digest& digest, std::shared_ptr<const VerifiedJwt> token) {
    if (slots_.empty()) return;
    const std::size_t first = place_of(digest);
    slots_[first ^ 1U] = std::exchange(slots_[first], Slot{digest, std::move(token)});
  }
  void clear() {
    for (Slot& slot : slots_) slot.token.reset();
  }

 private:
  struct Slot {
    Digest digest{};
    std::shared_ptr<const VerifiedJwt> token;
  };
  std::size_t place_of(const Digest& digest) const {
    std::uint64_t front = 0;
    std::memcpy(&front, digest.data(), sizeof(front));
    return front & (slots_.size() - 1);
  }

  std::vector<Slot> slots_;
};

}  // namespace weir::middleware::internal
