// SPDX-License-Identifier: MIT
// The chunked transfer coding: RFC 9112 section 7.1.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

/// A whole chunked request whose first chunk-size line is `line`.
std::string with_line(std::string_view line) {
  return chunked(std::string(line) + "\r\nhello\r\n0\r\n\r\n");
}

void add_sizes(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kHello[] = {
      {"one_chunk", "5\r\nhello\r\n0\r\n\r\n"},
      {"five_chunks", "1\r\nh\r\n1\r\ne\r\n1\r\nl\r\n1\r\nl\r\n1\r\no\r\n0\r\n\r\n"},
      {"leading_zeros", "0005\r\nhello\r\n0\r\n\r\n"},
      {"sixteen_digits", "0000000000000005\r\nhello\r\n0\r\n\r\n"},
      {"last_chunk_of_zeros", "5\r\nhello\r\n0000\r\n\r\n"},
  };
  for (const auto& [id, body] : kHello) table.keeps(id, "RFC 9112 7.1", chunked(body)).expect_body("hello");
  table.keeps("no_chunk", "RFC 9112 7.1", chunked("0\r\n\r\n")).expect_body("");
  table.keeps("hex_lower", "RFC 9112 7.1", chunked("a\r\n0123456789\r\n0\r\n\r\n")).expect_body("0123456789");
  table.keeps("hex_upper", "RFC 9112 7.1", chunked("A\r\n0123456789\r\n0\r\n\r\n")).expect_body("0123456789");
  table.keeps("hex_two_digits", "RFC 9112 7.1", chunked("1f\r\n" + repeat("x", 31) + "\r\n0\r\n\r\n"))
      .expect_body(repeat("x", 31));
  table.keeps("data_like_framing", "RFC 9112 7.1", chunked("7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n"))
      .expect_body("\r\n0\r\n\r\n");
  table.keeps("data_binary", "RFC 9112 7.1", chunked("4\r\n\0\xff\n\r\r\n0\r\n\r\n"s)).expect_body("\0\xff\n\r"s);
  table.keeps("request_after", "RFC 9112 9.3.2", chunked("5\r\nhello\r\n0\r\n\r\n") + get("/users/b"), {200, 200})
      .expect_bodies({"hello", R"({"id":"b"})"});
  table.keeps("chunked_twice", "RFC 9112 9.3.2", repeat(chunked("1\r\na\r\n0\r\n\r\n"), 2), {200, 200})
      .expect_bodies({"a", "a"});

  const std::pair<std::string_view, std::string> kSizes[] = {
      {"empty", ""},
      {"space", " "},
      {"letter", "g"},
      {"minus", "-5"},
      {"plus", "+5"},
      {"hex_prefix", "0x5"},
      {"space_before", " 5"},
      {"tab_before", "\t5"},
      {"space_after", "5 "},
      {"tab_after", "5\t"},
      {"space_inside", "5 5"},
      {"comma", "5,"},
      {"dot", "5.0"},
      {"quote", "\"5\""},
      {"underscore", "0_5"},
      {"suffix_h", "5h"},
      {"nul", "5\0"s},
      {"vertical_tab", "5\v"},
      {"colon", "5:"},
      {"equals", "5=a"},
      {"high_byte", "5\xa0"},
      {"fullwidth", "\xef\xbc\x95"},
      {"bom",
       "\xef\xbb\xbf"
       "5"},
      {"cr_before", "\r5"},
      {"lf_before", "\n5"},
  };
  for (const auto& [id, size] : kSizes) table.refuses("size_" + std::string(id), "RFC 9112 7.1", with_line(size));
  table.refuses("size_2_to_64", "RFC 9112 7.1", with_line("10000000000000000"), either(400, 413));
  table.refuses("size_2_to_64_and_5", "RFC 9112 7.1", with_line("10000000000000005"), either(400, 413));
  table.refuses("size_2_to_128_and_5", "RFC 9112 7.1", with_line("1" + repeat("0", 31) + "5"), either(400, 413));
  table.refuses("size_2_to_64_less_1", "RFC 9110 15.5.14", with_line("ffffffffffffffff"), 413);
  table.refuses("size_2_to_63", "RFC 9110 15.5.14", with_line("8000000000000000"), 413);
  table.refuses("size_2_to_32_and_5", "RFC 9110 15.5.14", with_line("100000005"), 413);
  table.refuses("size_of_400_zeros", "RFC 9112 7.1", with_line(repeat("0", 400) + "5"));
}

