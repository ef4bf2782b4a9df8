// SPDX-License-Identifier: MIT
#include <weir/base/random_id.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace weir::base {
namespace {

TEST(RandomIdTest, ItIs32LowerCaseHexadecimalDigits) {
  for (int i = 0; i < 200; ++i) {
    const std::string id = random_id();
    ASSERT_EQ(id.size(), 32U);
    ASSERT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
  }
}

TEST(RandomIdTest, NoIdComesTwice) {
  std::set<std::string> ids;
  for (int i = 0; i < 5000; ++i) ids.insert(random_id());
  EXPECT_EQ(ids.size(), 5000U);
}

TEST(RandomIdTest, ThreadsDoNotShareTheirIds) {
  std::vector<std::vector<std::string>> of_threads(4);
  std::vector<std::thread> threads;
  for (auto& ids : of_threads) {
    threads.emplace_back([&ids] {
      for (int i = 0; i < 500; ++i) ids.push_back(random_id());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& ids : of_threads) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), 2000U);
}

TEST(RandomIdTest, EveryDigitOccursAtEveryPlace) {
  std::vector<std::set<char>> seen(32);
  for (int i = 0; i < 2000; ++i) {
    const std::string id = random_id();
    for (std::size_t place = 0; place < id.size(); ++place) seen[place].insert(id[place]);
  }
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& digits) { return digits.size() == 16; }));
}

}  // namespace
}  // namespace weir::base
