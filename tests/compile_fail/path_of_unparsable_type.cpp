// SPDX-License-Identifier: MIT
// expect: weir: this type cannot be read from text: Path, Query, Header and Cookie take numbers, bool, text,
#include <weir/weir.hpp>

struct Order {
  int id = 0;
};

void declare(weir::App& app) {
  app.get("/orders/{id}").handle([](weir::Path<"id", Order> order) { return std::to_string(order->id); });  // here
}
