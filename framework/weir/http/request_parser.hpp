// SPDX-License-Identifier: MIT
// Bytes in, one request out: llhttp for the head, strict checks on top, and the two framings of a body.
#pragma once

#include <weir/http/byte_budget.hpp>
#include <weir/http/chunked_decoder.hpp>
#include <weir/http/limits.hpp>
#include <weir/http/refusal.hpp>
#include <weir/http/request.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace weir::http {

class FieldChecker;

/// Reads one request at a time from bytes that may be split anywhere.
///
/// What does not follow RFC 9112 to the letter is refused, also where llhttp 8.1 takes it: after the head has been
/// parsed, every line of it must join the next with exactly one CRLF.
///
/// Thread:    the loop's; no I/O here.
/// Ownership: request() may point into the bytes of the last parse call until the next call, or until that call said
///            kNeedMore: then the parser has copied what it needs.
/// Source:    RFC 9112.
class RequestParser {
 public:
  enum class Step : unsigned char {
    kNeedMore,  ///< All bytes were consumed and the request goes on.
    kHead,      ///< The head is complete and content follows: decide, maybe set_body_limit, then parse on.
    kComplete,  ///< The request is complete.
    kRefused,   ///< See refusal(). Nothing more can be parsed on this connection.
  };
  struct Progress {
    Step step;
    std::size_t consumed;
  };

  /// `limits` must outlive the parser.
  explicit RequestParser(const Limits& limits);
  RequestParser(RequestParser&&) = delete;
  ~RequestParser();

  /// Where the content that it keeps is counted from now on; null for nowhere.
  void set_budget(ByteBudget* budget) { budget_ = budget; }

  /// Forgets the request and gets ready for the next one.
  void reset();

  /// Parses from the front of `bytes`.
  Progress parse(std::span<const char> bytes);

  const Request& request() const { return request_; }
  const Refusal& refusal() const { return refusal_; }

  /// Whether anything of a request has been consumed since reset().
  bool has_begun() const { return phase_ != Phase::kStart; }
  bool is_complete() const { return phase_ == Phase::kComplete; }
  /// Stays false when the head itself is refused.
  bool is_head_complete() const { return phase_ >= Phase::kFixedBody; }
  /// Whether the answer must have no content (RFC 9110 section 9.3.2), also where the head is refused.
  bool is_head_request() const {
    return request_.method() == Method::kHead || (!is_head_complete() && begins_as_head_request());
  }
  /// Valid once the head is complete.
  bool wants_keep_alive() const { return message_.wants_keep_alive; }
  bool expects_continue() const { return message_.expects_continue; }
  bool has_body() const { return message_.has_body; }
  /// The length of the content, where the head says it.
  std::optional<std::uint64_t> announced_bytes() const {
    return message_.is_chunked ? std::nullopt : std::optional(message_.content_length);
  }
  /// At kHead: whether the content is here too, so that nothing of it needs to be kept.
  bool is_body_at_hand() const { return message_.is_body_at_hand; }
  /// Body bytes received so far, framing included: what the body's rate is measured on.
  std::uint64_t body_bytes_received() const { return message_.body_bytes_received; }

  /// Checks the content against `bytes_max`; to be called at kHead. Returns false, with a refusal, when the announced
  /// length is greater: nothing of it has been read then.
  [[nodiscard]] bool set_body_limit(std::uint64_t bytes_max);
  /// Copies the head, if it still lies in the caller's bytes, and lets go of the content. Only when complete.
  void detach();
  /// Copies head and content. Once the head is complete.
  void detach_with_body();
  /// Gives up memory that only a head needs, where the next one is some time away. Once the head is complete.
  void drop_head_state();
  /// From here on content is handed over piece by piece, by take_body(); the limit holds for all of it.
  void stream_body() { message_.is_body_streamed = true; }
  std::size_t untaken_body_bytes() const { return kept_body_.size(); }
  std::string take_body();
  /// What became of content that was taken: from here on it is the request's again.
  void set_body(std::string_view body) { request_.body_ = body; }
  /// The same, kept here from now on.
  void replace_body(std::string body);
  /// Reads the content without keeping it.
  void discard_body() { message_.is_body_discarded = true; }

 private:
  enum class Phase : unsigned char {
    kStart,
    kHead,
    kRequestLineOnly,
    kHeadRefused,
    kFixedBody,  // from here on the head is complete
    kChunkedBody,
    kComplete,
    kBodyRefused,
  };
  static constexpr std::size_t kKeptBytesBetweenRequests = 16 << 10;
  struct Head;  // llhttp's state
  struct Callbacks;

  Progress skip_empty_lines(std::span<const char> bytes);
  Progress begin_head(std::span<const char> bytes);
  Progress parse_head(std::span<const char> bytes);
  Progress parse_request_line(std::span<const char> bytes);
  Progress parse_fixed_body(std::span<const char> bytes);
  Progress parse_chunked_body(std::span<const char> bytes);
  Progress end_head(std::span<const char> bytes);
  Progress refuse(int status, std::string_view reason, std::string_view detail);
  Progress refuse_malformed();
  Progress refuse_head_size();

  bool check_request_line(std::size_t available);
  bool check_fields(std::size_t available);
  bool check_target();
  bool take_authority(Request::Span& target);
  void keep_head();
  void keep_body();
  void forget_kept_bytes();
  void shrink_kept_bytes();
  int add_field_with_more_room(Request::Span name);
  bool decide_framing(const FieldChecker& checker);
  bool fail(int status, std::string_view reason, std::string_view detail);
  bool fail_malformed();
  bool begins_as_head_request() const;
  void count_kept(std::size_t before);
  void drop_kept_body();

  const Limits& limits_;
  std::unique_ptr<Head> head_;  // null after drop_head_state
  Request request_;
  Refusal refusal_;
  std::unique_ptr<ChunkedDecoder> chunks_;  // once there was chunked content
  std::string kept_head_;  // the head's bytes, once they came in more than one piece or have to outlive it
  std::string kept_body_;
  std::string valid_host_;  // the last Host that was valid; clients repeat theirs
  // What is known of the message so far; plain data, so that a reset is one store after the other.
  struct Message {
    std::uint64_t content_length = 0;
    std::uint64_t body_bytes_received = 0;
    std::uint32_t head_bytes = 0;
    bool is_chunked = false;
    bool has_body = false;
    bool wants_keep_alive = true;
    bool expects_continue = false;
    bool is_body_discarded = false;
    bool is_body_streamed = false;
    bool is_body_at_hand = false;
  };
  Message message_;
  ByteBudget* budget_ = nullptr;
  Phase phase_ = Phase::kStart;
};

}  // namespace weir::http
