// SPDX-License-Identifier: MIT
// A response as a handler makes it.
#pragma once

#include <weir/base/small_text.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::loop {
class ReadOnlyFile;
}

namespace weir::http {

/// Status, fields and content. Short ones live inside the object: a small answer allocates nothing.
///
/// The framework adds Date, Content-Length and Connection by itself and refuses those set here.
///
/// Thread: as any value.
/// Errors: set_header and add_header throw std::invalid_argument for a name that is no token, a value with CR, LF, NUL
///         or another control byte (RFC 9110 section 5.5), or a field that belongs to the framework; status() throws
///         for a number outside 200 to 599.
class Response {
 public:
  /// The media types that the framework itself gives; another one is a field like any other.
  enum class MediaType : unsigned char { kOther, kText, kJson, kProblem };

  Response() = default;
  explicit Response(int status) { this->status(status); }

  /// text/plain; charset=utf-8
  static Response text(std::string_view body);
  static Response text(std::string&& body);
  static Response text(const char* body) { return text(std::string_view(body)); }
  static Response html(std::string body);
  /// Content of any media type.
  static Response content(std::string body, std::string_view media_type);
  /// JSON that is already text.
  static Response json_text(std::string_view json);
  /// Makes this response one of text, JSON or problem+json, in place; other fields and the status stay.
  Response& set_text(std::string_view text) { return set_content(MediaType::kText, text); }
  Response& set_json(std::string_view json) { return set_content(MediaType::kJson, json); }
  Response& set_problem(std::string_view json) { return set_content(MediaType::kProblem, json); }
  static Response no_content() { return Response(204); }
  /// The content of a regular file, read and sent piece by piece while other requests go on. The framework opens it
  /// once the handler has returned, and adds Content-Length, Last-Modified and, where none is set, a Content-Type by
  /// the extension of its name. 404 if there is no such regular file.
  ///
  /// The path is opened as it is: never make one from what a client sent without a check that it stays where it should.
  static Response file(std::string path);
  static Response file(std::string path, std::string_view media_type);
  /// Makes the content `length` bytes of an open file from `offset` on; the caller sees to status and fields. What the
  /// socket takes goes from the page cache to it, past this process.
  Response& set_file(std::shared_ptr<const loop::ReadOnlyFile> file, std::uint64_t offset, std::uint64_t length);
  /// A redirect to `location`; 303 unless told otherwise.
  static Response redirect(std::string_view location, int status = 303);

  int status() const { return brief_.status; }
  Response& status(int status);

  /// The content; "" where it is that of a file.
  std::string_view body() const { return large_body_.empty() ? small_body_.view() : large_body(); }
  Response& body(std::string_view body) {
    if (body.size() > kSmallBodyBytes || !large_body_.empty()) return set_large_body(body);
    small_body_.assign(body);
    return *this;
  }
  Response& body(std::string&& body);
  Response& body(const char* body_text) { return body(std::string_view(body_text)); }

  /// Replaces all fields of that name.
  Response& set_header(std::string_view name, std::string_view value);
  /// Adds one more field of that name.
  Response& add_header(std::string_view name, std::string_view value);
  /// Adds all fields of another response, but for the Content-Type that its media_type() stands for: they were checked
  /// there.
  Response& add_fields(const Response& from) {
    fields_.append(from.field_lines());
    return *this;
  }
  Response& remove_header(std::string_view name);
  std::optional<std::string_view> header(std::string_view name) const;

  /// Whether the content is that of a file.
  bool is_file() const { return brief_.is_file; }
  std::string_view file_path() const { return brief_.is_file ? std::string_view(large_body_) : ""; }
  /// Which bytes of an open file.
  struct FilePart {
    std::shared_ptr<const loop::ReadOnlyFile> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };
  /// Null where the file is to be opened yet, and all of it sent.
  const FilePart* file_part() const { return file_part_.get(); }

  /// For the framework: which body transform was set about for this response, and not for one that it replaced; 0:
  /// none.
  std::uint32_t transform_serial() const { return brief_.transform_serial; }
  void set_transform_serial(std::uint32_t serial) { brief_.transform_serial = serial; }

  /// Back to an empty 200; keeps the memory.
  void clear() {
    brief_ = Brief();
    fields_.clear();
    small_body_.clear();
    if (!large_body_.empty()) clear_large_body();
  }

  MediaType media_type() const { return brief_.media_type; }
  /// The fields as they are sent, "Name: value\r\n" each, without the Content-Type that media_type() stands for.
  std::string_view field_lines() const { return fields_.view(); }

 private:
  static constexpr std::size_t kSmallBodyBytes = 120;

  struct Line {
    std::size_t offset;
    std::size_t length;  // with its CRLF
  };
  std::optional<Line> find_line(std::string_view name) const;
  bool is_own(std::string_view value) const;
  void take_body(std::string&& body);
  void clear_large_body();
  Response& set_large_body(std::string_view body);
  std::string_view large_body() const { return brief_.is_file ? "" : std::string_view(large_body_); }

  Response& set_content(MediaType type, std::string_view content) {
    if (!fields_.empty()) remove_header("Content-Type");
    brief_.media_type = type;
    return body(content);
  }

  // Together, so that they are moved and cleared as one word.
  struct Brief {
    std::uint16_t status = 200;
    MediaType media_type = MediaType::kOther;
    bool is_file = false;  // then large_body_ is its path, never empty
    std::uint32_t transform_serial = 0;
  };
  Brief brief_;
  base::SmallText<64> fields_;  // few need more, and every suspended request holds this
  base::SmallText<kSmallBodyBytes> small_body_;
  std::string large_body_;
  std::shared_ptr<const FilePart> file_part_;
};

}  // namespace weir::http
