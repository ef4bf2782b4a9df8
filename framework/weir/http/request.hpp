// SPDX-License-Identifier: MIT
// A request as it was received.
#pragma once

#include <weir/http/method.hpp>
#include <weir/http/path.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace weir::http {

/// One field line: the name as sent, the value without surrounding white space.
struct Field {
  std::string_view name;
  std::string_view value;
};

/// Method, target, fields and content. The head is kept as offsets into its bytes, so that it survives their move.
///
/// Thread:    the loop's, while a handler runs inline.
/// Ownership: every view points into the request and ends with it.
/// Source:    RFC 9112 sections 3, 5 and 6.
class Request {
 public:
  Method method() const { return method_; }
  /// The request target as sent, absolute-form included.
  std::string_view target() const { return text(target_); }
  /// The target's path, still percent-encoded; "*" for the asterisk-form.
  std::string_view raw_path() const { return text(path_); }
  /// The path's segments, each percent-decoded once; none for the asterisk-form.
  std::span<const std::string_view> segments() const { return segments_.segments(); }
  /// What follows the first '?', still percent-encoded; "" when there is none.
  std::string_view raw_query() const { return text(query_); }
  /// 1 for HTTP/1.1, 0 for HTTP/1.0.
  int minor_version() const { return minor_version_; }
  /// The authority that was asked: the target's in absolute-form, else the Host field; "" in HTTP/1.0 without one.
  std::string_view host() const { return text(host_); }

  /// The first field of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const;
  std::size_t field_count() const { return field_count_; }
  Field field(std::size_t index) const { return {text(fields_[index].name), text(fields_[index].value)}; }

  /// The content, decoded from its transfer coding.
  std::string_view body() const { return body_; }

 private:
  friend class RequestParser;

  struct Span {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
    std::uint32_t end() const { return offset + length; }
  };
  struct FieldSpan {
    Span name;
    Span value;
  };
  std::string_view text(Span span) const { return {base_ + span.offset, span.length}; }

  const char* base_ = "";
  Span target_;
  Span path_;
  Span query_;
  Span host_;
  std::vector<FieldSpan> fields_;  // the first field_count_ count; the rest is room
  std::size_t field_count_ = 0;
  PathSegments segments_;
  std::string_view body_;
  Method method_ = Method::kGet;
  int minor_version_ = 1;
};

}  // namespace weir::http
