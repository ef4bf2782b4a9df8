// SPDX-License-Identifier: MIT
// The content of a request: a length counted down, or chunks. And what outlives the bytes that a request came in.
#include <weir/http/request_parser.hpp>

#include <algorithm>

namespace weir::http {
namespace {

// A first allocation for content that is announced but not here yet: a length alone must not cost memory.
constexpr std::uint64_t kReserveBytesMax = 64 << 10;

}  // namespace

void RequestParser::shrink_kept_bytes() {
  for (std::string* text : {&kept_head_, &kept_body_}) {
    if (text->capacity() > kKeptBytesBetweenRequests) text->shrink_to_fit();
  }
}

void RequestParser::count_kept(std::size_t before) {
  if (budget_ == nullptr || kept_body_.size() == before) return;
  budget_->add(static_cast<std::int64_t>(kept_body_.size()) - static_cast<std::int64_t>(before));
}

void RequestParser::drop_kept_body() {
  const std::size_t before = kept_body_.size();
  kept_body_.clear();
  count_kept(before);
}

std::string RequestParser::take_body() {
  const std::size_t before = kept_body_.size();
  std::string taken = std::exchange(kept_body_, {});
  count_kept(before);
  return taken;
}

void RequestParser::replace_body(std::string body) {
  const std::size_t before = kept_body_.size();
  kept_body_ = std::move(body);
  request_.body_ = kept_body_;
  count_kept(before);
}

// The head lies in the caller's bytes no longer.
void RequestParser::keep_head() {
  if (request_.base_ == kept_head_.data()) return;
  kept_head_.assign(request_.base_, message_.head_bytes);
  const std::string_view old_path = request_.raw_path();
  request_.base_ = kept_head_.data();
  request_.segments_.follow(old_path, request_.raw_path().data());
}

void RequestParser::detach() {
  request_.body_ = {};
  if (is_head_complete()) keep_head();
}

void RequestParser::detach_with_body() {
  keep_head();
  if (!request_.body_.empty()) [[unlikely]]
    keep_body();
}

[[gnu::noinline]] void RequestParser::keep_body() {
  const bool is_elsewhere = message_.is_body_streamed || request_.body_.data() == kept_body_.data();
  if (is_elsewhere) return;
  const std::size_t before = kept_body_.size();
  kept_body_.assign(request_.body_);
  request_.body_ = kept_body_;
  count_kept(before);
}

bool RequestParser::set_body_limit(std::uint64_t bytes_max) {
  if (!message_.is_chunked) {
    if (message_.content_length > bytes_max) {
      return fail(413, "body-too-large", "The content is longer than this resource takes.");
    }
    return true;
  }
  if (!chunks_) chunks_ = std::make_unique<ChunkedDecoder>();
  chunks_->begin(limits_, bytes_max);
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
    count_kept(kept_body_.size() - taken);
  }
  if (message_.body_bytes_received < message_.content_length) return {Step::kNeedMore, taken};
  if (!is_whole && !message_.is_body_streamed) request_.body_ = kept_body_;
  phase_ = Phase::kComplete;
  return {Step::kComplete, taken};
}

RequestParser::Progress RequestParser::parse_chunked_body(std::span<const char> bytes) {
  const std::size_t before = kept_body_.size();
  const ChunkedDecoder::Progress progress = chunks_->decode(bytes, kept_body_);
  count_kept(before);
  if (progress.refusal) {
    return refuse(progress.refusal->status, progress.refusal->reason, progress.refusal->detail);
  }
  message_.body_bytes_received += progress.consumed;
  if (message_.is_body_discarded) drop_kept_body();
  if (!progress.is_complete) return {Step::kNeedMore, progress.consumed};
  if (!message_.is_body_streamed) request_.body_ = kept_body_;
  phase_ = Phase::kComplete;
  return {Step::kComplete, progress.consumed};
}

}  // namespace weir::http
