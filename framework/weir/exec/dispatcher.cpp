// SPDX-License-Identifier: MIT
#include <weir/exec/dispatcher.hpp>

#include <algorithm>
#include <stdexcept>

namespace weir::exec {

Pool PoolTable::add(std::string name, PoolOptions options) {
  const auto has_name = [&name](const PoolDeclaration& pool) { return pool.name == name; };
  if (name.empty()) throw std::invalid_argument("a pool needs a name");
  if (std::any_of(pools_.begin(), pools_.end(), has_name)) {
    throw std::invalid_argument("there is a pool named \"" + name + "\" already");
  }
  if (options.queue == 0) throw std::invalid_argument("the queue of pool \"" + name + "\" holds at least 1");
  pools_.push_back({std::move(name), options});
  return Pool(static_cast<std::uint16_t>(pools_.size() - 1));
}

Dispatcher::Dispatcher(Parts parts) : pattern_(parts.pattern) {
  const auto make = [&parts](const std::string& name, const PoolOptions& options) {
    return std::make_unique<WorkerPool>(WorkerPool::Parts{
        .name = name, .options = options, .clock = parts.clock, .log = parts.log, .metrics = parts.metrics});
  };
  if (pattern_ == Pattern::kSingleWorker) parts.handlers.workers = 1;
  if (pattern_ == Pattern::kSingleWorker || pattern_ == Pattern::kWorkerPool) {
    handlers_ = make("handlers", parts.handlers);
  }
  if (pattern_ != Pattern::kEventDriven) return;
  for (const PoolDeclaration& pool : parts.pools) pools_.push_back(make(pool.name, pool.options));
}

WorkerPool* Dispatcher::find(Pool pool) const {
  return pool.index() < pools_.size() ? pools_[pool.index()].get() : nullptr;
}

std::vector<WorkerPool::Running> Dispatcher::running() const {
  std::vector<WorkerPool::Running> all = handlers_ ? handlers_->running() : std::vector<WorkerPool::Running>();
  for (const auto& pool : pools_) {
    auto some = pool->running();
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

void Dispatcher::stop() {
  if (handlers_) handlers_->stop();
  for (const auto& pool : pools_) pool->stop();
}

}  // namespace weir::exec
