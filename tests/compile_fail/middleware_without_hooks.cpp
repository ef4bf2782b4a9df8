// SPDX-License-Identifier: MIT
// expect: weir: a middleware has at least one const hook
#include <weir/weir.hpp>

struct Nothing {};

void declare(weir::App& app) {
  app.use(Nothing{});
}
