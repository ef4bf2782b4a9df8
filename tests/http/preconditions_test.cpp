// SPDX-License-Identifier: MIT
#include <weir/http/preconditions.hpp>

#include <weir/http/date.hpp>
#include <weir/http/request_parser.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

constexpr const char* kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr const char* kModified = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr const char* kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";

// A request with these fields, each without its CRLF.
class Parsed {
 public:
  explicit Parsed(std::initializer_list<std::string> fields, const std::string& method = "GET") {
    bytes_ = method + " / HTTP/1.1\r\nHost: test\r\n";
    for (const std::string& field : fields) bytes_ += field + "\r\n";
    bytes_ += "\r\n";
    EXPECT_EQ(parser_.parse({bytes_.data(), bytes_.size()}).step, RequestParser::Step::kComplete);
  }
  const Request& request() const { return parser_.request(); }

 private:
  std::string bytes_;
  Limits limits_;
  RequestParser parser_{limits_};
};

Precondition judge(std::initializer_list<std::string> fields, const std::string& method = "GET",
                   std::string_view etag = "\"a\"") {
  const Parsed parsed(fields, method);
  return evaluate(parsed.request(), {.etag = etag, .last_modified = parse_date(kModified)});
}

constexpr auto kHolds = Precondition::kHolds;
constexpr auto kNotModified = Precondition::kNotModified;
constexpr auto kFailed = Precondition::kFailed;

TEST(PreconditionsTest, NoneHolds) {
  EXPECT_EQ(judge({}), kHolds);
}

TEST(PreconditionsTest, NamedVersionIsNotModified) {
  for (const char* const tags : {"\"a\"", "W/\"a\"", "*", "\"x\", \"a\"", "\"x,y\",W/\"a\"", ",, \"a\""}) {
    EXPECT_EQ(judge({std::string("If-None-Match: ") + tags}), kNotModified) << tags;
  }
  EXPECT_EQ(judge({"If-None-Match: \"a\""}, "HEAD"), kNotModified);
  EXPECT_EQ(judge({"If-None-Match: \"a\""}, "GET", "W/\"a\""), kNotModified);
}

TEST(PreconditionsTest, AnotherVersionIsSent) {
  for (const char* const tags : {"\"b\"", "a", "\"a", "W/a", "\"x,\"a\"", "w/\"a\""}) {
    EXPECT_EQ(judge({std::string("If-None-Match: ") + tags}), kHolds) << tags;
  }
}

TEST(PreconditionsTest, SeveralFieldsAreOneList) {
  EXPECT_EQ(judge({"If-None-Match: \"x\"", "If-None-Match: \"a\""}), kNotModified);
  EXPECT_EQ(judge({"If-Match: \"x\"", "If-Match: \"a\""}), kHolds);
}

TEST(PreconditionsTest, WriteOfAnExistingOneFails) {
  EXPECT_EQ(judge({"If-None-Match: *"}, "PUT"), kFailed);
  EXPECT_EQ(judge({"If-None-Match: \"b\""}, "PUT"), kHolds);
}

TEST(PreconditionsTest, IfMatchIsStrong) {
  EXPECT_EQ(judge({"If-Match: \"a\""}, "PUT"), kHolds);
  EXPECT_EQ(judge({"If-Match: *"}, "PUT"), kHolds);
  EXPECT_EQ(judge({"If-Match: \"b\""}, "PUT"), kFailed);
  EXPECT_EQ(judge({"If-Match: W/\"a\""}, "PUT"), kFailed);
  EXPECT_EQ(judge({"If-Match: W/\"a\""}, "PUT", "W/\"a\""), kFailed);
}

TEST(PreconditionsTest, DatesAreComparedInSeconds) {
  EXPECT_EQ(judge({std::string("If-Modified-Since: ") + kBefore}), kHolds);
  EXPECT_EQ(judge({std::string("If-Modified-Since: ") + kModified}), kNotModified);
  EXPECT_EQ(judge({std::string("If-Modified-Since: ") + kAfter}), kNotModified);
  EXPECT_EQ(judge({std::string("If-Unmodified-Since: ") + kBefore}, "PUT"), kFailed);
  EXPECT_EQ(judge({std::string("If-Unmodified-Since: ") + kModified}, "PUT"), kHolds);
}

TEST(PreconditionsTest, TagsGoBeforeDates) {
  EXPECT_EQ(judge({"If-None-Match: \"b\"", std::string("If-Modified-Since: ") + kAfter}), kHolds);
  EXPECT_EQ(judge({"If-Match: \"a\"", std::string("If-Unmodified-Since: ") + kBefore}, "PUT"), kHolds);
}

