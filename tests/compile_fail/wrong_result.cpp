// SPDX-License-Identifier: MIT
// expect: weir: a handler returns a Response, text, weir::object, a described type or a list or map of such,
#include <weir/weir.hpp>

struct Order {
  int id;
};

void declare(weir::App& app) {
  app.get("/x").handle([] { return Order{7}; });  // here
}
