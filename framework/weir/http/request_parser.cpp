// SPDX-License-Identifier: MIT
#include <weir/http/request_parser.hpp>

#include <weir/base/check.hpp>
#include <weir/base/inline.hpp>
#include <weir/base/text.hpp>
#include <weir/http/internal/field_checker.hpp>
#include <weir/http/internal/request_line.hpp>
#include <weir/http/syntax.hpp>

#include <llhttp.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weir::http {
namespace {

constexpr std::uint64_t kFieldsAtFirst = 4;  // then twice as many: a suspended request holds its room

constexpr auto kUnknownMethod = static_cast<Method>(0xff);

// By llhttp's number.
constexpr auto kMethods = [] {
  std::array<Method, 64> methods{};
  methods.fill(kUnknownMethod);
  methods[HTTP_GET] = Method::kGet;
  methods[HTTP_HEAD] = Method::kHead;
  methods[HTTP_POST] = Method::kPost;
  methods[HTTP_PUT] = Method::kPut;
  methods[HTTP_PATCH] = Method::kPatch;
  methods[HTTP_DELETE] = Method::kDelete;
  methods[HTTP_OPTIONS] = Method::kOptions;
  methods[HTTP_CONNECT] = Method::kConnect;
  methods[HTTP_TRACE] = Method::kTrace;
  return methods;
}();

}  // namespace

struct RequestParser::Head {
  explicit Head(const llhttp_t& fresh_in) : fresh(fresh_in) {}

  const llhttp_t& fresh;  // as it is before a request: copying it is cheaper than llhttp_reset
  llhttp_t parser{};
  const char* origin = nullptr;    // where the head would begin if the bytes at hand were its continuation in memory
  std::uint32_t chunk_offset = 0;  // how much of the head came before the bytes at hand
  bool is_done = false;

  std::uint32_t offset_of(const char* at) const { return static_cast<std::uint32_t>(at - origin); }
};

// What llhttp calls back. It reports spans in pieces; as offsets in the head, a later piece just makes them longer.
struct RequestParser::Callbacks {
  static RequestParser& of(llhttp_t* parser) { return *static_cast<RequestParser*>(parser->data); }

  static void extend(Request::Span& span, std::uint32_t offset, std::size_t length) {
    if (span.length == 0) span.offset = offset;
    span.length += static_cast<std::uint32_t>(length);
  }

  static int on_url(llhttp_t* parser, const char* at, std::size_t length) {
    RequestParser& self = of(parser);
    extend(self.request_.target_, self.head_->offset_of(at), length);
    return 0;
  }

  static int on_field(llhttp_t* parser, const char* at, std::size_t length) {
    // To llhttp every field is like any other: what Content-Length, Transfer-Encoding and Connection say is decided by
    // FieldChecker. llhttp 8.1 refuses a tab around a length, and calls one that overflows malformed.
    parser->header_state = 0;
    RequestParser& self = of(parser);
    Request& request = self.request_;
    const std::uint32_t offset = self.head_->offset_of(at);
    if (request.field_count_ > 0) {
      Request::Span& last = request.fields_[request.field_count_ - 1].name;
      if (last.end() == offset) {
        last.length += static_cast<std::uint32_t>(length);
        return 0;
      }
    }
    const Request::Span name{offset, static_cast<std::uint32_t>(length)};
    if (request.field_count_ == request.fields_.size()) [[unlikely]]
      return self.add_field_with_more_room(name);
    request.fields_[request.field_count_++] = {name, {}};
    return 0;
  }

  static int on_value(llhttp_t* parser, const char* at, std::size_t length) {
    RequestParser& self = of(parser);
    Request& request = self.request_;
    if (length != 0) extend(request.fields_[request.field_count_ - 1].value, self.head_->offset_of(at), length);
    return 0;
  }

  static int on_head_complete(llhttp_t* parser) {
    of(parser).head_->is_done = true;
    return HPE_PAUSED;  // bodies are ours; the next request starts with a fresh state
  }

  static const llhttp_settings_t& settings() {
    static const llhttp_settings_t kSettings = [] {
      llhttp_settings_t settings;
      llhttp_settings_init(&settings);
      settings.on_url = on_url;
      settings.on_header_field = on_field;
      settings.on_header_value = on_value;
      settings.on_headers_complete = on_head_complete;
      return settings;
    }();
    return kSettings;
  }

