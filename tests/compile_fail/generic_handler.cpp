// SPDX-License-Identifier: MIT
// expect: weir: a handler is a function or a lambda whose parameter types are written out
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/x").handle([](auto& ctx) { return ctx.query("q"); });  // here
}
