// SPDX-License-Identifier: MIT
#include <tests/model/answer_reader.hpp>

#include <charconv>

namespace weir::model {
namespace {

// The value of a field, as our own server writes it.
std::optional<std::string_view> field(std::string_view head, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(start);
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t begin = at + start.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

std::size_t number(std::string_view text, int base = 10) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

}  // namespace

std::optional<Answer> AnswerReader::fail(std::string_view what) {
  if (fault_.empty()) fault_ = std::string(what) + ": " + rest_.substr(0, 300);
  return std::nullopt;
}

bool AnswerReader::skip_interim() {
  while (rest_.starts_with("HTTP/1.1 1")) {
    const std::size_t end = rest_.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    if (rest_.starts_with("HTTP/1.1 102")) ++processing_;
    rest_.erase(0, end + 4);
  }
  return true;
}

// Where the content ends, once it is all here.
std::optional<std::size_t> AnswerReader::read_chunks(std::size_t from, std::string& body) {
  while (true) {
    const std::size_t line = rest_.find("\r\n", from);
    if (line == std::string::npos) return std::nullopt;
    const std::size_t size = number(std::string_view(rest_).substr(from, line - from), 16);
    const std::size_t end = line + 2 + size + 2;
    if (rest_.size() < end) return std::nullopt;
    if (rest_.compare(end - 2, 2, "\r\n") != 0) {
      fail("a chunk without its end");
      return std::nullopt;
    }
    body.append(rest_, line + 2, size);
    if (size == 0) return end;
    from = end;
  }
}

std::optional<Answer> AnswerReader::next(bool is_head, bool is_1_0) {
  if (!fault_.empty() || !skip_interim()) return std::nullopt;
  const std::size_t head_end = rest_.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  if (!rest_.starts_with("HTTP/1.1 ")) return fail("no status line");
  const std::string_view head = std::string_view(rest_).substr(0, head_end + 2);
  Answer answer;
  answer.status = static_cast<int>(number(head.substr(9, 3)));
  answer.id = static_cast<int>(number(field(head, "X-Id").value_or("0")));
  answer.closes = field(head, "Connection").value_or("") == "close" || is_1_0;
  const auto length = field(head, "Content-Length");
  const bool is_chunked = field(head, "Transfer-Encoding").has_value();
  std::size_t end = head_end + 4;
  if (is_chunked && (length || is_1_0)) return fail("chunks that do not belong there");
  if (is_head || answer.status == 204 || answer.status == 304) {
    // No content.
  } else if (is_chunked) {
    const auto chunks_end = read_chunks(end, answer.body);
    if (!chunks_end) return std::nullopt;
    end = *chunks_end;
  } else if (length) {
    const std::size_t bytes = number(*length);
    if (rest_.size() < end + bytes) return std::nullopt;
    answer.body = rest_.substr(end, bytes);
    end += bytes;
  } else {
    if (!answer.closes) return fail("content without an end");
    if (!is_ended_) return std::nullopt;
    answer.body = rest_.substr(end);
    end = rest_.size();
  }
  rest_.erase(0, end);
  return answer;
}

}  // namespace weir::model
