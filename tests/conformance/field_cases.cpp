// SPDX-License-Identifier: MIT
// Field lines: RFC 9112 section 5, RFC 9110 sections 5.1, 5.5 and 5.6.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

void add_accepted(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kFields[] = {
      {"no_space_after_colon", "X-A:b\r\n"},
      {"spaces_around_value", "X-A:   b   \r\n"},
      {"tabs_around_value", "X-A:\t\tb\t \r\n"},
      {"empty_value", "X-A:\r\n"},
      {"blank_value", "X-A: \t \r\n"},
      {"one_letter_name", "X: y\r\n"},
      {"digit_name", "1: y\r\n"},
      {"all_token_characters", "X-!#$%&'*+-.^_`|~9aZ: y\r\n"},
      {"colons_in_value", "X-A: a:b::c:\r\n"},
      {"colon_first_in_value", "X-A::b\r\n"},
      {"tab_in_value", "X-A: a\tb\r\n"},
      {"obs_text", "X-A: \x80\xa0\xff\r\n"},
      {"utf8_value", "X-A: \xc3\xa9\xe2\x82\xac\r\n"},
      {"visible_characters", "X-A: !\"#$%&'()*+,-./0:;<=>?@AZ[\\]^_`az{|}~\r\n"},
      {"same_name_twice", "X-A: a\r\nX-A: b\r\n"},
      {"same_name_other_case", "X-A: a\r\nx-a: b\r\n"},
      {"unbalanced_quote", "X-A: \"b\r\n"},
      {"unknown_names", "Foo-Bar: a\r\nSec-Whatever: b\r\nTe: trailers\r\n"},
  };
  for (const auto& [id, fields] : kFields) table.keeps(id, "RFC 9110 5.5", get("/plaintext", fields));
  table.keeps("value_of_4000_bytes", "RFC 9110 5.5", get("/plaintext", "X-A: " + repeat("v", 4000) + "\r\n"));
  table.keeps("name_of_300_bytes", "RFC 9110 5.1", get("/plaintext", repeat("n", 300) + ": v\r\n"));
  table.keeps("value_is_trimmed", "RFC 9112 5.1", sized("hello", "Content-Type: \t text/x-a \t \r\n"))
      .expect_field("Content-Type", "text/x-a");
  table.keeps("name_in_any_case", "RFC 9110 5.1", sized("hello", "cOnTeNt-TyPe: text/x-a\r\n"))
      .expect_field("Content-Type", "text/x-a");
  table.keeps("host_last", "RFC 9112 3.2", "GET /plaintext HTTP/1.1\r\nX-A: b\r\nHost: weir.test\r\n\r\n");
}

void add_bad_names(CaseTable& table) {
  for (const char c : "\"(),/;<=>?@[\\]{} \t\x01\x7f\x80\xff"s) {
    const std::string fields = "X"s + c + "A: b\r\n";
    table.refuses("name_with_" + hex_name(c), "RFC 9110 5.1", get("/plaintext", fields));
  }
  const std::pair<std::string_view, std::string> kFields[] = {
      {"name_with_nul", "X\0A: b\r\n"s}, {"name_ends_in_nul", "X-A\0: b\r\n"s}, {"name_empty", ": b\r\n"},
      {"name_empty_and_value", ":\r\n"}, {"name_with_cr", "X\rA: b\r\n"},       {"name_with_lf", "X\nA: b\r\n"},
      {"no_colon", "X-A\r\n"},           {"no_colon_but_space", "X-A b\r\n"},   {"no_colon_last", "X-A: b\r\nfoo\r\n"},
  };
  for (const auto& [id, fields] : kFields) table.refuses(id, "RFC 9112 5", get("/plaintext", fields));
  table.refuses("space_before_colon", "RFC 9112 5.1", get("/plaintext", "X-A : b\r\n"));
  table.refuses("tab_before_colon", "RFC 9112 5.1", get("/plaintext", "X-A\t: b\r\n"));
  table.refuses("first_name_empty", "RFC 9112 5", "GET /plaintext HTTP/1.1\r\n: b\r\nHost: weir.test\r\n\r\n");
}