  static const llhttp_t& fresh() {
    static const llhttp_t kFresh = [] {
      llhttp_t parser;
      llhttp_init(&parser, HTTP_REQUEST, &settings());
      WEIR_CHECK(parser.lenient_flags == 0);
      return parser;
    }();
    return kFresh;
  }
};

RequestParser::RequestParser(const Limits& limits)
    : limits_(limits), head_(std::make_unique<Head>(Callbacks::fresh())) {
  request_.fields_.resize(std::min(limits_.fields, kFieldsAtFirst));
}

RequestParser::~RequestParser() = default;

void RequestParser::drop_head_state() {
  head_.reset();
}

void RequestParser::reset() {
  request_.target_ = request_.path_ = request_.query_ = request_.host_ = {};
  request_.field_count_ = 0;
  request_.segments_.clear();
  request_.body_ = {};
  request_.method_ = Method::kGet;
  request_.minor_version_ = 1;
  if (!kept_head_.empty() || !kept_body_.empty()) [[unlikely]]
    forget_kept_bytes();
  message_ = {};
  if (head_) head_->parser.method = HTTP_DELETE;  // llhttp's zero: no method has been read
  phase_ = Phase::kStart;
}

void RequestParser::forget_kept_bytes() {
  kept_head_.clear();
  if (!kept_body_.empty()) drop_kept_body();
  if (std::max(kept_head_.capacity(), kept_body_.capacity()) > kKeptBytesBetweenRequests) shrink_kept_bytes();
}

RequestParser::Progress RequestParser::parse(std::span<const char> bytes) {
  const bool begins_with_text = !bytes.empty() && bytes.front() > '\r';
  if (phase_ == Phase::kStart && begins_with_text && kept_head_.empty()) [[likely]]
    return begin_head(bytes);
  switch (phase_) {
    case Phase::kStart:
      return skip_empty_lines(bytes);
    case Phase::kHead:
      return parse_head(bytes);
    case Phase::kRequestLineOnly:
      return parse_request_line(bytes);
    case Phase::kFixedBody:
      return parse_fixed_body(bytes);
    case Phase::kChunkedBody:
      return parse_chunked_body(bytes);
    case Phase::kComplete:
      return {Step::kComplete, 0};
    case Phase::kHeadRefused:
    case Phase::kBodyRefused:
      break;
  }
  return {Step::kRefused, 0};
}

int RequestParser::add_field_with_more_room(Request::Span name) {
  const std::size_t room = request_.fields_.size();
  if (room >= limits_.fields) {
    refusal_ = {431, "too-many-fields", "The request has more header fields than this server reads."};
    return HPE_USER;
  }
  request_.fields_.resize(std::min<std::uint64_t>(limits_.fields, 2 * room));
  request_.fields_[request_.field_count_++] = {name, {}};
  return 0;
}

// RFC 9112 section 2.2: empty lines before a request-line are ignored; here within the bound of a head.
RequestParser::Progress RequestParser::skip_empty_lines(std::span<const char> bytes) {
  std::size_t skipped = 0;
  while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) {
    const char expected = kept_head_.size() % 2 == 0 ? '\r' : '\n';
    if (bytes[skipped] != expected || kept_head_.size() >= limits_.head_bytes) return refuse_malformed();
    kept_head_ += bytes[skipped++];
  }
  if (skipped == bytes.size()) return {Step::kNeedMore, skipped};
  if (kept_head_.size() % 2 != 0) return refuse_malformed();
  kept_head_.clear();
  Progress progress = begin_head(bytes.subspan(skipped));
  progress.consumed += skipped;
  return progress;
}

WEIR_HOT_INLINE RequestParser::Progress RequestParser::begin_head(std::span<const char> bytes) {
  phase_ = Phase::kHead;
  if (!head_) [[unlikely]]
    head_ = std::make_unique<Head>(Callbacks::fresh());
  head_->parser = head_->fresh;
  head_->parser.data = this;
  head_->is_done = false;
  return parse_head(bytes);
}

