// SPDX-License-Identifier: MIT
// expect: deleted
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/").handle([](weir::Context& ctx) { ctx.count({"orders_total", "Orders taken."}); });  // here
}
