// SPDX-License-Identifier: MIT
#include <weir/base/check.hpp>

#include <cstdio>
#include <cstdlib>

namespace weir::base {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "weir: check failed: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace weir::base
