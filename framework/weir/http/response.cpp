// SPDX-License-Identifier: MIT
#include <weir/http/response.hpp>

#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>
#include <weir/loop/read_only_file.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <stdexcept>

namespace weir::http {
namespace {

using base::equals_ignoring_case;

constexpr std::string_view kContentType = "Content-Type";
constexpr std::array<std::string_view, 4> kMediaTypes{"", "text/plain; charset=utf-8", "application/json",
                                                      "application/problem+json"};

// They frame the message or belong to the connection, which knows better.
constexpr std::array<std::string_view, 6> kFrameworkFields{"content-length", "transfer-encoding", "connection",
                                                           "date",           "keep-alive",        "upgrade"};

void check_field(std::string_view name, std::string_view value) {
  if (!syntax::is_token(name)) throw std::invalid_argument("a response header name is not a token");
  for (const char c : value) {
    if (!syntax::is(c, syntax::kFieldValue)) {
      throw std::invalid_argument("the response header '" + std::string(name) +
                                  "' has a control character in its value");
    }
  }
  for (const std::string_view reserved : kFrameworkFields) {
    if (equals_ignoring_case(name, reserved)) {
      throw std::invalid_argument("the response header '" + std::string(name) + "' is set by the framework");
    }
  }
}

}  // namespace

Response Response::text(std::string_view body) {
  Response response;
  response.set_text(body);
  return response;
}

Response Response::text(std::string&& body) {
  Response response;
  response.brief_.media_type = MediaType::kText;
  response.take_body(std::move(body));
  return response;
}

Response Response::html(std::string body) {
  return content(std::move(body), "text/html; charset=utf-8");
}

Response Response::content(std::string body, std::string_view media_type) {
  Response response;
  response.set_header("Content-Type", media_type);
  response.take_body(std::move(body));
  return response;
}

Response Response::json_text(std::string_view json) {
  Response response;
  response.set_json(json);
  return response;
}

Response Response::redirect(std::string_view location, int status) {
  Response response(status);
  response.set_header("Location", location);
  return response;
}

Response Response::file(std::string path) {
  Response response;
  response.large_body_ = path.empty() ? "." : std::move(path);  // no regular file either
  response.brief_.is_file = true;
  return response;
}

Response Response::file(std::string path, std::string_view media_type) {
  Response response = file(std::move(path));
  response.set_header(kContentType, media_type);
  return response;
}

Response& Response::set_file(std::shared_ptr<const loop::ReadOnlyFile> file, std::uint64_t offset,
                             std::uint64_t length) {
  take_body(std::string(file->path()));
  brief_.is_file = true;
  file_part_ = std::make_shared<const FilePart>(FilePart{std::move(file), offset, length});
  return *this;
}

Response& Response::status(int status) {
  if (status < 200 || status > 599) {
    throw std::invalid_argument("a response status is between 200 and 599, not " + std::to_string(status));
  }
  brief_.status = static_cast<std::uint16_t>(status);
  return *this;
}

// An assignment would keep the memory.
void Response::clear_large_body() {
  std::string().swap(large_body_);
  file_part_.reset();
}

Response& Response::set_large_body(std::string_view body) {
  small_body_.clear();
  brief_.is_file = false;
  if (file_part_) file_part_.reset();
  large_body_ = body;
  return *this;
}

Response& Response::body(std::string&& body) {
  take_body(std::move(body));
  return *this;
}

void Response::take_body(std::string&& body) {
  small_body_.clear();
  brief_.is_file = false;
  if (file_part_) file_part_.reset();
  large_body_ = std::move(body);
}

std::optional<Response::Line> Response::find_line(std::string_view name) const {
  const std::string_view lines = fields_.view();
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at) + 1;
    if (lines[at + std::min(name.size(), end - at - 1)] == ':' &&
        equals_ignoring_case(lines.substr(at, name.size()), name)) {
      return Line{at, end - at};
    }
    at = end;
  }
  return std::nullopt;
}

// A value that was read from this response moves while the fields change.
bool Response::is_own(std::string_view value) const {
  const std::string_view lines = fields_.view();
  const std::less<const char*> before;
  return !before(value.data(), lines.data()) && before(value.data(), lines.data() + lines.size());
}

Response& Response::set_header(std::string_view name, std::string_view value) {
  if (is_own(value)) return set_header(name, std::string(value));
  check_field(name, value);
  remove_header(name);
  return add_header(name, value);
}

Response& Response::add_header(std::string_view name, std::string_view value) {
  if (brief_.media_type != MediaType::kOther && equals_ignoring_case(name, kContentType))
    return set_header(name, value);
  if (is_own(value)) return add_header(name, std::string(value));
  check_field(name, value);
  fields_.append(name);
  fields_.append(": ");
  fields_.append(value);
  fields_.append("\r\n");
  return *this;
}

Response& Response::remove_header(std::string_view name) {
  if (equals_ignoring_case(name, kContentType)) brief_.media_type = MediaType::kOther;
  while (const auto line = find_line(name)) fields_.erase(line->offset, line->length);
  return *this;
}

std::optional<std::string_view> Response::header(std::string_view name) const {
  if (brief_.media_type != MediaType::kOther && equals_ignoring_case(name, kContentType)) {
    return kMediaTypes[static_cast<std::size_t>(brief_.media_type)];
  }
  const auto line = find_line(name);
  if (!line) return std::nullopt;
  return base::trim(fields_.view().substr(line->offset + name.size() + 1, line->length - name.size() - 3));
}

}  // namespace weir::http
