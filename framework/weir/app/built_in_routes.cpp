// SPDX-License-Identifier: MIT
#include <weir/app/built_in_routes.hpp>

#include <weir/http/json_text.hpp>
#include <weir/http/response.hpp>

#include <utility>

namespace weir::app {
namespace {

void add_default_get(routing::RouteTable& table, std::string_view path, routing::Handler handler) {
  routing::RouteDeclaration& route = table.add(table.bare(), http::Method::kGet, path, std::source_location::current());
  route.handler = std::move(handler);
  route.is_built_in = true;
}

http::JsonText report_health() {
  return http::object({{"status", "ok"}});
}

}  // namespace

void add_health_routes(routing::RouteTable& table, std::shared_ptr<const std::atomic<bool>> is_ready) {
  add_default_get(table, "/healthz", routing::Handler::make(report_health));
  add_default_get(table, "/readyz", routing::Handler::make([is_ready = std::move(is_ready)] {
                    const bool is_up = is_ready->load(std::memory_order_relaxed);
                    http::Response response(is_up ? 200 : 503);
                    response.set_json(http::object({{"status", is_up ? "ready" : "not ready"}}).view());
                    return response;
                  }));
}

std::shared_ptr<const routing::Routes> make_admin_routes(const observe::MetricsRegistry& metrics) {
  routing::RouteTable table;
  add_default_get(table, "/healthz", routing::Handler::make(report_health));
  add_default_get(table, "/metrics", routing::Handler::make([&metrics] {
                    return http::Response::content(metrics.render_prometheus(), "text/plain; version=0.0.4");
                  }));
  return table.build();
}

}  // namespace weir::app
