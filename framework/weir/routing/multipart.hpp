// SPDX-License-Identifier: MIT
// Content of several parts: Multipart.
#pragma once

#include <weir/routing/extract.hpp>
#include <weir/routing/operation.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

/// The content as multipart/form-data, up to 100 parts. Content above 256 KiB lies in a temporary file meanwhile, and
/// its parts are views of that: a large upload does not grow the process.
///
/// Ownership: views, valid as long as the request.
/// Errors:    415 for another content type; 400 for broken framing; 413 for too many parts.
class Multipart {
 public:
  struct Part {
    std::string name;
    std::optional<std::string> filename;  ///< As the client says it: not a path to be trusted.
    std::string content_type;             ///< "text/plain" where the client says nothing.
    std::string_view content;
  };

  const std::vector<Part>& parts() const { return parts_; }
  /// The first part of that name; null when there is none.
  const Part* find(std::string_view name) const {
    for (const Part& part : parts_) {
      if (part.name == name) return &part;
    }
    return nullptr;
  }

 private:
  friend struct Extract<Multipart>;
  std::vector<Part> parts_;
};

template <>
struct Extract<Multipart> {
  static constexpr bool kReadsBody = true;
  static constexpr ContentInfo kContent{"multipart/form-data", nullptr};
  static Multipart read(Context& context, Failures& failures);
};

}  // namespace weir::routing
