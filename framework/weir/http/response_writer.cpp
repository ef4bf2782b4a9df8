// SPDX-License-Identifier: MIT
#include <weir/http/response_writer.hpp>

#include <weir/http/status.hpp>

#include <algorithm>
#include <charconv>

namespace weir::http {
namespace {

constexpr std::string_view kContentLength = "Content-Length: ";
constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kKeepAlive = "Connection: keep-alive\r\n";
// Status line, Content-Length, Connection and line ends, generously.
constexpr std::size_t kHeadRoomBytes = 256;

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_status_line(char* at, int status) {
  const std::string_view line = status_line(status);
  if (!line.empty()) return put(at, line);
  at = put(at, "HTTP/1.1 ");
  at = std::to_chars(at, at + 3, status).ptr;
  return put(at, " \r\n");
}

char* put_content_length(char* at, std::size_t length) {
  at = put(at, kContentLength);
  at = std::to_chars(at, at + 20, length).ptr;
  return put(at, "\r\n");
}

}  // namespace

void OutputBuffer::grow(std::size_t bytes) {
  const std::size_t capacity = std::max({capacity_ * 2, size_ + bytes, std::size_t{4096}});
  std::unique_ptr<char[]> grown(new char[capacity]);
  if (size_ != 0) std::memcpy(grown.get(), data_.get(), size_);
  data_ = std::move(grown);
  capacity_ = capacity;
}

std::string_view append_response(OutputBuffer& out, const Response& response, const ResponseFraming& framing) {
  const std::string_view fields = response.field_lines();
  const bool has_content = !forbids_content(response.status());
  const std::string_view body = has_content ? response.body() : std::string_view();
  const std::string_view sent_body = framing.is_head ? std::string_view() : body;
  const bool is_inline = sent_body.size() <= kInlineBodyBytes;

  char* at = out.reserve(kHeadRoomBytes + fields.size() + framing.date_line.size() + (is_inline ? sent_body.size() : 0));
  at = put_status_line(at, response.status());
  at = put(at, fields);
  at = put(at, framing.date_line);
  if (has_content) at = put_content_length(at, body.size());
  if (!framing.keeps_alive) {
    at = put(at, kClose);
  } else if (framing.minor_version == 0) {
    at = put(at, kKeepAlive);
  }
  at = put(at, "\r\n");
  if (is_inline) at = put(at, sent_body);
  out.commit(at);
  return is_inline ? std::string_view() : sent_body;
}

}  // namespace weir::http
