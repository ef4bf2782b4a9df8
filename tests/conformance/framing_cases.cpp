// SPDX-License-Identifier: MIT
// Where a message ends: Content-Length and Transfer-Encoding alone. RFC 9112 sections 6.1 to 6.3, RFC 9110 section 8.6.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

std::string with_length(std::string_view length, std::string_view body = "hello") {
  return echo("Content-Length:" + std::string(length) + "\r\n", body);
}
std::string with_coding(std::string_view coding, std::string_view body = "5\r\nhello\r\n0\r\n\r\n") {
  return echo("Transfer-Encoding:" + std::string(coding) + "\r\n", body);
}

void add_lengths(CaseTable& table) {
  table.keeps("length_5", "RFC 9112 6.2", with_length(" 5")).expect_body("hello");
  table.keeps("length_0", "RFC 9112 6.2", with_length(" 0", "")).expect_body("");
  table.keeps("length_absent", "RFC 9112 6.3", request("POST /echo")).expect_body("");
  table.keeps("length_no_space", "RFC 9110 8.6", with_length("5")).expect_body("hello");
  table.keeps("length_spaces_around", "RFC 9110 8.6", with_length(" \t 5 \t")).expect_body("hello");
  table.keeps("length_leading_zeros", "RFC 9110 8.6", with_length(" 0000005")).expect_body("hello");
  table.keeps("length_40_leading_zeros", "RFC 9110 8.6", with_length(" " + repeat("0", 40) + "5")).expect_body("hello");
  table.keeps("length_name_in_any_case", "RFC 9110 5.1", echo("cONTENT-lENGTH: 5\r\n", "hello")).expect_body("hello");
  table.keeps("length_binary_content", "RFC 9112 6.2", sized("\0\r\n\r\n\xff GET / HTTP/1.1\r\n"s))
      .expect_body("\0\r\n\r\n\xff GET / HTTP/1.1\r\n"s);
  table.closes("length_in_1_0", "RFC 9112 6.3", "POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", {200})
      .expect_body("hello");
  table.closes("absent_in_1_0", "RFC 9112 6.3", "POST /echo HTTP/1.0\r\n\r\n", {200}).expect_body("");

  const std::pair<std::string_view, std::string> kMalformed[] = {
      {"empty", ""},
      {"blank", " \t "},
      {"plus", " +5"},
      {"minus", " -5"},
      {"minus_zero", " -0"},
      {"hex", " 0x5"},
      {"hex_digit", " A"},
      {"exponent", " 5e0"},
      {"fraction", " 5.0"},
      {"comma", " 5,"},
      {"comma_first", " ,5"},
      {"list_same", " 5, 5"},
      {"list_tight", " 5,5"},
      {"list_other", " 5, 6"},
      {"semicolon", " 5;"},
      {"space_inside", " 5 5"},
      {"tab_inside", " 5\t5"},
      {"word", " five"},
      {"suffix", " 5x"},
      {"prefix", " x5"},
      {"quoted", " \"5\""},
      {"underscore", " 1_0"},
      {"arabic_digit", " \xd9\xa5"},
      {"fullwidth_digit", " \xef\xbc\x95"},
      {"vertical_tab", " \v5"},
      {"form_feed", " 5\f"},
      {"nul", " 5\0"s},
      {"no_break_space",
       " \xc2\xa0"
       "5"},
      {"apostrophe", " 5'000"},
      {"brackets", " (5)"},
      {"true", " true"},
      {"null", " null"},
  };
  for (const auto& [id, length] : kMalformed) {
    table.refuses("length_" + std::string(id), "RFC 9112 6.3", with_length(length));
  }
  table.refuses("length_twice_same", "RFC 9112 6.3", echo("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"));
  table.refuses("length_twice_other", "RFC 9112 6.3", echo("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"));
  table.refuses("length_twice_first_empty", "RFC 9112 6.3", echo("Content-Length:\r\nContent-Length: 5\r\n", "hello"));
  table.refuses("length_twice_last_empty", "RFC 9112 6.3", echo("Content-Length: 5\r\nContent-Length:\r\n", "hello"));
  table.refuses("length_twice_on_get", "RFC 9112 6.3", get("/plaintext", "Content-Length: 0\r\nContent-Length: 0\r\n"));
  table.refuses("length_bad_on_get", "RFC 9112 6.3", get("/plaintext", "Content-Length: -1\r\n"));
  table.refuses("length_bad_in_1_0", "RFC 9112 6.3", "POST /echo HTTP/1.0\r\nContent-Length: 5,5\r\n\r\nhello");
}

