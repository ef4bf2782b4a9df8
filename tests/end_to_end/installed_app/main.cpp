// SPDX-License-Identifier: MIT
#include <weir/weir.hpp>

int main(int argc, char** argv) {
  weir::App app{"outside"};
  app.get("/hello/{name}").handle([](weir::Context& ctx) { return weir::object({{"hello", ctx.path("name")}}); });
  return app.main(argc, argv);
}
