// SPDX-License-Identifier: MIT
// expect: a_minimum_is_above_its_maximum
#include <weir/weir.hpp>

struct Order {
  std::string title;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::title>(weir::length(20, 1))); }  // here
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return order->title; });
}
