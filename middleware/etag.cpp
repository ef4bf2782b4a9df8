// SPDX-License-Identifier: MIT
#include <middleware/etag.hpp>

#include <middleware/internal/response_fields.hpp>
#include <weir/base/text.hpp>
#include <weir/http/date.hpp>
#include <weir/http/preconditions.hpp>
#include <weir/http/problem.hpp>

#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming): xxhash's
#include <xxhash.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::middleware {
namespace {

constexpr int kOk = 200;
constexpr int kNotModifiedStatus = 304;
constexpr int kFailedStatus = 412;

// What a 304 leaves out: it would say again what the client knows. Last-Modified goes where there is an ETag.
constexpr std::array<std::string_view, 4> kOfContent{"Content-Type", "Content-Encoding", "Content-Language",
                                                     "Content-Disposition"};

bool is_read(http::Method method) {
  return method == http::Method::kGet || method == http::Method::kHead;
}

/// What the fields of a response say.
struct Findings {
  std::string_view media_type;
  std::string_view coding;
  std::string_view etag;
  std::string_view last_modified;
  bool must_not_be_stored = false;
};

Findings look_at(const http::Response& response) {
  using base::equals_ignoring_case;
  Findings findings;
  internal::for_each_field(response, [&findings](std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "Content-Type")) {
      findings.media_type = value;
    } else if (equals_ignoring_case(name, "Content-Encoding")) {
      findings.coding = value;
    } else if (equals_ignoring_case(name, "ETag")) {
      findings.etag = value;
    } else if (equals_ignoring_case(name, "Last-Modified")) {
      findings.last_modified = value;
    } else if (equals_ignoring_case(name, "Cache-Control")) {
      findings.must_not_be_stored = findings.must_not_be_stored || internal::has_member(value, "no-store");
    }
  });
  return findings;
}

using Tag = std::array<char, 34>;  // 128 bits in quotes

Tag make_tag(const Findings& findings, std::string_view body) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const XXH64_hash_t type = XXH3_64bits(findings.media_type.data(), findings.media_type.size());
  const XXH64_hash_t seed = XXH3_64bits_withSeed(findings.coding.data(), findings.coding.size(), type);
  XXH128_canonical_t hash{};
  XXH128_canonicalFromHash(&hash, XXH3_128bits_withSeed(body.data(), body.size(), seed));
  Tag tag{'"'};
  std::size_t at = 1;
  for (const unsigned char byte : hash.digest) {
    tag[at++] = kDigits[byte >> 4U];
    tag[at++] = kDigits[byte & 0xfU];
  }
  tag[at] = '"';
  return tag;
}

void become_not_modified(http::Response& response) {
  response.body("");
  response.status(kNotModifiedStatus);
  for (const std::string_view name : kOfContent) response.remove_header(name);
  if (response.header("ETag")) response.remove_header("Last-Modified");
}

}  // namespace

void ETag::after(routing::Context& context, http::Response& response) const {
  if (response.status() != kOk || !is_read(context.request().method()) || context.is_content_transformed()) return;
  const Findings findings = look_at(response);
  http::Validators validators{findings.etag, http::parse_date(findings.last_modified)};
  const std::string_view body = response.body();
  const bool is_due = findings.etag.empty() && !findings.must_not_be_stored && !body.empty();
  Tag tag{};
  if (is_due && body.size() <= options_.bytes_max) {
    tag = make_tag(findings, body);
    validators.etag = {tag.data(), tag.size()};
    response.add_header("ETag", validators.etag);
  }
  if (validators.etag.empty() && !validators.last_modified) return;
  switch (http::evaluate(context.request(), validators)) {
    case http::Precondition::kHolds:
      break;
    case http::Precondition::kNotModified:
      become_not_modified(response);
      break;
    case http::Precondition::kFailed:
      if (!context.is_answer_streamed()) response = http::problem(kFailedStatus);
      break;
  }
}

}  // namespace weir::middleware
