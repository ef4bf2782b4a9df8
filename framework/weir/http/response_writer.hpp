// SPDX-License-Identifier: MIT
// A response as bytes on the wire.
#pragma once

#include <weir/http/date.hpp>
#include <weir/http/response.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace weir::http {

/// Bytes on their way out, collected over one loop turn.
///
/// Thread: loop thread.
class OutputBuffer {
 public:
  std::string_view view() const { return {data_.get(), size_}; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }

  /// Room for `bytes` more; what was written there counts after `commit`.
  char* reserve(std::size_t bytes) {
    if (capacity_ - size_ < bytes) grow(bytes);
    return data_.get() + size_;
  }
  void commit(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }
  void append(std::string_view text) {
    std::memcpy(reserve(text.size()), text.data(), text.size());
    size_ += text.size();
  }

 private:
  void grow(std::size_t bytes);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// What the connection knows about the answer that the response does not.
struct ResponseFraming {
  const DateLine& date;   ///< Up to date.
  int minor_version = 1;  ///< Of the request.
  bool is_head = false;   ///< The request was HEAD: same fields, no content.
  bool keeps_alive = true;
};

/// Appends status line and fields, and the content up to kInlineBodyBytes; returns the content that the caller has to
/// send after it ("" when it was appended or there is none).
///
/// Source: RFC 9112 sections 4 and 6; RFC 9110 sections 6.6.1 (Date) and 8.6 (Content-Length).
std::string_view append_response(OutputBuffer& out, const Response& response, const ResponseFraming& framing);

/// Appends the head of a response whose content follows in pieces: chunked, or `length` bytes, or in HTTP/1.0 what
/// comes until the connection closes. `framing.is_head`: there will be no content.
///
/// Source: RFC 9112 sections 6.1 and 7.1.
void append_stream_head(OutputBuffer& out, const Response& response, const ResponseFraming& framing,
                        std::optional<std::uint64_t> length);

inline constexpr std::size_t kInlineBodyBytes = 16 << 10;

}  // namespace weir::http
