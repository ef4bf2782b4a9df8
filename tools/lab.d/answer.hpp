// SPDX-License-Identifier: MIT
// Finds the end of one HTTP/1.1 answer: as much of the protocol as the services under load speak.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

namespace lab {

struct Answer {
  int status = 0;           // 0: not an answer that this parser understands.
  std::size_t size = 0;     // Bytes of head and content.
  bool keeps_alive = true;  // Whether the connection may carry another request.
};

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// The value of a field of `head`, whose lines all end in CRLF; nothing when it is not there.
inline std::optional<std::string_view> find_field(std::string_view head, std::string_view name) {
  for (auto line_end = head.find("\r\n"); line_end != std::string_view::npos; line_end = head.find("\r\n")) {
    const auto line = head.substr(0, line_end);
    head.remove_prefix(line_end + 2);
    if (line.size() > name.size() && line[name.size()] == ':' &&
        equal_ignoring_case(line.substr(0, name.size()), name)) {
      const auto value = line.substr(name.size() + 1);
      return value.substr(std::min(value.find_first_not_of(' '), value.size()));
    }
  }
  return std::nullopt;
}

/// The final answer at the front of `input`, with the interim ones before it; nothing while it is not complete.
/// Content must have a Content-Length: a chunked answer has status 0.
inline std::optional<Answer> find_answer(std::string_view input) {
  std::size_t start = 0;
  for (;;) {
    const auto head_end = input.find("\r\n\r\n", start);
    if (head_end == std::string_view::npos) {
      return std::nullopt;
    }
    const auto head = input.substr(start, head_end + 2 - start);
    Answer answer;
    if (!head.starts_with("HTTP/1.1 ") || head.size() < 14 ||
        std::from_chars(head.data() + 9, head.data() + 12, answer.status).ptr != head.data() + 12) {
      return Answer{};
    }
    start = head_end + 4;
    if (answer.status / 100 == 1) {
      continue;
    }
    std::size_t content_bytes = 0;
    const auto length = find_field(head, "content-length");
    if (length) {
      std::from_chars(length->data(), length->data() + length->size(), content_bytes);
    } else if (answer.status != 204) {
      return Answer{};
    }
    answer.size = start + content_bytes;
    answer.keeps_alive = !equal_ignoring_case(find_field(head, "connection").value_or(""), "close");
    return input.size() < answer.size ? std::nullopt : std::optional(answer);
  }
}

}  // namespace lab
