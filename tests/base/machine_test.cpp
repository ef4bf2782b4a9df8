// SPDX-License-Identifier: MIT
#include <weir/base/machine.hpp>

#include <gtest/gtest.h>

#include <sched.h>
#include <unistd.h>

#include <cstdint>
#include <thread>

namespace weir::base {
namespace {

int affinity_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
}

TEST(AvailableCoresTest, ThereIsAtLeastOneAndNoneBeyondTheAffinity) {
  EXPECT_GE(available_cores(), 1U);
  EXPECT_LE(available_cores(), static_cast<unsigned>(affinity_count()));
}

TEST(AvailableCoresTest, AThreadBoundToOneCoreHasOne) {
  unsigned cores = 0;
  std::thread([&cores] {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof(set), &set) != 0) return;
    int first = 0;
    while (CPU_ISSET(first, &set) == 0) ++first;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
    cores = available_cores();
  }).join();
  EXPECT_EQ(cores, 1U);
}

TEST(MachineTest, HasMemoryButNoMoreThanIsBuiltIn) {
  const std::uint64_t bytes = available_memory();
  EXPECT_GT(bytes, std::uint64_t{16} << 20);
  EXPECT_LE(bytes, static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                       static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
}

}  // namespace
}  // namespace weir::base
