// SPDX-License-Identifier: MIT
#include <weir/http/request_parser.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>
#include <weir/http/internal/field_checker.hpp>
#include <weir/http/syntax.hpp>

#include <llhttp.h>

#include <algorithm>
#include <cstring>

namespace weir::http {
namespace {

// A first allocation for bodies that are announced but not here yet: a length alone must not cost memory.
constexpr std::uint64_t kBodyReserveMax = 64 << 10;
constexpr std::size_t kKeptBytesBetweenRequests = 16 << 10;

std::optional<Method> method_of(int llhttp_method) {
  switch (llhttp_method) {
    case HTTP_GET:
      return Method::kGet;
    case HTTP_HEAD:
      return Method::kHead;
    case HTTP_POST:
      return Method::kPost;
    case HTTP_PUT:
      return Method::kPut;
    case HTTP_PATCH:
      return Method::kPatch;
    case HTTP_DELETE:
      return Method::kDelete;
    case HTTP_OPTIONS:
      return Method::kOptions;
    case HTTP_CONNECT:
      return Method::kConnect;
    case HTTP_TRACE:
      return Method::kTrace;
    default:
      return std::nullopt;
  }
}

void empty_but_keep_some(std::string& text) {
  text.clear();
  if (text.capacity() > kKeptBytesBetweenRequests) text.shrink_to_fit();
}

}  // namespace

struct RequestParser::Head {
  llhttp_t parser{};
  const char* chunk = nullptr;     // the bytes being parsed
  std::uint32_t chunk_offset = 0;  // where they stand in the head
  bool is_done = false;

  std::uint32_t offset_of(const char* at) const { return chunk_offset + static_cast<std::uint32_t>(at - chunk); }
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
    RequestParser& self = of(parser);
    auto& fields = self.request_.fields_;
    const std::uint32_t offset = self.head_->offset_of(at);
    const bool is_continued = !fields.empty() && fields.back().name.end() == offset;
    if (!is_continued) {
      if (fields.size() >= self.limits_.fields) {
        self.refusal_ = {431, "too-many-fields", "The request has more header fields than this server reads."};
        return HPE_USER;
      }
      fields.emplace_back();
    }
    extend(fields.back().name, offset, length);
    return 0;
  }

  static int on_value(llhttp_t* parser, const char* at, std::size_t length) {
    RequestParser& self = of(parser);
    if (length != 0) extend(self.request_.fields_.back().value, self.head_->offset_of(at), length);
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
};

RequestParser::RequestParser(const Limits& limits) : limits_(limits), head_(std::make_unique<Head>()) {
  llhttp_init(&head_->parser, HTTP_REQUEST, &Callbacks::settings());
  head_->parser.data = this;
  WEIR_CHECK(head_->parser.lenient_flags == 0);
}

RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  request_.target_ = request_.path_ = request_.query_ = request_.host_ = {};
  request_.fields_.clear();
  request_.body_ = {};
  request_.method_ = Method::kGet;
  request_.minor_version_ = 1;
  empty_but_keep_some(kept_head_);
  empty_but_keep_some(kept_body_);
  content_length_ = 0;
  body_bytes_received_ = 0;
  phase_ = Phase::kStart;
  is_chunked_ = false;
  wants_keep_alive_ = true;
  expects_continue_ = false;
  is_body_discarded_ = false;
}

RequestParser::Progress RequestParser::parse(std::span<const char> bytes) {
  switch (phase_) {
    case Phase::kStart: {
      // RFC 9112 section 2.2: empty lines before a request-line are ignored; here within the bound of a head.
      std::size_t skipped = 0;
      while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) {
        const char expected = kept_head_.size() % 2 == 0 ? '\r' : '\n';
        if (bytes[skipped] != expected || kept_head_.size() >= limits_.head_bytes) return refuse_malformed();
        kept_head_ += bytes[skipped++];
      }
      if (skipped == bytes.size()) return {Step::kNeedMore, skipped};
      if (kept_head_.size() % 2 != 0) return refuse_malformed();
      kept_head_.clear();
      phase_ = Phase::kHead;
      llhttp_reset(&head_->parser);
      head_->is_done = false;
      Progress progress = parse_head(bytes.subspan(skipped));
      progress.consumed += skipped;
      return progress;
    }
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
    case Phase::kRefused:
      break;
  }
  return {Step::kRefused, 0};
}

