// SPDX-License-Identifier: MIT
// An app of jobs whose effects can be counted from outside: each attempt writes a line to a ledger.
#include <weir/weir.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

struct Order {
  std::string name;
  int milliseconds = 0;  ///< How long it takes.
  int failures = 0;      ///< How many attempts fail first.

  static constexpr auto describe() {
    return weir::fields(weir::field<&Order::name>(weir::length(1, 100)),
                        weir::field<&Order::milliseconds>(weir::defaulted, weir::range(0, 60'000)),
                        weir::field<&Order::failures>(weir::defaulted, weir::range(0, 100)));
  }
};

struct Receipt {
  std::string name;
  int attempt = 0;
};
WEIR_DESCRIBE(Receipt, name, attempt);

// Whole lines of several processes, in the order of their writing.
void note(const std::string& what) {
  const char* const path = std::getenv("LEDGER");
  if (path == nullptr) return;
  const int file = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = what + "\n";
  if (file < 0 || ::write(file, line.data(), line.size()) != static_cast<ssize_t>(line.size())) std::abort();
  ::close(file);
}

int sink(int depth) {
  volatile char room[1'000] = {};
  room[0] = static_cast<char>(depth);
  return depth == -1 ? 0 : sink(depth + 1) + room[0];
}

Receipt serve(const Order& order, weir::JobContext& job) {
  note(job.id() + " " + order.name + " " + std::to_string(job.attempt()));
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(order.milliseconds);
  while (std::chrono::steady_clock::now() < end) {
    if (job.is_stop_requested()) throw std::runtime_error("stopped");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  if (job.attempt() <= order.failures) job.retry_in(std::chrono::milliseconds(10), "not yet");
  return {order.name, job.attempt()};
}

}  // namespace

int main(int argc, char** argv) {
  weir::App app{"job-app"};
  const auto serving = app.job<Order>("serve").handle(serve);
  const auto waiting = app.job<Order>("wait").queue("waiting").handle(
      [](const Order& order, weir::JobContext& job) -> weir::Task<Receipt> {
        note(job.id() + " " + order.name + " " + std::to_string(job.attempt()));
        co_await job.sleep(std::chrono::milliseconds(order.milliseconds));
        co_return Receipt{order.name, job.attempt()};
      });
  // It takes its worker along, "deep" by using up its stack.
  const auto crashing = app.job<Order>("crash").handle([](const Order& order, weir::JobContext& job) {
    note(job.id() + " " + order.name + " " + std::to_string(job.attempt()));
    if (order.name == "deep") sink(order.milliseconds);
    std::abort();
  });
  // Kept in memory, so this process has to run it itself: not with --jobs.run=false.
  if (std::getenv("LIGHT") != nullptr) {
    const auto light = app.job<Order>("light").queue("light").durability(weir::Durability::kMemory).handle(serve);
    app.post("/light").as_job(light);
  }
  app.post("/serve").as_job(serving);
  app.post("/wait").as_job(waiting);
  app.post("/crash").as_job(crashing);
  app.get("/inline").handle([] { return "here\n"; });
  return app.main(argc, argv);
}
