// SPDX-License-Identifier: MIT
#include <weir/base/unique_function.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace weir::base {
namespace {

static_assert(!std::is_copy_constructible_v<UniqueFunction<void()>>);
static_assert(!std::is_constructible_v<UniqueFunction<void()>, int>);

int twice(int value) {
  return 2 * value;
}

TEST(UniqueFunctionTest, WithoutACallableItIsFalse) {
  EXPECT_FALSE(UniqueFunction<void()>());
  EXPECT_FALSE(UniqueFunction<void()>(nullptr));
}

TEST(UniqueFunctionTest, ItCallsAFunctionPointer) {
  UniqueFunction<int(int)> function = twice;
  ASSERT_TRUE(function);
  EXPECT_EQ(function(21), 42);
}

TEST(UniqueFunctionTest, ItOwnsWhatCannotBeCopied) {
  UniqueFunction<int()> function = [owned = std::make_unique<int>(7)] { return *owned; };
  EXPECT_EQ(function(), 7);
}

TEST(UniqueFunctionTest, TheStateLastsBetweenCalls) {
  UniqueFunction<int()> function = [count = 0]() mutable { return ++count; };
  function();
  EXPECT_EQ(function(), 2);
}

TEST(UniqueFunctionTest, AMoveLeavesItEmpty) {
  UniqueFunction<int()> from = [] { return 1; };
  UniqueFunction<int()> to = std::move(from);
  EXPECT_FALSE(from);  // NOLINT: what a move leaves is what this is about
  EXPECT_EQ(to(), 1);
}

TEST(UniqueFunctionTest, DestructionDestroysTheCallable) {
  const auto token = std::make_shared<int>(0);
  {
    const UniqueFunction<void()> function = [token] {};
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(UniqueFunctionTest, ArgumentsAreForwarded) {
  UniqueFunction<std::string(std::unique_ptr<std::string>, int&)> function = [](auto text, int& out) {
    out = 5;
    return *text + "!";
  };
  int out = 0;
  EXPECT_EQ(function(std::make_unique<std::string>("hi"), out), "hi!");
  EXPECT_EQ(out, 5);
}

TEST(UniqueFunctionTest, AnExceptionComesThrough) {
  UniqueFunction<void()> function = [] { throw std::string("oops"); };
  EXPECT_THROW(function(), std::string);
}

}  // namespace
}  // namespace weir::base
