// SPDX-License-Identifier: MIT
// Persistence, pipelining, half-close and the forms of a target: RFC 9112 sections 3.2 and 9.
#include "case.hpp"

namespace weir::conformance {
namespace {

constexpr std::string_view kRest = " HTTP/1.0\r\n";

std::string get_1_0(std::string_view fields) {
  return std::string("GET /plaintext").append(kRest).append(fields).append("\r\n");
}

std::string user(std::string_view id) {
  return get("/users/" + std::string(id));
}
std::string user_body(std::string_view id) {
  return R"({"id":")" + std::string(id) + R"("})";
}

void add_persistence(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kCloses[] = {
      {"close", "close"},
      {"close_upper", "CLOSE"},
      {"close_mixed", "Close"},
      {"close_last", "foo, close"},
      {"close_first", "close, foo"},
      {"close_tight", "foo,close"},
      {"close_tab", "close\t"},
      {"close_and_keep_alive", "keep-alive, close"},
      {"close_between", "a , close , b"},
      {"close_after_empty", ", close"},
      {"close_twice", "close, close"},
  };
  for (const auto& [id, value] : kCloses) {
    table.closes(id, "RFC 9112 9.3, 9.6", get("/plaintext", "Connection: " + std::string(value) + "\r\n"), {200})
        .expect_field("Connection", "close");
  }
  table.closes("close_in_second_field", "RFC 9112 9.6", get("/plaintext", "Connection: foo\r\nConnection: close\r\n"),
               {200});
  table.closes("close_in_first_field", "RFC 9112 9.6",
               get("/plaintext", "Connection: close\r\nConnection: keep-alive\r\n"), {200});
  table.closes("close_name_in_any_case", "RFC 9110 5.1", get("/plaintext", "cOnNeCtIoN: close\r\n"), {200});
  for (const std::string_view value : {"keep-alive", "closed", "xclose", "close-x", "foo", "", "upgrade, foo"}) {
    const std::string id =
        "kept_" + std::to_string(value.size()) + (value.empty() ? "" : "_" + std::string(value.substr(0, 1)));
    table.keeps(id, "RFC 9112 9.3", get("/plaintext", "Connection: " + std::string(value) + "\r\n"));
  }
  table.keeps("kept_by_default", "RFC 9112 9.3", get("/plaintext"));
  table.keeps("proxy_connection_has_no_meaning", "RFC 9112 C.2.2", get("/plaintext", "Proxy-Connection: close\r\n"));
  table.keeps("keep_alive_has_no_meaning", "RFC 9112 9.3", get("/plaintext", "Keep-Alive: timeout=0, max=1\r\n"));
  table.closes("close_with_content", "RFC 9112 9.6", sized("hello", "Connection: close\r\n"), {200})
      .expect_body("hello");
  table.closes("close_404", "RFC 9112 9.6", get("/missing", "Connection: close\r\n"), {404});
  table.closes("close_204", "RFC 9112 9.6", get("/nocontent", "Connection: close\r\n"), {204});
  table.closes("close_large", "RFC 9112 9.6", get("/large", "Connection: close\r\n"), {200})
      .expect_body(repeat("x", 100'000));
  table.closes("1_0_closes", "RFC 9112 9.3", get_1_0("Host: a\r\n"), {200});
  table.closes("1_0_close", "RFC 9112 9.3", get_1_0("Connection: close\r\n"), {200});
  table.closes("1_0_both", "RFC 9112 9.3", get_1_0("Connection: keep-alive, close\r\n"), {200});
  table.keeps("1_0_keep_alive", "RFC 9112 9.3, C.2.2", get_1_0("Connection: keep-alive\r\n"))
      .expect_field("Connection", "keep-alive");
  table.keeps("1_0_keep_alive_in_any_case", "RFC 9112 9.3", get_1_0("Connection: Keep-Alive\r\n"));
  table.keeps("1_0_keep_alive_list", "RFC 9112 9.3", get_1_0("Connection: foo, keep-alive\r\n"));
  table.keeps("1_0_keep_alive_then_1_1", "RFC 9112 9.3", get_1_0("Connection: keep-alive\r\n") + user("b"), {200, 200});
  table.closes("1_1_then_1_0", "RFC 9112 9.3", user("a") + get_1_0("") + user("hidden"), {200, 200});
}

void add_upgrades(CaseTable& table) {
  constexpr std::string_view kClause = "RFC 9110 7.8";
  table
      .keeps("upgrade_h2c", kClause,
             get("/plaintext",
                 "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"))
      .expect_body("Hello, World!");
  table.keeps("upgrade_websocket", kClause,
              get("/plaintext", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"));
  table
      .keeps("upgrade_then_request", kClause, get("/plaintext", "Connection: Upgrade\r\nUpgrade: foo\r\n") + user("b"),
             {200, 200})
      .expect_bodies({"Hello, World!", user_body("b")});
  table.keeps("upgrade_with_content", kClause, sized("hello", "Connection: Upgrade\r\nUpgrade: h2c\r\n"))
      .expect_body("hello");
  table
      .keeps("upgrade_with_chunks", kClause,
             echo("Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"))
      .expect_body("hello");
  table.keeps("upgrade_without_connection", kClause, get("/plaintext", "Upgrade: h2c\r\n"));
}

void add_pipelining(CaseTable& table) {
  constexpr std::string_view kClause = "RFC 9112 9.3.2";
  table.keeps("pipeline_2", kClause, user("a") + user("b"), {200, 200}).expect_bodies({user_body("a"), user_body("b")});
  std::string bytes;
  std::vector<std::string> bodies;
  for (int i = 0; i < 200; ++i) {
    bytes += user(std::to_string(i));
    bodies.push_back(user_body(std::to_string(i)));
  }
  table.keeps("pipeline_200", kClause, bytes, std::vector<Answer>(200, Answer(200))).expect_bodies(bodies);
  table.keeps("pipeline_of_all_kinds", kClause,
              user("a") + sized("one") + request("HEAD /plaintext") + chunked("3\r\ntwo\r\n0\r\n\r\n") +
                  get("/nocontent") + get("/missing") + request("PUT /json") + request("OPTIONS /json") + user("z"),
              {200, 200, to_head(200), 200, 204, 404, 405, 204, 200});
  table.keeps("pipeline_large_in_the_middle", kClause, user("a") + get("/large") + user("b"), {200, 200, 200})
      .expect_bodies({user_body("a"), repeat("x", 100'000), user_body("b")});
  table.closes("close_ends_the_pipeline", "RFC 9112 9.6", get("/plaintext", "Connection: close\r\n") + user("hidden"),
               {200});
  table.closes("close_in_the_middle", "RFC 9112 9.6",
               user("a") + get("/plaintext", "Connection: close\r\n") + repeat(user("hidden"), 20), {200, 200});
  const std::pair<std::string_view, std::pair<std::string, Answer>> kErrors[] = {
      {"malformed_line", {"GARBAGE\r\n\r\n", 400}},
      {"bad_version", {"GET / HTTP/3.0\r\n\r\n", 505}},
      {"bad_field", {get("/plaintext", "X-A : b\r\n"), 400}},
      {"no_host", {"GET /plaintext HTTP/1.1\r\n\r\n", 400}},
      {"bad_length", {get("/plaintext", "Content-Length: x\r\n"), 400}},
      {"too_large", {request("POST /small", "Content-Length: 17\r\n"), 413}},
      {"unknown_method", {request("FOO /"), 501}},
      {"bad_chunk", {chunked("x\r\n"), 400}},
      {"binary", {"\x80\x81\r\n\r\n", 400}},
  };
  for (const auto& [id, error] : kErrors) {
    table.closes("error_does_not_overtake_" + std::string(id), kClause, user("a") + user("b") + error.first,
                 {200, 200, error.second});
    table.closes("error_ends_the_pipeline_" + std::string(id), kClause, user("a") + error.first + user("hidden"),
                 {200, error.second});
  }
  table.closes("error_after_large", kClause, get("/large") + "GARBAGE\r\n\r\n", {200, 400});
}

void add_half_close(CaseTable& table) {
  constexpr std::string_view kClause = "RFC 9112 9.6";
  table.closes("fin_after_get", kClause, get("/plaintext"), {200}).then_half_close().expect_body("Hello, World!");
  table.closes("fin_after_content", kClause, sized("hello"), {200}).then_half_close().expect_body("hello");
  table.closes("fin_after_chunks", kClause, chunked("5\r\nhello\r\n0\r\n\r\n"), {200})
      .then_half_close()
      .expect_body("hello");
  table.closes("fin_after_pipeline", kClause, user("a") + user("b") + user("c"), {200, 200, 200}).then_half_close();
  table.closes("fin_after_large", kClause, get("/large") + get("/large"), {200, 200}).then_half_close();
  table.closes("fin_after_close", kClause, get("/plaintext", "Connection: close\r\n"), {200}).then_half_close();
  table.closes("fin_after_404", kClause, get("/missing"), {404}).then_half_close();
  table.closes("fin_after_error", kClause, "GARBAGE\r\n\r\n", {400}).then_half_close();
  table.closes("fin_in_second_head", kClause, user("a") + "GET /users/b HTTP/1.1\r\nHost:", {200, 400})
      .then_half_close();
  table.closes("fin_in_second_line", kClause, user("a") + "GET", {200, 400}).then_half_close();
}

void add_target_forms(CaseTable& table) {
  const auto absolute = [](std::string_view target) { return get(target); };
  constexpr std::string_view kClause = "RFC 9112 3.2.2";
  table.keeps("absolute", kClause, absolute("http://weir.test/plaintext")).expect_body("Hello, World!");
  table.keeps("absolute_port", kClause, absolute("http://weir.test:8080/plaintext")).expect_body("Hello, World!");
  table.keeps("absolute_other_host", kClause, absolute("http://other.test/plaintext")).expect_body("Hello, World!");
  table.keeps("absolute_upper_scheme", "RFC 3986 3.1", absolute("HTTP://weir.test/plaintext"))
      .expect_body("Hello, World!");
  table.keeps("absolute_query", kClause, absolute("http://weir.test/query?q=a")).expect_body("a");
  table.keeps("absolute_ipv6", kClause, absolute("http://[::1]:80/plaintext")).expect_body("Hello, World!");
  table.keeps("absolute_no_path", "RFC 9110 4.2.3", absolute("http://weir.test"), {404});
  table.keeps("absolute_no_path_query", "RFC 9110 4.2.3", absolute("http://weir.test?a=b"), {404});
  table.keeps("absolute_escape", kClause, absolute("http://weir.test/%70laintext")).expect_body("Hello, World!");
  table.closes("absolute_1_0_no_host", kClause, "GET http://weir.test/plaintext HTTP/1.0\r\n\r\n", {200});
  table.refuses("absolute_no_host_field", "RFC 9112 3.2", "GET http://weir.test/plaintext HTTP/1.1\r\n\r\n");
  table.refuses("absolute_no_host", "RFC 9110 4.2.1", absolute("http:///plaintext"));
  table.refuses("absolute_userinfo", "RFC 9110 4.2.4", absolute("http://user@weir.test/plaintext"));
  table.refuses("absolute_bad_port", kClause, absolute("http://weir.test:x/plaintext"));
  table.refuses("absolute_bad_host", kClause, absolute("http://[::1/plaintext"));
  table.refuses("absolute_other_scheme", kClause, absolute("ftp://weir.test/plaintext"));
  table.refuses("absolute_no_authority", kClause, absolute("http:/plaintext"));
  table.refuses("absolute_fragment", kClause, absolute("http://weir.test/plaintext#a"));
  table.refuses("absolute_no_scheme", kClause, absolute("weir.test/plaintext"));
  table.refuses("authority_with_get", "RFC 9112 3.2.3", absolute("weir.test:80"));
  table.refuses("relative", "RFC 9112 3.2.1", absolute("plaintext"));
  table.refuses("query_only", "RFC 9112 3.2.1", absolute("?q=a"));
  table.refuses("fragment_only", "RFC 9112 3.2.1", absolute("#a"));
}

}  // namespace

std::vector<Case> connection_cases() {
  CaseTable table;
  add_persistence(table);
  add_upgrades(table);
  add_pipelining(table);
  add_half_close(table);
  add_target_forms(table);
  return table.take();
}

}  // namespace weir::conformance
