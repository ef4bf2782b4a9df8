// SPDX-License-Identifier: MIT
#include <middleware/limit_key.hpp>

#include <middleware/internal/address_range.hpp>

#include <stdexcept>
#include <string_view>
#include <utility>

namespace weir::middleware {
namespace {

// So that a user called "192.0.2.1" is not the client there.
enum Domain : std::uint64_t { kAddress, kOtherPeer, kText };

}  // namespace

LimitKey LimitKey::client(unsigned ipv6_prefix_bits) {
  if (ipv6_prefix_bits < 1 || ipv6_prefix_bits > 128) {
    throw std::invalid_argument("LimitKey: an IPv6 prefix has 1 to 128 bits, not " + std::to_string(ipv6_prefix_bits));
  }
  LimitKey key(Kind::kClient);
  key.ipv6_prefix_bits_ = ipv6_prefix_bits;
  return key;
}

LimitKey LimitKey::principal() {
  return LimitKey(Kind::kPrincipal);
}

LimitKey LimitKey::header(std::string name) {
  if (name.empty()) throw std::invalid_argument("LimitKey: the header has no name");
  LimitKey key(Kind::kHeader);
  key.name_ = std::move(name);
  return key;
}

LimitKey LimitKey::function(Function function) {
  if (!function) throw std::invalid_argument("LimitKey: the function is empty");
  LimitKey key(Kind::kFunction);
  key.function_ = std::move(function);
  return key;
}

std::optional<std::uint64_t> LimitKey::of(const routing::Context& context) const {
  switch (kind_) {
    case Kind::kClient:
      break;
    case Kind::kPrincipal:
      if (const std::string_view name = context.principal(); !name.empty()) return hash_(kText, name);
      break;
    case Kind::kHeader:
      if (const auto value = context.header(name_)) return hash_(kText, *value);
      break;
    case Kind::kFunction:
      if (const auto text = function_(context)) return hash_(kText, *text);
      return std::nullopt;
  }
  return client_of(context);
}

std::uint64_t LimitKey::client_of(const routing::Context& context) const {
  const std::string client = context.client();
  const auto node = internal::parse_node(client);
  const auto address = node ? std::optional(node->address) : internal::Address::parse(client);
  if (!address) return hash_(kOtherPeer, client);
  const internal::Address network = address->network(ipv6_prefix_bits_);
  return hash_(kAddress, network.bytes());
}

}  // namespace weir::middleware
