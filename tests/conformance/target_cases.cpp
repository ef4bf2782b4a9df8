// SPDX-License-Identifier: MIT
// Paths and queries: RFC 3986 sections 2 and 3, RFC 9110 section 4.2.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

std::string id_json(std::string_view id) {
  return R"({"id":")" + std::string(id) + R"("})";
}

void add_decoding(CaseTable& table) {
  const std::pair<std::string_view, std::pair<std::string_view, std::string_view>> kSegments[] = {
      {"plain", {"abc", "abc"}},
      {"unreserved", {"-._~09AZ", "-._~09AZ"}},
      {"sub_delims", {"!$&'()*+,;=:@", "!$&'()*+,;=:@"}},
      {"escaped_letter", {"%41", "A"}},
      {"escaped_in_lower_case", {"%6a%6A", "jj"}},
      {"escaped_slash_is_data", {"a%2Fb", "a/b"}},
      {"escaped_slash_in_lower_case", {"a%2fb", "a/b"}},
      {"escaped_question_mark", {"a%3Fb", "a?b"}},
      {"escaped_hash", {"a%23b", "a#b"}},
      {"escaped_percent", {"100%25", "100%"}},
      {"decoded_once", {"%2541", "%41"}},
      {"decoded_once_slash", {"%252f", "%2f"}},
      {"decoded_once_dots", {"%252e%252e", "%2e%2e"}},
      {"decoded_once_nul", {"%2500", "%00"}},
      {"escaped_space", {"a%20b", "a b"}},
      {"plus_stays", {"a+b", "a+b"}},
      {"utf8", {"%C3%A9%e2%82%ac", "\xc3\xa9\xe2\x82\xac"}},
      {"escaped_quote", {"%22", "\\\""}},
      {"escaped_backslash", {"%5c", "\\\\"}},
      {"browser_characters", {"[]|^", "[]|^"}},
      {"three_dots", {"...", "..."}},
      {"dot_before", {".a", ".a"}},
      {"dot_after", {"a.", "a."}},
      {"dots_before", {"..a", "..a"}},
      {"dots_after", {"a..", "a.."}},
      {"dots_between", {"a..b", "a..b"}},
      {"dots_and_parameter", {"..;a", "..;a"}},
      {"colon", {"a:b", "a:b"}},
      {"escaped_colon", {"%3a", ":"}},
      {"long",
       {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
  };
  for (const auto& [id, segment] : kSegments) {
    table.keeps("segment_" + std::string(id), "RFC 3986 2.1, 2.4, 3.3", get("/users/" + std::string(segment.first)))
        .expect_body(id_json(segment.second));
  }
  table.keeps("literal_may_be_escaped", "RFC 3986 6.2.2.2", get("/%70lain%74ext")).expect_body("Hello, World!");
  table.keeps("escaped_slash_does_not_separate", "RFC 3986 2.2", get("/users%2fa"), {404});
}

void add_bad_paths(CaseTable& table) {
  for (const std::string_view escape :
       {"%", "%4", "%zz", "%4z", "%z4", "%%", "%%41", "%-1", "%+1", "%0x", "% 1", "%u0041", "a%", "a%4"}) {
    std::string id = "bad_escape";
    for (const char c : escape) id += "_" + hex_name(c);
    // A raw space ends the target, which is malformed for another reason.
    table.answers(id, "RFC 3986 2.1", get("/users/" + std::string(escape)), {400});
  }
  for (const std::string_view escape : {"%00", "a%00", "%00a", "%00%00", "a%00.txt", "%2e%00"}) {
    std::string id = "nul_" + std::to_string(escape.size());
    for (const char c : escape) id += c == '%' || c == '.' ? '_' : c;
    table.answers(id, "RFC 3986 7.3", get("/users/" + std::string(escape)), {400});
  }
  table.answers("bad_escape_on_missing_path", "RFC 3986 2.1", get("/missing/%zz"), {400});
  table.answers("nul_on_missing_path", "RFC 3986 7.3", get("/missing%00"), {400});
  table.answers("nul_after_literal", "RFC 3986 7.3", get("/plaintext%00"), {400});
  for (const char c : "\"<>\\`{}\x01\x0b\x1f\x7f\x80\xff"s) {
    table.answers("path_with_" + hex_name(c), "RFC 3986 3.3", get("/users/a"s + c + "b"), {400});
  }
  for (const char c : "\"<>\x01\x1f\x7f\x80\xff"s) {
    table.answers("query_with_" + hex_name(c), "RFC 3986 3.4", get("/query?q=a"s + c + "b"), {400});
  }
  table.answers("fragment", "RFC 9112 3.2.1", get("/plaintext#a"), {400});
  table.answers("fragment_empty", "RFC 9112 3.2.1", get("/plaintext#"), {400});
  table.answers("fragment_after_query", "RFC 9112 3.2.1", get("/query?q=a#b"), {400});
  table.answers("utf8_raw", "RFC 3986 2", get("/users/\xc3\xa9"), {400});
}

void add_dot_segments(CaseTable& table) {
  constexpr std::string_view kPaths[] = {
      "/.",
      "/..",
      "/./",
      "/../",
      "/./plaintext",
      "/../plaintext",
      "/plaintext/.",
      "/plaintext/..",
      "/users/.",
      "/users/..",
      "/users/./a",
      "/users/../plaintext",
      "/a/../plaintext",
      "/a/b/../../plaintext",
      "/%2e/plaintext",
      "/%2E/plaintext",
      "/%2e%2e/plaintext",
      "/%2E%2E/plaintext",
      "/.%2e/plaintext",
      "/%2e./plaintext",
      "/users/%2e",
      "/users/%2e%2e",
      "/users/.%2E",
      "/files/../plaintext",
      "/files/a/../../plaintext",
      "/files/a/..",
      "/files/a/.",
      "/files/%2e%2e/etc/passwd",
      "/files/../../../../etc/passwd",
      "/files/.%2e/.%2e/etc/passwd",
      "/files/%2e%2e%2fetc%2fpasswd",
      "/files/..%2fetc/passwd",
      "/files/..%2f..%2fetc%2fpasswd",
      "/files//../etc/passwd",
      "/files/a//../b",
      "/../../",
      "//..",
      "//../plaintext",
      "/missing/../plaintext",
      "/missing/%2e%2e",
  };
  int number = 0;
  for (const std::string_view path : kPaths) {
    table.answers("dots_" + std::to_string(++number), "RFC 3986 5.2.4, RFC 9110 4.2.3", get(path), {400});
  }
  table.answers("dots_in_absolute_form", "RFC 3986 5.2.4", get("http://weir.test/../plaintext"), {400});
  table.answers("dots_with_query", "RFC 3986 5.2.4", get("/../plaintext?q=a"), {400});
  table.answers("dots_with_post", "RFC 3986 5.2.4", request("POST /x/../echo", "Content-Length: 5\r\n", "hello"),
                {400});
  table.keeps("dots_in_query_are_data", "RFC 3986 3.4", get("/query?q=../../etc/passwd"))
      .expect_body("../../etc/passwd");
  // Data, not structure: the slash is inside one segment, and reaches the handler as such.
  table.keeps("escaped_slash_and_dots_in_parameter", "RFC 3986 2.2", get("/users/..%2fplaintext"))
      .expect_body(id_json("../plaintext"));
  table.keeps("backslash_is_no_separator", "RFC 3986 3.3", get("/users/..%5cplaintext"))
      .expect_body(id_json("..\\\\plaintext"));
  table.answers("escaped_slash_in_rest", "RFC 3986 2.2", get("/files/a%2fb"), {400});
  table.keeps("rest", "RFC 3986 3.3", get("/files/a/b/c.txt")).expect_body("a/b/c.txt");
  table.keeps("rest_with_escape", "RFC 3986 2.1", get("/files/a%20b/c")).expect_body("a b/c");
  table.keeps("rest_with_dotted_names", "RFC 3986 3.3", get("/files/.well-known/a..b/..."))
      .expect_body(".well-known/a..b/...");
}

void add_structure(CaseTable& table) {
  constexpr std::string_view kClause = "RFC 3986 3.3, 6.2.2";
  const std::pair<std::string_view, std::string_view> kMissing[] = {
      {"slash_at_end", "/plaintext/"},
      {"slash_at_front", "//plaintext"},
      {"slashes_at_front", "///plaintext"},
      {"slashes_at_end", "/plaintext//"},
      {"upper_case", "/PLAINTEXT"},
      {"mixed_case", "/Plaintext"},
      {"parameter_absent", "/users"},
      {"parameter_empty", "/users/"},
      {"parameter_empty_twice", "/users//"},
      {"parameter_and_slash", "/users/a/"},
      {"parameter_after_empty", "/users//a"},
      {"segment_too_many", "/users/a/b"},
      {"upper_case_before_parameter", "/Users/a"},
      {"root", "/"},
      {"root_twice", "//"},
      {"suffix", "/plaintextx"},
      {"prefix", "/plaintex"},
      {"matrix_parameter", "/plaintext;a=b"},
      {"semicolon", "/plaintext;"},
      {"authority_like", "//weir.test/plaintext"},
      {"escaped_question_mark", "/query%3Fq=a"},
      {"escaped_space_at_end", "/plaintext%20"},
  };
  for (const auto& [id, path] : kMissing) table.keeps("other_path_" + std::string(id), kClause, get(path), {404});
  table.keeps("rest_keeps_empty_segments", kClause, get("/files/a//b/")).expect_body("a//b/");
}

void add_queries(CaseTable& table) {
  const std::pair<std::string_view, std::pair<std::string_view, std::string_view>> kQueries[] = {
      {"plain", {"?q=abc", "abc"}},
      {"absent", {"", ""}},
      {"empty", {"?", ""}},
      {"empty_value", {"?q=", ""}},
      {"no_equals", {"?q", ""}},
      {"other_name", {"?p=a", ""}},
      {"first_of_two", {"?q=a&q=b", "a"}},
      {"after_another", {"?p=a&q=b", "b"}},
      {"after_empty_pairs", {"?&&q=b&", "b"}},
      {"equals_in_value", {"?q=a=b==", "a=b=="}},
      {"question_marks", {"?q=a?b?", "a?b?"}},
      {"slashes", {"?q=/a//b/", "/a//b/"}},
      {"semicolon_is_data", {"?q=a;b", "a;b"}},
      {"plus_is_space", {"?q=a+b", "a b"}},
      {"escaped_plus", {"?q=a%2Bb", "a+b"}},
      {"escaped_space", {"?q=a%20b", "a b"}},
      {"escaped_ampersand", {"?q=a%26b", "a&b"}},
      {"escaped_equals", {"?q=a%3db", "a=b"}},
      {"escaped_name", {"?%71=a", "a"}},
      {"decoded_once", {"?q=%2541", "%41"}},
      {"utf8", {"?q=%C3%A9", "\xc3\xa9"}},
      {"browser_characters", {"?q=[]{}|\\^`", "[]{}|\\^`"}},
      {"sub_delims", {"?q=!$'()*,;:@-._~", "!$'()*,;:@-._~"}},
      {"name_is_case_sensitive", {"?Q=a", ""}},
  };
  for (const auto& [id, query] : kQueries) {
    table.keeps("query_" + std::string(id), "RFC 3986 3.4, URL standard 5.1", get("/query" + std::string(query.first)))
        .expect_body(query.second);
  }
  table.keeps("query_on_any_route", "RFC 3986 3.4", get("/plaintext?a=b&c")).expect_body("Hello, World!");
  table.keeps("query_empty_on_any_route", "RFC 3986 3.4", get("/plaintext?")).expect_body("Hello, World!");
  for (const std::string_view value : {"%", "%4", "%zz", "a%", "%00", "a%00b", "%u0041"}) {
    std::string id = "query_bad";
    for (const char c : value) id += "_" + hex_name(c);
    table.answers(id, "RFC 3986 2.1, 7.3", get("/query?q=" + std::string(value)), {400});
  }
}

}  // namespace

std::vector<Case> target_cases() {
  CaseTable table;
  add_decoding(table);
  add_bad_paths(table);
  add_dot_segments(table);
  add_structure(table);
  add_queries(table);
  return table.take();
}

}  // namespace weir::conformance
