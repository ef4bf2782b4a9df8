// SPDX-License-Identifier: MIT
#include <weir/jobs/internal/keeper.hpp>

#include <weir/base/clock.hpp>
#include <weir/base/machine.hpp>
#include <weir/base/thread.hpp>

#include <unistd.h>

#include <array>
#include <string>
#include <utility>

namespace weir::jobs::internal {
namespace {

// What is over is removed slice by slice, with time for others in between.
constexpr std::chrono::milliseconds kBetweenPurges{5};

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

}  // namespace

Keeper::Keeper(Parts parts) : parts_(std::move(parts)) {
  enter();
  rescue(parts_.liveness != nullptr ? parts_.liveness->find_dead() : std::vector<Rescue::Dead>());
  thread_ = base::start_thread("weir-jobs-keeper", [this] { run(); });
}

void Keeper::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    wake_.notify_one();
  }
  thread_.join();
  try {
    ask(parts_.store, RemoveWorker{.worker = worker_, .given_back = 0});
  } catch (const StoreError& error) {
    parts_.log.warn("jobs.leave_failed", {{"why", error.what()}});
  }
  if (parts_.liveness != nullptr) parts_.liveness->disappear();
}

void Keeper::enter() {
  RegisterWorker entry;
  entry.host = host_name();
  entry.process = ::getpid();
  entry.lease = parts_.lease;
  worker_ = ask(parts_.store, std::move(entry)).worker;
  if (parts_.liveness != nullptr) parts_.liveness->appear(worker_);
}

void Keeper::run() noexcept {
  const base::Clock& clock = base::SystemClock::instance();
  base::TimePoint next_beat = clock.now() + parts_.beat;
  const auto period = parts_.liveness != nullptr ? std::min(parts_.look_for_dead, parts_.beat) : parts_.beat;
  bool is_more_over = false;
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, is_more_over ? std::min(period, kBetweenPurges) : period,
                         [this] { return is_stopping_; })) {
    lock.unlock();
    const bool was_more_over = std::exchange(is_more_over, false);
    try {
      if (parts_.liveness != nullptr) {
        auto dead = parts_.liveness->find_dead();
        if (!dead.empty()) rescue(std::move(dead));
      }
      const bool is_beat = clock.now() >= next_beat;
      if (is_beat) {
        next_beat = clock.now() + parts_.beat;
        keep();
      }
      if (is_beat || was_more_over) is_more_over = purge();
    } catch (const std::exception& error) {
      parts_.log.warn("jobs.keeper_failed", {{"why", error.what()}});
    }
    lock.lock();
  }
}

void Keeper::keep() {
  const Beat beat =
      ask(parts_.store, Beat{.worker = worker_, .lease = parts_.lease, .is_alive = false}, Durability::kRelaxed);
  if (!beat.is_alive) {
    parts_.log.warn("jobs.declared_dead", {{"worker", worker_.load()}});
    enter();
    parts_.declared_dead();
  }
  rescue({});
}

void Keeper::rescue(std::vector<Rescue::Dead> dead) {
  std::vector<std::int64_t> named;
  for (const Rescue::Dead& one : dead) named.push_back(one.worker);
  Rescue done = ask(parts_.store, Rescue{.dead = std::move(dead), .self = worker_, .declared = {}});
  for (const std::int64_t worker : named) parts_.liveness->bury(worker);
  if (done.declared.empty()) return;
  for (const std::int64_t worker : done.declared) parts_.log.warn("jobs.worker_died", {{"worker", worker}});
  if (done.rescued > 0 || done.discarded > 0) {
    parts_.log.warn("jobs.rescued", {{"jobs", done.rescued}, {"discarded", done.discarded}});
    parts_.rescued();
  }
}

bool Keeper::purge() {
  const Purge purge = ask(parts_.store, Purge{}, Durability::kRelaxed);
  return purge.purged >= purge.limit;
}

}  // namespace weir::jobs::internal
