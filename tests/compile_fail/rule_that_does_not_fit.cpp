// SPDX-License-Identifier: MIT
// expect: weir: this rule does not fit the member's type: length, pattern and format are for text
#include <weir/weir.hpp>

struct Order {
  int count = 0;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::count>(weir::length(1, 20))); }  // here
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return std::to_string(order->count); });
}
