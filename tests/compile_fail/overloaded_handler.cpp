// SPDX-License-Identifier: MIT
// expect: weir: a handler is a function or a lambda whose parameter types are written out
#include <weir/weir.hpp>

struct Handler {
  const char* operator()() const { return ""; }
  const char* operator()(weir::Context&) const { return ""; }
};

void declare(weir::App& app) {
  app.get("/x").handle(Handler{});  // here
}
