// SPDX-License-Identifier: MIT
#include "service.hpp"

#include <weir/json.hpp>

#include <string>
#include <string_view>

namespace weir::conformance {
namespace {

Response echo_content(Context& ctx) {
  Response response;
  response.body(ctx.body());
  response.set_header("Content-Type", ctx.header("content-type").value_or("application/octet-stream"));
  return response;
}

Response reflect(Context& ctx) {
  Response response = Response::text("reflected\n");
  response.set_header("X-Reflect", ctx.query("v").value_or(""));
  return response;
}

}  // namespace

Service::Service() : app_("conformance") {
  Settings& settings = app_.settings();
  settings.port = 0;
  settings.loops = 2;
  settings.has_admin = false;
  settings.log_level = "off";
  settings.drain_idle = std::chrono::milliseconds(0);
  settings.limits.spool_bytes = 16 << 20;  // what is replayed in memory is answered without waiting for a disk

  app_.get("/plaintext").handle([] { return "Hello, World!"; });
  app_.get("/json").handle([] { return object({{"message", "Hello, World!"}}); });
  app_.get("/users/{id}").handle([](Context& ctx) { return object({{"id", ctx.path("id")}}); });
  app_.post("/echo").handle(echo_content);
  app_.post("/json").handle([](nlohmann::json document) { return document; });
  app_.get("/nocontent").handle([] {});
  app_.get("/reflect").handle(reflect);
  app_.get("/query").handle([](Context& ctx) { return ctx.query("q").value_or(""); });
  app_.post("/small").body_limit(kSmallBodyBytes).handle(echo_content);
  app_.get("/files/{rest...}").handle([](Context& ctx) { return std::string(ctx.path("rest")); });
  app_.get("/large").handle([] { return std::string(100'000, 'x'); });
}

}  // namespace weir::conformance
