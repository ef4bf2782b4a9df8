// SPDX-License-Identifier: MIT
#include <middleware/internal/flight_table.hpp>

#include <middleware/internal/keyed_hash.hpp>

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>
#include <vector>

namespace weir::middleware::internal {
namespace {

TEST(FlightTableTest, AKeyHasAsManyAsAllowed) {
  FlightTable table(10);
  EXPECT_TRUE(table.try_enter(7, 2));
  EXPECT_TRUE(table.try_enter(7, 2));
  EXPECT_FALSE(table.try_enter(7, 2));
  EXPECT_TRUE(table.try_enter(8, 2));
  table.leave(7);
  EXPECT_TRUE(table.try_enter(7, 2));
}

TEST(FlightTableTest, AKeyWithoutRequestsIsForgotten) {
  FlightTable table(10);
  table.try_enter(7, 2);
  table.try_enter(7, 2);
  EXPECT_EQ(table.keys(), 1U);
  table.leave(7);
  EXPECT_EQ(table.keys(), 1U);
  table.leave(7);
  EXPECT_EQ(table.keys(), 0U);
}

TEST(FlightTableTest, AFullTableRefusesFurtherKeysAndKeepsItsOwn) {
  FlightTable table(1);  // 16 slots in a part, of which 12 are used
  for (std::uint64_t key = 0; key < 12; ++key) EXPECT_TRUE(table.try_enter(key, 2)) << key;
  EXPECT_FALSE(table.try_enter(100, 2));
  EXPECT_TRUE(table.try_enter(3, 2));
  table.leave(5);
  EXPECT_TRUE(table.try_enter(100, 2));
}

TEST(FlightTableTest, KeyZeroIsAKey) {
  FlightTable table(10);
  EXPECT_TRUE(table.try_enter(0, 1));
  EXPECT_FALSE(table.try_enter(0, 1));
  table.leave(0);
  EXPECT_TRUE(table.try_enter(0, 1));
}

TEST(FlightTableDeathTest, GivingBackWhatWasNotTakenIsAMistake) {
  FlightTable table(10);
  EXPECT_DEATH(table.leave(7), "");
}

// Keys that meet in few slots, so that gaps have to be filled, against a model.
TEST(FlightTableTest, CrowdedKeysAreCountedAsByAMap) {
  FlightTable table(1);
  std::map<std::uint64_t, std::uint64_t> model;
  std::mt19937_64 random(42);
  for (int step = 0; step < 200'000; ++step) {
    const std::uint64_t key = random() % 5 + 14 + (random() % 3) * 16;  // homes 14 to 2, around the end
    if (random() % 2 == 0) {
      const bool has_room = model.contains(key) ? model[key] < 3 : model.size() < 12;
      ASSERT_EQ(table.try_enter(key, 3), has_room) << step;
      if (has_room) ++model[key];
    } else if (model.contains(key)) {
      table.leave(key);
      if (--model[key] == 0) model.erase(key);
    }
    ASSERT_EQ(table.keys(), model.size()) << step;
  }
}

TEST(FlightTableTest, ItHasRoomForAsManyKeysAsItSays) {
  constexpr std::uint64_t kKeys = 16'384;
  FlightTable table(kKeys);
  const KeyedHash hash(1, 2);
  for (std::uint64_t i = 0; i < kKeys; ++i) ASSERT_TRUE(table.try_enter(hash(i, ""), 1)) << i;
}

TEST(FlightTableTest, ThreadsGiveBackAllThatTheyTook) {
  FlightTable table(100);
  const KeyedHash hash(1, 2);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t step = 0; step < 20'000; ++step) {
        const std::uint64_t key = hash(step % 50, "");
        if (table.try_enter(key, 2)) table.leave(key);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table.keys(), 0U);
}

}  // namespace
}  // namespace weir::middleware::internal
