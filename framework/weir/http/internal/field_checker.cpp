// SPDX-License-Identifier: MIT
#include <weir/http/internal/field_checker.hpp>

#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>

#include <limits>
#include <utility>

namespace weir::http {
namespace {

using base::equals_ignoring_case;

Refusal bad_framing() {
  return {400, "malformed-framing",
          "The fields that frame the request's content are invalid or contradict each other."};
}

}  // namespace

void FieldChecker::take_rarer(std::string_view name, std::string_view value) {
  const bool was_plain = std::exchange(is_plain_, false);
  if (equals_ignoring_case(name, "connection")) {
    take_connection(value);
  } else if (equals_ignoring_case(name, "content-length")) {
    take_content_length(value);
  } else if (equals_ignoring_case(name, "transfer-encoding")) {
    take_transfer_encoding(value);
  } else if (equals_ignoring_case(name, "expect")) {
    (equals_ignoring_case(value, "100-continue") ? expects_continue_ : expects_other_) = true;
  } else {
    is_plain_ = was_plain;
  }
}

bool FieldChecker::check_host(std::string_view value) {
  const bool is_valid = syntax::is_host(value);
  if (is_valid) valid_host_ = value;
  return is_valid;
}

// Content-Length = 1*DIGIT, once. A list, even of equal values, is refused.
void FieldChecker::take_content_length(std::string_view value) {
  if (length_ != Length::kAbsent || value.empty()) {
    length_ = Length::kInvalid;
    return;
  }
  length_ = Length::kValid;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  for (const char c : value) {
    if (!base::is_digit(c)) {
      length_ = Length::kInvalid;
      return;
    }
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (content_length_ > (kMax - digit) / 10) {
      length_ = Length::kTooLarge;  // goes on: a letter further right is still malformed
    } else {
      content_length_ = content_length_ * 10 + digit;
    }
  }
}

// "chunked" alone, once. Anything before it would have to be decoded; anything after it leaves the end unknown.
void FieldChecker::take_transfer_encoding(std::string_view value) {
  while (coding_ != Coding::kInvalid) {
    const bool is_last = value.find(',') == std::string_view::npos;
    const std::string_view coding = base::trim(base::take_until(value, ','));
    if (!syntax::is_token(coding.substr(0, coding.find(';'))) || coding_ == Coding::kChunked) {
      coding_ = Coding::kInvalid;
    } else if (equals_ignoring_case(coding, "chunked")) {
      coding_ = coding_ == Coding::kAbsent ? Coding::kChunked : Coding::kUnknown;
    } else {
      coding_ = equals_ignoring_case(coding.substr(0, 7), "chunked") ? Coding::kInvalid : Coding::kUnknown;
    }
    if (is_last) return;
  }
}

void FieldChecker::take_connection(std::string_view value) {
  while (!value.empty()) {
    const std::string_view option = base::trim(base::take_until(value, ','));
    if (equals_ignoring_case(option, "close")) has_close_ = true;
    if (equals_ignoring_case(option, "keep-alive")) has_keep_alive_ = true;
  }
}

FieldChecker::Verdict FieldChecker::judge(int minor_version) const {
  Verdict verdict;
  const bool is_http_1_0 = minor_version == 0;
  verdict.wants_keep_alive = !has_close_ && (!is_http_1_0 || has_keep_alive_);
  verdict.expects_continue = expects_continue_ && !is_http_1_0;
  verdict.content_length = content_length_;
  verdict.is_chunked = coding_ == Coding::kChunked;
  if (hosts_ > 1 || (hosts_ == 0 && !is_http_1_0) || (hosts_ == 1 && !is_host_valid_)) {
    verdict.refusal = {400, "bad-host", "The request needs exactly one valid Host field."};
  } else if (length_ == Length::kInvalid || coding_ == Coding::kInvalid ||
             (coding_ != Coding::kAbsent && (length_ != Length::kAbsent || is_http_1_0))) {
    verdict.refusal = bad_framing();
  } else if (coding_ == Coding::kUnknown) {
    verdict.refusal = {501, "coding-not-implemented", "This server implements no transfer coding but chunked."};
  } else if (length_ == Length::kTooLarge) {
    verdict.refusal = {413, "body-too-large", "The content is longer than this resource takes."};
  } else if (expects_other_ && !is_http_1_0) {
    verdict.refusal = {417, "expectation-failed", "The only expectation that this server meets is 100-continue."};
  }
  return verdict;
}

}  // namespace weir::http
