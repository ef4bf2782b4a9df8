// SPDX-License-Identifier: MIT
#include <weir/http/request_parser.hpp>

#include "tests/http/parse.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace weir::http {
namespace {

using Step = RequestParser::Step;

constexpr std::string_view kGet = "GET /a/b?c=d HTTP/1.1\r\nHost: example.org\r\nX-One: 1\r\n\r\n";

class RequestParserTest : public testing::Test {
 protected:
  RequestParser::Progress parse(std::string_view bytes) { return parser.parse({bytes.data(), bytes.size()}); }

  Limits limits;
  RequestParser parser{limits};
};

TEST_F(RequestParserTest, AWholeRequestIsTakenApart) {
  const auto progress = parse(kGet);
  EXPECT_EQ(progress.step, Step::kComplete);
  EXPECT_EQ(progress.consumed, kGet.size());
  const Request& request = parser.request();
  EXPECT_EQ(request.method(), Method::kGet);
  EXPECT_EQ(request.target(), "/a/b?c=d");
  EXPECT_EQ(request.raw_path(), "/a/b");
  EXPECT_EQ(request.raw_query(), "c=d");
  EXPECT_EQ(request.minor_version(), 1);
  EXPECT_EQ(request.host(), "example.org");
  EXPECT_EQ(request.field_count(), 2U);
}

TEST_F(RequestParserTest, FieldsAreFoundInAnyCaseAndTheFirstCounts) {
  parse("GET / HTTP/1.1\r\nHost: a\r\nX-Name: first\r\nx-name: second\r\n\r\n");
  EXPECT_EQ(parser.request().header("X-NAME"), "first");
  EXPECT_EQ(parser.request().field(2).name, "x-name");
  EXPECT_EQ(parser.request().field(2).value, "second");
  EXPECT_EQ(parser.request().header("X-Nam"), std::nullopt);
}

TEST_F(RequestParserTest, SpaceAroundAValueIsNoPartOfIt) {
  parse("GET / HTTP/1.1\r\nHost:a\r\nX:\t a b \t\r\nY:\r\nZ: \r\n\r\n");
  EXPECT_EQ(parser.request().header("x"), "a b");
  EXPECT_EQ(parser.request().header("y"), "");
  EXPECT_EQ(parser.request().header("z"), "");
}

TEST_F(RequestParserTest, WhatFollowsTheRequestIsNotConsumed) {
  const std::string two = std::string(kGet) + "POST /";
  EXPECT_EQ(parse(two).consumed, kGet.size());
}

TEST_F(RequestParserTest, AfterResetTheNextRequestIsRead) {
  parse(kGet);
  parser.reset();
  EXPECT_FALSE(parser.has_begun());
  EXPECT_EQ(parse("HEAD /next HTTP/1.0\r\n\r\n").step, Step::kComplete);
  EXPECT_EQ(parser.request().method(), Method::kHead);
  EXPECT_EQ(parser.request().raw_path(), "/next");
  EXPECT_EQ(parser.request().raw_query(), "");
  EXPECT_EQ(parser.request().host(), "");
  EXPECT_EQ(parser.request().field_count(), 0U);
}

TEST_F(RequestParserTest, AFixedBodyIsReadAfterTheHead) {
  const std::string_view head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
  const std::string all = std::string(head) + "hello";
  const auto at_head = parse(all);
  EXPECT_EQ(at_head.step, Step::kHead);
  EXPECT_EQ(at_head.consumed, head.size());
  ASSERT_TRUE(parser.set_body_limit(5));
  EXPECT_EQ(parse(std::string_view(all).substr(head.size())).step, Step::kComplete);
  EXPECT_EQ(parser.request().body(), "hello");
}

TEST_F(RequestParserTest, ABodyInPiecesIsPutTogether) {
  parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  ASSERT_TRUE(parser.set_body_limit(5));
  EXPECT_EQ(parse("he").step, Step::kNeedMore);
  EXPECT_EQ(parser.body_bytes_received(), 2U);
  const auto last = parse("llo next");
  EXPECT_EQ(last.step, Step::kComplete);
  EXPECT_EQ(last.consumed, 3U);
  EXPECT_EQ(parser.request().body(), "hello");
}

TEST_F(RequestParserTest, ABodyAboveTheLimitIsRefusedBeforeItIsRead) {
  parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n");
  EXPECT_FALSE(parser.set_body_limit(5));
  EXPECT_EQ(parser.refusal().status, 413);
}

TEST_F(RequestParserTest, AChunkedBodyAtTheLimitIsTakenAndOneMoreByteIsRefused) {
  constexpr std::string_view kHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  parse(kHead);
  ASSERT_TRUE(parser.set_body_limit(5));
  EXPECT_EQ(parse("5\r\nhello\r\n0\r\n\r\n").step, Step::kComplete);
  EXPECT_EQ(parser.request().body(), "hello");
  parser.reset();
  parse(kHead);
  ASSERT_TRUE(parser.set_body_limit(5));
  EXPECT_EQ(parse("3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n").step, Step::kRefused);
  EXPECT_EQ(parser.refusal().status, 413);
}

TEST_F(RequestParserTest, ADiscardedBodyIsReadAndNotKept) {
  parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  ASSERT_TRUE(parser.set_body_limit(5));
  parser.discard_body();
  parse("he");
  EXPECT_EQ(parse("llo").step, Step::kComplete);
  EXPECT_EQ(parser.request().body(), "");
}

TEST_F(RequestParserTest, AfterARefusalNothingMoreIsParsed) {
  EXPECT_EQ(parse("GET / HTTP/1.1\r\n\r\n").step, Step::kRefused);
  const auto again = parse(kGet);
  EXPECT_EQ(again.step, Step::kRefused);
  EXPECT_EQ(again.consumed, 0U);
}

TEST_F(RequestParserTest, HasBegunFromTheFirstByteOn) {
  EXPECT_FALSE(parser.has_begun());
  parse("G");
  EXPECT_TRUE(parser.has_begun());
}

TEST_F(RequestParserTest, EmptyLinesBeforeARequestAreIgnored) {
  EXPECT_EQ(parse("\r\n\r").step, Step::kNeedMore);
  const std::string rest = "\n" + std::string(kGet);
  EXPECT_EQ(parse(rest).step, Step::kComplete);
  EXPECT_EQ(parser.request().raw_path(), "/a/b");
}

TEST_F(RequestParserTest, DetachedViewsOutliveTheCallersBytes) {
  auto bytes = std::make_unique<std::string>(kGet);
  ASSERT_EQ(parse(*bytes).step, Step::kComplete);
  parser.detach();
  bytes.reset();
  EXPECT_EQ(parser.request().target(), "/a/b?c=d");
  EXPECT_EQ(parser.request().raw_query(), "c=d");
  EXPECT_EQ(parser.request().host(), "example.org");
  EXPECT_EQ(parser.request().header("x-one"), "1");
}

TEST_F(RequestParserTest, DetachingLetsGoOfTheContent) {
  const std::string all = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
  parse(all);
  ASSERT_TRUE(parser.set_body_limit(2));
  parse(std::string_view(all).substr(all.size() - 2));
  parser.detach();
  EXPECT_EQ(parser.request().body(), "");
  EXPECT_EQ(parser.request().raw_path(), "/x");
}

TEST_F(RequestParserTest, DetachingTwiceChangesNothing) {
  parse(kGet);
  parser.detach();
  parser.detach();
  EXPECT_EQ(parser.request().raw_path(), "/a/b");
}

TEST_F(RequestParserTest, TheHeadSurvivesABodyThatComesLater) {
  {
    const std::string head = "POST /kept HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
    ASSERT_EQ(parse(head).step, Step::kHead);
  }
  ASSERT_TRUE(parser.set_body_limit(2));
  parse("hi");
  EXPECT_EQ(parser.request().raw_path(), "/kept");
}

TEST_F(RequestParserTest, AbsoluteFormNamesTheHost) {
  parse("GET http://other:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(parser.request().host(), "other:81");
  EXPECT_EQ(parser.request().raw_path(), "/x");
  EXPECT_EQ(parser.request().raw_query(), "y");
  EXPECT_EQ(parser.request().target(), "http://other:81/x?y");
}

TEST_F(RequestParserTest, AbsoluteFormWithoutAPathAsksForTheRoot) {
  for (const std::string_view target : {"http://b", "http://b?q"}) {
    parser.reset();
    const std::string bytes = "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    ASSERT_EQ(parse(bytes).step, Step::kComplete) << target;
    ASSERT_EQ(parser.request().segments().size(), 1U);
    EXPECT_EQ(parser.request().segments().front(), "");
    EXPECT_EQ(parser.request().raw_query(), target.ends_with("q") ? "q" : "");
  }
}

TEST_F(RequestParserTest, SegmentsAreDecodedAndStayGoodWhenDetached) {
  auto bytes = std::make_unique<std::string>("GET /a%20b/c HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(parse(*bytes).step, Step::kComplete);
  parser.detach();
  bytes.reset();
  ASSERT_EQ(parser.request().segments().size(), 2U);
  EXPECT_EQ(parser.request().segments()[0], "a b");
  EXPECT_EQ(parser.request().segments()[1], "c");
}

TEST_F(RequestParserTest, AHeadThatIsRefusedIsNotComplete) {
  ASSERT_EQ(parse("GET / HTTP/1.1\r\n\r\n").step, Step::kRefused);
  EXPECT_FALSE(parser.is_head_complete());
}

TEST_F(RequestParserTest, ABodyThatIsRefusedLeavesItsHeadComplete) {
  parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  ASSERT_TRUE(parser.set_body_limit(5));
  ASSERT_EQ(parse("x").step, Step::kRefused);
  EXPECT_TRUE(parser.is_head_complete());
}

TEST_F(RequestParserTest, KeepAliveFollowsTheVersionAndTheField) {
  const std::pair<std::string_view, bool> table[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, CLOSE\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
  };
  for (const auto& [bytes, keeps_alive] : table) {
    parser.reset();
    ASSERT_EQ(parse(bytes).step, Step::kComplete) << bytes;
    EXPECT_EQ(parser.wants_keep_alive(), keeps_alive) << bytes;
  }
}

TEST_F(RequestParserTest, AnExpectationIsReported) {
  parse("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(parser.expects_continue());
}

TEST_F(RequestParserTest, AStateOfOneRequestDoesNotReachTheNext) {
  parse("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  ASSERT_TRUE(parser.set_body_limit(2));
  parse("hi");
  parser.reset();
  ASSERT_EQ(parse(kGet).step, Step::kComplete);
  EXPECT_TRUE(parser.wants_keep_alive());
  EXPECT_FALSE(parser.expects_continue());
  EXPECT_FALSE(parser.has_body());
  EXPECT_EQ(parser.request().body(), "");
  EXPECT_EQ(parser.body_bytes_received(), 0U);
}

TEST_F(RequestParserTest, AValidHostDoesNotVouchForTheNextRequests) {
  ASSERT_EQ(parse(kGet).step, Step::kComplete);
  parser.reset();
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: example.org/\r\n\r\n").step, Step::kRefused);
  EXPECT_EQ(parser.refusal().status, 400);
}

}  // namespace
}  // namespace weir::http
