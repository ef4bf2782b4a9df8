// SPDX-License-Identifier: MIT
// Takes the client's address, scheme and host from the proxies before the service, and from nobody else.
#pragma once

#include <middleware/internal/address_range.hpp>

#include <weir/routing/context.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// By which fields the proxies speak. Only one family is ever believed: a proxy passes the other one on as the client
/// sent it.
enum class ForwardingFields : unsigned char {
  kXForwarded,  ///< X-Forwarded-For, -Proto and, if asked for, -Host
  kForwarded    ///< Forwarded (RFC 7239)
};

struct TrustedProxiesOptions {
  /// Addresses and ranges, "192.0.2.7", "10.0.0.0/8", "fd00::/8"; "unix" for whoever reaches the service's Unix socket.
  std::vector<std::string> proxies{};
  ForwardingFields fields = ForwardingFields::kXForwarded;
  /// Whether X-Forwarded-Host counts: only where each proxy overwrites it. Many pass on what a client made up, and tell
  /// the true host in Host. (In Forwarded the host is part of what a proxy adds, and counts.)
  bool believes_x_forwarded_host = false;
};

/// `app.use(TrustedProxies{{.proxies = {"10.0.0.0/8"}}})`: Context::client, scheme and host are what the listed proxies
/// tell. Put it first: other middleware builds on these.
///
/// A request from anybody else stays as it is, whatever its fields say. Else they are read from their end, where the
/// nearest proxy wrote: as long as an address is a listed proxy's, what that one wrote before counts, too. The first
/// that is not is the client. Where an element is malformed, unknown, obfuscated or one of more than 32, the last
/// address before it is the client: nothing further on is vouched for. Scheme and host come from the element of
/// Forwarded that tells the client, or from the last one of X-Forwarded-Proto and -Host; one that is neither http nor
/// https, or no harmless host, counts as not told.
///
/// The client is written as Context::peer writes it, "203.0.113.7" or "[2001:db8::1]", and ":4711" behind it where the
/// port is told. IPv4-mapped addresses are IPv4 ones.
///
/// Thread: immutable; never waits.
/// Errors: the constructor throws std::invalid_argument when there is no proxy, for what is no address or range,
///         a range with bits behind its prefix, and one of all addresses, with which every client would be believed.
/// Source: RFC 7239; section 8.1 says whom to trust.
class TrustedProxies {
 public:
  explicit TrustedProxies(const TrustedProxiesOptions& options);
  void before(routing::Context& context) const;

 private:
  struct Told;
  bool is_listed(const internal::Address& address) const;
  bool is_listed_peer(std::string_view peer) const;
  bool is_believed(std::string_view field_name) const;
  Told read_forwarded(const http::Request& request) const;
  Told read_x_forwarded(const http::Request& request) const;

  std::vector<internal::AddressRange> ranges_;
  ForwardingFields fields_;
  bool believes_host_;
  bool has_unix_ = false;
};

}  // namespace weir::middleware
