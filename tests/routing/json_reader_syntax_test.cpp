// SPDX-License-Identifier: MIT
// What is no JSON: each mistake is refused, with its place, wherever it stands.
#include <tests/routing/json_fixture.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace weir::routing {
namespace {

struct Case {
  std::string_view name;
  std::string text;
  std::size_t offset;
};

class JsonSyntaxTest : public testing::TestWithParam<Case> {};

struct Line {
  int a = 0;
  std::vector<int> list;
  std::string text;
  static constexpr auto describe() {
    return fields(field<&Line::a>(defaulted), field<&Line::list>(defaulted), field<&Line::text>(defaulted));
  }
};

TEST_P(JsonSyntaxTest, IsRefusedWithItsPlace) {
  // The other library takes a NUL for the end, and a byte order mark.
  const bool is_accepted = GetParam().text.find('\0') != std::string::npos || GetParam().name == "ByteOrderMark";
  EXPECT_TRUE(is_accepted || !nlohmann::json::accept(GetParam().text));
  EXPECT_EQ(refusal_of<Line>(GetParam().text), "syntax @" + std::to_string(GetParam().offset));
}

// Below a member that is not described, in a list, and where a text was expected.
TEST_P(JsonSyntaxTest, IsRefusedWhereItIsNotWanted) {
  if (GetParam().text.find_first_not_of(" \t\n") == std::string::npos) return;
  for (const auto& [head, tail] : {std::pair("{\"unknown\":", "}"), std::pair("{\"list\":[1,", "]}"),
                                   std::pair("{\"text\":", "}"), std::pair("{\"a\":{\"b\":[", "]}}")}) {
    const std::string text = head + GetParam().text + tail;
    if (nlohmann::json::accept(text)) continue;  // "1,2" may stand in a list
    EXPECT_EQ(refusal_of<Line>(text).substr(0, 8), "syntax @") << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, JsonSyntaxTest,
    testing::Values(
        // structure
        Case{"Empty", "", 0}, Case{"Blanks", " \t\r\n ", 0}, Case{"NoCommaInObject", R"({"a":1 "list":[]})", 7},
        Case{"NoCommaInList", R"({"list":[1 2]})", 11}, Case{"NoColon", R"({"a" 1})", 5},
        Case{"NoValue", R"({"a":})", 5}, Case{"NoKey", R"({:1})", 1}, Case{"BareKey", R"({a:1})", 1},
        Case{"NumberAsKey", R"({1:1})", 1}, Case{"SingleQuotes", R"({'a':1})", 1},
        Case{"CommaAtEndOfObject", R"({"a":1,})", 7}, Case{"CommaAtEndOfList", R"({"list":[1,]})", 11},
        Case{"CommaAlone", R"({,})", 1}, Case{"TwoCommas", R"({"list":[1,,2]})", 11},
        Case{"SemicolonForComma", R"({"list":[1;2]})", 9}, Case{"ObjectClosedAsList", R"({"a":1])", 6},
        Case{"ListClosedAsObject", R"({"list":[1}})", 10}, Case{"Comment", R"({"a":1/**/})", 5},
        Case{"Unclosed", R"({"a":1)", 6}, Case{"UnclosedAtStart", "{", 1}, Case{"UnclosedAfterKey", R"({"a")", 4},
        Case{"UnclosedAfterColon", R"({"a":)", 5}, Case{"UnclosedList", R"({"list":[1)", 10},
        Case{"UnclosedListInObject", R"({"list":[1})", 10}, Case{"ClosedTwice", R"({"a":1}})", 7},
        Case{"TwoValues", R"({"a":1} {"a":1})", 8}, Case{"TextBehind", R"({"a":1} x)", 8},
        Case{"CommaBehind", R"({"a":1},)", 7}, Case{"ScalarBehindScalar", "1 2", 2},
        Case{"CommaBehindScalar", "1,2", 2}, Case{"BracketBehindScalar", "1]", 1},
        Case{"ListsBehindScalar", "1] [2", 1}, Case{"NulBehind", std::string("{\"a\":1}\0", 8), 7},
        Case{"NulInside", std::string("{\"a\":1\0}", 8), 5}, Case{"NulBehindScalar", std::string("1\0", 2), 0},
        Case{"ByteOrderMark", "\xef\xbb\xbf{}", 0}, Case{"FormFeed", "{\f}", 1}, Case{"CloserAlone", "}", 0},
        // literals and numbers
        Case{"Literal", R"({"a":tru})", 5}, Case{"LiteralTooLong", R"({"a":truee})", 5},
        Case{"LiteralInUpperCase", R"({"a":True})", 5}, Case{"LiteralNull", R"({"a":nul})", 5},
        Case{"LiteralUnknown", R"({"a":undefined})", 5}, Case{"NaN", R"({"a":NaN})", 5},
        Case{"LeadingZero", R"({"a":01})", 5}, Case{"NegativeLeadingZero", R"({"a":-01})", 5},
        Case{"PointAtEnd", R"({"a":1.})", 5}, Case{"PointAtStart", R"({"a":.5})", 5}, Case{"Plus", R"({"a":+1})", 5},
        Case{"MinusAlone", R"({"a":-})", 5}, Case{"TwoMinus", R"({"a":--1})", 5},
        Case{"ExponentAlone", R"({"a":1e})", 5}, Case{"ExponentSignAlone", R"({"a":1e+})", 5},
        Case{"ExponentWithPoint", R"({"a":1e1.5})", 5}, Case{"Hexadecimal", R"({"a":0x10})", 5},
        Case{"Infinity", R"({"a":-Infinity})", 5}, Case{"LettersBehindNumber", R"({"a":1a})", 5},
        Case{"NumberAlone", "-", 0},
        // text
        Case{"BadEscape", R"({"text":"a\q"})", 8}, Case{"ShortUnicodeEscape", R"({"text":"\u00e"})", 8},
        Case{"BadUnicodeEscape", R"({"text":"\u00eg"})", 8}, Case{"HighSurrogateAlone", R"({"text":"\ud800"})", 8},
        Case{"LowSurrogateAlone", R"({"text":"\udc00"})", 8},
        Case{"TwoHighSurrogates", R"({"text":"\ud800\ud800"})", 8},
        Case{"SurrogateBeforeText", R"({"text":"\ud800x"})", 8}, Case{"BadEscapeInKey", R"({"a":1,"\q":1})", 7},
        Case{"LineFeed", "{\"text\":\"a\nb\"}", 10}, Case{"Tab", "{\"text\":\"a\tb\"}", 10},
        Case{"ControlInKey", "{\"a\x01\":1}", 3}, Case{"ControlBehindEscape", "{\"text\":\"a\\\\\x1f\"}", 12},
        Case{"NulInText", std::string("{\"text\":\"\0\"}", 12), 9}, Case{"UnclosedText", R"({"text":"ab})", 8},
        Case{"UnclosedByEscape", R"({"text":"ab\"})", 8}, Case{"BackslashAtEnd", "{\"text\":\"ab\\", 8},
        Case{"TextAlone", "\"", 0}, Case{"InvalidByte", "{\"text\":\"a\xff\"}", 10},
        Case{"Overlong", "{\"text\":\"\xc0\xaf\"}", 9}, Case{"EncodedSurrogate", "{\"text\":\"\xed\xa0\x80\"}", 9},
        Case{"BeyondUnicode", "{\"text\":\"\xf4\x90\x80\x80\"}", 9}, Case{"CutCharacter", "{\"text\":\"\xe4\xbd\"}", 9},
        Case{"InvalidByteInKey", "{\"\x80\":1}", 2}, Case{"InvalidByteOutside", "{\"a\":1}\xff", 7}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(JsonReaderSyntaxTest, ADetailNamesTheByte) {
  const Failures failures = read<Line>(R"({"text":"a\q"})").failures;
  ASSERT_EQ(failures.count(), 1U);
  EXPECT_EQ(failures.kept().front().detail, "A string has an invalid escape. (byte 8)");
  EXPECT_EQ(failures.kept().front().where, "");
  EXPECT_EQ(failures.status(), 400);
}

TEST(JsonReaderSyntaxTest, BlanksMayStandBetweenAllTokens) {
  EXPECT_EQ(rewritten<Line>("\r\n{ \"a\"\t:\n1 , \"list\" : [ 1 , 2 ] }\t"), R"({"a":1,"list":[1,2],"text":""})");
}

TEST(JsonReaderSyntaxTest, AnEscapedNulIsText) {
  EXPECT_EQ(read<std::string>(R"("a\u0000b")").value, std::string("a\0b", 3));
}

// One that is larger, and one that is broken, leave nothing behind in the memory that is used again.
TEST(JsonReaderSyntaxTest, EachTextIsReadAsIfItWereTheFirst) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(read<std::string>("\"" + std::string(200'000, 'x') + "\"").value.size(), 200'000U);
    EXPECT_EQ(refusal_of<Line>(R"({"a":1,"list":[1,2)"), "syntax @18");
    EXPECT_EQ(rewritten<std::vector<int>>("[1]"), "[1]");
  }
}

}  // namespace
}  // namespace weir::routing
