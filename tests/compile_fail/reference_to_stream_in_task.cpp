// SPDX-License-Identifier: MIT
// expect: weir: a handler that returns a Task takes all but Context and Request by value
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.post("/x").handle([](const weir::Bytes& content) -> weir::Task<std::string> {  // here
    co_return std::string(*content);
  });
}