WEIR_HOT_INLINE RequestParser::Progress RequestParser::parse_head(std::span<const char> bytes) {
  head_->chunk_offset = static_cast<std::uint32_t>(kept_head_.size());
  head_->origin = bytes.data() - head_->chunk_offset;
  const llhttp_errno_t error = llhttp_execute(&head_->parser, bytes.data(), bytes.size());
  if (head_->is_done) return end_head(bytes);
  if (error == HPE_USER) return refuse(refusal_.status, refusal_.reason, refusal_.detail);
  if (error != HPE_OK) {
    // The whole text of the request line decides between 400, 501 and 505, wherever in the head the error is.
    phase_ = Phase::kRequestLineOnly;
    return parse_request_line(bytes);
  }
  kept_head_.append(bytes.data(), bytes.size());
  request_.base_ = kept_head_.data();
  if (request_.target_.length > limits_.target_bytes || kept_head_.size() > limits_.head_bytes) {
    return refuse_head_size();
  }
  return {Step::kNeedMore, bytes.size()};
}

RequestParser::Progress RequestParser::parse_request_line(std::span<const char> bytes) {
  kept_head_.append(bytes.data(), bytes.size());
  const std::size_t line_feed = kept_head_.find('\n');
  if (line_feed == std::string::npos && kept_head_.size() <= limits_.target_bytes) {
    return {Step::kNeedMore, bytes.size()};
  }
  const Refusal refusal =
      classify_request_line(std::string_view(kept_head_).substr(0, line_feed), limits_.target_bytes);
  return refuse(refusal.status, refusal.reason, refusal.detail);
}

bool RequestParser::begins_as_head_request() const {
  return head_ && head_->parser.method == HTTP_HEAD;
}

WEIR_HOT_INLINE RequestParser::Progress RequestParser::end_head(std::span<const char> bytes) {
  const std::uint32_t bytes_before = head_->chunk_offset;
  std::size_t available = bytes.size();
  request_.base_ = bytes.data();
  if (bytes_before != 0) {
    kept_head_.append(bytes.data(), bytes.size());
    request_.base_ = kept_head_.data();
    available = kept_head_.size();
  }
  if (!check_request_line(available) || !check_fields(available)) {
    return refuse(refusal_.status, refusal_.reason, refusal_.detail);
  }
  if (message_.head_bytes > limits_.head_bytes || request_.target_.length > limits_.target_bytes) {
    return refuse_head_size();
  }
  if (!check_target()) return refuse(refusal_.status, refusal_.reason, refusal_.detail);
  const std::size_t consumed = message_.head_bytes - bytes_before;
  if (bytes_before != 0) kept_head_.resize(message_.head_bytes);
  if (!has_body()) {
    phase_ = Phase::kComplete;
    return {Step::kComplete, consumed};
  }
  // Views made at kHead stay good: the head is moved now if the content is not wholly here.
  const bool is_whole = !message_.is_chunked && message_.content_length <= bytes.size() - consumed;
  if (!is_whole) keep_head();
  message_.is_body_at_hand = is_whole;
  phase_ = message_.is_chunked ? Phase::kChunkedBody : Phase::kFixedBody;
  return {Step::kHead, consumed};
}

WEIR_HOT_INLINE bool RequestParser::check_request_line(std::size_t available) {
  const char* const base = request_.base_;
  const Method method = kMethods[head_->parser.method % kMethods.size()];
  const Request::Span target = request_.target_;
  constexpr std::size_t kTailBytes = std::string_view(" HTTP/1.1\r\n").size();
  if (target.length == 0 || target.end() + kTailBytes > available) return fail_malformed();
  const char* const tail = base + target.end();
  const bool is_regular = method != kUnknownMethod && base[target.offset - 1] == ' ' &&
                          base[target.offset - 2] != ' ' && std::memcmp(tail, " HTTP/1.", 8) == 0 &&
                          (tail[8] == '0' || tail[8] == '1') && tail[9] == '\r' && tail[10] == '\n';
  if (!is_regular) {
    const std::string_view line(base, target.end() + kTailBytes - 1);
    refusal_ = classify_request_line(line.substr(0, line.find('\n')), limits_.target_bytes);
    return false;
  }
  request_.method_ = method;
  request_.minor_version_ = tail[8] - '0';
  return true;
}

