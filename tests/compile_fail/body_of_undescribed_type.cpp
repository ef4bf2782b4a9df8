// SPDX-License-Identifier: MIT
// expect: weir: Body<T> needs a described type
#include <weir/weir.hpp>

struct Order {
  int id = 0;
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return std::to_string(order->id); });  // here
}
