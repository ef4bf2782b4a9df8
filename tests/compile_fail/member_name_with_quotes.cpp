// SPDX-License-Identifier: MIT
// expect: a_name_has_neither_quotes_nor_backslashes_nor_controls
#include <weir/weir.hpp>

struct Order {
  int count = 0;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::count>(weir::named("a\"b"))); }  // here
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order) { return *order; });
}
