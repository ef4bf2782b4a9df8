// SPDX-License-Identifier: MIT
#include <middleware/internal/address_range.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace weir::middleware::internal {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // RFC 4291 section 2.5.5.2
constexpr unsigned kMappedBits = 96;
constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;

bool is_v6_text(std::string_view text) {
  return text.find(':') != std::string_view::npos;
}

// All of `text` as a number without a sign.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && at == end ? std::optional<T>(value) : std::nullopt;
}

// RFC 7239 section 6: obfport.
bool is_obfuscated_port(std::string_view text) {
  const auto may_follow = [](char c) {
    const char lower = base::to_lower(c);
    return (lower >= 'a' && lower <= 'z') || base::is_digit(c) || c == '.' || c == '_' || c == '-';
  };
  return text.size() > 1 && text.front() == '_' && std::all_of(text.begin(), text.end(), may_follow);
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  // A NUL would hide what follows it.
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  text.copy(terminated.data(), text.size());
  Address address;
  if (is_v6_text(text)) {
    if (::inet_pton(AF_INET6, terminated.data(), address.bytes_.data()) != 1) return std::nullopt;
    return address;
  }
  std::copy(kMapped.begin(), kMapped.end(), address.bytes_.begin());
  if (::inet_pton(AF_INET, terminated.data(), address.bytes_.data() + kMapped.size()) != 1) return std::nullopt;
  return address;
}

bool Address::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool v4 = is_v4();
  const std::uint8_t* const from = bytes_.data() + (v4 ? kMapped.size() : 0);
  WEIR_CHECK(::inet_ntop(v4 ? AF_INET : AF_INET6, from, out.data(), out.size()) != nullptr);
  return out.data();
}

bool Address::shares_prefix(const Address& other, unsigned bits) const {
  const std::size_t whole = bits / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(whole), other.bytes_.begin())) {
    return false;
  }
  const unsigned left = bits % 8;
  if (left == 0) return true;
  const unsigned difference = bytes_[whole] ^ other.bytes_[whole];
  return difference >> (8 - left) == 0;
}

Address Address::network(unsigned bits) const {
  if (is_v4()) return *this;
  Address network = *this;
  for (unsigned i = 0; i < network.bytes_.size(); ++i) {
    const unsigned kept = std::min(8U, bits - std::min(bits, i * 8));
    network.bytes_[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return network;
}

std::string_view Address::bytes() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

std::optional<AddressRange> AddressRange::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto first = Address::parse(text.substr(0, slash));
  if (!first) return std::nullopt;
  if (slash == std::string_view::npos) return AddressRange(*first, kV6Bits);
  const bool is_v6 = is_v6_text(text);
  const auto bits = parse_number<unsigned>(text.substr(slash + 1));
  if (!bits || *bits > (is_v6 ? kV6Bits : kV4Bits)) return std::nullopt;
  const unsigned prefix_bits = is_v6 ? *bits : *bits + kMappedBits;
  for (unsigned bit = prefix_bits; bit < kV6Bits; ++bit) {
    if ((first->bytes_[bit / 8] >> (7 - bit % 8) & 1U) != 0) return std::nullopt;
  }
  return AddressRange(*first, prefix_bits);
}

bool AddressRange::contains(const Address& address) const {
  return address.is_v4() == first_.is_v4() && address.shares_prefix(first_, prefix_bits_);
}

bool AddressRange::is_everything() const {
  return prefix_bits_ == (first_.is_v4() ? kMappedBits : 0);
}

std::string Node::text() const {
  std::string text = address.is_v4() ? address.text() : "[" + address.text() + "]";
  if (port) text += ":" + std::to_string(*port);
  return text;
}

std::optional<Node> parse_node(std::string_view text) {
  const bool is_v6 = text.starts_with('[');
  const std::size_t host_bytes = is_v6 ? text.find(']') : std::min(text.find(':'), text.size());
  if (host_bytes == std::string_view::npos) return std::nullopt;
  const std::string_view host = is_v6 ? text.substr(1, host_bytes - 1) : text.substr(0, host_bytes);
  const std::string_view rest = text.substr(host_bytes + (is_v6 ? 1 : 0));
  const auto address = Address::parse(host);
  if (!address || is_v6 != is_v6_text(host)) return std::nullopt;
  if (rest.empty()) return Node{*address};
  if (rest.front() != ':') return std::nullopt;
  const std::string_view port_text = rest.substr(1);
  if (is_obfuscated_port(port_text)) return Node{*address};
  const auto port = parse_number<std::uint16_t>(port_text);
  return port ? std::optional<Node>(Node{*address, port}) : std::nullopt;
}

}  // namespace weir::middleware::internal