void add_huge_lengths(CaseTable& table) {
  const std::pair<std::string_view, std::string> kLengths[] = {
      {"2_to_31", "2147483648"},
      {"2_to_32", "4294967296"},
      {"2_to_32_and_5", "4294967301"},
      {"2_to_63_less_1", "9223372036854775807"},
      {"2_to_63", "9223372036854775808"},
      {"2_to_64_less_1", "18446744073709551615"},
      {"2_to_64", "18446744073709551616"},
      {"2_to_64_and_5", "18446744073709551621"},
      {"2_to_128_and_5", "340282366920938463463374607431768211461"},
      {"400_nines", repeat("9", 400)},
      {"1_and_40_zeros", "1" + repeat("0", 40)},
  };
  for (const auto& [id, length] : kLengths) {
    table.refuses("length_" + std::string(id), "RFC 9110 8.6, 15.5.14", with_length(" " + length), 413);
  }
  table.refuses("length_overflow_then_letter", "RFC 9112 6.3", with_length(" 18446744073709551616x"));
  table.refuses("length_overflow_on_get", "RFC 9110 8.6", get("/plaintext", "Content-Length: 18446744073709551616\r\n"),
                413);
}

void add_codings(CaseTable& table) {
  table.keeps("coding_chunked", "RFC 9112 6.1", with_coding(" chunked")).expect_body("hello");
  table.keeps("coding_upper_case", "RFC 9112 7", with_coding(" CHUNKED")).expect_body("hello");
  table.keeps("coding_mixed_case", "RFC 9112 7", with_coding(" cHuNkEd")).expect_body("hello");
  table.keeps("coding_no_space", "RFC 9112 5.1", with_coding("chunked")).expect_body("hello");
  table.keeps("coding_tabs_around", "RFC 9112 5.1", with_coding("\tchunked\t")).expect_body("hello");
  table
      .keeps("coding_on_get", "RFC 9112 6.1",
             get("/plaintext", "Transfer-Encoding: chunked\r\n") + "3\r\nabc\r\n0\r\n\r\n")
      .expect_body("Hello, World!");

  // With chunked last the length is known, but the other coding is not implemented. Without it both 400 (6.3, a MUST)
  // and 501 (6.1, a SHOULD) are named.
  const std::pair<std::string_view, std::string_view> kChunkedLast[] = {
      {"gzip", " gzip, chunked"},          {"identity", " identity, chunked"}, {"tight", " x-foo,chunked"},
      {"parameter", " gzip;q=1, chunked"}, {"two", " deflate, gzip, chunked"}, {"quoted", " gzip;a=\"b c\", chunked"},
  };
  for (const auto& [id, coding] : kChunkedLast) {
    table.refuses("coding_unknown_first_" + std::string(id), "RFC 9112 6.1", with_coding(coding), 501);
  }
  const std::pair<std::string_view, std::string_view> kNotLast[] = {
      {"gzip", "gzip"},     {"identity", "identity"},      {"deflate", "deflate"},      {"xchunked", "xchunked"},
      {"chunke", "chunke"}, {"chunked_dash", "chunked-x"}, {"two_unknown", "gzip, br"},
  };
  for (const auto& [id, coding] : kNotLast) {
    table.refuses("coding_" + std::string(id), "RFC 9112 6.1, 6.3", with_coding(" " + std::string(coding)),
                  either(400, 501));
  }
  const std::pair<std::string_view, std::string> kRefused[] = {
      {"chunked_then_gzip", " chunked, gzip"},
      {"chunked_then_identity", " chunked, identity"},
      {"chunked_twice", " chunked, chunked"},
      {"chunked_twice_apart", " chunked, gzip, chunked"},
      {"parameter", " chunked;q=1"},
      {"parameter_empty", " chunked;"},
      {"quoted", " \"chunked\""},
      {"single_quoted", " 'chunked"},
      {"space_inside", " chun ked"},
      {"two_words", " x chunked"},
      {"vertical_tab", " \vchunked"},
      {"form_feed_after", " chunked\f"},
      {"nul_after", " chunked\0"s},
      {"nul_before", "\0chunked"s},
      {"brackets", " [chunked]"},
      {"empty", ""},
      {"blank", " \t"},
      {"colon", " : chunked"},
      {"no_break_space",
       " \xc2\xa0"
       "chunked"},
      {"semicolon_separated", " gzip; chunked"},
  };
  for (const auto& [id, coding] : kRefused) {
    table.refuses("coding_" + std::string(id), "RFC 9112 6.1, 6.3", with_coding(coding),
                  id == "single_quoted" || id == "semicolon_separated" ? either(400, 501) : Answer(400));
  }
  // Empty list elements may be ignored by RFC 9110 5.6.1.2; refusing them leaves no two readings (RFC 9112 11.2).
  table.refuses("coding_comma_after", "RFC 9112 11.2", with_coding(" chunked,"));
  table.refuses("coding_comma_before", "RFC 9112 11.2", with_coding(" ,chunked"));
  table.refuses("coding_two_fields", "RFC 9112 6.1",
                echo("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  table.refuses("coding_two_fields_unknown_last", "RFC 9112 6.3",
                echo("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"));
  table.refuses("coding_two_fields_unknown_first", "RFC 9112 6.1",
                echo("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 501);
  table.refuses("coding_two_fields_empty_last", "RFC 9112 6.1",
                echo("Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", "0\r\n\r\n"));
}

}  // namespace

std::vector<Case> framing_cases() {
  CaseTable table;
  add_lengths(table);
  add_huge_lengths(table);
  add_codings(table);
  return table.take();
}

}  // namespace weir::conformance
