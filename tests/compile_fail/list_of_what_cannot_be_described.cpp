// SPDX-License-Identifier: MIT
// expect: weir: this member's type cannot be described
#include <weir/weir.hpp>

struct Item {
  std::string name;
};
struct Order {
  std::vector<Item> items;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::items>()); }  // here
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return std::to_string(order->items.size()); });
}
