// SPDX-License-Identifier: MIT
// Methods: RFC 9110 sections 9 and 15.5.6, 15.6.2.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

void add_known(CaseTable& table) {
  for (const std::string method : {"POST", "PUT", "PATCH", "DELETE"}) {
    table.keeps("405_" + method, "RFC 9110 15.5.6", request(method + " /plaintext"), {405})
        .expect_field("Allow", "GET, HEAD, OPTIONS");
    table.keeps("404_" + method, "RFC 9110 15.5.5", request(method + " /missing"), {404}).expect_no_field("Allow");
  }
  for (const std::string method : {"GET", "PUT", "PATCH", "DELETE"}) {
    table.keeps("405_echo_" + method, "RFC 9110 15.5.6", request(method + " /echo"), {405})
        .expect_field("Allow", "POST, OPTIONS");
  }
  table.keeps("405_two_methods", "RFC 9110 15.5.6", request("DELETE /json"), {405})
      .expect_field("Allow", "GET, HEAD, POST, OPTIONS");
  table.keeps("405_with_parameter", "RFC 9110 15.5.6", request("PUT /users/a"), {405})
      .expect_field("Allow", "GET, HEAD, OPTIONS");
  table.keeps("405_with_content", "RFC 9110 15.5.6", request("PUT /plaintext", "Content-Length: 5\r\n", "hello"),
              {405});
  table.keeps("405_then_next", "RFC 9112 9.3", request("PUT /plaintext") + get("/plaintext"), {405, 200});
  table.keeps("get_404", "RFC 9110 15.5.5", get("/missing"), {404});
}

