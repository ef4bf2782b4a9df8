// SPDX-License-Identifier: MIT
// Messages with two readings, and bytes after a message: RFC 9112 sections 6.1, 6.3, 9.3.2 and 11.2.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

constexpr std::string_view kHidden = "GET /users/hidden HTTP/1.1\r\nHost: weir.test\r\n\r\n";

void add_both_framings(CaseTable& table) {
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  const std::string coding = "Transfer-Encoding: chunked\r\n";
  const std::pair<std::string_view, std::string> kFields[] = {
      {"length_then_coding", "Content-Length: 15\r\n" + coding},
      {"coding_then_length", coding + "Content-Length: 15\r\n"},
      {"length_0_and_coding", "Content-Length: 0\r\n" + coding},
      {"length_short_and_coding", "Content-Length: 3\r\n" + coding},
      {"length_on_both_sides", "Content-Length: 15\r\n" + coding + "Content-Length: 15\r\n"},
      {"empty_length_and_coding", "Content-Length:\r\n" + coding},
      {"bad_length_and_coding", "Content-Length: x\r\n" + coding},
      {"length_and_unknown_coding", "Content-Length: 15\r\nTransfer-Encoding: gzip\r\n"},
      {"length_and_identity", "Content-Length: 15\r\nTransfer-Encoding: identity\r\n"},
      {"length_and_empty_coding", "Content-Length: 15\r\nTransfer-Encoding:\r\n"},
      {"length_and_two_codings", "Content-Length: 15\r\nTransfer-Encoding: gzip, chunked\r\n"},
      {"length_and_obfuscated_coding", "Content-Length: 15\r\nTransfer-Encoding: xchunked\r\n"},
      {"length_and_coding_far_apart", "Content-Length: 15\r\n" + repeat("X-A: b\r\n", 20) + coding},
      {"huge_length_and_coding", "Content-Length: 99999999999999999999\r\n" + coding},
  };
  for (const auto& [id, fields] : kFields) table.refuses(id, "RFC 9112 6.1, 6.3", echo(fields, body));
  table.refuses("cl_te", "RFC 9112 11.2", echo("Content-Length: 6\r\n" + coding, "0\r\n\r\nG"));
  table.refuses("te_cl", "RFC 9112 11.2",
                echo("Content-Length: 4\r\n" + coding, "5c\r\n" + std::string(kHidden) + "\r\n0\r\n\r\n"));
  table.refuses("both_in_1_0", "RFC 9112 6.1",
                "POST /echo HTTP/1.0\r\nContent-Length: 15\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  table.refuses("coding_in_1_0", "RFC 9112 6.1", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  table.refuses("coding_in_1_0_keep_alive", "RFC 9112 6.1",
                "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
  table.refuses("coding_on_head_in_1_0", "RFC 9112 6.1, RFC 9110 9.3.2",
                "HEAD /plaintext HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + body, to_head(400));
}

// Spellings that one parser takes for Transfer-Encoding and another does not.
void add_obfuscated_codings(CaseTable& table) {
  const std::pair<std::string_view, std::string> kRefused[] = {
      {"space_before_colon", "Transfer-Encoding : chunked\r\n"},
      {"tab_before_colon", "Transfer-Encoding\t: chunked\r\n"},
      {"space_before_name", " Transfer-Encoding: chunked\r\n"},
      {"tab_before_name", "\tTransfer-Encoding: chunked\r\n"},
      {"nul_in_name", "Transfer-\0Encoding: chunked\r\n"s},
      {"nul_before_colon", "Transfer-Encoding\0: chunked\r\n"s},
      {"nul_before_name", "\0Transfer-Encoding: chunked\r\n"s},
      {"cr_before_name", "X-A: b\rTransfer-Encoding: chunked\r\n"},
      {"lf_before_name", "X-A: b\nTransfer-Encoding: chunked\r\n"},
      {"cr_cr_before_name", "X-A: b\r\rTransfer-Encoding: chunked\r\n"},
      {"lf_cr_before_name", "X-A: b\n\rTransfer-Encoding: chunked\r\n"},
      {"folded_value", "Transfer-Encoding:\r\n chunked\r\n"},
      {"folded_value_inside", "Transfer-Encoding: chun\r\n ked\r\n"},
      {"folded_name", "Transfer-\r\n Encoding: chunked\r\n"},
      {"folded_into_another", "X-A: b\r\n Transfer-Encoding: chunked\r\n"},
      {"cr_in_value", "Transfer-Encoding: chunked\r\r\n"},
      {"lf_after_value", "Transfer-Encoding: chunked\n"},
      {"name_in_quotes", "\"Transfer-Encoding\": chunked\r\n"},
      {"space_in_name", "Transfer Encoding: chunked\r\n"},
      {"high_byte_in_name", "Transfer-Encoding\xa0: chunked\r\n"},
      {"colon_missing", "Transfer-Encoding chunked\r\n"},
      {"equals_sign", "Transfer-Encoding= chunked\r\n"},
  };
  for (const auto& [id, fields] : kRefused) {
    table.refuses("coding_" + std::string(id), "RFC 9112 5.1, 11.2",
                  echo(fields + "Content-Length: 5\r\n", "0\r\n\r\n"));
  }
  // Fields of other names: legal, and without effect.
  for (const std::string name : {"Transfer_Encoding", "X-Transfer-Encoding", "Transfer-Encoding-X", "Transfer-Encodin",
                                 "TransferEncoding", "Transfer-Encoding!", "TE"}) {
    const std::string id = "coding_named_" + replaced(replaced(replaced(name, "-", "_"), "-", "_"), "!", "_bang");
    table.keeps(id, "RFC 9110 5.1", echo(name + ": chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"))
        .expect_body("0\r\n\r\n");
  }
}

void add_obfuscated_lengths(CaseTable& table) {
  const std::pair<std::string_view, std::string> kRefused[] = {
      {"space_before_colon", "Content-Length : 5\r\n"},    {"space_before_name", "X-A: b\r\n Content-Length: 5\r\n"},
      {"nul_in_name", "Content-Length\0: 5\r\n"s},         {"cr_before_name", "X-A: b\rContent-Length: 5\r\n"},
      {"lf_before_name", "X-A: b\nContent-Length: 5\r\n"}, {"folded_value", "Content-Length:\r\n 5\r\n"},
      {"folded_digits", "Content-Length: 5\r\n 5\r\n"},    {"lf_after_value", "Content-Length: 5\n"},
      {"cr_in_value", "Content-Length: 5\r\r\n"},          {"cr_before_value", "Content-Length:\r5\r\n"},
  };
  for (const auto& [id, fields] : kRefused) {
    table.refuses("length_" + std::string(id), "RFC 9112 5.1, 11.2", echo(fields, "hello"));
  }
  for (const std::string name : {"Content_Length", "X-Content-Length", "Content-Length-X", "ContentLength"}) {
    const std::string id = "length_named_" + replaced(replaced(name, "-", "_"), "-", "_");
    table.keeps(id, "RFC 9110 5.1", echo(name + ": 5\r\n", get("/users/second")), {200, 200})
        .expect_bodies({"", R"({"id":"second"})"});
  }
}

// What looks like a request inside a content is content: for every method and every answer.
void add_hidden_requests(CaseTable& table) {
  const std::string body(kHidden);
  const std::string length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  table.keeps("content_of_get", "RFC 9112 6.3", request("GET /plaintext", length, body)).expect_body("Hello, World!");
  table.keeps("content_of_post", "RFC 9112 6.3", request("POST /echo", length, body)).expect_body(body);
  table.keeps("content_of_head", "RFC 9112 6.3", request("HEAD /plaintext", length, body), {to_head(200)});
  table.keeps("content_of_options", "RFC 9112 6.3", request("OPTIONS /plaintext", length, body), {204});
  table.keeps("content_of_options_asterisk", "RFC 9112 6.3", request("OPTIONS *", length, body), {either(204, 200)});
  table.keeps("content_of_404", "RFC 9112 6.3", request("POST /missing", length, body), {404});
  table.keeps("content_of_405", "RFC 9112 6.3", request("POST /plaintext", length, body), {405});
  table.keeps("content_of_204", "RFC 9112 6.3", request("GET /nocontent", length, body), {204});
  table.keeps("content_of_delete", "RFC 9112 6.3", request("DELETE /users/a", length, body), {405});
  table.answers("content_of_bad_path", "RFC 9112 6.3", request("GET /../x", length, body), {400});
  const std::string coded = "2f\r\n" + body + "\r\n0\r\n\r\n";
  const std::string coding = "Transfer-Encoding: chunked\r\n";
  table.keeps("chunks_of_get", "RFC 9112 6.3", request("GET /plaintext", coding, coded)).expect_body("Hello, World!");
  table.keeps("chunks_of_404", "RFC 9112 6.3", request("POST /missing", coding, coded), {404});
  table.keeps("chunks_of_405", "RFC 9112 6.3", request("PUT /plaintext", coding, coded), {405});
  table.keeps("chunks_of_head", "RFC 9112 6.3", request("HEAD /plaintext", coding, coded), {to_head(200)});
  table.refuses("content_of_unknown_method", "RFC 9112 6.3", request("FOO /plaintext", length, body), 501);
  table.refuses("content_of_bad_host", "RFC 9112 6.3", "POST /echo HTTP/1.1\r\nHost: a b\r\n" + length + "\r\n" + body);
  table.refuses("content_above_limit", "RFC 9112 6.3", request("POST /small", length, body), 413);
  table.refuses("bad_chunk_then_request", "RFC 9112 7.1", chunked("x\r\n" + body));
}

void add_what_follows(CaseTable& table) {
  table.keeps("request_after_content", "RFC 9112 9.3.2", sized("hello") + get("/users/b"), {200, 200})
      .expect_bodies({"hello", R"({"id":"b"})"});
  table.closes("junk_after_content", "RFC 9112 9.3.2", sized("hello") + "junk\r\n\r\n", {200, 400})
      .expect_bodies({"hello"});
  table.closes("content_longer_than_length", "RFC 9112 6.3", echo("Content-Length: 5\r\n", "hello world\r\n\r\n"),
               {200, 400});
  table.closes("content_without_length", "RFC 9112 6.3", request("POST /echo") + "hello\r\n\r\n", {200, 400});
  table.closes("content_of_get_without_length", "RFC 9112 6.3", get("/plaintext") + "a=b\r\n\r\n", {200, 400});
  table.closes("length_ends_within_request", "RFC 9112 9.3.2", echo("Content-Length: 3\r\n", kHidden), {200, 400});
  table.refuses("content_cut_by_fin", "RFC 9112 8", echo("Content-Length: 9\r\n", "hello")).then_half_close();
  table.refuses("chunks_cut_by_fin", "RFC 9112 8", chunked("5\r\nhello\r\n")).then_half_close();
  table.refuses("head_cut_by_fin", "RFC 9112 8", "GET /plaintext HTTP/1.1\r\nHost: we").then_half_close();
}

}  // namespace

std::vector<Case> smuggling_cases() {
  CaseTable table;
  add_both_framings(table);
  add_obfuscated_codings(table);
  add_obfuscated_lengths(table);
  add_hidden_requests(table);
  add_what_follows(table);
  return table.take();
}

}  // namespace weir::conformance
