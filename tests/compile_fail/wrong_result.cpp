// SPDX-License-Identifier: MIT
// expect: weir: a handler returns a Response, text, weir::object, void, an optional of these, a type with a
#include <weir/weir.hpp>

struct Order {
  int id;
};

void declare(weir::App& app) {
  app.get("/x").handle([] { return Order{7}; });
}
