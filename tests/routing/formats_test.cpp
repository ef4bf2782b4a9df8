// SPDX-License-Identifier: MIT
#include <weir/routing/formats.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace weir::routing {
namespace {

void expect_good(std::string_view format, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) EXPECT_TRUE(has_format(format, text)) << format << " '" << text << "'";
}

void expect_bad(std::string_view format, std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) EXPECT_FALSE(has_format(format, text)) << format << " '" << text << "'";
}

// `good` with each byte in turn inserted at `place`, but for those in `allowed`.
void expect_only(std::string_view allowed, std::string_view format, const std::string& good, std::size_t place) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string text = good;
    text.insert(place, 1, static_cast<char>(byte));
    const bool is_allowed = allowed.find(static_cast<char>(byte)) != std::string_view::npos;
    EXPECT_EQ(has_format(format, text), is_allowed) << format << " '" << text << "' " << byte;
  }
}

constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

std::string with(std::string_view more) {
  return std::string(kAlphanumeric) + std::string(more);
}

TEST(FormatsTest, KnownOnesAreKnown) {
  for (const char* const name : {"date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uuid"}) {
    EXPECT_TRUE(is_known_format(name)) << name;
    EXPECT_FALSE(has_format(name, "")) << name;
    EXPECT_FALSE(has_format(name, "\x01")) << name;
  }
}

TEST(FormatsTest, AnUnknownFormatTakesAnything) {
  for (const char* const name : {"", "Date", "time", "regex", "uri-reference", "date ", "idn-email"}) {
    EXPECT_FALSE(is_known_format(name)) << name;
    EXPECT_TRUE(has_format(name, "")) << name;
    EXPECT_TRUE(has_format(name, "anything")) << name;
  }
}

TEST(FormatsTest, Date) {
  expect_good("date", {"2026-11-24", "2024-02-29", "0000-01-01", "9999-12-31"});
  expect_bad("date", {"2026-02-29", "2026-11-24T12:00:00Z", "2026-13-01", "20261124", "24.11.2026"});
}

TEST(FormatsTest, DateTimeIsOfAnyYearAndPrecision) {
  expect_good("date-time", {"2026-11-24T12:00:00Z", "0000-01-01t00:00:00z", "9999-12-31T23:59:60Z",
                            "2026-11-24T12:00:00.123456789012+14:00"});
  expect_bad("date-time", {"2026-11-24", "2026-11-24T12:00:00", "2026-11-24 12:00:00Z", "2026-02-29T12:00:00Z",
                           "2026-11-24T23:58:60Z", "2026-11-24T24:00:00Z"});
}

TEST(FormatsTest, DurationHasAFixedLength) {
  expect_good("duration", {"P1W", "P1DT2H", "PT0.25S", "-PT1S"});
  expect_bad("duration", {"P", "PT", "P1Y", "P1M", "P1W1D", "1h", "PT9223372037S"});
}

TEST(FormatsTest, Uuid) {
  expect_good("uuid", {"f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"});
  expect_bad("uuid", {"f81d4fae7dec11d0a76500a0c91e6bf6", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
                      "g81d4fae-7dec-11d0-a765-00a0c91e6bf6"});
}

TEST(FormatsTest, EmailIsWhatHtmlTakes) {
  expect_good("email", {"joe.bloggs@example.com", "a@b", "te~st@example.com", "~@a.b", ".@a", "a..b@example.com",
                        "a.@example.com", "x+tag@sub.example.org", "a@1.2.3.4", "a@xn--bcher-kva.example"});
  expect_bad("email", {"2962",
                       "@",
                       "a@",
                       "@b",
                       "a@b@c",
                       "a@.b",
                       "a@b.",
                       "a@b..c",
                       "a@-b",
                       "a@b-",
                       "a@b.-c.d",
                       "a b@c",
                       "a@b c",
                       "\"joe bloggs\"@example.com",
                       "a@[127.0.0.1]",
                       "a@b_c",
                       "joe@example.com ",
                       " joe@example.com",
                       "Joe <joe@example.com>",
                       "(comment)a@b",
                       "a,b@c",
                       "j\xc3\xbc@example.com",
                       "a@b\xc3\xbc.example"});
}

