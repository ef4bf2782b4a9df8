// SPDX-License-Identifier: MIT
#include <weir/jobs/job_id.hpp>

#include <weir/base/clock.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace weir::jobs {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kAllBits = std::numeric_limits<std::uint64_t>::max();

TEST(JobIdTest, TextIs26DigitsOfCrockfordsBase32) {
  EXPECT_EQ((JobId{1, 0}.text()), "0000000000000G000000000000");
  EXPECT_EQ((JobId{1, 31}.text()), "0000000000000G00000000000Z");
  EXPECT_EQ((JobId{kMost, kAllBits}.text()), "3ZZZZZZZZZZZZZZZZZZZZZZZZZ");
}

TEST(JobIdTest, TextIsReadBack) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const JobId id{static_cast<std::int64_t>(random() >> (1U + i % 62U)) + 1, random()};
    EXPECT_EQ(JobId::parse(id.text()), id);
  }
}

TEST(JobIdTest, TextsSortLikeIds) {
  std::mt19937_64 random(2);
  std::vector<JobId> ids;
  for (unsigned i = 0; i < 1'000; ++i)
    ids.push_back({static_cast<std::int64_t>(random() >> (1U + i % 62U)) + 1, random()});
  for (std::uint64_t secret : {std::uint64_t{0}, std::uint64_t{1}, kAllBits}) ids.push_back({77, secret});
  std::sort(ids.begin(), ids.end());
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end(), [](const auto& a, const auto& b) { return a.text() < b.text(); }));
}

TEST(JobIdTest, ParseTakesLowerCase) {
  const JobId id{123'456'789'012, 0xFEDC'BA98'7654'3210U};
  std::string text = id.text();
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  EXPECT_NE(text, id.text());
  EXPECT_EQ(JobId::parse(text), id);
}

TEST(JobIdTest, ParseRefusesAnotherLength) {
  const std::string text = JobId{1, 1}.text();
  EXPECT_FALSE(JobId::parse(""));
  EXPECT_FALSE(JobId::parse(text.substr(1)));
  EXPECT_FALSE(JobId::parse(text + "0"));
}

TEST(JobIdTest, ParseRefusesOtherCharactersAnywhere) {
  const std::string text = JobId{kMost, 0x0123'4567'89AB'CDEFU}.text();
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char wrong :
         {'I', 'L', 'O', 'U', 'i', 'l', 'o', 'u', '-', ' ', '/', '\0', '\xC3', '\xFF', '@', '[', '`', '{'}) {
      std::string changed = text;
      changed[at] = wrong;
      EXPECT_FALSE(JobId::parse(changed)) << at << wrong;
    }
  }
}

// One id has one text, but for the case: whoever compares texts is right.
TEST(JobIdTest, ParseTakesExactlyTheDigits) {
  std::set<std::string> upper;
  for (int c = 0; c < 256; ++c) {
    std::string text = JobId{1, 0}.text();
    text.back() = static_cast<char>(c);
    if (const auto id = JobId::parse(text)) upper.insert(id->text());
  }
  EXPECT_EQ(upper.size(), 32U);
}

TEST(JobIdTest, ParseRefusesMoreThan128Bits) {
  EXPECT_FALSE(JobId::parse("80000000000000000000000000"));
  EXPECT_FALSE(JobId::parse("8000000000000G000000000000"));
  EXPECT_FALSE(JobId::parse("ZZZZZZZZZZZZZZZZZZZZZZZZZZ"));
}

TEST(JobIdTest, ParseRefusesNumbersThatAreNotPositive) {
  EXPECT_FALSE(JobId::parse("00000000000000000000000000"));
  EXPECT_FALSE(JobId::parse("0000000000000FZZZZZZZZZZZZ"));  // number 0
  EXPECT_FALSE(JobId::parse("40000000000000000000000000"));  // the least there is
  EXPECT_FALSE(JobId::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ"));  // -1
}

TEST(JobIdMakerTest, NumbersGrowWhileTheClockStands) {
  const base::ManualClock clock;
  JobIdMaker maker(clock);
  std::int64_t last = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t number = maker.make().number;
    EXPECT_GT(number, last);
    last = number;
  }
}

TEST(JobIdMakerTest, NumbersGrowWithTheClock) {
  base::ManualClock clock;
  JobIdMaker maker(clock);
  const std::int64_t first = maker.make().number;
  clock.advance(std::chrono::milliseconds(1'000));
  const std::int64_t second = maker.make().number;
  EXPECT_EQ((second - first) >> 21, 1'000);
}

TEST(JobIdMakerTest, NumbersGrowWhileTheClockGoesBack) {
  base::ManualClock clock;
  JobIdMaker maker(clock);
  const std::int64_t first = maker.make().number;
  clock.advance(-std::chrono::hours(1));
  const std::int64_t second = maker.make().number;
  EXPECT_GT(second, first);
  EXPECT_LT(second, first + (1 << 21));
}

TEST(JobIdMakerTest, NumbersTellTheMillisecond) {
  const base::ManualClock clock;
  JobIdMaker maker(clock);
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock.wall_now()).time_since_epoch().count();
  EXPECT_EQ(maker.make().number >> 21, now);
}

TEST(JobIdMakerTest, MakersDoNotMeet) {
  const base::ManualClock clock;
  std::set<std::int64_t> numbers;
  constexpr std::size_t kMakers = 4;
  for (std::size_t i = 0; i < kMakers; ++i) numbers.insert(JobIdMaker(clock).make().number);
  EXPECT_EQ(numbers.size(), kMakers);  // fails once in 350,000 runs
}

TEST(JobIdMakerTest, SecretsDiffer) {
  const base::ManualClock clock;
  JobIdMaker maker(clock);
  std::set<std::uint64_t> secrets;
  std::uint64_t all = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t secret = maker.make().secret;
    secrets.insert(secret);
    all |= secret;
  }
  EXPECT_EQ(secrets.size(), 1'000U);
  EXPECT_EQ(all, kAllBits);
}

TEST(JobIdMakerTest, ThreadsGetDifferentNumbers) {
  const base::ManualClock clock;
  JobIdMaker maker(clock);
  std::vector<std::vector<std::int64_t>> made(4);
  std::vector<std::thread> threads;
  for (auto& own : made) {
    threads.emplace_back([&maker, &own] {
      for (int i = 0; i < 5'000; ++i) own.push_back(maker.make().number);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::int64_t> numbers;
  for (const auto& own : made) {
    EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
    numbers.insert(own.begin(), own.end());
  }
  EXPECT_EQ(numbers.size(), 20'000U);
}

}  // namespace
}  // namespace weir::jobs
