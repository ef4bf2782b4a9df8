// SPDX-License-Identifier: MIT
#include <weir/http/internal/field_checker.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace weir::http {
namespace {

using Fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

FieldChecker::Verdict judge(Fields fields, int minor_version = 1) {
  std::string valid_host;
  FieldChecker checker(valid_host);
  for (const auto& [name, value] : fields) checker.take(name, value);
  return checker.judge(minor_version);
}

int status_of(Fields fields, int minor_version = 1) {
  return judge(fields, minor_version).refusal.status;
}

TEST(FieldCheckerHostTest, OneValidHostIsNeeded) {
  EXPECT_EQ(status_of({{"Host", "a"}}), 0);
  EXPECT_EQ(status_of({}), 400);
  EXPECT_EQ(status_of({{"Host", ""}}), 400);
  EXPECT_EQ(status_of({{"Host", "a"}, {"host", "a"}}), 400);
  EXPECT_EQ(status_of({{"Host", "a/b"}}), 400);
}

TEST(FieldCheckerHostTest, Http10NeedsNoneButNoBadOne) {
  EXPECT_EQ(status_of({}, 0), 0);
  EXPECT_EQ(status_of({{"Host", "a"}}, 0), 0);
  EXPECT_EQ(status_of({{"Host", "a b"}}, 0), 400);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Host", "b"}}, 0), 400);
}

TEST(FieldCheckerHostTest, AValidHostSeenBeforeVouchesOnlyForItself) {
  std::string valid_host = "a";
  FieldChecker same(valid_host);
  same.take("Host", "a");
  EXPECT_EQ(same.judge(1).refusal.status, 0);
  FieldChecker other(valid_host);
  other.take("Host", "a b");
  EXPECT_EQ(other.judge(1).refusal.status, 400);
}

TEST(FieldCheckerHostTest, AnEmptyHostIsInvalidAlsoAtFirst) {
  std::string nothing_seen_yet;
  FieldChecker checker(nothing_seen_yet);
  checker.take("Host", "");
  EXPECT_EQ(checker.judge(1).refusal.status, 400);
}

TEST(FieldCheckerPlainTest, OnlyAValidHostAmongIndifferentFieldsIsPlain) {
  const auto is_plain = [](Fields fields) {
    std::string valid_host;
    FieldChecker checker(valid_host);
    for (const auto& [name, value] : fields) checker.take(name, value);
    return checker.is_plain();
  };
  EXPECT_TRUE(is_plain({{"Host", "a"}, {"Accept", "x"}, {"Accept-Charset", "y"}}));
  EXPECT_FALSE(is_plain({}));
  EXPECT_FALSE(is_plain({{"Host", "a"}, {"Host", "a"}}));
  EXPECT_FALSE(is_plain({{"Host", "a b"}}));
  EXPECT_FALSE(is_plain({{"Host", "a"}, {"Connection", "close"}}));
  EXPECT_FALSE(is_plain({{"Host", "a"}, {"Content-Length", "0"}}));
  EXPECT_FALSE(is_plain({{"Transfer-Encoding", "chunked"}, {"Host", "a"}}));
  EXPECT_FALSE(is_plain({{"Host", "a"}, {"Expect", "x"}, {"Accept", "x"}}));
}

TEST(FieldCheckerLengthTest, ALengthIsDigitsOnly) {
  EXPECT_EQ(judge({{"Host", "a"}, {"Content-Length", "0042"}}).content_length, 42U);
  for (const char* const length : {"", "+1", "-1", "1 2", "1,1", "0x1", "1.0", "a", "1a", "99999999999999999999a"}) {
    EXPECT_EQ(status_of({{"Host", "a"}, {"Content-Length", length}}), 400) << length;
  }
}

TEST(FieldCheckerLengthTest, ALengthTwiceIsRefusedEvenIfEqual) {
  EXPECT_EQ(status_of({{"Host", "a"}, {"Content-Length", "1"}, {"content-length", "1"}}), 400);
}

TEST(FieldCheckerLengthTest, TheLargestLengthFitsAndMoreIsTooLarge) {
  EXPECT_EQ(judge({{"Host", "a"}, {"Content-Length", "9223372036854775807"}}).content_length, INT64_MAX);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Content-Length", "9223372036854775808"}}), 413);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Content-Length", "99999999999999999999999"}}), 413);
}

TEST(FieldCheckerCodingTest, ChunkedAloneIsTheOnlyCoding) {
  EXPECT_TRUE(judge({{"Host", "a"}, {"Transfer-Encoding", "chunked"}}).is_chunked);
  EXPECT_TRUE(judge({{"Host", "a"}, {"transfer-encoding", "CHUNKED"}}).is_chunked);
  for (const char* const coding : {"gzip", "gzip, chunked", "identity", "x, y"}) {
    EXPECT_EQ(status_of({{"Host", "a"}, {"Transfer-Encoding", coding}}), 501) << coding;
  }
  for (const char* const coding : {"", ",", "chunked,", ",chunked", "chunked, chunked", "chunked, gzip, chunked",
                                   "chunkedx", "chunked;q=1", "\"chunked\"", "chun ked"}) {
    EXPECT_EQ(status_of({{"Host", "a"}, {"Transfer-Encoding", coding}}), 400) << coding;
  }
}

TEST(FieldCheckerCodingTest, ACodingOverTwoFieldsIsOneList) {
  EXPECT_EQ(status_of({{"Host", "a"}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}), 400);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Transfer-Encoding", "gzip"}, {"Transfer-Encoding", "chunked"}}), 501);
}

TEST(FieldCheckerCodingTest, BesideALengthACodingIsRefused) {
  EXPECT_EQ(status_of({{"Host", "a"}, {"Content-Length", "1"}, {"Transfer-Encoding", "chunked"}}), 400);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Content-Length", "1"}, {"Transfer-Encoding", "gzip"}}), 400);
}

TEST(FieldCheckerCodingTest, Http10HasNoTransferCoding) {
  EXPECT_EQ(status_of({{"Transfer-Encoding", "chunked"}}, 0), 400);
}

TEST(FieldCheckerExpectTest, OnlyContinueCanBeMet) {
  EXPECT_TRUE(judge({{"Host", "a"}, {"Expect", "100-Continue"}}).expects_continue);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Expect", "miracles"}}), 417);
  EXPECT_EQ(status_of({{"Host", "a"}, {"Expect", "100-continue"}, {"Expect", "more"}}), 417);
}

TEST(FieldCheckerExpectTest, InHttp10AnExpectationIsIgnored) {
  EXPECT_FALSE(judge({{"Expect", "100-continue"}}, 0).expects_continue);
  EXPECT_EQ(status_of({{"Expect", "miracles"}}, 0), 0);
}

TEST(FieldCheckerConnectionTest, CloseWins) {
  EXPECT_TRUE(judge({{"Host", "a"}}).wants_keep_alive);
  EXPECT_FALSE(judge({{"Host", "a"}, {"Connection", "upgrade, Close"}}).wants_keep_alive);
  EXPECT_FALSE(judge({{"Host", "a"}, {"Connection", "keep-alive"}, {"Connection", "close"}}).wants_keep_alive);
  EXPECT_TRUE(judge({{"Host", "a"}, {"Connection", "closed"}}).wants_keep_alive);
}

TEST(FieldCheckerConnectionTest, InHttp10KeepAliveMustBeAsked) {
  EXPECT_FALSE(judge({}, 0).wants_keep_alive);
  EXPECT_TRUE(judge({{"Connection", "Keep-Alive"}}, 0).wants_keep_alive);
}

}  // namespace
}  // namespace weir::http