void add_extensions(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kValid[] = {
      {"name", ";a"},
      {"name_and_token", ";a=b"},
      {"two_names", ";a;b"},
      {"two_pairs", ";a=b;c=d"},
      {"mixed", ";a;b=c;d;e=f"},
      {"quoted", ";a=\"b\""},
      {"quoted_space", ";a=\"b c\""},
      {"quoted_empty", ";a=\"\""},
      {"quoted_semicolon", ";a=\"b;c\""},
      {"quoted_equals", ";a=\"b=c\""},
      {"quoted_pair_quote", ";a=\"b\\\"c\""},
      {"quoted_pair_backslash", ";a=\"\\\\\""},
      {"quoted_tab", ";a=\"b\tc\""},
      {"quoted_obs_text", ";a=\"\x80\xff\""},
      {"quoted_then_another", ";a=\"b\";c"},
      {"two_quoted", ";a=\"b\";c=\"d\""},
      {"token_characters", ";!#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~"},
      {"digits", ";1=2"},
      {"bws_before_semicolon", " ;a"},
      {"bws_after_semicolon", "; a"},
      {"bws_around_equals", ";a = b"},
      {"bws_everywhere", " \t; a \t=\t b ;  c"},
      {"bws_before_quoted", ";a= \"b\""},
      {"bws_between_quoted", ";a=\"b\" ; c=\"d\""},
      {"same_name_twice", ";a=b;a=c"},
      {"signature", ";chunk-signature=0a1b2c3d"},
  };
  for (const auto& [id, extension] : kValid) {
    table.keeps("extension_" + std::string(id), "RFC 9112 7.1.1", with_line("5" + std::string(extension)))
        .expect_body("hello");
  }
  table.keeps("extension_on_last_chunk", "RFC 9112 7.1.1", chunked("5\r\nhello\r\n0;a=\"b\"\r\n\r\n"))
      .expect_body("hello");
  table.keeps("extension_on_each_chunk", "RFC 9112 7.1.1", chunked("1;a\r\nh\r\n1;b=c\r\ni\r\n0;d\r\n\r\n"))
      .expect_body("hi");

  const std::pair<std::string_view, std::string> kBad[] = {
      {"empty", ";"},
      {"empty_twice", ";;"},
      {"empty_first", ";;a"},
      {"empty_last", ";a;"},
      {"value_without_name", ";=b"},
      {"value_missing", ";a="},
      {"value_missing_then_name", ";a=;b"},
      {"two_equals", ";a==b"},
      {"two_values", ";a=b=c"},
      {"two_words", ";a b"},
      {"two_value_words", ";a=b c"},
      {"no_semicolon", " a"},
      {"comma", ";a,b"},
      {"quote_in_name", ";\"a\"=b"},
      {"quote_unclosed", ";a=\"b"},
      {"quote_in_token", ";a=b\"c\""},
      {"junk_after_quote", ";a=\"b\"c"},
      {"nul", ";a\0"s},
      {"nul_quoted", ";a=\"\0\""s},
      {"control_quoted", ";a=\"\x01\""},
      {"delete_quoted", ";a=\"\x7f\""},
      {"nul_quoted_pair", ";a=\"\\\0\""s},
      {"high_byte_in_name", ";\x80"},
      {"space_at_end", ";a "},
      {"space_after_value", ";a=b "},
      {"space_after_quoted", ";a=\"b\" "},
      {"cr_inside", ";a\rb"},
      {"cr_quoted", ";a=\"\r\""},
      {"lf_inside", ";a\nb"},
      {"lf_quoted", ";a=\"\n\""},
      {"line_end_quoted", ";a=\"b\r\nc\""},
      {"quoted_pair_of_cr", ";a=\"\\\r\n\""},
      {"slash", ";a/b"},
  };
  for (const auto& [id, extension] : kBad) {
    table.refuses("extension_bad_" + std::string(id), "RFC 9112 7.1.1", with_line("5" + extension));
  }
}

