// SPDX-License-Identifier: MIT
// What a proxy tells of a client: taken apart without a trace of what could do harm where it ends up, in logs and
// links.
//
// Input: the value of a field.
#include <middleware/internal/forwarded.hpp>
#include <tests/fuzz/pieces.hpp>

#include <optional>

namespace {

namespace internal = weir::middleware::internal;
using weir::fuzz::require;

bool is_harmless(std::string_view host) {
  for (const char c : host) {
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_alphanumeric && std::string_view("-._:[]").find(c) == std::string_view::npos) return false;
  }
  return true;
}

void check_node(const std::optional<internal::Node>& node) {
  if (!node) return;
  const std::string text = node->text();
  const auto again = internal::parse_node(text);
  require(again.has_value(), "what a node writes can be read", text);
  require(again->text() == text && again->port == node->port, "and is the same", text, again->text());
}

void check_element(std::string_view element) {
  check_node(internal::parse_forwarded_for(element));
  require(is_harmless(internal::harmless_host(element)), "a host is harmless", element);
  const auto forwarded = internal::parse_forwarded(element);
  if (!forwarded) return;
  check_node(forwarded->node);
  require(is_harmless(forwarded->host), "the host of an element is harmless", element);
  const std::string_view scheme = forwarded->scheme;
  require(scheme.empty() || scheme == "http" || scheme == "https", "a scheme is one of two", scheme);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check_element(text);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t before = rest.size();
    check_element(internal::take_last_element(rest));
    require(rest.size() < before, "an element is taken off", text);
  }
  return 0;
}
