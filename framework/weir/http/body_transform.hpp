// SPDX-License-Identifier: MIT
// Content that becomes other content on its way: a content coding.
#pragma once

#include <weir/http/refusal.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// What the content of one response becomes, as a whole or piece by piece.
///
/// Thread: one at a time, not always the same one.
class BodyTransform {
 public:
  virtual ~BodyTransform() = default;
  /// Appends to `out` what `in` becomes, of which it may keep some back.
  virtual void write(std::string_view in, std::string& out) = 0;
  /// Appends what was kept back, as far as the peer needs it to understand all that was written.
  virtual void flush(std::string& out) = 0;
  /// The last call: appends what was kept back, and the end.
  virtual void finish(std::string& out) = 0;
};

/// What the content of one request was before it was coded.
///
/// Thread: one at a time, not always the same one.
class ContentDecoder {
 public:
  virtual ~ContentDecoder() = default;
  /// Appends to `out` what `in` was. `is_last`: nothing follows.
  /// Errors: content that is malformed or longer than allowed; no call follows then.
  virtual std::optional<Refusal> decode(std::string_view in, bool is_last, std::string& out) = 0;
};

}  // namespace weir::http