void add_bad_values(CaseTable& table) {
  for (const char c : "\x01\x08\x0b\x0c\x0e\x1b\x1f\x7f"s) {
    const std::string fields = "X-A: a"s + c + "b\r\n";
    table.refuses("value_with_" + hex_name(c), "RFC 9110 5.5", get("/plaintext", fields));
  }
  const std::pair<std::string_view, std::string> kFields[] = {
      {"value_with_nul", "X-A: a\0b\r\n"s},
      {"value_is_nul", "X-A: \0\r\n"s},
      {"value_ends_in_nul", "X-A: a\0\r\n"s},
      {"value_with_cr", "X-A: a\rb\r\n"},
      {"value_starts_with_cr", "X-A:\rb\r\n"},
      {"value_ends_in_cr", "X-A: a\r\r\n"},
      {"value_control_in_blank", "X-A: \v\r\n"},
      {"value_hides_field_behind_cr", "X-A: a\rTransfer-Encoding: chunked\r\n"},
      {"value_empty_hides_field_behind_cr", "X-A:\rTransfer-Encoding: chunked\r\n"},
  };
  for (const auto& [id, fields] : kFields) table.refuses(id, "RFC 9110 5.5", get("/plaintext", fields));
}

void add_folds(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kFields[] = {
      {"fold_with_space", "X-A: a\r\n b\r\n"},   {"fold_with_tab", "X-A: a\r\n\tb\r\n"},
      {"fold_of_empty_value", "X-A:\r\n b\r\n"}, {"fold_to_blank_line", "X-A: a\r\n \r\n"},
      {"fold_to_tab_line", "X-A: a\r\n\t\r\n"},  {"fold_that_looks_like_a_field", "X-A: a\r\n X-B: b\r\n"},
      {"fold_after_bare_lf", "X-A: a\n b\r\n"},
  };
  for (const auto& [id, fields] : kFields) table.refuses(id, "RFC 9112 5.2", get("/plaintext", fields));
  table.refuses("fold_of_host", "RFC 9112 5.2", "GET /plaintext HTTP/1.1\r\nHost:\r\n weir.test\r\n\r\n");
  table.refuses("space_before_first_field", "RFC 9112 2.2",
                "GET /plaintext HTTP/1.1\r\n Host: weir.test\r\nX-A: b\r\n\r\n");
  table.refuses("tab_before_first_field", "RFC 9112 2.2", "GET /plaintext HTTP/1.1\r\n\tHost: weir.test\r\n\r\n");
  table.refuses("blank_line_before_first_field", "RFC 9112 2.2",
                "GET /plaintext HTTP/1.1\r\n \r\nHost: weir.test\r\n\r\n");
}

void add_line_ends(CaseTable& table) {
  const std::string head = "GET /plaintext HTTP/1.1\r\nHost: weir.test";
  const std::pair<std::string_view, std::string_view> kEnds[] = {
      {"end_lf_after_field", "\n\r\n"},
      {"end_lf_for_empty_line", "\r\n\n"},
      {"end_lf_twice", "\n\n"},
      {"end_cr_twice", "\r\r\n\r\n"},
      {"end_cr_before_empty_line", "\r\n\r\r\n"},
      {"end_lf_cr", "\n\r\n\r\n"},
      {"end_lf_between_fields", "\nX-A: b\r\n\r\n"},
      {"end_cr_between_fields", "\rX-A: b\r\n\r\n"},
      {"end_cr_then_byte", "\r\n\rX\r\n\r\n"},
      {"end_vertical_tab", "\v\r\n\r\n"},
  };
  for (const auto& [id, end] : kEnds) table.refuses(id, "RFC 9112 2.2", std::string(head).append(end));
  table.refuses("head_after_404_target", "RFC 9112 2.2", "GET /missing HTTP/1.1\r\nHost: weir.test\n\r\n");
}

}  // namespace

std::vector<Case> field_cases() {
  CaseTable table;
  add_accepted(table);
  add_bad_names(table);
  add_bad_values(table);
  add_folds(table);
  add_line_ends(table);
  return table.take();
}

}  // namespace weir::conformance
