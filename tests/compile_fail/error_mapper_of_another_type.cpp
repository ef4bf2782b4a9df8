// SPDX-License-Identifier: MIT
// expect: constraints not satisfied
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.map_error<std::runtime_error>([](int) { return weir::problem(500); });  // here
}