TEST(PreconditionsTest, MalformedDateIsNotThere) {
  EXPECT_EQ(judge({"If-Modified-Since: tomorrow"}), kHolds);
  EXPECT_EQ(judge({"If-Unmodified-Since: 0"}, "PUT"), kHolds);
}

TEST(PreconditionsTest, DateOfAWriteIsNotAReason) {
  EXPECT_EQ(judge({std::string("If-Modified-Since: ") + kAfter}, "PUT"), kHolds);
}

TEST(PreconditionsTest, DatesBeyondAllClocksAreFarAway) {
  EXPECT_EQ(judge({"If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT"}), kNotModified);
  EXPECT_EQ(judge({"If-Unmodified-Since: Fri, 31 Dec 9999 23:59:59 GMT"}, "PUT"), kHolds);
  EXPECT_EQ(judge({"If-Modified-Since: Sat, 01 Jan 0000 00:00:00 GMT"}), kHolds);
}

TEST(PreconditionsTest, WithoutATagNoneIsNamed) {
  EXPECT_EQ(judge({"If-None-Match: , \"x\""}, "GET", ""), kHolds);
}

bool holds(const std::string& value, std::string_view etag = "\"a\"") {
  const Parsed parsed({"If-Range: " + value});
  return if_range_holds(parsed.request(), {.etag = etag, .last_modified = parse_date(kModified)});
}

TEST(IfRangeTest, ExactVersionHolds) {
  EXPECT_TRUE(holds("\"a\""));
  EXPECT_TRUE(holds(kModified));
  EXPECT_TRUE(if_range_holds(Parsed({}).request(), {}));
}

TEST(IfRangeTest, AnyOtherDoesNot) {
  EXPECT_FALSE(holds("\"b\""));
  EXPECT_FALSE(holds("W/\"a\"", "W/\"a\""));
  EXPECT_FALSE(holds(kBefore));
  EXPECT_FALSE(holds(kAfter));
  EXPECT_FALSE(holds("*"));
}

// "whole", "416" or "offset+length".
std::string range_of(const std::string& value, std::uint64_t size = 100, const std::string& method = "GET") {
  const Parsed parsed({"Range: " + value}, method);
  ByteRange part;
  switch (find_range(parsed.request(), size, part)) {
    case RangeRequest::kWhole:
      return "whole";
    case RangeRequest::kUnsatisfiable:
      return "416";
    case RangeRequest::kPart:
      return std::to_string(part.offset) + "+" + std::to_string(part.length);
  }
  return "";
}

TEST(RangeTest, PartIsWithinTheSize) {
  EXPECT_EQ(range_of("bytes=0-0"), "0+1");
  EXPECT_EQ(range_of("bytes=0-99"), "0+100");
  EXPECT_EQ(range_of("bytes=0-100"), "0+100");
  EXPECT_EQ(range_of("bytes=99-"), "99+1");
  EXPECT_EQ(range_of("bytes=-1"), "99+1");
  EXPECT_EQ(range_of("bytes=-1000"), "0+100");
  EXPECT_EQ(range_of("Bytes=10-19"), "10+10");
  EXPECT_EQ(range_of("bytes=0-99999999999999999999999"), "0+100");
}

TEST(RangeTest, BeyondTheEndIs416) {
  EXPECT_EQ(range_of("bytes=100-"), "416");
  EXPECT_EQ(range_of("bytes=99999999999999999999999-"), "416");
  EXPECT_EQ(range_of("bytes=-0"), "416");
  EXPECT_EQ(range_of("bytes=-5", 0), "416");
  EXPECT_EQ(range_of("bytes=0-", 0), "416");
}

TEST(RangeTest, WhatNeedNotBeFollowedIsTheWhole) {
  for (const char* const value :
       {"bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=1", "bytes=5-1", "items=0-1", "bytes=0-1,5-6", "bytes=+1-2",
        "bytes=1--2", "bytes=0x1-2", "=0-1", "bytes=0-,0-,0-,0-"}) {
    EXPECT_EQ(range_of(value), "whole") << value;
  }
  EXPECT_EQ(range_of("bytes=0-1", 100, "HEAD"), "whole");
}

TEST(ParseDateTest, ThreeFormatsAreOneTime) {
  const auto expected = base::WallTime(std::chrono::seconds(784'111'777));
  EXPECT_EQ(parse_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_date("Sun Nov  6 08:49:37 1994"), expected);
}

TEST(ParseDateTest, WhatIsFormattedIsReadAgain) {
  for (const std::int64_t seconds : {0L, 951'782'400L, 1'709'164'800L, 4'102'444'799L}) {
    const auto time = base::WallTime(std::chrono::seconds(seconds));
    EXPECT_EQ(parse_date(format_date(time)), time);
  }
}

TEST(ParseDateTest, AnythingElseIsNone) {
  for (const char* const text :
       {"", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "784111777",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace weir::http
