// SPDX-License-Identifier: MIT
// Web origins: what is one, and which are meant by a list of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware::internal {

/// Whether `text` is an origin as browsers send it: scheme "://" host [":" port], in lower case, nothing behind it. No
/// longer than a host name of 253 bytes makes it. "null" is none.
///
/// Source: RFC 6454 section 6.2; the URL standard writes hosts in lower case, and in Punycode.
bool is_origin(std::string_view text);

/// A list of origins: each as browsers send it; or with "*." before its host, for all hosts below that one and never
/// that one itself; or "null"; or "*", alone, for all.
///
/// Thread: immutable.
/// Errors: the constructor throws std::invalid_argument, with what is wrong.
class OriginList {
 public:
  explicit OriginList(const std::vector<std::string>& origins);

  /// Whether it is "*".
  bool is_any() const { return is_any_; }
  /// Case counts: browsers send lower case, and compare each byte of what they get back.
  bool contains(std::string_view origin) const;

 private:
  // "https://*.example.com:8443" without its star.
  struct Pattern {
    std::string scheme;  // "https://"
    std::string suffix;  // ".example.com:8443"
  };
  void add(std::string_view origin);

  std::vector<std::string> exact_;
  std::vector<Pattern> patterns_;
  bool is_any_ = false;
};

}  // namespace weir::middleware::internal
