// SPDX-License-Identifier: MIT
// expect: weir: a handler takes the content once: one of Body, Form, Bytes and BodyStream
#include <weir/weir.hpp>

struct Order {
  int id = 0;
  static constexpr auto describe() { return weir::fields(weir::field<&Order::id>()); }
};

void declare(weir::App& app) {
  app.post("/orders").handle([](weir::Body<Order> order, weir::Bytes) { return *order; });  // here
}