TEST(FormatsTest, EmailNamesHaveTheseCharacters) {
  expect_only(with("!#$%&'*+-/=?^_`{|}~."), "email", "ab@c", 1);
  expect_only(with("-."), "email", "a@bc", 3);
}

TEST(FormatsTest, EmailLabelsAreBoundedButNotTheirNumber) {
  const std::string label(63, 'a');
  EXPECT_TRUE(has_format("email", "a@" + label + "." + label));
  EXPECT_FALSE(has_format("email", "a@" + label + "a"));
  EXPECT_FALSE(has_format("email", "a@b." + label + "a"));
  EXPECT_TRUE(has_format("email", "a@" + label + "." + label + "." + label + "." + label + "." + label));
  EXPECT_TRUE(has_format("email", std::string(300, 'a') + "@b"));
}

TEST(FormatsTest, Hostname) {
  expect_good("hostname", {"a", "1", "localhost", "www.example.com", "EXAMPLE.org", "3com.com", "1host", "a-b.c--d",
                           "xn--4gbwdl.xn--wgbh1c", "1.2.3.4", "a.1"});
  expect_bad("hostname", {".", "a.", ".a", "a..b", "-a", "a-", "a.-b", "a-.b", "-", "a_b", "a b", "a/b", "a:80",
                          "[::1]", "\xc3\xbc.example", "www.example.com\n", "*.example.com", "a%20b"});
}

TEST(FormatsTest, HostnamesHaveTheseCharacters) {
  expect_only(with("-."), "hostname", "ab", 1);
  expect_only(kAlphanumeric, "hostname", "ab", 0);
  expect_only(kAlphanumeric, "hostname", "ab", 2);
}

TEST(FormatsTest, HostnamesAndTheirLabelsAreBounded) {
  const std::string label(63, 'a');
  const std::string name_190 = label + "." + label + "." + std::string(62, 'a');
  EXPECT_TRUE(has_format("hostname", label));
  EXPECT_FALSE(has_format("hostname", label + "a"));
  EXPECT_FALSE(has_format("hostname", label + "a.b"));
  EXPECT_TRUE(has_format("hostname", name_190 + "." + std::string(62, 'b')));
  EXPECT_FALSE(has_format("hostname", name_190 + "." + std::string(63, 'b')));
}

TEST(FormatsTest, IpV4) {
  expect_good("ipv4", {"0.0.0.0", "127.0.0.1", "255.255.255.255", "192.168.10.9"});
  expect_bad("ipv4",
             {"256.0.0.1",  "1.256.0.1", "1.0.0.256", "1.2.3",    "1.2.3.4.5", "1.2.3.",    ".1.2.3",     "1..2.3",
              "01.2.3.4",   "1.2.3.04",  "00.0.0.0",  "1.2.3.4 ", " 1.2.3.4",  "1.2.3.4/8", "1.2.3.4:80", "0x7f.0.0.1",
              "2130706433", "127.1",     "-1.2.3.4",  "+1.2.3.4", "1.2.3.a",   "::1",       "1000.2.3.4", "1.2.3.4\n"});
  EXPECT_FALSE(has_format("ipv4", std::string_view("1.2.3.4\0", 8)));
  EXPECT_FALSE(has_format("ipv4", std::string_view("1.2.3.4\0.5", 10)));
}

