// SPDX-License-Identifier: MIT
// expect: constraint
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/").handle([](weir::Query<"limit", int, 20, 30> limit) { return std::to_string(*limit); });  // here
}
