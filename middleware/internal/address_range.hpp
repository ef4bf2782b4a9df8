// SPDX-License-Identifier: MIT
// IP addresses and ranges of them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::middleware::internal {

/// An IPv4 or IPv6 address. An IPv4-mapped one, "::ffff:192.0.2.1", is the IPv4 address that it stands for.
///
/// Thread: as any value.
class Address {
 public:
  /// "192.0.2.1" or "2001:db8::1": no brackets, port, zone or leading zeros in an IPv4 address; nullopt for others.
  static std::optional<Address> parse(std::string_view text);

  bool is_v4() const;
  /// As short as it can be written: "192.0.2.1", "2001:db8::1".
  std::string text() const;
  /// Whether both begin with the same `bits` of 128, where an IPv4 address comes behind 96 bits.
  bool shares_prefix(const Address& other, unsigned bits) const;
  /// The first `bits` of an IPv6 address, with zeros behind them; an IPv4 address as it is.
  Address network(unsigned bits) const;
  /// As 16 bytes, an IPv4 address mapped. Good as long as this.
  std::string_view bytes() const;

 private:
  friend class AddressRange;
  std::array<std::uint8_t, 16> bytes_{};
};

/// The addresses that begin alike.
///
/// Thread: immutable.
class AddressRange {
 public:
  /// "10.0.0.0/8", "fd00::/8", or one address; nullopt for others, and where bits behind the prefix are set.
  static std::optional<AddressRange> parse(std::string_view text);

  /// An IPv4 address is in no IPv6 range, "::/0" included.
  bool contains(const Address& address) const;
  /// Whether all addresses of a kind are in it.
  bool is_everything() const;

 private:
  AddressRange(const Address& first, unsigned prefix_bits) : first_(first), prefix_bits_(prefix_bits) {}

  Address first_;
  unsigned prefix_bits_;  // of 128
};

/// Where bytes come from: an address, and a port where it is known.
struct Node {
  Address address;
  std::optional<std::uint16_t> port{};

  /// "192.0.2.1", "192.0.2.1:4711", "[2001:db8::1]", "[2001:db8::1]:4711".
  std::string text() const;
};

/// Reads what Node::text writes. An obfuscated port, "192.0.2.1:_web", counts as unknown; nullopt for what is no
/// address or has no port behind its colon.
///
/// Source: RFC 7239 section 6 (node), without its names in place of an address.
std::optional<Node> parse_node(std::string_view text);

}  // namespace weir::middleware::internal
