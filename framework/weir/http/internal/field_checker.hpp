// SPDX-License-Identifier: MIT
// The fields that decide how a request is framed and whether it is valid at all.
#pragma once

#include <weir/http/refusal.hpp>

#include <cstdint>
#include <string_view>

namespace weir::http {

/// Looks at each field once, in order, and then says how the content is framed or why the request is refused.
///
/// Source: RFC 9112 sections 3.2 (Host), 6.1 to 6.3 (framing), 9.3 (persistence); RFC 9110 section 10.1.1 (Expect).
class FieldChecker {
 public:
  struct Verdict {
    Refusal refusal{.status = 0};  ///< Status 0: not refused.
    std::uint64_t content_length = 0;
    bool is_chunked = false;
    bool wants_keep_alive = true;
    bool expects_continue = false;
  };

  void take(std::string_view name, std::string_view value);
  /// Whether the last field taken was Host.
  bool is_host_last() const { return is_host_last_; }
  Verdict judge(int minor_version) const;

 private:
  enum class Length : unsigned char { kAbsent, kValid, kTooLarge, kInvalid };
  enum class Coding : unsigned char { kAbsent, kChunked, kUnknown, kInvalid };

  void take_content_length(std::string_view value);
  void take_transfer_encoding(std::string_view value);
  void take_connection(std::string_view value);

  std::uint64_t content_length_ = 0;
  unsigned hosts_ = 0;
  Length length_ = Length::kAbsent;
  Coding coding_ = Coding::kAbsent;
  bool is_host_last_ = false;
  bool is_host_valid_ = false;
  bool has_close_ = false;
  bool has_keep_alive_ = false;
  bool expects_continue_ = false;
  bool expects_other_ = false;
};

}  // namespace weir::http
