// SPDX-License-Identifier: MIT
// The request line: RFC 9112 sections 2.2, 2.3 and 3.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

constexpr std::string_view kTail = "\r\nHost: weir.test\r\n\r\n";

std::string with_line(std::string_view line) {
  return std::string(line).append(kTail);
}

void add_versions(CaseTable& table) {
  table.keeps("version_1_1", "RFC 9112 2.3", get("/plaintext")).expect_body("Hello, World!");
  table.closes("version_1_0", "RFC 9112 2.3", "GET /plaintext HTTP/1.0\r\n\r\n", {200}).expect_body("Hello, World!");
  for (const std::string version : {"0.0", "0.9", "1.2", "1.9", "2.0", "2.1", "3.0", "9.9"}) {
    const std::string id = "version_" + replaced(version, ".", "_");
    table.refuses(id, "RFC 9110 15.6.6", with_line("GET /plaintext HTTP/" + version), 505);
  }
  table.refuses("http2_preface", "RFC 9113 3.4, RFC 9110 15.6.6", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
  const std::pair<std::string_view, std::string_view> kMalformed[] = {
      {"version_lower_case", "http/1.1"},    {"version_mixed_case", "Http/1.1"}, {"version_two_digits", "HTTP/1.10"},
      {"version_leading_zero", "HTTP/01.1"}, {"version_no_dot", "HTTP/11"},      {"version_no_minor", "HTTP/1."},
      {"version_major_only", "HTTP/1"},      {"version_no_major", "HTTP/.1"},    {"version_comma", "HTTP/1,1"},
      {"version_letter", "HTTP/1.x"},        {"version_suffix", "HTTP/1.1x"},    {"version_minus", "HTTP/-1.1"},
      {"version_space_inside", "HTTP/ 1.1"}, {"version_no_slash", "HTTP1.1"},    {"version_other_name", "HTTPS/1.1"},
      {"version_icecast", "ICE/1.0"},        {"version_rtsp", "RTSP/1.0"},       {"version_shttp", "SHTTP/1.1"},
      {"version_slash_only", "HTTP/"},       {"version_name_only", "HTTP"},      {"version_three_parts", "HTTP/1.1.1"},
  };
  for (const auto& [id, version] : kMalformed) {
    table.refuses(id, "RFC 9112 2.3", with_line("GET /plaintext ").insert(15, version));
  }
  table.refuses("version_missing", "RFC 9112 3", with_line("GET /plaintext"));
  table.refuses("version_missing_no_fields", "RFC 9112 3", "GET /plaintext\r\n\r\n");
  table.refuses("version_missing_bare_lf", "RFC 9112 3", "GET /plaintext\nHost: weir.test\n\n");
  table.refuses("version_missing_space_left", "RFC 9112 3", with_line("GET /plaintext "));
  table.refuses("source_icecast", "RFC 9112 2.3", with_line("SOURCE /plaintext ICE/1.0"));
  table.refuses("describe_rtsp", "RFC 9112 2.3", with_line("DESCRIBE /plaintext RTSP/1.0"));
}

void add_spaces(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kLines[] = {
      {"space_double_before_target", "GET  /plaintext HTTP/1.1"},
      {"space_double_before_version", "GET /plaintext  HTTP/1.1"},
      {"space_at_front", " GET /plaintext HTTP/1.1"},
      {"space_at_end", "GET /plaintext HTTP/1.1 "},
      {"tab_before_target", "GET\t/plaintext HTTP/1.1"},
      {"tab_before_version", "GET /plaintext\tHTTP/1.1"},
      {"tab_at_end", "GET /plaintext HTTP/1.1\t"},
      {"space_in_target", "GET /plain text HTTP/1.1"},
      {"word_after_version", "GET /plaintext HTTP/1.1 junk"},
      {"vertical_tab_before_version", "GET /plaintext\vHTTP/1.1"},
      {"form_feed_before_target", "GET\f/plaintext HTTP/1.1"},
      {"cr_before_target", "GET\r/plaintext HTTP/1.1"},
      {"cr_before_version", "GET /plaintext\rHTTP/1.1"},
      {"cr_in_method", "G\rET /plaintext HTTP/1.1"},
      {"cr_doubled", "GET /plaintext HTTP/1.1\r"},
      {"target_missing", "GET  HTTP/1.1"},
      {"target_and_space_missing", "GET HTTP/1.1"},
      {"method_missing", " /plaintext HTTP/1.1"},
      {"method_and_space_missing", "/plaintext HTTP/1.1"},
      {"method_only", "GET"},
      {"no_space_after_method", "GET/plaintext HTTP/1.1"},
  };
  for (const auto& [id, line] : kLines) table.refuses(id, "RFC 9112 3", with_line(line));
  table.refuses("bare_lf", "RFC 9112 2.2", "GET /plaintext HTTP/1.1\nHost: weir.test\r\n\r\n");
  table.refuses("bare_lf_everywhere", "RFC 9112 2.2", "GET /plaintext HTTP/1.1\nHost: weir.test\n\n");
  table.refuses("bare_cr", "RFC 9112 2.2", "GET /plaintext HTTP/1.1\rHost: weir.test\r\n\r\n");
  table.refuses("nul_in_target", "RFC 9112 3.2", with_line("GET /plain\0text HTTP/1.1"s));
  table.refuses("nul_in_method", "RFC 9110 9.1", with_line("G\0ET /plaintext HTTP/1.1"s));
  table.refuses("nul_after_version", "RFC 9112 3", with_line("GET /plaintext HTTP/1.1\0"s));
  table.refuses("nul_at_front", "RFC 9112 3", with_line("\0GET /plaintext HTTP/1.1"s));
}

void add_empty_lines(CaseTable& table) {
  table.keeps("empty_line_before", "RFC 9112 2.2", "\r\n" + get("/plaintext"));
  table.keeps("empty_lines_before", "RFC 9112 2.2", "\r\n\r\n\r\n" + get("/plaintext"));
  table.keeps("empty_line_between", "RFC 9112 2.2", get("/plaintext") + "\r\n" + get("/plaintext"), {200, 200});
  table.keeps("empty_line_after_content", "RFC 9112 2.2", sized("hello") + "\r\n" + get("/plaintext"), {200, 200});
  table.refuses("empty_line_of_lf", "RFC 9112 2.2", "\n" + get("/plaintext"));
  table.refuses("empty_line_of_cr", "RFC 9112 2.2", "\r" + get("/plaintext"));
  table.refuses("empty_line_reversed", "RFC 9112 2.2", "\n\r" + get("/plaintext"));
  table.refuses("empty_line_with_space", "RFC 9112 2.2", " \r\n" + get("/plaintext"));
}

void add_other_protocols(CaseTable& table) {
  table.refuses("tls_client_hello", "RFC 9112 3", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03random bytes\r\n\r\n"s);
  table.refuses("ssh_banner", "RFC 9112 3", "SSH-2.0-OpenSSH_9.2\r\n");
  table.refuses("smtp_greeting", "RFC 9112 3", "EHLO weir.test\r\n");
  table.refuses("proxy_protocol", "RFC 9112 3", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + get("/plaintext"));
  table.refuses("response_line", "RFC 9112 2.1", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  table.refuses("byte_order_mark", "RFC 9112 3", "\xef\xbb\xbf" + get("/plaintext"));
}

}  // namespace

std::vector<Case> request_line_cases() {
  CaseTable table;
  add_versions(table);
  add_spaces(table);
  add_empty_lines(table);
  add_other_protocols(table);
  return table.take();
}

}  // namespace weir::conformance
