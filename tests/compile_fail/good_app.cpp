// SPDX-License-Identifier: MIT
// expect: success
#include <weir/weir.hpp>

// The counterpart of the other snippets: what they get wrong, right.
void declare(weir::App& app) {
  app.get("/x").handle([](weir::Context& ctx) { return ctx.query("q"); });
}
