// SPDX-License-Identifier: MIT
#include "jobs.hpp"

#include "compute.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace patterns {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct Work {
  int wait_ms = 0;
  int cpu_ms = 0;

  static constexpr auto describe() {
    return weir::fields(weir::field<&Work::wait_ms>(weir::range(0, 60'000), weir::defaulted),
                        weir::field<&Work::cpu_ms>(weir::range(0, 60'000), weir::defaulted));
  }
};

// The wait holds a thread of the pool "jobs", as a library that blocks would.
void work(const Work& wanted) {
  std::this_thread::sleep_for(milliseconds(wanted.wait_ms));
  compute(milliseconds(wanted.cpu_ms));
}

void fail(const Work&) {
  throw std::runtime_error("this job always fails");
}

}  // namespace

void add_jobs(weir::App& app) {
  if (std::getenv("PATTERNS_JOBS") == nullptr) return;
  app.post("/work").as_job(app.job<Work>("work").handle(work));
  // So soon again that both attempts fall into the time that is measured.
  app.post("/failing-work")
      .as_job(app.job<Work>("failing-work").max_attempts(2).backoff([](int) { return 100ms; }).handle(fail));
}

}  // namespace patterns
