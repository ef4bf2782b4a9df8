// SPDX-License-Identifier: MIT
// Text that lives inside its object while it is short.
#pragma once

#include <weir/base/short_copy.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace weir::base {

/// A growing text with room for `kInline` bytes before it allocates. Not zero-terminated.
///
/// Thread: as any value.
template <std::size_t kInline>
class SmallText {
 public:
  SmallText() = default;
  SmallText(const SmallText& other) { append(other.view()); }
  SmallText(SmallText&& other) noexcept { take(other); }
  SmallText& operator=(const SmallText& other) {
    if (this != &other) assign(other.view());
    return *this;
  }
  SmallText& operator=(SmallText&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }
  ~SmallText() = default;

  /// `text` may be part of this text.
  void append(std::string_view text) {
    if (text.empty()) return;
    if (size_ + text.size() > capacity()) return append_and_grow(text);
    short_copy(data() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void push_back(char c) {
    if (size_ == capacity()) return append_and_grow({&c, 1});
    data()[size_++] = c;
  }
  /// `text` may be part of this text.
  void assign(std::string_view text) {
    size_ = 0;
    if (text.size() > capacity()) return append_and_grow(text);
    if (!text.empty()) short_copy(data(), text.data(), text.size());
    size_ = text.size();
  }
  void erase(std::size_t from, std::size_t count) {
    std::memmove(data() + from, data() + from + count, size_ - from - count);
    size_ -= count;
  }
  /// Forgets the text and keeps the memory, unless it is larger than `keep_bytes`.
  void clear(std::size_t keep_bytes = 4096) {
    size_ = 0;
    if (heap_ && heap_bytes_ > keep_bytes) heap_.reset();
  }

  std::string_view view() const {
    if (!heap_ && size_ > kInline) __builtin_unreachable();  // tells the compiler, which warns of it otherwise
    return {data(), size_};
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  std::size_t capacity() const { return heap_ ? heap_bytes_ : kInline; }
  char* data() { return heap_ ? heap_.get() : inline_; }
  const char* data() const { return heap_ ? heap_.get() : inline_; }

  // The old memory goes last: `text` may lie in it.
  void append_and_grow(std::string_view text) {
    const std::size_t wanted = size_ + text.size();
    const std::size_t capacity = std::max(wanted, 2 * this->capacity());
    std::unique_ptr<char[]> grown(new char[capacity]);
    std::memcpy(grown.get(), data(), heap_ ? size_ : std::min(size_, kInline));
    std::memcpy(grown.get() + size_, text.data(), text.size());
    heap_ = std::move(grown);
    heap_bytes_ = capacity;
    size_ = wanted;
  }

  void take(SmallText& other) {
    if (other.heap_) {
      heap_ = std::move(other.heap_);
      heap_bytes_ = other.heap_bytes_;
      size_ = std::exchange(other.size_, 0);
    } else {
      heap_.reset();
      std::memcpy(inline_, other.inline_, kInline);
      size_ = std::exchange(other.size_, 0);
    }
  }

  std::size_t size_ = 0;
  std::size_t heap_bytes_ = 0;
  std::unique_ptr<char[]> heap_;
  char inline_[kInline];
};

}  // namespace weir::base
