// SPDX-License-Identifier: MIT
// Expect: RFC 9110 section 10.1.1. What a client that waits for the 100 sees is in expect_test.cpp.
#include "case.hpp"

namespace weir::conformance {
namespace {

constexpr std::string_view kExpect = "Expect: 100-continue\r\n";

std::string expecting(std::string_view target, std::string_view body, std::string_view expect = kExpect) {
  return request("POST " + std::string(target),
                 std::string(expect) + "Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

}  // namespace

std::vector<Case> expect_cases() {
  constexpr std::string_view kClause = "RFC 9110 10.1.1";
  CaseTable table;
  table.keeps("continue_with_content", kClause, expecting("/echo", "hello")).expect_body("hello");
  table.keeps("continue_in_any_case", kClause, expecting("/echo", "hello", "eXpEcT: 100-Continue\r\n"))
      .expect_body("hello");
  table
      .keeps("continue_chunked", kClause,
             echo("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"))
      .expect_body("hello");
  table.keeps("continue_blanks_around", kClause, expecting("/echo", "hello", "Expect: \t100-continue \r\n"))
      .expect_body("hello");
  table.keeps("continue_without_content", kClause, get("/plaintext", kExpect)).expect_interims(0);
  table.keeps("continue_with_length_0", kClause, expecting("/echo", "")).expect_interims(0).expect_body("");
  table
      .closes("continue_in_1_0", kClause,
              "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", {200})
      .expect_interims(0)
      .expect_body("hello");
  table.closes("unknown_in_1_0", kClause, "GET /plaintext HTTP/1.0\r\nExpect: foo\r\n\r\n", {200});
  table
      .keeps("continue_in_order", "RFC 9110 10.1.1, RFC 9112 9.3.2", get("/plaintext") + expecting("/echo", "hello"),
             {200, 200})
      .expect_bodies({"Hello, World!", "hello"});
  table.keeps("continue_then_next", kClause, expecting("/echo", "a") + get("/plaintext"), {200, 200})
      .expect_bodies({"a", "Hello, World!"});

  // The final answer is known at the head: no 100 before it.
  table.answers("continue_missing_path", kClause, expecting("/missing", "hello"), {404}).expect_interims(0);
  table.answers("continue_wrong_method", kClause, expecting("/plaintext", "hello"), {405}).expect_interims(0);
  table.answers("continue_bad_path", kClause, expecting("/../x", "hello"), {400}).expect_interims(0);
  table.closes("continue_above_route_limit", kClause, expecting("/small", "hello, hello, hello"), {413})
      .expect_interims(0);
  table.closes("continue_above_limit", kClause, echo("Expect: 100-continue\r\nContent-Length: 1048577\r\n", ""), {413})
      .expect_interims(0);
  table
      .closes("continue_huge_length", kClause,
              echo("Expect: 100-continue\r\nContent-Length: 99999999999999999999\r\n", ""), {413})
      .expect_interims(0);
  table
      .closes("continue_both_framings", kClause,
              echo("Expect: 100-continue\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), {400})
      .expect_interims(0);
  table
      .closes("continue_unknown_method", kClause,
              request("FOO /echo", "Expect: 100-continue\r\nContent-Length: 5\r\n", "hello"), {501})
      .expect_interims(0);

  table.answers("unknown", "RFC 9110 10.1.1, 15.5.18", expecting("/echo", "hello", "Expect: foo\r\n"), {417})
      .expect_interims(0);
  table.answers("unknown_with_value", kClause, expecting("/echo", "hello", "Expect: foo=bar\r\n"), {417})
      .expect_interims(0);
  table.answers("unknown_without_content", kClause, get("/plaintext", "Expect: foo\r\n"), {417});
  table.answers("unknown_beside_continue", kClause, expecting("/echo", "hello", "Expect: 100-continue, foo\r\n"),
                {417});
  table.answers("unknown_in_second_field", kClause,
                expecting("/echo", "hello", "Expect: 100-continue\r\nExpect: foo\r\n"), {417});
  table.answers("continue_misspelt", kClause, expecting("/echo", "hello", "Expect: 100-continues\r\n"), {417});
  table.answers("other_status", kClause, expecting("/echo", "hello", "Expect: 200-ok\r\n"), {417});
  table.answers("status_only", kClause, expecting("/echo", "hello", "Expect: 100\r\n"), {417});
  table.answers("unknown_head", "RFC 9110 10.1.1, 9.3.2", request("HEAD /plaintext", "Expect: foo\r\n"),
                {to_head(417)});
  table.answers("unknown_after_answer", "RFC 9112 9.3.2", get("/plaintext") + get("/plaintext", "Expect: foo\r\n"),
                {200, 417});
  return table.take();
}

}  // namespace weir::conformance
