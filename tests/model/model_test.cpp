// SPDX-License-Identifier: MIT
// A service of every lane under what can happen to it: requests, cuts, resets, FINs, full windows, passing time,
// workers that hang, and the end. One seed is one run.
//
// MODEL_RUNS: how many, from seed MODEL_FIRST on; MODEL_SEED: just this one.
#include <tests/model/run.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <string>

#include <unistd.h>

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace weir::model {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

// For whoever finds the process dead.
char last_words[80];  // NOLINT: a signal handler sees nothing else
std::size_t last_words_bytes = 0;

void say_seed() {
  static_cast<void>(::write(STDERR_FILENO, last_words, last_words_bytes));
}
void on_abort(int) {
  say_seed();
}

void remember_seed(std::uint64_t seed) {
  last_words_bytes = static_cast<std::size_t>(std::snprintf(
      last_words, sizeof last_words, "\nRun it again: MODEL_SEED=%llu\n", static_cast<unsigned long long>(seed)));
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
}

TEST(ModelTest, EveryRequestIsAnsweredOnceOrItsConnectionClosedAndNothingIsLeft) {
  std::signal(SIGABRT, on_abort);
  if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(say_seed);
  Tally tally;
  const std::uint64_t only = number_from("MODEL_SEED", 0);
  const std::uint64_t first = only != 0 ? only : number_from("MODEL_FIRST", 1);
  const std::uint64_t runs = only != 0 ? 1 : number_from("MODEL_RUNS", 200);
  std::ptrdiff_t descriptors = 0;
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    remember_seed(seed);
    const std::string fault = run(seed, tally);
    ASSERT_EQ(fault, "") << "MODEL_SEED=" << seed;
    // The first run opens what the process keeps.
    if (seed == first) descriptors = open_descriptors();
    ASSERT_EQ(open_descriptors(), descriptors) << "descriptors leaked, MODEL_SEED=" << seed;
  }
  std::printf("%llu requests, answered 2xx %llu, 4xx %llu, 5xx %llu (503: %llu, 504: %llu), %llu frames\n",
              static_cast<unsigned long long>(tally.requests), static_cast<unsigned long long>(tally.answered[2]),
              static_cast<unsigned long long>(tally.answered[4]), static_cast<unsigned long long>(tally.answered[5]),
              static_cast<unsigned long long>(tally.busy), static_cast<unsigned long long>(tally.late),
              static_cast<unsigned long long>(tally.frames));
}

}  // namespace
}  // namespace weir::model