void add_head_and_options(CaseTable& table) {
  table.keeps("head", "RFC 9110 9.3.2", request("HEAD /plaintext"), {to_head(200)})
      .expect_field("Content-Length", "13")
      .expect_field("Content-Type", "text/plain; charset=utf-8");
  table.keeps("head_json", "RFC 9110 9.3.2", request("HEAD /json"), {to_head(200)})
      .expect_field("Content-Length", "27")
      .expect_field("Content-Type", "application/json");
  table.keeps("head_large", "RFC 9110 9.3.2", request("HEAD /large"), {to_head(200)})
      .expect_field("Content-Length", "100000");
  table.keeps("head_no_content", "RFC 9110 9.3.2", request("HEAD /nocontent"), {to_head(204)});
  table.keeps("head_404", "RFC 9110 9.3.2", request("HEAD /missing"), {to_head(404)});
  table.keeps("head_405", "RFC 9110 9.3.2", request("HEAD /echo"), {to_head(405)})
      .expect_field("Allow", "POST, OPTIONS");
  table.keeps("head_500", "RFC 9110 9.3.2", request("HEAD /reflect?v=%0a"), {to_head(500)});
  table.answers("head_bad_path", "RFC 9110 9.3.2", request("HEAD /../x"), {to_head(400)});
  table.keeps("head_then_get", "RFC 9112 6.3", request("HEAD /plaintext") + get("/users/b"), {to_head(200), 200})
      .expect_bodies({"", R"({"id":"b"})"});
  table.closes("head_in_1_0", "RFC 9110 9.3.2", "HEAD /plaintext HTTP/1.0\r\n\r\n", {to_head(200)});
  table.refuses("head_bad_length", "RFC 9110 9.3.2", request("HEAD /plaintext", "Content-Length: x\r\n"), to_head(400));
  table.refuses("head_bad_field", "RFC 9110 9.3.2", request("HEAD /plaintext", "X-A : b\r\n"), to_head(400));
  table.refuses("head_bad_target", "RFC 9110 9.3.2", request("HEAD /<"), to_head(400));
  table.refuses("head_bad_version", "RFC 9110 9.3.2", "HEAD /plaintext HTTP/1.2\r\nHost: a\r\n\r\n", to_head(505));
  table.refuses("head_bad_framing", "RFC 9110 9.3.2",
                request("HEAD /plaintext", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
                to_head(400));
  table.refuses("head_content_above_limit", "RFC 9110 9.3.2",
                request("HEAD /plaintext", "Content-Length: 9223372036854775808\r\n"), to_head(413));
  table
      .refuses("head_cut_by_fin", "RFC 9110 9.3.2, RFC 9112 8", "HEAD /plaintext HTTP/1.1\r\nHost: a\r\n", to_head(400))
      .then_half_close();

  table.keeps("options", "RFC 9110 9.3.7", request("OPTIONS /plaintext"), {204})
      .expect_field("Allow", "GET, HEAD, OPTIONS");
  table.keeps("options_echo", "RFC 9110 9.3.7", request("OPTIONS /echo"), {204}).expect_field("Allow", "POST, OPTIONS");
  table.keeps("options_404", "RFC 9110 9.3.7", request("OPTIONS /missing"), {404});
  table.keeps("options_asterisk", "RFC 9110 9.3.7", request("OPTIONS *"), {204})
      .expect_field("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  table.refuses("asterisk_query", "RFC 9112 3.2.4", request("OPTIONS *?a"));
  table.refuses("asterisk_slash", "RFC 9112 3.2.4", request("OPTIONS */"));
  for (const std::string method : {"GET", "HEAD", "POST", "DELETE"}) {
    table.refuses("asterisk_" + method, "RFC 9112 3.2.4", request(method + " *"),
                  method == "HEAD" ? to_head(400) : Answer(400));
  }
}

void add_unimplemented(CaseTable& table) {
  table.refuses("connect", "RFC 9110 9.3.6, 15.6.2", "CONNECT weir.test:443 HTTP/1.1\r\nHost: weir.test:443\r\n\r\n",
                501);
  table.refuses("connect_origin_form", "RFC 9110 9.3.6", request("CONNECT /plaintext"), either(501, 400));
  table.refuses("connect_then_request", "RFC 9110 9.3.6",
                "CONNECT weir.test:443 HTTP/1.1\r\nHost: weir.test:443\r\n\r\n" + get("/users/hidden"), 501);
  table.refuses("connect_with_length", "RFC 9110 9.3.6",
                "CONNECT weir.test:443 HTTP/1.1\r\nHost: weir.test\r\nContent-Length: 5\r\n\r\nhello", 501);
  table.refuses("trace", "RFC 9110 9.3.8, 15.6.2", request("TRACE /plaintext", "X-Secret: evil\r\n"), 501);
  table.refuses("trace_missing_path", "RFC 9110 9.3.8", request("TRACE /missing"), 501);
  for (const std::string method :
       {"FOO",      "PROPFIND", "PROPPATCH", "MKCOL", "COPY",   "MOVE",     "LOCK",     "UNLOCK", "SEARCH",
        "QUERY",    "LINK",     "UNLINK",    "PURGE", "REPORT", "BIND",     "ACL",      "BREW",   "SOURCE",
        "DESCRIBE", "SETUP",    "PLAY",      "PRI",   "get",    "Get",      "gET",      "head",   "GETS",
        "GE",       "POSTS",    "PUTT",      "A",     "0",      "M_SEARCH", "SUBSCRIBE"}) {
    table.refuses("501_" + method, "RFC 9110 9.1, 15.6.2", request(method + " /plaintext"), 501);
  }
  table.refuses("501_with_dash", "RFC 9110 9.1", request("M-SEARCH /plaintext"), 501);
  table.refuses("501_all_token_characters", "RFC 9110 9.1", request("!#$%&'*+-.^_`|~ /plaintext"), 501);
  table.refuses("501_missing_path", "RFC 9110 15.6.2", request("FOO /missing"), 501);
  table.refuses("501_asterisk", "RFC 9110 15.6.2", request("FOO *"), 501);
  table.refuses("501_of_200_letters", "RFC 9112 3", request(repeat("M", 200) + " /plaintext"), 501);
  table.closes("501_after_answer", "RFC 9112 9.3.2", get("/plaintext") + request("FOO /plaintext"), {200, 501});
}

void add_malformed(CaseTable& table) {
  for (const char c : "\"(),/:;<=>?@[\\]{}\x01\x7f\x80"s) {
    table.refuses("bad_" + hex_name(c), "RFC 9110 5.6.2, 9.1", request("G"s + c + "T /plaintext"));
    if (c == '/' || c == ':') table.refuses("bad_first_" + hex_name(c), "RFC 9110 9.1", request(c + "GET /plaintext"s));
  }
}

}  // namespace

std::vector<Case> method_cases() {
  CaseTable table;
  add_known(table);
  add_head_and_options(table);
  add_unimplemented(table);
  add_malformed(table);
  return table.take();
}

}  // namespace weir::conformance
