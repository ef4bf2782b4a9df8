// SPDX-License-Identifier: MIT
#include "jobs.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace benchmark {
namespace {

using namespace std::chrono_literals;

struct Trivial {
  std::int64_t number = 0;
  std::string text;
};
WEIR_DESCRIBE(Trivial, number, text);

struct Timing {
  std::int64_t commit_us = 0;
  std::int64_t pick_up_us = 0;
};
WEIR_DESCRIBE(Timing, commit_us, pick_up_us);

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void add_jobs(weir::App& app) {
  if (std::getenv("BENCHMARK_JOBS") == nullptr) return;
  app.post("/jobs/trivial").as_job(app.job<Trivial>("trivial").handle([](const Trivial&) {}));

  const auto begun_at = std::make_shared<std::atomic<std::int64_t>>(0);
  const auto timed = app.job<Trivial>("timed").handle([begun_at](const Trivial&) { *begun_at = now_us(); });
  app.post("/jobs/timed").handle([begun_at, timed](weir::Context& ctx) -> weir::Task<Timing> {
    *begun_at = 0;
    const std::int64_t asked = now_us();
    auto stored = timed.enqueue(Trivial{});
    static_cast<void>(co_await std::move(stored));
    const std::int64_t committed = now_us();
    while (*begun_at == 0) co_await ctx.sleep(1ms);
    co_return Timing{committed - asked, *begun_at - committed};
  });
}

}  // namespace benchmark
