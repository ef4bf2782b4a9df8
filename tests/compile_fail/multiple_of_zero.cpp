// SPDX-License-Identifier: MIT
// expect: multiple_of_needs_a_number_above_zero
#include <weir/weir.hpp>

struct Order {
  int count = 0;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::count>(weir::multiple_of(0))); }  // here
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return *order; });
}
