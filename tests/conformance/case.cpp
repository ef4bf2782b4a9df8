// SPDX-License-Identifier: MIT
#include "case.hpp"

#include <ostream>

namespace weir::conformance {

Answer to_head(int status) {
  Answer answer(status);
  answer.is_to_head = true;
  return answer;
}

Answer either(int status, int other) {
  return {status, other};
}

Case& Case::expect_field(std::string_view name, std::string_view value) {
  fields.emplace_back(name, value);
  return *this;
}

Case& Case::expect_no_field(std::string_view name) {
  absent_fields.emplace_back(name);
  return *this;
}

Case& Case::expect_bodies(std::vector<std::string> texts) {
  bodies = std::move(texts);
  return *this;
}

Case& Case::expect_interims(int count) {
  interims = count;
  return *this;
}

Case& Case::then_half_close() {
  is_half_closed = true;
  return *this;
}

void PrintTo(const Case& test_case, std::ostream* out) {
  *out << test_case.id << " (" << test_case.clause << ")";
}

Case& CaseTable::add(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers,
                     Ending ending) {
  Case added;
  added.id = id;
  added.clause = clause;
  added.bytes = std::move(bytes);
  added.answers = std::move(answers);
  added.ending = ending;
  return cases_.emplace_back(std::move(added));
}

Case& CaseTable::keeps(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers) {
  return add(id, clause, std::move(bytes), std::move(answers), Ending::kKept);
}

Case& CaseTable::closes(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers) {
  return add(id, clause, std::move(bytes), std::move(answers), Ending::kClosed);
}

Case& CaseTable::refuses(std::string_view id, std::string_view clause, std::string bytes, Answer answer) {
  return add(id, clause, std::move(bytes), {answer}, Ending::kClosed);
}

Case& CaseTable::answers(std::string_view id, std::string_view clause, std::string bytes, std::vector<Answer> answers) {
  return add(id, clause, std::move(bytes), std::move(answers), Ending::kEither);
}

std::string request(std::string_view method_and_target, std::string_view fields, std::string_view body) {
  std::string bytes(method_and_target);
  bytes.append(" HTTP/1.1\r\nHost: weir.test\r\n").append(fields).append("\r\n").append(body);
  return bytes;
}

std::string chunked(std::string_view body) {
  return echo("Transfer-Encoding: chunked\r\n", body);
}

std::string sized(std::string_view body, std::string_view fields) {
  return echo(std::string(fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string repeated;
  repeated.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) repeated += text;
  return repeated;
}

std::string replaced(std::string bytes, std::string_view from, std::string_view to) {
  const std::size_t at = bytes.find(from);
  return at == std::string::npos ? bytes : bytes.replace(at, from.size(), to);
}

std::string hex_name(char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  return {'0', 'x', kDigits[byte >> 4U], kDigits[byte & 15U]};
}

}  // namespace weir::conformance
