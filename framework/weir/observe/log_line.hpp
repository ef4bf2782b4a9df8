// SPDX-License-Identifier: MIT
// A log line under construction: bounded, on the stack, and safe from what values contain.
#pragma once

#include <weir/base/short_copy.hpp>

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::observe {

/// A line under construction, on the caller's stack: at most kCapacity bytes, line feed included.
///
/// An append that does not fit leaves the line as it is and makes it full: every later append fails too, so that a
/// renderer may look once, after several appends. A part is kept for what closes the line.
class LogLine {
 public:
  static constexpr std::size_t kCapacity = 8192;

  std::string_view text() const { return {bytes_.data(), size_}; }
  std::size_t size() const { return size_; }
  bool is_full() const { return is_full_; }

  /// Appends all of `text`, or nothing and makes the line full.
  void append(std::string_view text) {
    is_full_ = is_full_ || text.size() > room();
    if (!is_full_) put(text);
  }
  /// Appends as much of `text` as fits; less than all makes the line full.
  void append_some(std::string_view text);
  /// Appends into the part that is kept for closing, also when the line is full.
  void append_closing(std::string_view text);
  /// Appends `text` as far as it fits, with control characters and those that steer a terminal escaped, and U+FFFD for
  /// what is not UTF-8.
  ///
  /// Source: RFC 8259 section 7 (escapes), RFC 3629 section 4 (UTF-8).
  void append_escaped(std::string_view text);
  /// The same between quotes. Once the first quote is there, so is the last.
  void append_quoted(std::string_view text);
  /// Drops everything after the first `size` bytes.
  void rewind(std::size_t size) { size_ = size; }

 private:
  static constexpr std::size_t kClosingBytes = 64;
  static constexpr std::size_t kLimit = kCapacity - kClosingBytes;
  std::size_t room() const { return is_full_ || size_ > kLimit ? 0 : kLimit - size_; }
  void put(std::string_view text) {
    base::short_copy(bytes_.data() + size_, text.data(), text.size());
    size_ += text.size();
  }

  std::array<char, kCapacity> bytes_;
  std::size_t size_ = 0;
  bool is_full_ = false;
};

}  // namespace weir::observe
