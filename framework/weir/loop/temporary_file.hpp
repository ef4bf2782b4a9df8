// SPDX-License-Identifier: MIT
// A file without a name, for what is too long to be kept in memory.
#pragma once

#include <weir/base/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::loop {

class Loop;

/// Hears from a TemporaryFile.
class TemporaryFileEvents {
 public:
  /// What was written last is in the file; or is not, and `error` says why. May destroy the file.
  virtual void on_written(const base::Error* error) noexcept = 0;

 protected:
  ~TemporaryFileEvents() = default;
};

/// Takes bytes at its end, without holding the loop, and shows them as one. It lies in $TMPDIR, or /tmp without that,
/// belongs to this process alone, and is gone with it, however that ends.
///
/// Thread:    loop thread; the view that map() gives: any.
/// Ownership: borrows `events`. Ends at any time: a write that is under way is let end, then, off the loop, the file
///            is closed. Nothing is told any more.
class TemporaryFile {
 public:
  TemporaryFile(Loop& loop, TemporaryFileEvents& events);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  /// Appends; one write at a time. The first one makes the file.
  void write(std::string bytes);
  bool is_writing() const;
  /// All that was written, until this ends. Last: nothing may be written after it.
  base::Result<std::string_view> map();

 private:
  struct State;
  State* state_;  // owned; by itself once this has ended and a thread still works for it
};

}  // namespace weir::loop