// Invariant that makes the head unambiguous: a field's line starts where the line before ended, and ends in CRLF.
WEIR_HOT_INLINE bool RequestParser::check_fields(std::size_t available) {
  const char* const base = request_.base_;
  std::uint32_t at = request_.target_.end() + 11;
  FieldChecker checker(valid_host_);
  for (std::size_t i = 0; i < request_.field_count_; ++i) {
    Request::FieldSpan& field = request_.fields_[i];
    if (field.name.offset != at || field.name.length == 0 || base[field.name.end()] != ':') return fail_malformed();
    std::uint32_t value = field.name.end() + 1;
    while (value < available && syntax::is_blank(base[value])) ++value;
    if (field.value.length == 0) field.value.offset = value;
    const std::uint32_t end = field.value.end();
    if (field.value.offset != value || end + 2 > available || base[end] != '\r' || base[end + 1] != '\n') {
      return fail_malformed();
    }
    at = end + 2;
    while (field.value.length > 0 && syntax::is_blank(base[field.value.end() - 1])) --field.value.length;
    checker.take(request_.text(field.name), request_.text(field.value));
    if (checker.is_host_last()) request_.host_ = field.value;
  }
  if (at + 2 > available || base[at] != '\r' || base[at + 1] != '\n') return fail_malformed();
  message_.head_bytes = at + 2;
  return decide_framing(checker);
}

WEIR_HOT_INLINE bool RequestParser::decide_framing(const FieldChecker& checker) {
  if (checker.is_plain() && request_.minor_version_ == 1) return true;  // one valid Host, no content: the defaults hold
  const FieldChecker::Verdict verdict = checker.judge(request_.minor_version_);
  if (verdict.refusal.status != 0) {
    refusal_ = verdict.refusal;
    return false;
  }
  message_.is_chunked = verdict.is_chunked;
  message_.content_length = verdict.content_length;
  message_.has_body = verdict.is_chunked || verdict.content_length > 0;
  message_.wants_keep_alive = verdict.wants_keep_alive;
  message_.expects_continue = verdict.expects_continue;
  return true;
}

// RFC 9112 section 3.2: origin-form, absolute-form, or "*" for OPTIONS. Authority-form goes with CONNECT only.
WEIR_HOT_INLINE bool RequestParser::check_target() {
  if (request_.method_ >= Method::kConnect) {
    return fail(501, "method-not-implemented", "This server does not implement the request method.");
  }
  Request::Span rest = request_.target_;
  if (request_.base_[rest.offset] != '/') {
    if (request_.target() == "*" && request_.method_ == Method::kOptions) {
      request_.path_ = rest;
      return true;
    }
    if (!take_authority(rest)) return fail_malformed();
  }
  const std::size_t path_length = request_.segments_.parse(request_.text(rest));
  if (path_length == std::string_view::npos) return fail_malformed();
  request_.path_ = {rest.offset, static_cast<std::uint32_t>(path_length)};
  if (path_length == rest.length) return true;
  request_.query_ = {request_.path_.end() + 1, rest.end() - request_.path_.end() - 1};
  return syntax::all(request_.raw_query(), syntax::kQuery | syntax::kPercent) || fail_malformed();
}

// Takes "http://authority" from the front; it replaces the Host field (RFC 9112 section 3.2.2).
bool RequestParser::take_authority(Request::Span& target) {
  const std::string_view text = request_.text(target);
  constexpr std::string_view kScheme = "http://";
  if (!base::equals_ignoring_case(text.substr(0, kScheme.size()), kScheme)) return false;
  const std::size_t end = std::min(text.find_first_of("/?", kScheme.size()), text.size());
  const std::string_view authority = text.substr(kScheme.size(), end - kScheme.size());
  if (!syntax::is_host(authority)) return false;
  request_.host_ = {target.offset + static_cast<std::uint32_t>(kScheme.size()),
                    static_cast<std::uint32_t>(authority.size())};
  target.offset += static_cast<std::uint32_t>(end);
  target.length -= static_cast<std::uint32_t>(end);
  return true;
}

RequestParser::Progress RequestParser::refuse(int status, std::string_view reason, std::string_view detail) {
  refusal_ = {status, reason, detail};
  phase_ = is_head_complete() ? Phase::kBodyRefused : Phase::kHeadRefused;
  return {Step::kRefused, 0};
}

RequestParser::Progress RequestParser::refuse_malformed() {
  return refuse(400, "malformed-request", "The request is malformed.");
}

RequestParser::Progress RequestParser::refuse_head_size() {
  if (request_.target_.length > limits_.target_bytes) {
    return refuse(414, "target-too-long", "The request target is longer than this server reads.");
  }
  return refuse(431, "head-too-large", "The request head is larger than this server reads.");
}

bool RequestParser::fail(int status, std::string_view reason, std::string_view detail) {
  refusal_ = {status, reason, detail};
  return false;
}

bool RequestParser::fail_malformed() {
  return fail(400, "malformed-request", "The request is malformed.");
}

}  // namespace weir::http