RequestParser::Progress RequestParser::parse_head(std::span<const char> bytes) {
  head_->chunk = bytes.data();
  head_->chunk_offset = static_cast<std::uint32_t>(kept_head_.size());
  const llhttp_errno_t error = llhttp_execute(&head_->parser, bytes.data(), bytes.size());
  if (head_->is_done) return end_head(bytes);
  if (error == HPE_USER) return refuse(refusal_.status, refusal_.reason, refusal_.detail);
  if (error != HPE_OK) {
    // An error within the request line: its whole text decides between 400, 501 and 505.
    if (!request_.fields_.empty()) return refuse_malformed();
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
  const Refusal refusal = classify_request_line(std::string_view(kept_head_).substr(0, line_feed));
  return refuse(refusal.status, refusal.reason, refusal.detail);
}

Refusal RequestParser::classify_request_line(std::string_view line) const {
  const Refusal malformed{400, "malformed-request", "The request is malformed."};
  if (line.empty() || line.back() != '\r') return malformed;
  line.remove_suffix(1);
  const std::string_view method = base::take_until(line, ' ');
  const std::string_view target = base::take_until(line, ' ');
  const bool is_version = line.size() == 8 && line.starts_with("HTTP/") && base::is_digit(line[5]) && line[6] == '.' &&
                          base::is_digit(line[7]);
  const bool is_target = !target.empty() && std::all_of(target.begin(), target.end(), [](char c) {
    return c > ' ' && c < 0x7f;
  });
  if (!syntax::is_token(method) || !is_target || !is_version) return malformed;
  if (line != "HTTP/1.1" && line != "HTTP/1.0") {
    return {505, "version-not-supported", "This server speaks HTTP/1.1 and HTTP/1.0."};
  }
  const bool is_known = std::find(kMethodNames.begin(), kMethodNames.end(), method) != kMethodNames.end();
  if (!is_known) return {501, "method-not-implemented", "This server does not implement the request method."};
  if (target.size() > limits_.target_bytes) {
    return {414, "target-too-long", "The request target is longer than this server reads."};
  }
  return malformed;
}

RequestParser::Progress RequestParser::end_head(std::span<const char> bytes) {
  std::size_t available = bytes.size();
  if (head_->chunk_offset != 0) {
    kept_head_.append(bytes.data(), bytes.size());
    request_.base_ = kept_head_.data();
    available = kept_head_.size();
  } else {
    request_.base_ = bytes.data();
  }
  if (!check_request_line(available) || !check_fields(available) || !check_target()) {
    return refuse(refusal_.status, refusal_.reason, refusal_.detail);
  }
  if (head_bytes_ > limits_.head_bytes || request_.target_.length > limits_.target_bytes) return refuse_head_size();
  const std::size_t consumed = head_bytes_ - head_->chunk_offset;
  if (head_->chunk_offset != 0) kept_head_.resize(head_bytes_);
  if (!has_body()) {
    phase_ = Phase::kComplete;
    return {Step::kComplete, consumed};
  }
  // Views made at kHead stay good: the head is moved now if the content is not wholly here.
  const bool is_whole = !is_chunked_ && content_length_ <= bytes.size() - consumed;
  if (!is_whole && head_->chunk_offset == 0) {
    kept_head_.assign(bytes.data(), head_bytes_);
    request_.base_ = kept_head_.data();
  }
  phase_ = is_chunked_ ? Phase::kChunkedBody : Phase::kFixedBody;
  return {Step::kHead, consumed};
}

bool RequestParser::check_request_line(std::size_t available) {
  const char* const base = request_.base_;
  const auto method = method_of(head_->parser.method);
  const Request::Span target = request_.target_;
  constexpr std::size_t kTailBytes = std::string_view(" HTTP/1.1\r\n").size();
  if (target.length == 0 || target.end() + kTailBytes > available) return fail_malformed();
  const std::string_view line(base, target.end() + kTailBytes - 1);
  const std::string_view tail(base + target.end(), kTailBytes);
  const bool is_regular = method && base[target.offset - 1] == ' ' && base[target.offset - 2] != ' ' &&
                          tail.starts_with(" HTTP/1.") && tail.ends_with("\r\n") && (tail[8] == '0' || tail[8] == '1');
  if (!is_regular) {
    refusal_ = classify_request_line(line.substr(0, line.find('\n')));
    return false;
  }
  request_.method_ = *method;
  request_.minor_version_ = tail[8] - '0';
  return true;
}

// Invariant that makes the head unambiguous: a field's line starts where the line before ended, and ends in CRLF.
bool RequestParser::check_fields(std::size_t available) {
  const char* const base = request_.base_;
  std::uint32_t at = request_.target_.end() + 11;
  FieldChecker checker;
  for (Request::FieldSpan& field : request_.fields_) {
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
  head_bytes_ = at + 2;
  return decide_framing(checker);
}

bool RequestParser::decide_framing(const FieldChecker& checker) {
  const FieldChecker::Verdict verdict = checker.judge(request_.minor_version_);
  if (verdict.refusal.status != 0) {
    refusal_ = verdict.refusal;
    return false;
  }
  is_chunked_ = verdict.is_chunked;
  content_length_ = verdict.content_length;
  wants_keep_alive_ = verdict.wants_keep_alive;
  expects_continue_ = verdict.expects_continue;
  return true;
}

// RFC 9112 section 3.2: origin-form, absolute-form, or "*" for OPTIONS. Authority-form goes with CONNECT only.
bool RequestParser::check_target() {
  const std::string_view target = request_.target();
  Request::Span path = request_.target_;
  if (request_.method_ == Method::kConnect || request_.method_ == Method::kTrace) {
    return fail(501, "method-not-implemented", "This server does not implement the request method.");
  }
  if (target == "*" && request_.method_ == Method::kOptions) {
    request_.path_ = path;
    return true;
  }
  if (target.front() != '/') {
    constexpr std::string_view kScheme = "http://";
    if (!base::equals_ignoring_case(target.substr(0, kScheme.size()), kScheme)) return fail_malformed();
    const std::size_t end = std::min(target.find_first_of("/?", kScheme.size()), target.size());
    const std::string_view authority = target.substr(kScheme.size(), end - kScheme.size());
    if (!syntax::is_host(authority)) return fail_malformed();
    request_.host_ = {path.offset + static_cast<std::uint32_t>(kScheme.size()),
                      static_cast<std::uint32_t>(authority.size())};
    path.offset += static_cast<std::uint32_t>(end);
    path.length -= static_cast<std::uint32_t>(end);
  }
  const std::string_view rest = request_.text(path);
  const std::size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    request_.query_ = {path.offset + static_cast<std::uint32_t>(question) + 1,
                       static_cast<std::uint32_t>(rest.size() - question - 1)};
    path.length = static_cast<std::uint32_t>(question);
    if (!syntax::all(request_.raw_query(), syntax::kQuery | syntax::kPercent)) return fail_malformed();
  }
  request_.path_ = path;
  return true;
}

bool RequestParser::set_body_limit(std::uint64_t bytes_max) {
  if (!is_chunked_) {
    if (content_length_ > bytes_max) {
      return fail(413, "body-too-large", "The content is longer than this resource takes.");
    }
    return true;
  }
  chunks_.begin(limits_, bytes_max);
  return true;
}

void RequestParser::detach() {
  request_.body_ = {};
  if (request_.base_ == kept_head_.data() || !is_head_complete()) return;
  kept_head_.assign(request_.base_, head_bytes_);
  request_.base_ = kept_head_.data();
}

RequestParser::Progress RequestParser::parse_fixed_body(std::span<const char> bytes) {
  const std::uint64_t left = content_length_ - body_bytes_received_;
  const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size()));
  const bool is_whole = taken == content_length_;
  body_bytes_received_ += taken;
  if (is_whole) {
    request_.body_ = {bytes.data(), taken};
  } else if (!is_body_discarded_) {
    if (kept_body_.empty()) kept_body_.reserve(std::min(content_length_, kBodyReserveMax));
    kept_body_.append(bytes.data(), taken);
  }
  if (body_bytes_received_ < content_length_) return {Step::kNeedMore, taken};
  if (!is_whole) request_.body_ = kept_body_;
  phase_ = Phase::kComplete;
  return {Step::kComplete, taken};
}

RequestParser::Progress RequestParser::parse_chunked_body(std::span<const char> bytes) {
  const ChunkedDecoder::Progress progress = chunks_.decode(bytes, kept_body_);
  if (progress.refusal) {
    return refuse(progress.refusal->status, progress.refusal->reason, progress.refusal->detail);
  }
  body_bytes_received_ += progress.consumed;
  if (is_body_discarded_) kept_body_.clear();
  if (!progress.is_complete) return {Step::kNeedMore, progress.consumed};
  request_.body_ = kept_body_;
  phase_ = Phase::kComplete;
  return {Step::kComplete, progress.consumed};
}

RequestParser::Progress RequestParser::refuse(int status, std::string_view reason, std::string_view detail) {
  refusal_ = {status, reason, detail};
  phase_ = Phase::kRefused;
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

bool RequestParser::fail_malformed() { return fail(400, "malformed-request", "The request is malformed."); }

}  // namespace weir::http
