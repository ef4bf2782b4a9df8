// SPDX-License-Identifier: MIT
#include <weir/base/random_id.hpp>

#include <weir/base/check.hpp>

#include <sys/random.h>

#include <cstddef>

namespace weir::base {

std::string random_id() {
  constexpr std::size_t kIdBytes = 16;
  // One system call serves many ids: a pool per thread.
  thread_local std::array<unsigned char, 64 * kIdBytes> pool;
  thread_local std::size_t used = pool.size();
  if (used == pool.size()) {
    std::size_t filled = 0;
    while (filled < pool.size()) {
      const ssize_t got = ::getrandom(pool.data() + filled, pool.size() - filled, 0);
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    used = 0;
  }
  constexpr char kHex[] = "0123456789abcdef";
  std::string id(2 * kIdBytes, '0');
  for (std::size_t i = 0; i < kIdBytes; ++i) {
    const unsigned char byte = pool[used + i];
    id[2 * i] = kHex[byte >> 4U];
    id[2 * i + 1] = kHex[byte & 15U];
  }
  used += kIdBytes;
  return id;
}

}  // namespace weir::base
