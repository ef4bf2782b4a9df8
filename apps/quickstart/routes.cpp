// SPDX-License-Identifier: MIT
#include "routes.hpp"

#include "library.hpp"
#include "report.hpp"

#include <chrono>
#include <memory>

namespace quickstart {
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

// A path parameter with bounds: 422 outside of them.
using Limit = weir::Path<"limit", weir::Bounded<int, 0, 100'000>>;

// Where handlers run: each of these is a lane.
void declare_lanes(weir::App& app) {
  const weir::Pool cpu = app.pool("cpu", {.queue = 64});

  // Inline: on the event loop, for what takes microseconds.
  app.get("/hello/{name}").handle([](weir::Path<"name"> name) { return weir::object({{"hello", *name}}); });

  // Pool: on a worker, for what takes milliseconds of CPU; 503 when too many wait, 504 after two seconds.
  app.get("/primes/{limit}").on(cpu).timeout(2s).handle([](Limit limit) {
    return weir::object({{"limit", limit->value}, {"primes", count_primes(*limit)}});
  });

  // Async: on the loop, suspended while it waits; its CPU step goes to the pool. Cancelled when the client leaves.
  app.get("/patient-primes/{limit}").handle([cpu](Limit limit, weir::Context& ctx) -> weir::Task<weir::JsonText> {
    co_await ctx.sleep(200ms);
    const int primes = co_await ctx.offload(cpu, count_primes, limit->value);
    co_return weir::object({{"limit", limit->value}, {"primes", primes}});
  });

  // Async, streamed: server-sent events, for as long as the client listens.
  app.get("/countdown").handle([](weir::EventStream events, weir::Context& ctx) -> weir::Task<void> {
    for (int left = 3; left >= 0; --left) {
      co_await events.send(weir::Event(std::to_string(left)).type("tick"));
      if (left > 0) co_await ctx.sleep(200ms);
    }
  });
}

// What handlers take and give back: read, checked and documented from their types.
void declare_library(weir::App& app) {
  app.provide(std::make_shared<Library>());

  app.post("/books").handle([](weir::Body<NewBook> book, weir::State<Library> library) {
    const Book added = library->add(*book);
    return weir::Created{added, "/books/" + std::to_string(added.id)};
  });
  app.get("/books").handle([](weir::Query<"genre", std::optional<Genre>> genre, weir::Query<"limit", int, 20> limit,
                              weir::State<Library> library) { return library->list(*genre, *limit); });
  app.get("/books/{id}").handle([](weir::Path<"id", int> id, weir::State<Library> library) {
    return library->find(*id);
  });  // none: 404
  app.del("/books/{id}").handle([](weir::Path<"id", int> id, weir::State<Library> library) {
    if (!library->remove(*id)) throw weir::HttpError(404, "no such book");
  });  // nothing: 204

  app.post("/login").handle([](weir::Form<Login> login) {
    return weir::Response::no_content().set_header("Set-Cookie", "user=" + login->user + "; HttpOnly; SameSite=Lax");
  });
  app.get("/me").handle(
      [](weir::Cookie<"user"> user, weir::Header<"User-Agent", std::optional<std::string_view>> agent) {
        return weir::object({{"user", *user}, {"agent", agent->value_or("unknown")}});
      });
}

// A page takes some 300 us. This may run again after a crash, which does no harm: it has no effect but its result.
Report write_report(const NewReport& wanted, weir::JobContext& job) {
  constexpr int kPrimesOfAPage = 8'000;
  Report report{.title = wanted.title};
  while (report.pages < wanted.pages) {
    job.throw_if_stopped();
    report.primes += count_primes(kPrimesOfAPage);
    ++report.pages;
    job.progress(double(report.pages) / wanted.pages, "page " + std::to_string(report.pages));
  }
  return report;
}

void declare_reports(weir::App& app) {
  // Work that outlives its request: 202 once it is on disk, and it will be done whatever crashes.
  const auto build =
      app.job<NewReport>("write-report").queue("reports").max_attempts(5).timeout(60s).handle(write_report);
  app.post("/reports").as_job(build);
}

}  // namespace

void declare_routes(weir::App& app) {
  app.get("/").handle([] { return "Weir is running. Try /hello/world\n"; });
  app.post("/echo").handle(
      [](weir::Bytes content) { return weir::Response::content(std::string(*content), "application/octet-stream"); });
  declare_lanes(app);
  declare_library(app);
  declare_reports(app);
}

}  // namespace quickstart
