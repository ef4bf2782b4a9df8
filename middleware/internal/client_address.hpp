// SPDX-License-Identifier: MIT
// A client's address without its port, as bytes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::middleware::internal {

/// The host of "192.0.2.1:80", "[2001:db8::1]:80", "192.0.2.1" and "2001:db8::1"; other text as it is.
std::string_view host_of(std::string_view client);

/// An address of either family: what is behind an IPv6 prefix is zero; ::ffff:192.0.2.1 is 192.0.2.1, which is what an
/// IPv4 client looks like on a socket for both.
struct AddressBytes {
  static constexpr std::size_t kSize = 17;
  std::array<char, kSize> bytes{};  ///< The family, 4 or 6, and the address from its first byte.
  std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

/// Nothing for a host that is no address. `ipv6_prefix_bits`: 0 to 128.
std::optional<AddressBytes> parse_address(std::string_view host, unsigned ipv6_prefix_bits);

}  // namespace weir::middleware::internal
