// SPDX-License-Identifier: MIT
#include "answers.hpp"

#include <weir/base/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weir::conformance {
namespace {

using base::equals_ignoring_case;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), base::is_digit);
}

// IMF-fixdate, RFC 9110 section 5.6.7: Sun, 06 Nov 1994 08:49:37 GMT
bool is_date(std::string_view text) {
  constexpr std::string_view kShape = "Aaa, 00 Aaa 0000 00:00:00 GMT";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_letter = base::to_lower(text[i]) >= 'a' && base::to_lower(text[i]) <= 'z';
    const bool fits = kShape[i] == '0'                       ? base::is_digit(text[i])
                      : kShape[i] == 'A' || kShape[i] == 'a' ? is_letter
                                                             : text[i] == kShape[i];
    if (!fits) return false;
  }
  return true;
}

bool allows_content(int status) {
  return status >= 200 && status != 204 && status != 304;
}

// Every answer of the framework's own is RFC 9457 with constant text: nothing of the request comes back in it. Cases
// that could be reflected carry the word "evil".
std::string check_problem(const ParsedAnswer& answer, bool is_to_head) {
  if (answer.field("Content-Type") != "application/problem+json") return "an error answer is not problem+json";
  if (is_to_head) return "";
  const auto document = nlohmann::json::parse(answer.body, nullptr, false);
  if (!document.is_object()) return "an error answer's content is not JSON: " + answer.body;
  if (document.value("status", 0) != answer.status) return "the problem's status is not that of the answer";
  if (document.value("title", "").empty()) return "the problem has no title";
  if (answer.body.find("evil") != std::string::npos) return "an error answer reflects the request: " + answer.body;
  return "";
}

// What holds for every final answer.
std::string check_form(const ParsedAnswer& answer, bool is_to_head, bool must_announce_close) {
  if (answer.count("Date") != 1 || !is_date(*answer.field("Date"))) return "not exactly one valid Date";
  if (answer.count("Transfer-Encoding") != 0) return "a Transfer-Encoding beside Content-Length";
  const bool has_length = answer.count("Content-Length") != 0;
  if (has_length != allows_content(answer.status)) return "Content-Length where none may be, or none";
  if (has_length && (answer.count("Content-Length") != 1 || !is_digits(*answer.field("Content-Length")))) {
    return "not exactly one valid Content-Length";
  }
  for (const auto& [name, value] : answer.fields) {
    const bool is_clean = std::none_of(value.begin(), value.end(), [](char c) {
      return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
    });
    if (name.empty() || !is_clean) return "a malformed field: " + name;
  }
  const bool announces_close = equals_ignoring_case(answer.field("Connection").value_or(""), "close");
  if (announces_close != must_announce_close) {
    return announces_close ? "Connection: close where the connection goes on" : "no Connection: close before closing";
  }
  return answer.status >= 400 ? check_problem(answer, is_to_head) : "";
}

std::string check_last(const Case& test_case, const ParsedAnswer& answer) {
  for (const auto& [name, value] : test_case.fields) {
    if (answer.count(name) != 1 || answer.field(name) != value) {
      return name + ": " + answer.field(name).value_or("(none)") + " instead of " + value;
    }
  }
  return "";
}

// Final answers only; counts what comes before them.
std::optional<ParsedAnswer> take_final(std::string_view& output, bool is_to_head, int& interims) {
  while (true) {
    auto answer = take_answer(output, is_to_head);
    if (!answer || answer->status >= 200) return answer;
    if (answer->status != 100 || !answer->fields.empty()) return std::nullopt;
    ++interims;
  }
}

}  // namespace

std::optional<std::string> ParsedAnswer::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::size_t ParsedAnswer::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [name](const auto& field) { return equals_ignoring_case(field.first, name); }));
}

std::optional<ParsedAnswer> take_answer(std::string_view& output, bool is_to_head) {
  const std::size_t end = output.find("\r\n\r\n");
  if (end == std::string_view::npos || !output.starts_with("HTTP/1.1 ")) return std::nullopt;
  std::string_view head = output.substr(0, end + 2);
  const std::string_view line = base::take_until(head, '\n');
  if (line.size() < 14 || !is_digits(line.substr(9, 3)) || line[12] != ' ' || !line.ends_with('\r'))
    return std::nullopt;
  ParsedAnswer answer;
  answer.status = std::stoi(std::string(line.substr(9, 3)));
  while (!head.empty()) {
    std::string_view value = base::take_until(head, '\n');
    if (!value.ends_with('\r') || value.find(':') == std::string_view::npos) return std::nullopt;
    value.remove_suffix(1);
    const std::string_view name = base::take_until(value, ':');
    answer.fields.emplace_back(name, base::trim(value));
  }
  std::size_t length = 0;
  const std::string length_text = answer.field("Content-Length").value_or("0");
  if (!is_digits(length_text) || length_text.size() > 9) return std::nullopt;
  if (allows_content(answer.status) && !is_to_head) length = std::stoul(length_text);
  if (output.size() - end - 4 < length) return std::nullopt;
  answer.body = output.substr(end + 4, length);
  output.remove_prefix(end + 4 + length);
  return answer;
}

Received count_answers(const Case& test_case, std::string_view output) {
  Received received;
  int interims = 0;
  for (const Answer& expected : test_case.answers) {
    const auto answer = take_final(output, expected.is_to_head, interims);
    if (!answer) break;
    ++received.complete;
    received.announces_close = equals_ignoring_case(answer->field("Connection").value_or(""), "close");
  }
  return received;
}

std::string verify(const Case& test_case, const Transcript& transcript) {
  std::string_view output = transcript.output;
  int interims = 0;
  for (std::size_t i = 0; i < test_case.answers.size(); ++i) {
    const Answer& expected = test_case.answers[i];
    const bool is_last = i + 1 == test_case.answers.size();
    const auto answer = take_final(output, expected.is_to_head, interims);
    if (!answer) return "answer " + std::to_string(i + 1) + " is missing or malformed";
    if (answer->status != expected.status && answer->status != expected.other_status) {
      return "answer " + std::to_string(i + 1) + " is " + std::to_string(answer->status) + ", not " +
             std::to_string(expected.status);
    }
    // A client that has said FIN need not be told: it cannot ask again.
    const bool must_announce_close =
        is_last && transcript.is_closed &&
        (!test_case.is_half_closed || equals_ignoring_case(answer->field("Connection").value_or(""), "close"));
    std::string wrong = check_form(*answer, expected.is_to_head, must_announce_close);
    if (wrong.empty() && is_last) wrong = check_last(test_case, *answer);
    for (const std::string& name : test_case.absent_fields) {
      if (answer->count(name) != 0) wrong = "there is a field " + name;
    }
    if (i < test_case.bodies.size() && answer->body != test_case.bodies[i]) wrong = "content: " + answer->body;
    if (!wrong.empty()) return "answer " + std::to_string(i + 1) + ": " + wrong;
  }
  if (transcript.is_probed) {
    const auto answer = take_final(output, false, interims);
    if (!answer) return "the connection was to go on, but the next request has no answer";
    if (answer->status != 200 || answer->body != R"({"id":"probe"})") {
      return "the next request got an answer of another: " + std::to_string(answer->status) + " " + answer->body;
    }
  }
  if (!output.empty()) return "more output than was asked for: " + std::string(output.substr(0, 200));
  return "";
}

}  // namespace weir::conformance
