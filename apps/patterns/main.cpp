// SPDX-License-Identifier: MIT
// One handler of each kind of work, to be started under each execution pattern: what tools/lab measures.
//
// PATTERNS_BACKEND is where /io and /both find the process that they wait for (127.0.0.1:8090 unless set): another
// `patterns`, whose /wait answers late. PATTERNS_CPU_WORKERS is the size of the pool "cpu"; one per core unless set.
// With PATTERNS_JOBS, whatever its value, there are durable jobs, too (jobs.hpp), and a store for them under --data.
#include "compute.hpp"
#include "jobs.hpp"

#include <weir/weir.hpp>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace std::chrono_literals;
using patterns::compute;
using std::chrono::milliseconds;

unsigned number(std::string_view text, unsigned fallback) {
  unsigned value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size() ? value : fallback;
}

std::string environment(const char* name, std::string fallback) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : std::move(fallback);
}

weir::JsonText computed(std::uint64_t state) {
  return weir::object({{"state", state}});
}

weir::Task<void> ask_backend(weir::Context& ctx, std::string url) {
  const auto reply = co_await ctx.http().get(std::move(url));
  if (reply.status != 200) {
    throw weir::HttpError(502, "the backend did not answer well");
  }
}

// What a backend is for: late, without holding anything meanwhile.
weir::Task<std::string> wait(weir::Context& ctx) {
  const milliseconds delay(number(ctx.query("ms").value_or(""), 50));
  co_await ctx.sleep(delay);
  co_return "waited\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string backend_url = "http://" + environment("PATTERNS_BACKEND", "127.0.0.1:8090") + "/wait?ms=50";
  std::atomic<unsigned> flaky_calls{0};

  weir::App app{"patterns"};
  const weir::Pool cpu = app.pool("cpu", {.workers = number(environment("PATTERNS_CPU_WORKERS", ""), 0)});
  app.get("/trivial").handle([] { return "trivial\n"; });
  app.get("/cpu").on(cpu).handle([] { return computed(compute(5ms)); });
  app.get("/slow").on(cpu).handle([] { return computed(compute(500ms)); });
  app.get("/io").handle([backend_url](weir::Context& ctx) -> weir::Task<std::string> {
    co_await ask_backend(ctx, backend_url);
    co_return "waited\n";
  });
  app.get("/both").handle([backend_url, cpu](weir::Context& ctx) -> weir::Task<weir::JsonText> {
    co_await ask_backend(ctx, backend_url);
    const std::uint64_t state = co_await ctx.offload(cpu, compute, 5ms);
    co_return computed(state);
  });
  app.get("/flaky").handle([&flaky_calls] {
    if (flaky_calls.fetch_add(1) % 10 == 9) {
      throw std::runtime_error("every tenth call fails");
    }
    return "this time it works\n";
  });
  app.get("/wait").handle(wait);
  patterns::add_jobs(app);
  return app.main(argc, argv);
}
