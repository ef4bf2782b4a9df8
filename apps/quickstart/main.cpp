// SPDX-License-Identifier: MIT
// The service of the README.
#include <middleware/access_log.hpp>
#include <middleware/request_id.hpp>
#include <weir/weir.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace {

using namespace std::chrono_literals;

// How many primes there are up to `limit`, by trial division: enough work to notice, little enough to wait for.
int count_primes(int limit) {
  int count = 0;
  for (int candidate = 2; candidate <= limit; ++candidate) {
    bool is_prime = true;
    for (int divisor = 2; divisor * divisor <= candidate && is_prime; ++divisor) is_prime = candidate % divisor != 0;
    if (is_prime) ++count;
  }
  return count;
}

int limit_of(const weir::Context& ctx) {
  const int limit = std::stoi(std::string(ctx.path("limit")).substr(0, 9));
  if (limit < 0 || limit > 100'000) throw weir::HttpError(422, "limit is between 0 and 100000");
  return limit;
}

}  // namespace

int main(int argc, char** argv) {
  weir::App app{"quickstart", "0.1.0"};
  app.use(weir::middleware::RequestId{});
  app.use(weir::middleware::AccessLog{});
  const weir::Pool cpu = app.pool("cpu", {.queue = 64});

  // Inline: on the event loop, for what takes microseconds.
  app.get("/").handle([] { return "Weir is running. Try /hello/world\n"; });
  app.get("/hello/{name}").handle([](weir::Context& ctx) { return weir::object({{"hello", ctx.path("name")}}); });
  app.post("/echo").handle(
      [](weir::Context& ctx) { return weir::Response::content(std::string(ctx.body()), "application/octet-stream"); });

  // Pool: on a worker, for what takes milliseconds of CPU; 503 when too many wait, 504 after two seconds.
  app.get("/primes/{limit:int}").on(cpu).timeout(2s).handle([](weir::Context& ctx) {
    const int limit = limit_of(ctx);
    return weir::object({{"limit", limit}, {"primes", count_primes(limit)}});
  });

  // Async: on the loop, suspended while it waits; its CPU step goes to the pool. Cancelled when the client leaves.
  app.get("/patient-primes/{limit:int}").handle([cpu](weir::Context& ctx) -> weir::Task<weir::JsonText> {
    const int limit = limit_of(ctx);
    co_await ctx.sleep(200ms);
    const int primes = co_await ctx.offload(cpu, count_primes, limit);
    co_return weir::object({{"limit", limit}, {"primes", primes}});
  });

  // Async, streamed: server-sent events, for as long as the client listens.
  app.get("/countdown").handle([](weir::EventStream events, weir::Context& ctx) -> weir::Task<void> {
    for (int left = 3; left >= 0; --left) {
      co_await events.send(weir::Event(std::to_string(left)).type("tick"));
      if (left > 0) co_await ctx.sleep(200ms);
    }
  });

  return app.main(argc, argv);
}
