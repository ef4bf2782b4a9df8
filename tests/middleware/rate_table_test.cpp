// SPDX-License-Identifier: MIT
#include <middleware/internal/rate_table.hpp>

#include <middleware/internal/keyed_hash.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace weir::middleware::internal {
namespace {

using namespace std::chrono_literals;

constexpr base::TimePoint kStart{1h};

// Of which the tests need many that are spread as a table expects it.
std::uint64_t key(std::uint64_t number) {
  static const KeyedHash hash(1, 2);
  return hash(number, "");
}

int take_all(RateTable& table, std::uint64_t from, base::TimePoint now) {
  int admitted = 0;
  while (table.take(from, now).is_admitted) ++admitted;
  return admitted;
}

TEST(RateTableTest, ABucketBeginsFull) {
  RateTable table({1s, 5}, 10);
  EXPECT_EQ(take_all(table, key(1), kStart), 5);
}

TEST(RateTableTest, ADecisionSaysWhatIsLeft) {
  RateTable table({1s, 3}, 10);
  const RateDecision first = table.take(key(1), kStart);
  EXPECT_EQ(first.remaining, 2U);
  EXPECT_EQ(first.next, 1s);
  const RateDecision second = table.take(key(1), kStart + 400ms);
  EXPECT_EQ(second.remaining, 1U);
  EXPECT_EQ(second.next, 600ms);
}

TEST(RateTableTest, ARefusalSaysWhenThereIsOneMore) {
  RateTable table({1s, 1}, 10);
  table.take(key(1), kStart);
  const RateDecision refused = table.take(key(1), kStart + 300ms);
  EXPECT_FALSE(refused.is_admitted);
  EXPECT_EQ(refused.next, 700ms);
  EXPECT_FALSE(table.take(key(1), kStart + 1s - 1ns).is_admitted);
  EXPECT_TRUE(table.take(key(1), kStart + 1s).is_admitted);
}

TEST(RateTableTest, WhenTimeGoesBackNothingIsEarned) {
  RateTable table({1s, 2}, 10);
  EXPECT_EQ(take_all(table, key(1), kStart), 2);
  EXPECT_FALSE(table.take(key(1), kStart - 1h).is_admitted);
  EXPECT_FALSE(table.take(key(1), base::TimePoint{}).is_admitted);
  EXPECT_TRUE(table.take(key(1), kStart + 1s).is_admitted);
}

TEST(RateTableTest, EveryKeyOfAHalfFullTableHasItsOwnBucket) {
  constexpr std::uint64_t kKeys = 2000;
  RateTable table({1h, 1}, 2 * kKeys);
  std::uint64_t admitted = 0;
  for (std::uint64_t i = 0; i < kKeys; ++i) admitted += table.take(key(i), kStart).is_admitted ? 1U : 0U;
  EXPECT_GE(admitted, kKeys - kKeys / 500);  // a crowded set in a few hundred
  for (std::uint64_t i = 0; i < kKeys; ++i) EXPECT_FALSE(table.take(key(i), kStart).is_admitted);
}

TEST(RateTableTest, AFullBucketMakesRoom) {
  RateTable table({1s, 1}, 1);  // one set
  for (std::uint64_t i = 0; i < 8; ++i) EXPECT_TRUE(table.take(key(i), kStart).is_admitted);
  EXPECT_FALSE(table.take(key(8), kStart).is_admitted);
  EXPECT_TRUE(table.take(key(8), kStart + 1s).is_admitted);
}

TEST(RateTableTest, ANewcomerInheritsTheFullestBucket) {
  RateTable table({1s, 10}, 1);
  for (std::uint64_t i = 0; i < 7; ++i) EXPECT_EQ(take_all(table, key(i), kStart), 10);
  for (int i = 0; i < 4; ++i) table.take(key(7), kStart);
  EXPECT_EQ(take_all(table, key(8), kStart), 6);
}

TEST(RateTableTest, AKeyThatLostItsPlaceFindsNoFreshBurst) {
  RateTable table({1s, 10}, 1);
  for (int i = 0; i < 6; ++i) table.take(key(0), kStart);
  for (std::uint64_t i = 1; i < 8; ++i) EXPECT_EQ(take_all(table, key(i), kStart), 10);
  EXPECT_TRUE(table.take(key(100), kStart).is_admitted);  // in the place of key 0
  EXPECT_LE(take_all(table, key(0), kStart), 4);
}

TEST(RateTableTest, ARefusedNewcomerTakesNoPlace) {
  RateTable table({1s, 1}, 1);
  for (std::uint64_t i = 0; i < 8; ++i) table.take(key(i), kStart);
  for (std::uint64_t i = 100; i < 200; ++i) EXPECT_FALSE(table.take(key(i), kStart).is_admitted);
  for (std::uint64_t i = 0; i < 8; ++i) EXPECT_TRUE(table.take(key(i), kStart + 1s).is_admitted) << i;
}

TEST(RateTableTest, AMillionKeysNeitherGrowItNorFreeALimitedOne) {
  constexpr std::uint64_t kFlood = 1'000'000;
  RateTable table({1h, 10}, 65'536);
  const std::size_t before = table.memory_bytes();
  EXPECT_LE(before, 3U << 20U);
  const std::uint64_t victim = key(kFlood);
  EXPECT_EQ(take_all(table, victim, kStart), 10);
  std::uint64_t admitted = 0;
  for (std::uint64_t i = 0; i < kFlood; ++i) admitted += table.take(key(i), kStart).is_admitted ? 1U : 0U;
  EXPECT_FALSE(table.take(victim, kStart).is_admitted);
  EXPECT_EQ(table.memory_bytes(), before);
  EXPECT_LE(admitted, 2U * 65'536U * 10U);  // what all places together hold
}

TEST(RateTableTest, UnderAFloodAKeyIsNeverAdmittedAboveItsRate) {
  RateTable table({1s, 10}, 64);
  int admitted = 0;
  std::uint64_t next_key = 1;
  base::TimePoint now = kStart;
  for (int step = 0; step < 1000; ++step) {  // 100 s
    now += 100ms;
    for (int i = 0; i < 50; ++i) table.take(key(next_key++), now);
    for (int i = 0; i < 3; ++i) admitted += table.take(key(0), now).is_admitted ? 1 : 0;
  }
  EXPECT_LE(admitted, 10 + 100);
  EXPECT_GT(admitted, 0);
}

TEST(RateTableTest, ThreadsTakeNoMoreThanThereIs) {
  RateTable table({1h, 1000}, 100);
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int taken = 0; taken < 500; ++taken) admitted += table.take(key(1), kStart).is_admitted ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(admitted, 1000);
}

// ---- the hash ----

TEST(KeyedHashTest, IsSipHash) {
  const KeyedHash hash(0x0706050403020100U, 0x0f0e0d0c0b0a0908U);
  // The example of the paper: the bytes 00 to 0e.
  EXPECT_EQ(hash(0x0706050403020100U, "\x08\x09\x0a\x0b\x0c\x0d\x0e"), 0xa129ca6149be45e5U);
}

TEST(KeyedHashTest, EachHasAKeyOfItsOwn) {
  EXPECT_NE(KeyedHash()(0, "same"), KeyedHash()(0, "same"));
}

TEST(KeyedHashTest, DomainAndEveryByteCount) {
  const KeyedHash hash(1, 2);
  EXPECT_NE(hash(0, "a"), hash(1, "a"));
  EXPECT_NE(hash(0, ""), hash(0, std::string_view("\0", 1)));
  EXPECT_NE(hash(0, "12345678"), hash(0, "12345679"));
  EXPECT_NE(hash(0, "123456789"), hash(0, "123456780"));
}

}  // namespace
}  // namespace weir::middleware::internal
