// SPDX-License-Identifier: MIT
#include <weir/http/response_writer.hpp>

#include <weir/base/short_copy.hpp>
#include <weir/http/status.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace weir::http {
namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\n";
constexpr std::string_view kTextLine = "Content-Type: text/plain; charset=utf-8\r\n";
constexpr std::string_view kJsonLine = "Content-Type: application/json\r\n";
constexpr std::string_view kProblemLine = "Content-Type: application/problem+json\r\n";
constexpr std::string_view kNothing = "";  // not null, which memcpy may not be given
constexpr std::string_view kChunked = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kKeepAlive = "Connection: keep-alive\r\n";
// Status line, Content-Type, Content-Length, Connection and line ends, generously.
constexpr std::size_t kHeadRoomBytes = 256;

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_status_line(char* at, int status) {
  if (status == 200) return put(at, kOk);
  const std::string_view line = status_line(status);
  if (!line.empty()) return put(at, line);
  at = put(at, "HTTP/1.1 ");
  at = std::to_chars(at, at + 3, status).ptr;
  return put(at, " \r\n");
}

// Each text has a length known here, so that copying it takes a few moves and no call.
char* put_content_type(char* at, Response::MediaType type) {
  switch (type) {
    case Response::MediaType::kText:
      return put(at, kTextLine);
    case Response::MediaType::kJson:
      return put(at, kJsonLine);
    case Response::MediaType::kProblem:
      return put(at, kProblemLine);
    case Response::MediaType::kOther:
      break;
  }
  return at;
}

// "000102...99"
constexpr auto kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

char* put_number(char* at, std::size_t number) {
  if (number >= 100) return std::to_chars(at, at + 20, number).ptr;
  if (number >= 10) {
    std::memcpy(at, &kTwoDigits[2 * number], 2);
    return at + 2;
  }
  *at = static_cast<char>('0' + number);
  return at + 1;
}

}  // namespace

void OutputBuffer::grow(std::size_t bytes) {
  const std::size_t capacity = std::max({capacity_ * 2, size_ + bytes, std::size_t{4096}});
  std::unique_ptr<char[]> grown(new char[capacity]);
  if (size_ != 0) std::memcpy(grown.get(), data_.get(), size_);
  data_ = std::move(grown);
  capacity_ = capacity;
}

void append_stream_head(OutputBuffer& out, const Response& response, const ResponseFraming& framing,
                        std::optional<std::uint64_t> length) {
  const std::string_view fields = response.field_lines();
  char* at = out.reserve(kHeadRoomBytes + fields.size());
  at = put_status_line(at, response.status());
  at = put_content_type(at, response.media_type());
  at = put(at, fields);
  if (forbids_content(response.status())) {
    at = put(at, framing.date.alone());
  } else if (length) {
    at = put(at, framing.date.with_content_length());
    at = std::to_chars(at, at + 20, *length).ptr;
    at = put(at, "\r\n");
  } else {
    at = put(at, framing.date.alone());
    if (framing.minor_version == 1) at = put(at, kChunked);
  }
  if (!framing.keeps_alive) {
    at = put(at, kClose);
  } else if (framing.minor_version == 0) {
    at = put(at, kKeepAlive);
  }
  out.commit(put(at, "\r\n"));
}

std::string_view append_response(OutputBuffer& out, const Response& response, const ResponseFraming& framing) {
  const std::string_view fields = response.field_lines();
  const bool is_ok = response.status() == 200;
  const bool has_content = is_ok || !forbids_content(response.status());
  // RFC 9110 section 15.3.6: a 205 has a length, and it is 0.
  const std::string_view body = is_ok || (has_content && response.status() != 205) ? response.body() : kNothing;
  const std::string_view sent_body = framing.is_head ? kNothing : body;
  const bool is_inline = sent_body.size() <= kInlineBodyBytes;

  char* at = out.reserve(kHeadRoomBytes + fields.size() + (is_inline ? sent_body.size() : 0));
  at = put_status_line(at, response.status());
  at = put_content_type(at, response.media_type());
  if (!fields.empty()) at = put(at, fields);
  if (has_content) {
    at = put(at, framing.date.with_content_length());
    at = put_number(at, body.size());
    at = put(at, "\r\n");
  } else {
    at = put(at, framing.date.alone());
  }
  if (!framing.keeps_alive) {
    at = put(at, kClose);
  } else if (framing.minor_version == 0) {
    at = put(at, kKeepAlive);
  }
  at = put(at, "\r\n");
  if (is_inline) {
    base::short_copy(at, sent_body.data(), sent_body.size());
    at += sent_body.size();
  }
  out.commit(at);
  return is_inline ? kNothing : sent_body;
}

}  // namespace weir::http
