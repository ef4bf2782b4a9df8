// SPDX-License-Identifier: MIT
// The verified token of each request that is on its way.
#pragma once

#include <middleware/jwt.hpp>
#include <weir/base/guarded.hpp>
#include <weir/routing/context.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

namespace weir::middleware::internal {

/// Finds it by the request's Context, whose place stays the same while its hooks and its handler run, wherever that is.
///
/// Thread: any; a lock is held for the time of one look-up.
class RequestClaims {
 public:
  using Token = std::shared_ptr<const VerifiedJwt>;

  void set(const routing::Context& context, Token token) {
    shard_of(context).lock()->insert_or_assign(&context, std::move(token));
  }
  void remove(const routing::Context& context) { shard_of(context).lock()->erase(&context); }
  /// Null when there is none.
  Token find(const routing::Context& context) const {
    const auto tokens = shard_of(context).lock();
    const auto found = tokens->find(&context);
    return found != tokens->end() ? found->second : nullptr;
  }

 private:
  using Shard = base::Guarded<std::unordered_map<const routing::Context*, Token>>;
  static std::size_t index_of(const routing::Context& context) {
    const auto address = reinterpret_cast<std::uintptr_t>(&context);
    return (address >> 6U ^ address >> 12U) % kShards;
  }
  Shard& shard_of(const routing::Context& context) { return shards_[index_of(context)]; }
  const Shard& shard_of(const routing::Context& context) const { return shards_[index_of(context)]; }

  static constexpr std::size_t kShards = 16;
  std::array<Shard, kShards> shards_;
};

}  // namespace weir::middleware::internal
