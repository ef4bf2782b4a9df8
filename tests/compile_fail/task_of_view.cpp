// SPDX-License-Identifier: MIT
// expect: weir: what a view of a coroutine points to is gone when the answer is written
#include <weir/weir.hpp>

#include <string_view>

int main() {
  weir::App app{"test"};
  app.get("/").handle([](weir::Context& ctx) -> weir::Task<std::string_view> { co_return ctx.path("x"); });  // here
}
