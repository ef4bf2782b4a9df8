// SPDX-License-Identifier: MIT
// Content of a request that is too long to be kept in memory.
#pragma once

#include <weir/base/error.hpp>
#include <weir/loop/temporary_file.hpp>

#include <string_view>

namespace weir::http {

class Exchange;

/// Moves what the parser has of a content to a nameless file while the rest arrives; then all of it can be seen at
/// once. Its connection hears of each step by content_was_spooled.
///
/// Thread:    loop thread; the view that `open` gives: any.
/// Ownership: a part of its exchange, and ends with it at any time: then the file ends, too, off the loop.
class BodySpool final : private loop::TemporaryFileEvents {
 public:
  BodySpool(Exchange& exchange, loop::Loop& loop) : exchange_(exchange), file_(loop, *this) {}

  /// Hands on what has arrived, unless a write is under way: then the next step does.
  void take();
  bool is_writing() const { return file_.is_writing(); }
  /// All of it, once nothing is under way; as long as this lives.
  base::Result<std::string_view> open() { return file_.map(); }

 private:
  void on_written(const base::Error* error) noexcept override;

  Exchange& exchange_;
  loop::TemporaryFile file_;
};

}  // namespace weir::http
