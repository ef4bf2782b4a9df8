// SPDX-License-Identifier: MIT
// One row of a conformance table: bytes in, answers out.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::conformance {

/// What one final answer must be. Implicit from a status, so that a table reads {200, 404}.
struct Answer {
  Answer(int status_in) : status(status_in), other_status(status_in) {}  // NOLINT(google-explicit-constructor)
  Answer(int status_in, int other) : status(status_in), other_status(other) {}

  int status;
  int other_status;         ///< The RFC leaves the choice between two.
  bool is_to_head = false;  ///< It answers a HEAD: no content follows, whatever Content-Length says.
};

Answer to_head(int status);
/// Where two clauses apply, or the RFC names two answers.
Answer either(int status, int other);

enum class Ending : unsigned char {
  kKept,    ///< The next request on the connection is answered.
  kClosed,  ///< The server closes, without a reset, and says so in its last answer.
  kEither,  ///< One or the other, but as the last answer announces.
};

/// A request, or several, as raw bytes; what must come back for them; and the clause that says so.
struct Case {
  std::string id;  ///< Letters, digits and '_'; one in its group.
  std::string clause;
  std::string bytes;
  std::vector<Answer> answers;
  Ending ending = Ending::kKept;

  /// The last answer has this field with this value.
  Case& expect_field(std::string_view name, std::string_view value);
  /// No answer has such a field.
  Case& expect_no_field(std::string_view name);
  /// The contents of the answers, in order.
  Case& expect_bodies(std::vector<std::string> texts);
  Case& expect_body(std::string_view text) { return expect_bodies({std::string(text)}); }
  /// How many 100 (Continue) come before the last answer, when all bytes come at once.
  Case& expect_interims(int count);
  /// The client sends FIN after its bytes: what was complete is answered, then the server closes.
  Case& then_half_close();

  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<std::string> absent_fields;
  std::vector<std::string> bodies;  ///< Empty: not looked at.
  int interims = -1;                ///< -1: not looked at.
  bool is_half_closed = false;
};

/// So that a failure names the case instead of dumping its bytes.
void PrintTo(const Case& test_case, std::ostream* out);  // NOLINT(readability-identifier-naming): GoogleTest calls it

/// Collects the rows of a group.
class CaseTable {
 public:
  /// Answered, and the connection goes on.
  Case& keeps(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers = {200});
  /// Answered, and the connection closes.
  Case& closes(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers);
  /// Refused with one answer; the connection closes.
  Case& refuses(std::string_view id, std::string_view clause, std::string bytes, Answer answer = 400);
  /// Answered; the connection may close.
  Case& answers(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers);

  std::vector<Case> take() { return std::move(cases_); }

 private:
  Case& add(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers,
            Ending ending);
  std::vector<Case> cases_;
};

// ---- bytes ----

/// "METHOD target HTTP/1.1", a Host field, `fields` (each with its CRLF), the empty line, `body`.
std::string request(std::string_view method_and_target, std::string_view fields = "", std::string_view body = "");
inline std::string get(std::string_view target, std::string_view fields = "") {
  return request(std::string("GET ").append(target), fields);
}
/// POST /echo.
inline std::string echo(std::string_view fields, std::string_view body) {
  return request("POST /echo", fields, body);
}
/// POST /echo in chunked coding; `body` is the coded content.
std::string chunked(std::string_view body);
/// POST /echo with a Content-Length.
std::string sized(std::string_view body, std::string_view fields = "");
std::string repeat(std::string_view text, std::size_t times);
/// `bytes` with its first `from` replaced.
std::string replaced(std::string bytes, std::string_view from, std::string_view to);
/// "0x2f", for ids.
std::string hex_name(char c);

// ---- groups, one per *_cases.cpp ----

std::vector<Case> request_line_cases();
std::vector<Case> field_cases();
std::vector<Case> host_cases();
std::vector<Case> framing_cases();
std::vector<Case> smuggling_cases();
std::vector<Case> chunked_cases();
std::vector<Case> expect_cases();
std::vector<Case> method_cases();
std::vector<Case> connection_cases();
std::vector<Case> target_cases();
std::vector<Case> response_cases();
std::vector<Case> limit_cases();

}  // namespace weir::conformance