TEST(FormatsTest, IpV6) {
  expect_good("ipv6", {"::", "::1", "1::", "2001:db8::7", "2001:DB8::aBcD", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8",
                       "1:2:3:4:5:6:7::", "1:2:3::5:6:7:8", "::ffff:192.0.2.1", "1:2:3:4:5:6:1.2.3.4", "0001:0::0",
                       "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255"});
  expect_bad("ipv6", {":",
                      ":::",
                      "1",
                      "1:2:3:4:5:6:7",
                      "1:2:3:4:5:6:7:8:9",
                      "1::2::3",
                      "12345::",
                      "00001::",
                      "g::",
                      "1:2:3:4:5:6:7:",
                      ":1:2:3:4:5:6:7",
                      ":2:3:4:5:6:7:8",
                      "1:2:3:4:5:6:7:1.2.3.4",
                      "::1.2.3",
                      "::1.2.3.256",
                      "::01.2.3.4",
                      "::1.2.3.4:5",
                      "[::1]",
                      "fe80::1%eth0",
                      "::1/64",
                      " ::1",
                      "::1 ",
                      "127.0.0.1",
                      "1:2:3:4::5:6:7:8:9",
                      "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.2550"});
  EXPECT_FALSE(has_format("ipv6", std::string_view("::1\0", 4)));
}

TEST(FormatsTest, UriExamplesOfTheRfc) {
  expect_good("uri", {"ftp://ftp.is.co.za/rfc/rfc1808.txt", "http://www.ietf.org/rfc/rfc2396.txt",
                      "ldap://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com",
                      "news:comp.infosystems.www.servers.unix", "tel:+1-816-555-1212", "telnet://192.0.2.16:80/",
                      "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
                      "foo://example.com:8042/over/there?name=ferret#nose"});
}

TEST(FormatsTest, UriPartsMayBeMissingButTheScheme) {
  expect_good("uri", {"a:",
                      "a:?",
                      "a:#",
                      "a:?#",
                      "http://",
                      "http:///",
                      "file:///etc/hosts",
                      "http://h?q",
                      "http://h#f",
                      "http://h:",
                      "http://h:/p",
                      "http://@h",
                      "http://u:p@h:65535/",
                      "a:/",
                      "a:b//c",
                      "a+b-c.1:x",
                      "http://h/a//b;c=d/@:",
                      "a:b?c/d?e",
                      "a:b#c/d?e",
                      "HTTP://H/%7e%7E"});
  expect_bad("uri", {"//example.com/", "/a", "a", ":a", "1a:b", "+a:b", "a_b:c", "a b:c", "?a:b", "#a:b", "a/b:c",
                     "\\\\WINDOWS\\share", "bar,baz:foo"});
}

TEST(FormatsTest, UriAuthority) {
  expect_good("uri",
              {"http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com", "http://a_b.c", "http://[::1]", "http://[::1]:80",
               "http://u@[::ffff:1.2.3.4]/", "http://xn--bcher-kva.example", "http://a%20b/"});
  expect_bad("uri",
             {"http://a@b@c", "http://h:8a", "http://h:65536", "http://h:80:80", "http://[::1", "http://::1",
              "http://[::1]a", "http://[]", "http://[1.2.3.4]", "http://a[::1]", "https://[@example.org/test.txt",
              "http://u[@h", "http:// shouldfail.com", "http://h%", "http://h%2", "http://h%2g", "http://:80"});
}

TEST(FormatsTest, UriCharacters) {
  const std::string path = with("-._~!$&'()*+,;=:@/?#");
  expect_only(path, "uri", "http://h/ab", 10);
  expect_only(path, "uri", "urn:ab", 5);
  expect_only(path, "uri", "http://h?ab", 10);
  expect_only(path.substr(0, path.size() - 1), "uri", "http://h#ab", 10);
}

TEST(FormatsTest, UriEscapesAreWhole) {
  EXPECT_FALSE(has_format("uri", std::string_view("a:%41").substr(0, 4)));  // Nothing behind the end is read.
  for (const std::string before : {"a:", "a:/", "a:?", "a:#", "http://", "http://h/", "http://h?"}) {
    EXPECT_TRUE(has_format("uri", before + "%00%fF")) << before;
    for (const char* const escape : {"%", "%4", "%4g", "%g4", "%%41", "% 1", "%4%41"}) {
      EXPECT_FALSE(has_format("uri", before + escape)) << before << escape;
    }
  }
}

}  // namespace
}  // namespace weir::routing
