// SPDX-License-Identifier: MIT
// expect: weir: a handler's parameters are weir::Context&, const weir::Request&, or types with a
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/x").handle([](int id) { return weir::object({{"id", id}}); });
}
