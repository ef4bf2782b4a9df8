// SPDX-License-Identifier: MIT
// expect: weir: a handler returns a Response, text, weir::object, a described type or a list or map of such,
#include <weir/weir.hpp>

#include <set>

void declare(weir::App& app) {
  app.get("/x").handle([] { return std::set<int>{1, 2}; });  // here
}
