// SPDX-License-Identifier: MIT
// expect: weir: this member's type cannot be described
#include <weir/weir.hpp>

struct Customer {
  std::string name;
};
struct Order {
  Customer customer;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::customer>()); }  // here
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return order->customer.name; });
}