void add_line_ends(CaseTable& table) {
  const std::pair<std::string_view, std::string> kBodies[] = {
      {"size_lf", "5\nhello\r\n0\r\n\r\n"},
      {"size_cr", "5\rhello\r\n0\r\n\r\n"},
      {"size_cr_cr_lf", "5\r\r\nhello\r\n0\r\n\r\n"},
      {"size_lf_cr", "5\n\rhello\r\n0\r\n\r\n"},
      {"size_cr_x", "5\rXhello\r\n0\r\n\r\n"},
      {"extension_lf", "5;a\nhello\r\n0\r\n\r\n"},
      {"extension_lf_hides_chunk", "5;\n0\r\n\r\nGET /users/hidden HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"data_lf", "5\r\nhello\n0\r\n\r\n"},
      {"data_cr", "5\r\nhello\r0\r\n\r\n"},
      {"data_nothing", "5\r\nhello0\r\n\r\n"},
      {"data_any_two_bytes", "5\r\nhelloXX0\r\n\r\n"},
      {"data_cr_x", "5\r\nhello\rX0\r\n\r\n"},
      {"data_x_lf", "5\r\nhelloX\n0\r\n\r\n"},
      {"data_lf_cr", "5\r\nhello\n\r0\r\n\r\n"},
      {"data_two_line_ends", "5\r\nhello\r\n\r\n0\r\n\r\n"},
      {"data_too_long", "5\r\nhello world\r\n0\r\n\r\n"},
      {"data_too_short", "9\r\nhello\r\n0\r\n\r\n0\r\n\r\n"},
      {"data_after_cr_cr", "5\r\nhello\r\r\n0\r\n\r\n"},
      {"last_lf", "5\r\nhello\r\n0\n\r\n"},
      {"last_lf_lf", "5\r\nhello\r\n0\n\n"},
      {"last_cr", "5\r\nhello\r\n0\r\r\n\r\n"},
      {"end_lf", "5\r\nhello\r\n0\r\n\n"},
      {"end_cr_cr", "5\r\nhello\r\n0\r\n\r\r\n"},
      {"end_cr_x", "5\r\nhello\r\n0\r\n\rX\r\n\r\n"},
      {"end_missing_request_follows", "5\r\nhello\r\n0\r\n" + get("/users/hidden")},
  };
  for (const auto& [id, body] : kBodies) table.refuses("line_" + std::string(id), "RFC 9112 2.2, 7.1", chunked(body));
  table.refuses("cut_after_data", "RFC 9112 8", chunked("5\r\nhello")).then_half_close();
  table.refuses("cut_before_last_line", "RFC 9112 8", chunked("5\r\nhello\r\n0\r\n")).then_half_close();
  table.refuses("cut_in_last_line", "RFC 9112 8", chunked("5\r\nhello\r\n0\r\n\r")).then_half_close();
  table.refuses("cut_in_size", "RFC 9112 8", chunked("5")).then_half_close();
}

void add_trailers(CaseTable& table) {
  const std::string last = "5\r\nhello\r\n0\r\n";
  const std::pair<std::string_view, std::string_view> kValid[] = {
      {"one", "X-A: b\r\n"},
      {"two", "X-A: b\r\nX-C: d\r\n"},
      {"empty_value", "X-A:\r\n"},
      {"blanks_around", "X-A: \t b \t\r\n"},
      {"obs_text", "X-A: \xff\r\n"},
      {"name_of_tokens", "X-!#$%&'*+-.^_`|~: b\r\n"},
      {"digest", "Content-MD5: abc==\r\n"},
      // Framing and routing fields have no meaning here (RFC 9110 6.5.1) and must not be merged.
      {"length", "Content-Length: 99\r\n"},
      {"coding", "Transfer-Encoding: gzip\r\n"},
      {"host", "Host: other.test\r\n"},
      {"close", "Connection: close\r\n"},
      {"content_type", "Content-Type: text/evil\r\n"},
  };
  for (const auto& [id, trailers] : kValid) {
    table.keeps("trailer_" + std::string(id), "RFC 9112 7.1.2", chunked(last + std::string(trailers) + "\r\n"))
        .expect_body("hello")
        .expect_field("Content-Type", "application/octet-stream");
  }
  table.keeps("trailer_then_request", "RFC 9112 7.1.2", chunked(last + "X-A: b\r\n\r\n") + get("/users/b"), {200, 200})
      .expect_bodies({"hello", R"({"id":"b"})"});
  const std::pair<std::string_view, std::string> kBad[] = {
      {"space_before_colon", "X-A : b\r\n"},
      {"no_colon", "X-A\r\n"},
      {"empty_name", ": b\r\n"},
      {"fold", "X-A: b\r\n c\r\n"},
      {"space_first", " X-A: b\r\n"},
      {"name_with_space", "X A: b\r\n"},
      {"name_with_nul", "X\0: b\r\n"s},
      {"value_with_nul", "X-A: \0\r\n"s},
      {"value_with_cr", "X-A: b\rc\r\n"},
      {"value_with_control", "X-A: \x01\r\n"},
      {"value_with_delete", "X-A: \x7f\r\n"},
      {"lf", "X-A: b\n"},
      {"cr_cr", "X-A: b\r\r\n"},
      {"request_line", "GET /users/hidden HTTP/1.1\r\nHost: a\r\n"},
  };
  for (const auto& [id, trailers] : kBad) {
    table.refuses("trailer_bad_" + std::string(id), "RFC 9112 5, 7.1.2", chunked(last + trailers + "\r\n"));
  }
}

}  // namespace

std::vector<Case> chunked_cases() {
  CaseTable table;
  add_sizes(table);
  add_extensions(table);
  add_line_ends(table);
  add_trailers(table);
  return table.take();
}

}  // namespace weir::conformance
