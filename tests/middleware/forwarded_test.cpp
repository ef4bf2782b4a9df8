// SPDX-License-Identifier: MIT
#include <middleware/internal/forwarded.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware::internal {
namespace {

std::vector<std::string> elements_of(std::string_view list) {
  std::vector<std::string> elements;
  while (!list.empty()) elements.emplace_back(take_last_element(list));
  return elements;
}

// "node scheme host", each "-" where it is not told.
std::string parsed(std::string_view element) {
  const auto forwarded = parse_forwarded(element);
  if (!forwarded) return "malformed";
  const auto told = [](std::string_view text) { return text.empty() ? std::string("-") : std::string(text); };
  return told(forwarded->node ? forwarded->node->text() : "") + " " + told(forwarded->scheme) + " " +
         told(forwarded->host);
}

using Elements = std::vector<std::string>;

TEST(ElementsTest, TheyComeFromTheLastToTheFirst) {
  EXPECT_EQ(elements_of("a, b ,\tc"), (Elements{"c", "b", "a"}));
  EXPECT_EQ(elements_of("a"), (Elements{"a"}));
  EXPECT_EQ(elements_of("a,,b,"), (Elements{"", "b", "", "a"}));
}

TEST(ElementsTest, QuotedCommasDoNotSeparate) {
  EXPECT_EQ(elements_of(R"(for="a,b", for=c)"), (Elements{"for=c", R"(for="a,b")"}));
  EXPECT_EQ(elements_of(R"(x, y="a,\",b")"), (Elements{R"(y="a,\",b")", "x"}));
  EXPECT_EQ(elements_of(R"(x, y="a,\\", z)"), (Elements{"z", R"(y="a,\\")", "x"}));
  EXPECT_EQ(elements_of(R"(x, y="\\\",", z="")"), (Elements{R"(z="")", R"(y="\\\",")", "x"}));
}

TEST(ElementsTest, AQuoteLeftOpenHidesNothingBehindIt) {
  EXPECT_EQ(elements_of(R"(for="evil, for=192.0.2.1)").front(), "for=192.0.2.1");
  EXPECT_EQ(elements_of(R"(for="evil\", for=192.0.2.1)").front(), "for=192.0.2.1");
  EXPECT_EQ(elements_of(R"(for="evil, for="[::1]")").front(), R"(for="[::1]")");
}

TEST(ForwardedTest, AnElementTellsNodeSchemeAndHost) {
  EXPECT_EQ(parsed("for=192.0.2.1;proto=https;host=a.example"), "192.0.2.1 https a.example");
  EXPECT_EQ(parsed("host=a.example;by=10.0.0.1;for=192.0.2.1"), "192.0.2.1 - a.example");
  EXPECT_EQ(parsed("proto=http"), "- http -");
}

TEST(ForwardedTest, NamesAndSchemesHaveNoCase) {
  EXPECT_EQ(parsed("FOR=192.0.2.1;Proto=HTTPS;HoSt=A.example"), "192.0.2.1 https A.example");
}

TEST(ForwardedTest, ValuesMayBeQuoted) {
  EXPECT_EQ(parsed(R"(for="192.0.2.1";proto="https";host="a.example:8080")"), "192.0.2.1 https a.example:8080");
  EXPECT_EQ(parsed(R"(for="192.0.2.1:4711")"), "192.0.2.1:4711 - -");
}

TEST(ForwardedTest, Ipv6IsQuotedAndInBrackets) {
  EXPECT_EQ(parsed(R"(for="[2001:db8::1]")"), "[2001:db8::1] - -");
  EXPECT_EQ(parsed(R"(for="[2001:db8::1]:4711")"), "[2001:db8::1]:4711 - -");
  EXPECT_EQ(parsed(R"(for="[2001:db8::1]:_port")"), "[2001:db8::1] - -");
  EXPECT_EQ(parsed(R"(for="[::ffff:192.0.2.1]")"), "192.0.2.1 - -");
  EXPECT_EQ(parsed(R"(for="2001:db8::1")"), "malformed");
  EXPECT_EQ(parsed("for=[2001:db8::1]"), "malformed");
}

TEST(ForwardedTest, NamesInPlaceOfAnAddressAreNoNode) {
  EXPECT_EQ(parsed("for=unknown;proto=https"), "- https -");
  EXPECT_EQ(parsed("for=Unknown"), "- - -");
  EXPECT_EQ(parsed(R"(for="unknown:80")"), "- - -");
  EXPECT_EQ(parsed("for=_hidden;host=a"), "- - a");
  EXPECT_EQ(parsed("for=_SEVKISEK.a-b_c"), "- - -");
  EXPECT_EQ(parsed("for=_"), "malformed");
  EXPECT_EQ(parsed("for=_a~b"), "malformed");
  EXPECT_EQ(parsed("for=hidden"), "malformed");
}

TEST(ForwardedTest, OtherPairsAreLetPass) {
  EXPECT_EQ(parsed(R"(secret="a\"b;for=1.1.1.1";for=192.0.2.1)"), "192.0.2.1 - -");
  EXPECT_EQ(parsed("x=1;x=2;for=192.0.2.1"), "192.0.2.1 - -");
}

TEST(ForwardedTest, EmptyPairsAndBlanksAroundSemicolonsAreLetPass) {
  EXPECT_EQ(parsed(";for=192.0.2.1;;proto=http;"), "192.0.2.1 http -");
  EXPECT_EQ(parsed("for=192.0.2.1 ;\tproto=http"), "192.0.2.1 http -");
}

TEST(ForwardedTest, SayingAThingTwiceIsMalformed) {
  EXPECT_EQ(parsed("for=192.0.2.1;for=192.0.2.2"), "malformed");
  EXPECT_EQ(parsed("for=192.0.2.1;For=192.0.2.1"), "malformed");
  EXPECT_EQ(parsed("proto=http;proto=https"), "malformed");
  EXPECT_EQ(parsed("host=a;host=b"), "malformed");
}

TEST(ForwardedTest, WhatIsNoPairIsMalformed) {
  for (const char* const element : {"192.0.2.1",
                                    "for",
                                    "for=",
                                    "=192.0.2.1",
                                    "for =192.0.2.1",
                                    "for= 192.0.2.1",
                                    "for=192.0.2.1 proto=http",
                                    "for=192.0.2.1 x",
                                    "for=\"192.0.2.1",
                                    "for=192.0.2.1\"",
                                    "for=\"192.0.2.1\"x",
                                    "for=\"192.0.2.1\\\"",
                                    "for=\"192.0.2.\\1\"",
                                    "for=192.0.2.1:80",
                                    "for=192.0.2.1/24",
                                    "for=999.0.2.1",
                                    "f r=1",
                                    "host=a;x",
                                    "for=\"\"",
                                    "proto=ht/tp",
                                    "for=192.0.2.1;\x01=2",
                                    "\"for\"=192.0.2.1"}) {
    EXPECT_EQ(parsed(element), "malformed") << element;
  }
}

TEST(ForwardedTest, AnotherSchemeOrAHarmfulHostCountsAsNotTold) {
  EXPECT_EQ(parsed("for=192.0.2.1;proto=ftp"), "192.0.2.1 - -");
  EXPECT_EQ(parsed(R"(for=192.0.2.1;host="a/b")"), "192.0.2.1 - -");
  EXPECT_EQ(parsed(R"(for=192.0.2.1;proto="")"), "192.0.2.1 - -");
}

TEST(ForwardedForTest, ItIsANodeOrABareIpv6Address) {
  const auto text = [](std::string_view element) {
    const auto node = parse_forwarded_for(element);
    return node ? node->text() : "none";
  };
  EXPECT_EQ(text("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(text("192.0.2.1:4711"), "192.0.2.1:4711");
  EXPECT_EQ(text("2001:db8::1"), "[2001:db8::1]");
  EXPECT_EQ(text("[2001:db8::1]:4711"), "[2001:db8::1]:4711");
  EXPECT_EQ(text("::ffff:192.0.2.1"), "192.0.2.1");
  for (const char* const element : {"", "unknown", "_hidden", "a.example", "\"192.0.2.1\"", "192.0.2.1 192.0.2.2"}) {
    EXPECT_EQ(text(element), "none") << element;
  }
}

TEST(KnownSchemeTest, ThereAreTwo) {
  EXPECT_EQ(known_scheme("http"), "http");
  EXPECT_EQ(known_scheme("HttpS"), "https");
  for (const char* const text : {"", "ws", "https ", "https://", "httpss", "javascript"}) {
    EXPECT_EQ(known_scheme(text), "") << text;
  }
}

TEST(HarmlessHostTest, HostsMayHaveAPort) {
  for (const char* const host : {"a", "a.example", "A-b_c.example", "a.example:8080", "192.0.2.1", "192.0.2.1:80",
                                 "[2001:db8::1]", "[::1]:80"}) {
    EXPECT_EQ(harmless_host(host), host);
  }
}

TEST(HarmlessHostTest, AnythingElseIsNotTaken) {
  for (const char* const host :
       {"",      " a",       "a b",   "a/b",  "a?b", "a#b",    "u@a", "u:p@a", "a:b", "a:65536",
        "a:1:2", "a'b",      "a\"b",  "a<b",  "a&b", "a;b",    "a,b", "a(b)",  "a$b", "a%2fb",
        "a\\b",  "\xc3\xa4", "a\x01", "[::1", "[a]", "[::1]a", "::1", "a]"}) {
    EXPECT_EQ(harmless_host(host), "") << host;
  }
  EXPECT_EQ(harmless_host(std::string(253, 'a')), std::string(253, 'a'));
  EXPECT_EQ(harmless_host(std::string(254, 'a')), "");
}

}  // namespace
}  // namespace weir::middleware::internal
