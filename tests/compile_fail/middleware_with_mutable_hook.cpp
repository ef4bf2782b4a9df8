// SPDX-License-Identifier: MIT
// expect: weir: a middleware has at least one const hook
#include <weir/weir.hpp>

struct Counter {
  void before(weir::Context&) { ++count; }
  int count = 0;
};

void declare(weir::App& app) {
  app.use(Counter{});
}
