// SPDX-License-Identifier: MIT
#include <weir/base/machine.hpp>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>

namespace weir::base {
namespace {

unsigned cores_by_affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

std::optional<double> read_ratio(const std::string& quota, const std::string& period) {
  char* end = nullptr;
  const double quota_us = std::strtod(quota.c_str(), &end);
  const double period_us = std::strtod(period.c_str(), nullptr);
  if (end == quota.c_str() || quota_us <= 0 || period_us <= 0) return std::nullopt;  // "max", "-1"
  return quota_us / period_us;
}

std::optional<double> cores_by_quota() {
  std::string quota;
  std::string period;
  if (std::ifstream v2("/sys/fs/cgroup/cpu.max"); v2 >> quota >> period) return read_ratio(quota, period);
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  std::ifstream v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  if (v1_quota >> quota && v1_period >> period) return read_ratio(quota, period);
  return std::nullopt;
}

std::uint64_t memory_of_machine() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
}

// "max", or in v1 a number that no machine has, where there is no limit.
std::optional<std::uint64_t> memory_by_limit() {
  for (const char* const path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t bytes = 0;
    if (std::ifstream file(path); file >> bytes && bytes > 0) return bytes;
  }
  return std::nullopt;
}

}  // namespace

unsigned available_cores() {
  const unsigned cores = cores_by_affinity();
  const auto quota = cores_by_quota();
  if (!quota) return cores;
  return std::clamp(static_cast<unsigned>(std::ceil(*quota)), 1U, cores);
}

std::uint64_t available_memory() {
  return std::min(memory_of_machine(), memory_by_limit().value_or(UINT64_MAX));
}

const std::string& boot_id() {
  static const std::string id = [] {
    std::string line;
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::getline(file, line);
    return line;
  }();
  return id;
}

}  // namespace weir::base
