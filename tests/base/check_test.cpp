// SPDX-License-Identifier: MIT
#include <weir/base/check.hpp>

#include <gtest/gtest.h>

namespace weir::base {
namespace {

TEST(CheckTest, ATrueConditionIsEvaluatedOnce) {
  int evaluations = 0;
  WEIR_CHECK(++evaluations > 0);
  EXPECT_EQ(evaluations, 1);
}

TEST(CheckDeathTest, AFalseConditionAbortsAndNamesItsPlace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(WEIR_CHECK(1 + 1 == 3), R"(weir: check failed: 1 \+ 1 == 3 \(.*check_test\.cpp:[0-9]+\))");
}

#ifdef NDEBUG
TEST(CheckTest, InReleaseADebugCheckIsNotEvaluated) {
  int evaluations = 0;
  WEIR_DCHECK(++evaluations > 0);
  EXPECT_EQ(evaluations, 0);
}
#else
TEST(CheckDeathTest, InDebugADebugCheckAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(WEIR_DCHECK(false), "check failed: false");
}
#endif

}  // namespace
}  // namespace weir::base
