// SPDX-License-Identifier: MIT
// expect: weir: a handler must not be 'mutable': it runs on several threads at once
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/x").handle([count = 0]() mutable { return weir::object({{"count", ++count}}); });  // here
}
