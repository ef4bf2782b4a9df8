// SPDX-License-Identifier: MIT
#include <weir/http/syntax.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::http::syntax {
namespace {

TEST(TokenTest, ExactlyTheTokenCharactersAreTokens) {
  const std::string_view others = "!#$%&'*+-.^_`|~";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    EXPECT_EQ(is(c, kToken), is_alphanumeric || (c != '\0' && others.find(c) != std::string_view::npos)) << byte;
  }
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
}

TEST(FieldValueTest, ControlsButTabAreNotPartOfAValue) {
  for (int byte = 0; byte < 256; ++byte) {
    const bool is_allowed = byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    EXPECT_EQ(is(static_cast<char>(byte), kFieldValue), is_allowed) << byte;
  }
}

TEST(QueryTest, WhatBrowsersSendRawIsAllowedAndTheRestNot) {
  EXPECT_TRUE(all("a=b&c[]=d|e^{f}`g\\/?:@", kQuery));
  for (const char c : {'#', '"', '<', '>', ' ', '%', '\0', '\x7f', '\x80'}) EXPECT_FALSE(is(c, kQuery)) << int{c};
}

TEST(IsHostTest, ValidHostsAreTaken) {
  for (const char* const host : {"a",
                                 "example.org",
                                 "example.org:80",
                                 "example.org:",
                                 "127.0.0.1",
                                 "127.0.0.1:65535",
                                 "localhost:0",
                                 "[::1]",
                                 "[::1]:8080",
                                 "[::1]:",
                                 "[2001:db8::7]",
                                 "[::ffff:192.0.2.1]:80",
                                 "EXAMPLE.org",
                                 "a_b-c.d~e",
                                 "xn--bcher-kva.example",
                                 "a%20b",
                                 "%41",
                                 "a!$&'()*+,;=b",
                                 "1.2.3.4.5",
                                 "00:00080"}) {
    EXPECT_TRUE(is_host(host)) << host;
  }
}

TEST(IsHostTest, InvalidHostsAreRefused) {
  for (const char* const host :
       {"",         ":",         ":80",   "a:b",      "a:80:80",   "a:65536", "a:99999999999999999999",
        "a:-1",     "a:+80",     "a: 80", "a b",      "a/b",       "a?b",     "a#b",
        "user@a",   "a@",        "[",     "[]",       "[::1",      "::1",     "[::1]80",
        "[::1]:x",  "[::1]x:80", "[x]",   "[1]",      "[1.2.3.4]", "[:]",     "]",
        "a]",       "a,b@c",     "a%",    "a%4",      "a%zz",      "a\\b",    "a\tb",
        "\xc3\xa4", "a<b",       "a\"b",  "http://a", "[::1%eth0]"}) {
    EXPECT_FALSE(is_host(host)) << host;
  }
}

TEST(IsHostTest, ANameOf253BytesIsTheLongest) {
  EXPECT_TRUE(is_host(std::string(253, 'a')));
  EXPECT_TRUE(is_host(std::string(253, 'a') + ":80"));
  EXPECT_FALSE(is_host(std::string(254, 'a')));
}

}  // namespace
}  // namespace weir::http::syntax
