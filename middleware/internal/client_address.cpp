// SPDX-License-Identifier: MIT
#include <middleware/internal/client_address.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace weir::middleware::internal {
namespace {

constexpr std::size_t kIpv4Bytes = 4;
constexpr std::size_t kIpv6Bytes = 16;
constexpr std::array<unsigned char, kIpv6Bytes - kIpv4Bytes> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

AddressBytes make(char family, const unsigned char* address, std::size_t size) {
  AddressBytes result;
  result.bytes[0] = family;
  std::memcpy(result.bytes.data() + 1, address, size);
  return result;
}

void keep_prefix(std::array<unsigned char, kIpv6Bytes>& address, unsigned bits) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    const std::size_t first_bit = i * 8;
    if (first_bit >= bits) {
      address[i] = 0;
    } else if (bits - first_bit < 8) {
      address[i] &= static_cast<unsigned char>(0xff00U >> (bits - first_bit));
    }
  }
}

}  // namespace

std::string_view host_of(std::string_view client) {
  if (client.starts_with('[')) {
    const std::size_t end = client.find(']');
    return end == std::string_view::npos ? client : client.substr(1, end - 1);
  }
  const std::size_t colon = client.find(':');
  const bool is_bare_ipv6 = colon != std::string_view::npos && client.find(':', colon + 1) != std::string_view::npos;
  return is_bare_ipv6 ? client : client.substr(0, colon);
}

std::optional<AddressBytes> parse_address(std::string_view host, unsigned ipv6_prefix_bits) {
  // What follows a '%' names one of our interfaces.
  host = host.substr(0, host.find('%'));
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (host.size() >= text.size() || host.find('\0') != std::string_view::npos) return std::nullopt;
  std::copy(host.begin(), host.end(), text.begin());
  std::array<unsigned char, kIpv6Bytes> address{};
  if (::inet_pton(AF_INET, text.data(), address.data()) == 1) return make(4, address.data(), kIpv4Bytes);
  if (::inet_pton(AF_INET6, text.data(), address.data()) != 1) return std::nullopt;
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), address.begin())) {
    return make(4, address.data() + kMappedPrefix.size(), kIpv4Bytes);
  }
  keep_prefix(address, ipv6_prefix_bits);
  return make(6, address.data(), kIpv6Bytes);
}

}  // namespace weir::middleware::internal
