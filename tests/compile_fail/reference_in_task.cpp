// SPDX-License-Identifier: MIT
// expect: weir: a handler that returns a Task takes all but Context and Request by value
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/{id}").handle(  // here
      [](const weir::Path<"id", int>& id) -> weir::Task<std::string> { co_return std::to_string(*id); });
}
