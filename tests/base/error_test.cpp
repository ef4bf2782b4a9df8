// SPDX-License-Identifier: MIT
#include <weir/base/error.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace weir::base {
namespace {

TEST(ErrorTest, ContextIsPutInFront) {
  const Error error = Error(ErrorCode::kNotFound, "no such file").with_context("certificate").with_context("listener");
  EXPECT_EQ(error.message(), "listener: certificate: no such file");
  EXPECT_EQ(error.code(), ErrorCode::kNotFound);
}

TEST(ErrorTest, AnErrnoBecomesItsCodeAndItsText) {
  const Error error = Error::from_errno(EADDRINUSE, "cannot listen on 127.0.0.1:80");
  EXPECT_EQ(error.code(), ErrorCode::kInUse);
  EXPECT_EQ(error.message(), "cannot listen on 127.0.0.1:80: Address already in use");
}

TEST(ErrorTest, EveryErrnoThatCodeDecidesByHasACode) {
  const std::pair<int, ErrorCode> table[] = {
      {EINVAL, ErrorCode::kInvalidArgument}, {ENOENT, ErrorCode::kNotFound},
      {EEXIST, ErrorCode::kInUse},           {EACCES, ErrorCode::kPermission},
      {EPERM, ErrorCode::kPermission},       {EMFILE, ErrorCode::kExhausted},
      {ENFILE, ErrorCode::kExhausted},       {ENOMEM, ErrorCode::kExhausted},
      {ENOBUFS, ErrorCode::kExhausted},      {EPIPE, ErrorCode::kPeerGone},
      {ECONNRESET, ErrorCode::kPeerGone},    {ECONNABORTED, ErrorCode::kPeerGone},
      {ETIMEDOUT, ErrorCode::kTimedOut},     {ECANCELED, ErrorCode::kCancelled},
      {EAGAIN, ErrorCode::kWouldBlock},      {EIO, ErrorCode::kSystem},
  };
  for (const auto& [number, code] : table) EXPECT_EQ(Error::from_errno(number, "x").code(), code) << number;
}

TEST(ResultTest, AValueIsTrueAndReadable) {
  Result<int> result = 5;
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, 5);
  *result = 6;
  EXPECT_EQ(result.value(), 6);
}

TEST(ResultTest, AnErrorIsFalse) {
  const Result<int> result = Error(ErrorCode::kTimedOut, "late");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kTimedOut);
}

TEST(ResultTest, AValueThatCannotBeCopiedMovesOut) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 3);
}

TEST(ResultTest, TheArrowReachesIntoTheValue) {
  const Result<std::string> result = std::string("thirteen long");
  EXPECT_TRUE(result);
  EXPECT_EQ(result->size(), 13U);
}

TEST(ResultTest, WithoutAValueSuccessIsTheDefault) {
  EXPECT_TRUE(Result<void>());
  const Result<void> failed = Error(ErrorCode::kSystem, "x");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "x");
}

TEST(ResultDeathTest, TheValueOfAnErrorAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Result<int> result = Error(ErrorCode::kSystem, "x");
  EXPECT_DEATH(static_cast<void>(result.value()), "check failed");
}

TEST(ResultDeathTest, TheErrorOfAValueAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const Result<int> result = 1;
  EXPECT_DEATH(static_cast<void>(result.error()), "check failed");
}

}  // namespace
}  // namespace weir::base
