// SPDX-License-Identifier: MIT
// Reads what a server sent as a strict client does.
#pragma once

#include <tests/fuzz/pieces.hpp>

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

namespace weir::fuzz {

/// A head's one value of that name, "" when it is not there; ends the program when it is there twice.
inline std::string_view single_value(std::string_view head, std::string_view name) {
  std::string_view found;
  int count = 0;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) {
      found = line.substr(name.size() + 2);
      ++count;
    }
    head.remove_prefix(std::min(end, head.size() - 2) + 2);
  }
  require(count <= 1, "a field of the framework is there once", name);
  return found;
}

/// How many final answers `output` holds; each is checked to be well framed, and nothing to follow one that closes.
/// `is_head[i]` says whether the i-th request was HEAD. Unless `is_whole`, the last answer may be cut anywhere.
inline std::size_t count_answers(std::string_view output, const std::vector<bool>& is_head, bool is_whole) {
  std::size_t answers = 0;
  bool is_closing = false;
  while (!output.empty()) {
    const std::size_t end = output.find("\r\n\r\n");
    if (end == std::string_view::npos && !is_whole) break;
    require(end != std::string_view::npos, "an answer has a whole head", output);
    require(!is_closing, "nothing follows an answer that closes", output);
    const std::string_view head = output.substr(0, end + 2);
    output.remove_prefix(end + 4);
    require(head.starts_with("HTTP/1.1 ") && head.size() > 14 && head[12] == ' ', "a status line", head);
    require(head.find('\0') == std::string_view::npos, "no NUL in a head", head);
    for (std::size_t i = 0; i < head.size(); ++i) {
      const bool is_return = head[i] == '\r';
      const bool is_next_feed = i + 1 < head.size() && head[i + 1] == '\n';
      require(is_return == is_next_feed || head[i] == '\n', "CR and LF go together", head);
    }
    const std::string_view status = head.substr(9, 3);
    if (status == "100") continue;
    const bool has_content = status != "204" && status != "304";
    const std::string_view length_text = single_value(head, "Content-Length");
    require(!single_value(head, "Date").empty(), "an answer has a Date", head);
    require(length_text.empty() != has_content, "an answer with content has its length", head);
    std::size_t length = 0;
    std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
    is_closing = single_value(head, "Connection") == "close";
    if (answers < is_head.size() && is_head[answers]) length = 0;
    // The refusal of a head: whether that said HEAD is not known here.
    if (answers >= is_head.size() && is_closing && output.empty()) length = 0;
    ++answers;
    if (length > output.size() && !is_whole) break;
    require(length <= output.size(), "the content is whole", head, output);
    output.remove_prefix(length);
  }
  return answers;
}

}  // namespace weir::fuzz
