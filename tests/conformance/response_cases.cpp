// SPDX-License-Identifier: MIT
// What goes out: RFC 9110 sections 5.5, 6.6.1, 8.6 and 15, RFC 9112 section 6, RFC 9457. Date, Content-Length, the form
// of errors and that nothing is reflected are checked with every answer of every group (answers.cpp).
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

void add_routes(CaseTable& table) {
  table.keeps("text", "RFC 9110 8.3", get("/plaintext"))
      .expect_body("Hello, World!")
      .expect_field("Content-Type", "text/plain; charset=utf-8")
      .expect_field("Content-Length", "13")
      .expect_no_field("Connection");
  table.keeps("json", "RFC 8259 11", get("/json"))
      .expect_body(R"({"message":"Hello, World!"})")
      .expect_field("Content-Type", "application/json");
  table.keeps("no_content", "RFC 9110 8.6, 15.3.5", get("/nocontent"), {204})
      .expect_no_field("Content-Length")
      .expect_no_field("Transfer-Encoding");
  table.keeps("no_content_then_next", "RFC 9112 6.3", get("/nocontent") + get("/plaintext"), {204, 200})
      .expect_bodies({"", "Hello, World!"});
  table.keeps("empty_content", "RFC 9110 8.6", sized("")).expect_field("Content-Length", "0");
  table.keeps("large_content", "RFC 9112 6.2", get("/large")).expect_field("Content-Length", "100000");
  std::string all_bytes;
  for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
  table.keeps("echo_every_byte", "RFC 9112 6.2", sized(all_bytes)).expect_body(all_bytes);
  table.keeps("echo_content_type", "RFC 9110 8.3", sized("a", "Content-Type: text/csv; header=absent\r\n"))
      .expect_field("Content-Type", "text/csv; header=absent");
  table.keeps("echo_without_content_type", "RFC 9110 8.3", sized("a"))
      .expect_field("Content-Type", "application/octet-stream");
  table.closes("version_in_answer_to_1_0", "RFC 9110 2.5", "GET /plaintext HTTP/1.0\r\n\r\n", {200});
}

void add_json(CaseTable& table) {
  const auto post = [](std::string_view json) {
    return request("POST /json",
                   "Content-Type: application/json\r\nContent-Length: " + std::to_string(json.size()) + "\r\n", json);
  };
  table.keeps("json_echo", "RFC 8259 2", post(R"({ "b" : [1, 2.5, null, true, "\u00e9"] })"))
      .expect_body("{\"b\":[1,2.5,null,true,\"\xc3\xa9\"]}");
  table.keeps("json_scalar", "RFC 8259 2", post("7")).expect_body("7");
  const std::pair<std::string_view, std::string> kBad[] = {
      {"empty", ""},
      {"cut", "{"},
      {"junk_after", "{} evil"},
      {"word", "evil"},
      {"single_quotes", "{'evil':1}"},
      {"comment", "{/* evil */}"},
      {"duplicate_key", R"({"evil":1,"evil":2})"},
      {"nan", "[NaN]"},
      {"too_deep", repeat("[", 100) + repeat("]", 100)},
      {"lone_continuation_byte", "\"evil\x80\""},
      {"control_in_string", "\"evil\n\""},
      {"trailing_comma", "[1,]"},
  };
  for (const auto& [id, json] : kBad) table.keeps("json_bad_" + std::string(id), "RFC 8259 2", post(json), {400});
}

