// SPDX-License-Identifier: MIT
#include <middleware/compression.hpp>

#include <middleware/internal/content_encoder.hpp>
#include <middleware/internal/response_fields.hpp>
#include <middleware/internal/vary.hpp>
#include <weir/base/text.hpp>
#include <weir/http/content_coding.hpp>
#include <weir/http/status.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::middleware {
namespace {

using base::equals_ignoring_case;
using internal::Coding;

constexpr int kPartialContent = 206;
constexpr int kResetContent = 205;
constexpr int kNotModified = 304;

// They tell the content's bytes, which would not be these any more.
constexpr std::array<std::string_view, 6> kFixingFields{"Content-Encoding", "Content-Range", "Content-Digest",
                                                        "Repr-Digest",      "Digest",        "Content-MD5"};

/// What the fields of a response say; one walk over them.
struct Findings {
  std::string_view media_type;
  std::string_view etag;
  bool must_stay = false;
};

Findings look_at(const http::Response& response) {
  Findings findings;
  internal::for_each_field(response, [&findings](std::string_view name, std::string_view value) {
    if (equals_ignoring_case(name, "Content-Type")) {
      findings.media_type = base::trim(base::take_until(value, ';'));
    } else if (equals_ignoring_case(name, "ETag")) {
      findings.etag = value;
    } else if (equals_ignoring_case(name, "Cache-Control")) {
      findings.must_stay = findings.must_stay || internal::has_member(value, "no-transform");
    } else {
      const auto fixes = [name](std::string_view one) { return equals_ignoring_case(one, name); };
      findings.must_stay = findings.must_stay || std::any_of(kFixingFields.begin(), kFixingFields.end(), fixes);
    }
  });
  return findings;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && equals_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

// Equal content is not equal bytes any more. Source: RFC 9110 section 8.8.1.
void weaken(http::Response& response, std::string_view etag) {
  if (etag.starts_with('"')) response.set_header("ETag", "W/" + std::string(etag));
}

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("Compression: " + why);
}

int level_of(const CompressionOptions& options, Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return options.gzip_level;
    case Coding::kBrotli:
      return options.brotli_level;
    case Coding::kZstd:
      break;
  }
  return options.zstd_level;
}

}  // namespace

// ---- set-up ----

Compression::Compression(const CompressionOptions& options) : min_bytes_(options.min_bytes) {
  for (const std::string& name : options.codings) {
    const auto coding = internal::find_coding(name);
    if (!coding) refuse("codings are of zstd, br and gzip, not \"" + base::escape_for_log(name) + "\"");
    add_coding(name, level_of(options, *coding));
  }
  if (codings_.empty()) refuse("there is no coding");
  for (const std::string& type : options.types) add_type(type);
}

void Compression::add_coding(const std::string& name, int level) {
  const auto& traits = internal::kCodings[static_cast<std::size_t>(*internal::find_coding(name))];
  if (std::find(codings_.begin(), codings_.end(), traits.name) != codings_.end()) refuse(name + " is there twice");
  if (level < traits.level_min || level > traits.level_max) {
    refuse("the level of " + name + " is between " + std::to_string(traits.level_min) + " and " +
           std::to_string(traits.level_max) + ", not " + std::to_string(level));
  }
  codings_.push_back(traits.name);
  levels_.push_back(level);
}

void Compression::add_type(std::string_view type) {
  const std::size_t slash = type.find('/');
  const bool is_suffix = type.starts_with('+');
  const bool is_kind = slash != std::string_view::npos && type.substr(slash + 1) == "*";
  const bool is_fine = is_suffix ? http::syntax::is_token(type.substr(1))
                                 : slash != std::string_view::npos && http::syntax::is_token(type.substr(0, slash)) &&
                                       http::syntax::is_token(type.substr(slash + 1));
  if (!is_fine) {
    refuse("\"" + base::escape_for_log(type) + "\" is no media type, all of a kind (text/*) or suffix (+json)");
  }
  if (is_suffix) {
    suffixes_.emplace_back(type);
  } else if (is_kind) {
    prefixes_.emplace_back(type.substr(0, slash + 1));
  } else {
    types_.emplace_back(type);
  }
}

// ---- the hook ----

// What can be said without a look at the fields.
bool Compression::may_code(routing::Context& context, const http::Response& response) const {
  const int status = response.status();
  if (status == kNotModified) return true;
  if (http::forbids_content(status) || status == kPartialContent || status == kResetContent) return false;
  if (response.is_file()) return response.file_part() == nullptr || response.file_part()->length >= min_bytes_;
  if (response.body().empty()) return context.is_answer_streamed();
  return response.body().size() >= min_bytes_;
}

bool Compression::is_listed(std::string_view media_type) const {
  const auto is_it = [media_type](std::string_view type) { return equals_ignoring_case(media_type, type); };
  const auto begins_it = [media_type](std::string_view kind) { return starts_with_ignoring_case(media_type, kind); };
  const auto ends_it = [media_type](std::string_view suffix) { return ends_with_ignoring_case(media_type, suffix); };
  return std::any_of(prefixes_.begin(), prefixes_.end(), begins_it) ||
         std::any_of(suffixes_.begin(), suffixes_.end(), ends_it) || std::any_of(types_.begin(), types_.end(), is_it);
}

void Compression::after(routing::Context& context, http::Response& response) const {
  if (!may_code(context, response) || context.is_content_transformed()) return;
  const Findings findings = look_at(response);
  // A 304 need not say its type: then it says what the 200 may have said.
  const bool is_unmodified = response.status() == kNotModified;
  const bool is_type_listed = findings.media_type.empty() ? is_unmodified : is_listed(findings.media_type);
  if (findings.must_stay || !is_type_listed) return;
  const std::string etag(findings.etag);
  internal::add_vary(response, "Accept-Encoding");
  const std::string_view coding = http::choose_coding(context.request(), codings_);
  if (coding.empty()) return;
  if (!is_unmodified) encode(context, response, coding);
  weaken(response, etag);
}

void Compression::encode(routing::Context& context, http::Response& response, std::string_view coding) const {
  const std::size_t size = response.body().size();  // 0 where it comes from a file or in pieces
  const auto index = static_cast<std::size_t>(std::find(codings_.begin(), codings_.end(), coding) - codings_.begin());
  auto encoder = internal::make_encoder(*internal::find_coding(coding), levels_[index],
                                        size > 0 ? std::optional(size) : std::nullopt);
  context.transform_content(std::move(encoder));
  response.set_header("Content-Encoding", coding);
  response.remove_header("Accept-Ranges");
}

}  // namespace weir::middleware
