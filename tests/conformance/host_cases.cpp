// SPDX-License-Identifier: MIT
// Host: RFC 9112 section 3.2, RFC 9110 section 7.2, RFC 3986 section 3.2.
#include "case.hpp"

namespace weir::conformance {
namespace {

using std::string_literals::operator""s;

std::string with_fields(std::string_view fields) {
  return std::string("GET /plaintext HTTP/1.1\r\n").append(fields).append("\r\n");
}
std::string with_host(std::string_view host) {
  return with_fields("Host: " + std::string(host) + "\r\n");
}

void add_accepted(CaseTable& table) {
  const std::pair<std::string_view, std::string_view> kHosts[] = {
      {"name", "weir.test"},
      {"name_and_port", "weir.test:8080"},
      {"one_label", "localhost"},
      {"one_letter", "a"},
      {"upper_case", "WEIR.TEST"},
      {"final_dot", "weir.test."},
      {"underscore", "_weir_._tcp.test"},
      {"sub_delims", "a!$&'()*+;=b"},
      {"escape", "w%65ir.test"},
      {"empty_port", "weir.test:"},
      {"port_65535", "weir.test:65535"},
      {"port_leading_zeros", "weir.test:00080"},
      {"ipv4", "192.0.2.1"},
      {"ipv4_and_port", "192.0.2.1:80"},
      {"ipv6_loopback", "[::1]"},
      {"ipv6_and_port", "[2001:db8::8:800:200c:417a]:8080"},
      {"ipv6_full", "[2001:db8:0:0:8:800:200c:417a]"},
      {"ipv6_any", "[::]"},
      {"ipv6_with_ipv4", "[::ffff:192.0.2.1]"},
      {"ipv6_upper_case", "[2001:DB8::A]"},
      {"ipv6_elided_end", "[2001:db8::]"},
      {"spaces_around", "   weir.test\t "},
      {"label_of_63_letters", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk.test"},
  };
  for (const auto& [id, host] : kHosts) table.keeps(id, "RFC 9110 7.2", with_host(host));
  table.keeps("field_name_in_any_case", "RFC 9110 5.1", with_fields("hOsT: weir.test\r\n"));
  table.closes("none_in_1_0", "RFC 9112 3.2", "GET /plaintext HTTP/1.0\r\n\r\n", {200});
  table.closes("one_in_1_0", "RFC 9112 3.2", "GET /plaintext HTTP/1.0\r\nHost: weir.test\r\n\r\n", {200});
}

void add_refused(CaseTable& table) {
  const std::pair<std::string_view, std::string> kHosts[] = {
      {"empty", ""},
      {"blank", " \t "},
      {"empty_name_and_port", ":80"},
      {"space_inside", "weir test"},
      {"tab_inside", "weir\ttest"},
      {"list", "a.test, b.test"},
      {"scheme", "http://weir.test"},
      {"path", "weir.test/plaintext"},
      {"query", "weir.test?a"},
      {"fragment", "weir.test#a"},
      {"userinfo", "user@weir.test"},
      {"userinfo_and_password", "user:secret@weir.test"},
      {"backslash", "weir.test\\a"},
      {"quote", "\"weir.test\""},
      {"angle_brackets", "<weir.test>"},
      {"braces", "{weir}"},
      {"caret", "we^ir"},
      {"pipe", "we|ir"},
      {"port_letters", "weir.test:http"},
      {"port_minus", "weir.test:-80"},
      {"port_plus", "weir.test:+80"},
      {"port_space", "weir.test: 80"},
      {"port_twice", "weir.test:80:80"},
      {"port_above_65535", "weir.test:65536"},
      {"port_huge", "weir.test:99999999999999999999"},
      {"escape_cut", "weir%4"},
      {"escape_bad", "weir%zz.test"},
      {"escape_alone", "%"},
      {"ipv6_without_brackets", "2001:db8::1"},
      {"ipv6_unclosed", "[::1"},
      {"ipv6_unopened", "::1]"},
      {"ipv6_empty", "[]"},
      {"ipv6_junk_after", "[::1]x"},
      {"ipv6_bad_port", "[::1]:x"},
      {"ipv6_bad_digit", "[::g]"},
      {"ipv6_two_elisions", "[1::2::3]"},
      {"ipv6_three_colons", "[:::]"},
      {"ipv6_too_few_groups", "[1:2]"},
      {"ipv6_too_many_groups", "[1:2:3:4:5:6:7:8:9]"},
      {"ipv6_five_digits", "[12345::]"},
      {"ipv6_is_ipv4", "[192.0.2.1]"},
      {"ipv6_bad_ipv4", "[::ffff:192.0.2]"},
      {"ipv6_ipv4_above_255", "[::ffff:192.0.2.256]"},
      {"ipv6_zone", "[fe80::1%eth0]"},
      {"bracket_inside", "we[ir"},
      {"high_byte", "w\xc3\xa9ir"},
      {"nul", "weir\0.test"s},
      {"control", "weir\x01.test"},
      {"delete", "weir\x7f.test"},
      {"name_above_253_bytes", repeat("abcdefgh.", 29)},
  };
  for (const auto& [id, host] : kHosts) table.refuses("refused_" + std::string(id), "RFC 9112 3.2", with_host(host));
}

void add_counts(CaseTable& table) {
  table.refuses("none", "RFC 9112 3.2", with_fields(""));
  table.refuses("none_but_others", "RFC 9112 3.2", with_fields("X-Host: weir.test\r\nHosts: a\r\n"));
  table.refuses("twice_same", "RFC 9112 3.2", with_fields("Host: weir.test\r\nHost: weir.test\r\n"));
  table.refuses("twice_different", "RFC 9112 3.2", with_fields("Host: a.test\r\nHost: b.test\r\n"));
  table.refuses("twice_apart_in_other_case", "RFC 9112 3.2", with_fields("Host: a\r\nX-A: b\r\nhOST: a\r\n"));
  table.refuses("twice_one_empty", "RFC 9112 3.2", with_fields("Host: a\r\nHost:\r\n"));
  table.refuses("twice_in_1_0", "RFC 9112 3.2", "GET /plaintext HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n");
  table.refuses("bad_in_1_0", "RFC 9112 3.2", "GET /plaintext HTTP/1.0\r\nHost: a b\r\n\r\n");
  table.refuses("space_before_colon", "RFC 9112 5.1", with_fields("Host : weir.test\r\n"));
  table.refuses("none_with_post", "RFC 9112 3.2", "POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
  table.refuses("none_for_missing_path", "RFC 9112 3.2", "GET /missing HTTP/1.1\r\n\r\n");
  table.refuses("none_for_head", "RFC 9112 3.2, RFC 9110 9.3.2", "HEAD /plaintext HTTP/1.1\r\n\r\n", to_head(400));
  table.refuses("none_for_options", "RFC 9112 3.2", "OPTIONS * HTTP/1.1\r\n\r\n");
}

}  // namespace

std::vector<Case> host_cases() {
  CaseTable table;
  add_accepted(table);
  add_refused(table);
  add_counts(table);
  return table.take();
}

}  // namespace weir::conformance