void add_reflection(CaseTable& table) {
  const auto reflect = [](std::string_view value) { return get("/reflect?v=" + std::string(value)); };
  const std::pair<std::string_view, std::pair<std::string_view, std::string_view>> kValid[] = {
      {"plain", {"abc", "abc"}},
      {"empty", {"", ""}},
      {"space_inside", {"a%20b", "a b"}},
      {"tab_inside", {"a%09b", "a\tb"}},
      {"utf8", {"%c3%a9", "\xc3\xa9"}},
      {"colon", {"X-Evil:%20a", "X-Evil: a"}},
      {"escaped_twice", {"%250d%250aX-Evil:%20a", "%0d%0aX-Evil: a"}},
      {"quotes", {"%22a%22", "\"a\""}},
  };
  for (const auto& [id, value] : kValid) {
    table.keeps("reflect_" + std::string(id), "RFC 9110 5.5", reflect(value.first))
        .expect_field("X-Reflect", value.second)
        .expect_no_field("X-Evil");
  }
  const std::pair<std::string_view, std::string_view> kInjections[] = {
      {"crlf", "a%0d%0aX-Evil:%20evil"},
      {"crlf_upper", "a%0D%0AX-Evil:%20evil"},
      {"lf", "a%0aX-Evil:%20evil"},
      {"cr", "a%0dX-Evil:%20evil"},
      {"lf_cr", "a%0a%0dX-Evil:%20evil"},
      {"crlf_at_front", "%0d%0aX-Evil:%20evil"},
      {"crlf_at_end", "evil%0d%0a"},
      {"cr_at_end", "evil%0d"},
      {"lf_at_end", "evil%0a"},
      {"fold", "a%0d%0a%20evil"},
      {"answer", "a%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0aX-Evil:%20evil%0d%0a%0d%0a"},
      {"content", "a%0d%0aContent-Length:%200%0d%0a%0d%0aevil"},
      {"cookie", "a%0d%0aSet-Cookie:%20evil=1"},
      {"escape", "%1bevil"},
      {"delete", "%7fevil"},
      {"vertical_tab", "%0bevil"},
      {"bell", "%07evil"},
  };
  for (const auto& [id, value] : kInjections) {
    table.keeps("inject_" + std::string(id), "RFC 9110 5.5, RFC 9112 11.1", reflect(value), {500})
        .expect_no_field("X-Evil")
        .expect_no_field("Set-Cookie")
        .expect_no_field("X-Reflect");
  }
  table.keeps("inject_nul", "RFC 9110 5.5", reflect("%00evil"), {either(500, 400)}).expect_no_field("X-Reflect");
  // Wider than a byte: must not become CR or LF by losing its upper half.
  table.keeps("inject_wide_crlf", "RFC 9112 11.1", reflect("a%e5%98%8d%e5%98%8aX-Evil:%20a"))
      .expect_field("X-Reflect", "a\xe5\x98\x8d\xe5\x98\x8aX-Evil: a")
      .expect_no_field("X-Evil");
  table.keeps("inject_into_content_type", "RFC 9112 11.1", sized("a", "Content-Type: text/x%0d%0aX-Evil: a\r\n"))
      .expect_field("Content-Type", "text/x%0d%0aX-Evil: a")
      .expect_no_field("X-Evil");
  table.keeps("inject_then_next", "RFC 9112 11.1", reflect("%0d%0aevil") + get("/plaintext"), {500, 200});
}

// The word "evil" in a request must not come back in the framework's own answers.
void add_errors(CaseTable& table) {
  constexpr std::string_view kClause = "RFC 9457 3, 5";
  table.keeps("error_404", kClause, get("/evil?evil=evil", "Evil: evil\r\nReferer: evil\r\n"), {404})
      .expect_bodies({R"({"type":"about:blank","title":"Not Found","status":404})"});
  table.keeps("error_405", kClause, request("DELETE /plaintext?evil", "Evil: evil\r\n"), {405});
  table.keeps("error_405_content", kClause, request("PUT /plaintext", "Content-Length: 4\r\n", "evil"), {405});
  table.answers("error_400_path", kClause, get("/evil/../evil"), {400});
  table.answers("error_400_query", kClause, get("/query?q=evil%zz"), {400});
  table.refuses("error_400_field", kClause, get("/evil", "evil : evil\r\n"));
  table.refuses("error_400_host", kClause, "GET /evil HTTP/1.1\r\nHost: <script>evil</script>\r\n\r\n");
  table.refuses("error_400_line", kClause, "evil evil evil evil\r\n\r\n");
  table.refuses("error_400_chunk", kClause, chunked("evil\r\n"));
  table.refuses("error_413", kClause, request("POST /small?evil", "Content-Length: 99\r\n"), 413);
  table.refuses("error_414", kClause, get("/" + repeat("evil", 3000)), 414);
  table.answers("error_417", kClause, get("/evil", "Expect: evil\r\n"), {417});
  table.refuses("error_431", kClause, get("/evil", repeat("evil: evil\r\n", 101)), 431);
  table.refuses("error_501_method", kClause, request("EVILevil /evil"), 501);
  table.refuses("error_501_coding", kClause, request("POST /echo", "Transfer-Encoding: evil, chunked\r\n", "0\r\n\r\n"),
                501);
  table.refuses("error_505", kClause, "GET /evil HTTP/6.6\r\nEvil: evil\r\n\r\n", 505);
  table.keeps("error_500", kClause, get("/reflect?v=evil%0aevil"), {500})
      .expect_bodies({R"({"type":"about:blank","title":"Internal Server Error","status":500})"});
  table.keeps("error_404_html", kClause, get("/%3Cscript%3Eevil%3C/script%3E"), {404});
}

}  // namespace

std::vector<Case> response_cases() {
  CaseTable table;
  add_routes(table);
  add_json(table);
  add_reflection(table);
  add_errors(table);
  return table.take();
}

}  // namespace weir::conformance
