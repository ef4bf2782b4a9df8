// SPDX-License-Identifier: MIT
// Each middleware on a route of its own, to be tried with the curl lines of middleware/README.md.
#include <middleware/access_log.hpp>
#include <middleware/api_key.hpp>
#include <middleware/basic_auth.hpp>
#include <middleware/bearer_auth.hpp>
#include <middleware/body_limit.hpp>
#include <middleware/compression.hpp>
#include <middleware/concurrency_limit.hpp>
#include <middleware/cors.hpp>
#include <middleware/decompression.hpp>
#include <middleware/etag.hpp>
#include <middleware/load_shedding.hpp>
#include <middleware/rate_limit.hpp>
#include <middleware/request_id.hpp>
#include <middleware/security_headers.hpp>
#include <middleware/static_files.hpp>
#include <middleware/trace_context.hpp>
#include <middleware/trusted_proxies.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
namespace middleware = weir::middleware;

std::string hello(weir::Context& ctx) {
  return "Hello, " + std::string(ctx.principal().empty() ? "stranger" : ctx.principal()) + "!";
}

std::string whereabouts(weir::Context& ctx) {
  const std::string client = ctx.client();
  return client.substr(0, client.rfind(':')) + " by " + std::string(ctx.scheme());
}

std::string numbers(weir::Context&) {
  std::string text;
  for (int number = 1; number <= 1000; ++number) text += std::to_string(number) + "\n";
  return text;
}

std::string length(weir::Context& ctx) {
  return std::to_string(ctx.body().size()) + " bytes";
}

// Around all routes: the first is the outermost.
void use_everywhere(weir::App& app) {
  app.use(middleware::AccessLog{});
  app.use(middleware::TrustedProxies{{.proxies = {"127.0.0.0/8", "::1"}}});
  app.use(middleware::RequestId{});
  app.use(middleware::TraceContext{});
  app.use(middleware::SecurityHeaders{});
  app.use(middleware::Cors{{.origins = {"https://app.example.com"}}});
}

void add_coded(weir::App& app) {
  app.get("/numbers").use(middleware::Compression{}).use(middleware::ETag{}).handle(numbers);
  app.post("/length").use(middleware::BodyLimit{{.bytes = 4000}}).use(middleware::Decompression{}).handle(length);
}

void add_limited(weir::App& app) {
  app.get("/limited").use(middleware::RateLimit{{.requests = 2, .per = 60s}}).handle(hello);
  app.get("/alone")
      .use(middleware::ConcurrencyLimit{{.requests = 1}})
      .handle([](weir::Context& ctx) -> weir::Task<std::string> {
        co_await ctx.sleep(500ms);
        co_return "alone";
      });
  const weir::Pool slow = app.pool("slow", {.workers = 1});
  app.get("/busy").use(middleware::LoadShedding{}).on(slow).handle([] {
    std::this_thread::sleep_for(10ms);
    return std::string("worked");
  });
}

// Secrets come from the configuration in a service that has some.
void add_guarded(weir::App& app) {
  app.get("/basic").use(middleware::BasicAuth{{.credentials = {{"ann", "correct horse battery"}}}}).handle(hello);
  app.get("/key")
      .use(middleware::ApiKey{{.keys = {{.key = "0123456789abcdef0123456789abcdef", .owner = "ann"}}}})
      .handle(hello);
  app.get("/token")
      .use(middleware::BearerAuth{{.jwt = {.secret = "0123456789abcdef0123456789abcdef"}}})
      .handle([](weir::Context& ctx) {
        return weir::Response::json_text(ctx.attached<middleware::VerifiedJwt>()->claims);
      });
}

}  // namespace

int main(int argc, char** argv) {
  weir::App app{"tour"};
  use_everywhere(app);
  app.get("/hello").handle(hello);
  app.get("/whereabouts").handle(whereabouts);
  add_coded(app);
  add_limited(app);
  add_guarded(app);
  app.get("/static/{path...}").handle(middleware::StaticFiles(TOUR_FILES));
  return app.main(argc, argv);
}
