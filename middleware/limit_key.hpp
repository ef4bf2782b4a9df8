// SPDX-License-Identifier: MIT
// Whom a limit counts: what tells one requester from another.
#pragma once

#include <middleware/internal/keyed_hash.hpp>
#include <weir/routing/context.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace weir::middleware {

/// What RateLimit and ConcurrencyLimit count by. A table holds 64 bits of a hash under a random key, not the text: that
/// any two of 65,536 keys are taken for one has a chance of one in 2^33, and nobody outside can tell which would be.
///
/// The client is the one of Context::client(): the peer, or whom a middleware for trusted proxies found. No field that
/// a client may send, such as X-Forwarded-For, has a say in it by itself. Such a middleware, and one that sets the
/// principal, must be used before the limit.
///
/// Thread: immutable; the function is called on several loops at once.
class LimitKey {
 public:
  /// Gives nothing for a request that is not limited. What it throws is answered as what a handler throws.
  using Function = std::function<std::optional<std::string>(const routing::Context&)>;

  /// The client's address without its port. Of an IPv6 address only the first bits count, since a single subscriber has
  /// 2^64 addresses or more.
  ///
  /// Errors: throws std::invalid_argument unless `ipv6_prefix_bits` is 1 to 128.
  /// Source: RFC 6177, an end site gets a /64 or more.
  static LimitKey client(unsigned ipv6_prefix_bits = 64);
  /// Context::principal(); the client where nobody has said who asks.
  static LimitKey principal();
  /// The first field of that name; the client where it was not sent. A client that may send any value has as many keys
  /// as it likes: only for a value that a middleware before this one has checked.
  ///
  /// Errors: throws std::invalid_argument for an empty name.
  static LimitKey header(std::string name);
  /// Any text.
  ///
  /// Errors: throws std::invalid_argument for an empty function.
  static LimitKey function(Function function);

  /// What stands for the requester; nothing when the request is not limited.
  std::optional<std::uint64_t> of(const routing::Context& context) const;

 private:
  enum class Kind : unsigned char { kClient, kPrincipal, kHeader, kFunction };
  explicit LimitKey(Kind kind) : kind_(kind) {}

  std::uint64_t client_of(const routing::Context& context) const;

  Kind kind_;
  unsigned ipv6_prefix_bits_ = 64;
  std::string name_;
  Function function_;
  internal::KeyedHash hash_;
};

}  // namespace weir::middleware
