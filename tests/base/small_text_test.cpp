// SPDX-License-Identifier: MIT
#include <weir/base/small_text.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::base {
namespace {

using Text = SmallText<8>;

Text text_of(std::string_view content) {
  Text text;
  text.append(content);
  return text;
}

bool is_inline(const Text& text) {
  const auto* const object = reinterpret_cast<const char*>(&text);
  return text.view().data() >= object && text.view().data() < object + sizeof(text);
}

constexpr std::string_view kLong = "longer than eight bytes";

TEST(SmallTextTest, ANewOneIsEmpty) {
  Text text;
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.view(), "");
}

TEST(SmallTextTest, UpToItsBoundItLivesInsideTheObject) {
  Text text = text_of("12345678");
  EXPECT_TRUE(is_inline(text));
  text.push_back('9');
  EXPECT_FALSE(is_inline(text));
  EXPECT_EQ(text.view(), "123456789");
}

TEST(SmallTextTest, GrowingKeepsWhatIsThere) {
  Text text;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    text.append(std::to_string(i));
    expected += std::to_string(i);
  }
  EXPECT_EQ(text.view(), expected);
}

TEST(SmallTextTest, AppendingNothingChangesNothing) {
  Text text = text_of("abc");
  text.append({});
  EXPECT_EQ(text.view(), "abc");
}

TEST(SmallTextTest, AssignReplaces) {
  Text text = text_of(kLong);
  text.assign("abc");
  EXPECT_EQ(text.view(), "abc");
}

TEST(SmallTextTest, AssigningAPartOfItselfKeepsThePart) {
  Text text = text_of("abcdefgh");
  text.assign(text.view().substr(2));
  EXPECT_EQ(text.view(), "cdefgh");
}

TEST(SmallTextTest, AppendingItselfDoublesIt) {
  Text text = text_of(kLong);
  const std::string expected = std::string(kLong) + std::string(kLong);
  text.append(text.view());
  EXPECT_EQ(text.view(), expected);
}

TEST(SmallTextTest, EraseTakesAPartOut) {
  Text text = text_of("abcdef");
  text.erase(1, 3);
  EXPECT_EQ(text.view(), "aef");
  text.erase(0, 3);
  EXPECT_TRUE(text.empty());
}

TEST(SmallTextTest, ACopyStandsAlone) {
  Text original = text_of(kLong);
  Text copy = original;
  original.assign("x");
  EXPECT_EQ(copy.view(), kLong);
  copy = original;
  EXPECT_EQ(copy.view(), "x");
}

TEST(SmallTextTest, SelfAssignmentKeepsTheText) {
  Text text = text_of(kLong);
  const Text& same = text;
  text = same;
  EXPECT_EQ(text.view(), kLong);
}

TEST(SmallTextTest, AMoveOfALongTextTakesItsMemory) {
  Text original = text_of(kLong);
  const char* const memory = original.view().data();
  const Text moved = std::move(original);
  EXPECT_EQ(moved.view().data(), memory);
  EXPECT_EQ(moved.view(), kLong);
}

TEST(SmallTextTest, AMovedFromTextIsEmptyAndUsable) {
  for (const std::string_view content : {std::string_view("short"), kLong}) {
    Text original = text_of(content);
    const Text moved = std::move(original);
    EXPECT_TRUE(original.empty());  // NOLINT: what a move leaves is what this is about
    original.append("new text after the move");
    EXPECT_EQ(original.view(), "new text after the move");
    EXPECT_EQ(moved.view(), content);
  }
}

TEST(SmallTextTest, AShortTextMovedOntoALongOneReplacesIt) {
  Text target = text_of(kLong);
  target = text_of("ab");
  EXPECT_EQ(target.view(), "ab");
}

TEST(SmallTextTest, ClearKeepsAModestMemory) {
  Text text = text_of(std::string(1000, 'x'));
  const char* const memory = text.view().data();
  text.clear();
  EXPECT_TRUE(text.empty());
  text.append(std::string(1000, 'y'));
  EXPECT_EQ(text.view().data(), memory);
}

TEST(SmallTextTest, ClearGivesALargeMemoryBack) {
  Text text = text_of(std::string(5000, 'x'));
  text.clear();
  text.append("ab");
  EXPECT_TRUE(is_inline(text));
}

}  // namespace
}  // namespace weir::base
