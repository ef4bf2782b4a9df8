// SPDX-License-Identifier: MIT
// Takes the server's output apart and holds it against a case.
#pragma once

#include "case.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::conformance {

/// The request that finds out whether a connection goes on; its answer cannot be mistaken for another.
inline constexpr std::string_view kProbe = "GET /users/probe HTTP/1.1\r\nHost: probe\r\n\r\n";

struct ParsedAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  std::optional<std::string> field(std::string_view name) const;
  std::size_t count(std::string_view name) const;
};

/// Takes one answer, interim or final, off the front of `output`; nothing when it is not complete or not well formed.
std::optional<ParsedAnswer> take_answer(std::string_view& output, bool is_to_head);

/// How many of the case's final answers stand complete at the front of `output`; and whether the last of them
/// announces that the connection closes.
struct Received {
  std::size_t complete = 0;
  bool announces_close = false;
};
Received count_answers(const Case& test_case, std::string_view output);

/// What the server did on one connection.
struct Transcript {
  std::string output;
  bool is_probed = false;  ///< kProbe was sent after the case's bytes.
  bool is_closed = false;  ///< The server closed, before a probe.
};

/// Holds a transcript against its case. Returns what is wrong, or "".
std::string verify(const Case& test_case, const Transcript& transcript);

}  // namespace weir::conformance
