// SPDX-License-Identifier: MIT
#include <weir/app/built_in_routes.hpp>

#include <weir/http/json_text.hpp>
#include <weir/http/response.hpp>
#include <weir/jobs/job_routes.hpp>
#include <weir/routing/openapi/docs_page.hpp>
#include <weir/routing/openapi/document.hpp>

#include <mutex>
#include <string>
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

// The OpenAPI document of routes that hold this in a handler. Any thread, once `routes` is set.
struct Document {
  const routing::Routes* routes = nullptr;
  std::once_flag once;
  std::string written;

  const std::string& text() {
    std::call_once(once, [this] { written = routing::openapi_document(*routes); });
    return written;
  }
};

// A static text of the page under /docs.
void add_docs_text(routing::RouteTable& table, std::string_view path, std::string_view text,
                   std::string_view media_type) {
  add_default_get(table, path, routing::Handler::make([text, media_type] {
                    http::Response response = http::Response::content(std::string(text), media_type);
                    response.set_header("Content-Security-Policy", routing::kDocsPagePolicy);
                    response.set_header("X-Content-Type-Options", "nosniff");
                    response.set_header("Referrer-Policy", "no-referrer");
                    response.set_header("Cache-Control", "no-cache");
                    return response;
                  }));
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

std::shared_ptr<const routing::Routes> build_documented(const routing::RouteTable& table, DocumentRendering rendering) {
  routing::RouteTable defaults;
  // The document is of the finished routes, one of which gives it.
  const auto document = std::make_shared<Document>();
  add_default_get(defaults, "/openapi.json", routing::Handler::make([document] {
                    return http::Response::content(document->text(), "application/json");
                  }));
  add_docs_text(defaults, "/docs", routing::docs_page_html(), "text/html; charset=utf-8");
  add_docs_text(defaults, "/docs/style.css", routing::docs_page_style(), "text/css; charset=utf-8");
  add_docs_text(defaults, "/docs/script.js", routing::docs_page_script(), "text/javascript; charset=utf-8");
  auto routes = table.build(&defaults);
  document->routes = routes.get();
  routing::check_documentation(*routes);
  if (rendering == DocumentRendering::kNow) document->text();
  return routes;
}

std::shared_ptr<const routing::Routes> make_admin_routes(const observe::MetricsRegistry& metrics,
                                                         const jobs::JobTable& jobs) {
  routing::RouteTable table;
  if (!jobs.types.empty()) jobs::add_operator_routes(routing::Group(table, table.root()), jobs.link);
  add_default_get(table, "/healthz", routing::Handler::make(report_health));
  add_default_get(table, "/metrics", routing::Handler::make([&metrics] {
                    return http::Response::content(metrics.render_prometheus(), "text/plain; version=0.0.4");
                  }));
  return table.build();
}

}  // namespace weir::app
