// SPDX-License-Identifier: MIT
// The content of a request: a length counted down, or chunks.
#include <weir/http/request_parser.hpp>

#include <algorithm>

namespace weir::http {
namespace {

// A first allocation for content that is announced but not here yet: a length alone must not cost memory.
constexpr std::uint64_t kReserveBytesMax = 64 << 10;

}  // namespace

bool RequestParser::set_body_limit(std::uint64_t bytes_max) {
  if (!message_.is_chunked) {
    if (message_.content_length > bytes_max) {
      return fail(413, "body-too-large", "The content is longer than this resource takes.");
    }
    return true;
  }
  chunks_.begin(limits_, bytes_max);
  return true;
}

RequestParser::Progress RequestParser::parse_fixed_body(std::span<const char> bytes) {
  const std::uint64_t left = message_.content_length - message_.body_bytes_received;
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size()));
  const bool is_whole = taken == message_.content_length && !message_.is_body_streamed;
  message_.body_bytes_received += taken;
  if (is_whole) {
    request_.body_ = {bytes.data(), taken};
  } else if (!message_.is_body_discarded) {
    if (kept_body_.empty() && !message_.is_body_streamed)
      kept_body_.reserve(std::min(message_.content_length, kReserveBytesMax));
    kept_body_.append(bytes.data(), taken);
  }
  if (message_.body_bytes_received < message_.content_length) return {Step::kNeedMore, taken};
  if (!is_whole && !message_.is_body_streamed) request_.body_ = kept_body_;
  phase_ = Phase::kComplete;
  return {Step::kComplete, taken};
}

RequestParser::Progress RequestParser::parse_chunked_body(std::span<const char> bytes) {
  const ChunkedDecoder::Progress progress = chunks_.decode(bytes, kept_body_);
  if (progress.refusal) {
    return refuse(progress.refusal->status, progress.refusal->reason, progress.refusal->detail);
  }
  message_.body_bytes_received += progress.consumed;
  if (message_.is_body_discarded) kept_body_.clear();
  if (!progress.is_complete) return {Step::kNeedMore, progress.consumed};
  if (!message_.is_body_streamed) request_.body_ = kept_body_;
  phase_ = Phase::kComplete;
  return {Step::kComplete, progress.consumed};
}

}  // namespace weir::http
