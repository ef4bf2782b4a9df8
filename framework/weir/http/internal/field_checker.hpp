// SPDX-License-Identifier: MIT
// The fields that decide how a request is framed and whether it is valid at all.
#pragma once

#include <weir/base/inline.hpp>
#include <weir/base/short_copy.hpp>
#include <weir/http/refusal.hpp>

#include <cstdint>

#include <string>
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

  /// `valid_host`: the last valid Host value that was seen, for comparing; updated.
  explicit FieldChecker(std::string& valid_host) : valid_host_(valid_host) {}

  WEIR_HOT_INLINE void take(std::string_view name, std::string_view value) {
    is_host_last_ = false;
    // The lengths of host, expect, connection, content-length and transfer-encoding.
    constexpr std::uint32_t kLengths = 1U << 4U | 1U << 6U | 1U << 10U | 1U << 14U | 1U << 17U;
    if (name.size() >= 32 || (kLengths >> name.size() & 1U) == 0) return;
    if (name.size() != 4) return take_rarer(name, value);
    if (is_host(name)) take_host(value);
  }
  /// Whether the last field taken was Host.
  bool is_host_last() const { return is_host_last_; }
  /// Whether there was one valid Host and nothing else that matters here.
  bool is_plain() const { return is_plain_ && hosts_ == 1 && is_host_valid_; }
  Verdict judge(int minor_version) const;

 private:
  enum class Length : unsigned char { kAbsent, kValid, kTooLarge, kInvalid };
  enum class Coding : unsigned char { kAbsent, kChunked, kUnknown, kInvalid };

  static bool is_host(std::string_view four_letters) {
    const auto lower = [&](std::size_t i) { return static_cast<char>(four_letters[i] | 0x20); };  // a token's letters
    return lower(0) == 'h' && lower(1) == 'o' && lower(2) == 's' && lower(3) == 't';
  }
  WEIR_HOT_INLINE void take_host(std::string_view value) {
    is_host_last_ = true;
    ++hosts_;
    const bool is_known = !value.empty() && value.size() == valid_host_.size() &&
                          base::short_equal(value.data(), valid_host_.data(), value.size());
    is_host_valid_ = is_known || check_host(value);
  }
  bool check_host(std::string_view value);
  void take_rarer(std::string_view name, std::string_view value);
  void take_content_length(std::string_view value);
  void take_transfer_encoding(std::string_view value);
  void take_connection(std::string_view value);

  std::string& valid_host_;
  std::uint64_t content_length_ = 0;
  unsigned hosts_ = 0;
  Length length_ = Length::kAbsent;
  Coding coding_ = Coding::kAbsent;
  bool is_plain_ = true;
  bool is_host_last_ = false;
  bool is_host_valid_ = false;
  bool has_close_ = false;
  bool has_keep_alive_ = false;
  bool expects_continue_ = false;
  bool expects_other_ = false;
};

}  // namespace weir::http
