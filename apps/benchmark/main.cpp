// SPDX-License-Identifier: MIT
// The service that tools/bench measures: each route does as little as its kind allows.
#include <weir/json.hpp>
#include <weir/weir.hpp>

#include <string>
#include <string_view>

namespace {

weir::Response echo(weir::Context& ctx) {
  weir::Response response;
  response.body(ctx.body());
  response.set_header("Content-Type", ctx.header("content-type").value_or("application/octet-stream"));
  return response;
}

// No check of its own: what may not stand in a header is the framework's to refuse.
weir::Response reflect(weir::Context& ctx) {
  weir::Response response = weir::Response::text("reflected\n");
  response.set_header("X-Reflect", ctx.query("v").value_or(""));
  return response;
}

}  // namespace

int main(int argc, char** argv) {
  weir::App app{"benchmark"};
  app.get("/plaintext").handle([] { return "Hello, World!"; });
  app.get("/json").handle([] { return weir::object({{"message", "Hello, World!"}}); });
  app.get("/users/{id}").handle([](weir::Context& ctx) { return weir::object({{"id", ctx.path("id")}}); });
  app.post("/echo").handle(echo);
  app.post("/json").handle([](nlohmann::json document) { return document; });
  app.get("/nocontent").handle([] {});
  app.get("/reflect").handle(reflect);
  app.get("/query").handle([](weir::Context& ctx) { return ctx.query("q").value_or(""); });
  return app.main(argc, argv);
}
