// SPDX-License-Identifier: MIT
#include <middleware/trusted_proxies.hpp>

#include <middleware/internal/forwarded.hpp>

#include <weir/base/text.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>

namespace weir::middleware {
namespace {

using base::equals_ignoring_case;
using internal::Address;
using internal::AddressRange;
using internal::ElementsFromLast;
using internal::Node;

constexpr std::string_view kForwarded = "Forwarded";
constexpr std::string_view kForwardedFor = "X-Forwarded-For";
constexpr std::string_view kForwardedProto = "X-Forwarded-Proto";
constexpr std::string_view kForwardedHost = "X-Forwarded-Host";
constexpr std::string_view kUnix = "unix";

AddressRange parse_proxy(const std::string& text) {
  const auto range = AddressRange::parse(text);
  const std::string named = "TrustedProxies: \"" + base::escape_for_log(text) + "\" ";
  if (!range) {
    throw std::invalid_argument(named +
                                "is neither an address, nor a range such as 10.0.0.0/8 or fd00::/8 without bits behind "
                                "its prefix, nor \"unix\"");
  }
  if (range->is_everything()) {
    throw std::invalid_argument(named + "would believe every client: list the addresses of the proxies");
  }
  return *range;
}

}  // namespace

// What the proxies tell; "" and nullopt where they do not.
struct TrustedProxies::Told {
  std::optional<Node> client{};
  std::string_view scheme{};
  std::string_view host{};

  bool is_nothing() const { return !client && scheme.empty() && host.empty(); }
};

TrustedProxies::TrustedProxies(const TrustedProxiesOptions& options)
    : fields_(options.fields), believes_host_(options.believes_x_forwarded_host) {
  if (options.proxies.empty()) throw std::invalid_argument("TrustedProxies: it needs at least one proxy");
  for (const std::string& proxy : options.proxies) {
    if (proxy == kUnix) {
      has_unix_ = true;
    } else {
      ranges_.push_back(parse_proxy(proxy));
    }
  }
}

void TrustedProxies::before(routing::Context& context) const {
  const http::Request& request = context.request();
  bool is_told = false;
  for (std::size_t i = 0; i < request.field_count() && !is_told; ++i) is_told = is_believed(request.field(i).name);
  if (!is_told || !is_listed_peer(context.peer())) return;
  const Told told = fields_ == ForwardingFields::kForwarded ? read_forwarded(request) : read_x_forwarded(request);
  if (told.is_nothing()) return;
  context.set_origin(told.client ? told.client->text() : "", std::string(told.scheme), std::string(told.host));
}

bool TrustedProxies::is_listed(const Address& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&address](const AddressRange& range) { return range.contains(address); });
}

bool TrustedProxies::is_listed_peer(std::string_view peer) const {
  if (peer == kUnix) return has_unix_;
  const auto node = internal::parse_node(peer);
  return node && is_listed(node->address);
}

bool TrustedProxies::is_believed(std::string_view field_name) const {
  if (fields_ == ForwardingFields::kForwarded) return equals_ignoring_case(field_name, kForwarded);
  return equals_ignoring_case(field_name, kForwardedFor) || equals_ignoring_case(field_name, kForwardedProto) ||
         (believes_host_ && equals_ignoring_case(field_name, kForwardedHost));
}

// Each element was written by whom the one behind it tells, and the last one by the peer.
TrustedProxies::Told TrustedProxies::read_forwarded(const http::Request& request) const {
  Told told;
  ElementsFromLast elements(request, kForwarded);
  while (const auto text = elements.next()) {
    const auto element = internal::parse_forwarded(*text);
    if (!element) break;
    told.scheme = element->scheme;
    told.host = element->host;
    if (!element->node) break;
    told.client = element->node;
    if (!is_listed(element->node->address)) break;
  }
  return told;
}

TrustedProxies::Told TrustedProxies::read_x_forwarded(const http::Request& request) const {
  Told told;
  ElementsFromLast nodes(request, kForwardedFor);
  while (const auto text = nodes.next()) {
    const auto node = internal::parse_forwarded_for(*text);
    if (!node) break;
    told.client = node;
    if (!is_listed(node->address)) break;
  }
  // Which proxy wrote which of several cannot be told. The last one is the nearest proxy's, and never the client's.
  told.scheme = internal::known_scheme(ElementsFromLast(request, kForwardedProto).next().value_or(""));
  if (believes_host_)
    told.host = internal::harmless_host(ElementsFromLast(request, kForwardedHost).next().value_or(""));
  return told;
}

}  // namespace weir::middleware
