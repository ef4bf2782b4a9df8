// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/active_chain.hpp>

#include <weir/base/check.hpp>
#include <weir/http/client/internal/target.hpp>

#include <chrono>
#include <utility>

namespace weir::http {

loop::Task<ClientResponse> ClientNext::send(ClientRequest request) const {
  return chain_->send_from(index_, std::move(request));
}

loop::Loop& ClientNext::loop() const {
  return chain_->loop();
}

bool ClientNext::may_send_again(const ClientRequest& request) const {
  return chain_->take_from_budget(request);
}

void ClientNext::count(const base::MetricId& id) const noexcept {
  chain_->count(id);
}

namespace internal {
namespace {

constexpr std::chrono::seconds kBudgetWindow{10};

const base::MetricId& resent_id() {
  static const base::MetricId id{"weir_client_resent_total",
                                 "Requests to other services that the retry budget let be sent once more."};
  return id;
}

const base::MetricId& over_budget_id() {
  static const base::MetricId id{"weir_client_over_budget_total",
                                 "Requests to other services that the retry budget did not let be sent once more."};
  return id;
}

class Count {
 public:
  explicit Count(std::size_t& running) : running_(running) { ++running_; }
  Count(const Count&) = delete;
  Count& operator=(const Count&) = delete;
  ~Count() { --running_; }

 private:
  std::size_t& running_;
};

}  // namespace

ActiveChain::ActiveChain(ClientCore& core, const ClientChain& chain, base::Metrics* metrics) : core_(core) {
  if (metrics != nullptr) counters_.emplace(*metrics);
  append(chain);
  budget_ = chain.budget_;
}

ActiveChain::~ActiveChain() {
  WEIR_CHECK(running_ == 0);
}

void ActiveChain::append(const ClientChain& chain) {
  WEIR_CHECK(running_ == 0);
  for (const auto& link : chain.links_) links_.push_back(link->copy());
}

loop::Task<ClientResponse> ActiveChain::send(ClientRequest request) {
  WEIR_CHECK(core_.loop().in_loop_thread());
  const Count count(running_);
  const base::TimePoint now = core_.loop().clock().now();
  count_of(parse_target(request.url).origin).add(now, {.all = 1, .marked = 0});
  request.deadline = deadline_of(request, now);
  ClientResponse response = co_await send_from(0, std::move(request));
  co_return std::move(response);
}

loop::Task<ClientResponse> ActiveChain::send_from(std::size_t index, ClientRequest request) {
  if (index == links_.size()) return core_.send(std::move(request));
  return links_[index]->send(std::move(request), ClientNext(*this, index + 1));
}

bool ActiveChain::take_from_budget(const ClientRequest& request) {
  constexpr double kRounding = 1e-6;  // a fifth of five is one
  const base::TimePoint now = core_.loop().clock().now();
  SlidingWindow& window = count_of(parse_target(request.url).origin);
  const SlidingWindow::Counts& counts = window.sum(now);
  const double bound = budget_.ratio * static_cast<double>(counts.all) +
                       budget_.per_second * static_cast<double>(kBudgetWindow.count()) + kRounding;
  if (static_cast<double>(counts.marked + 1) > bound) {
    count(over_budget_id());
    return false;
  }
  window.add(now, {.all = 0, .marked = 1});
  count(resent_id());
  return true;
}

// Also where a request ends, whatever it ends by: there nothing may be thrown.
void ActiveChain::count(const base::MetricId& id) noexcept {
  if (!counters_) return;
  try {
    counters_->add(id);
  } catch (...) {
    return;  // no memory: one less is counted
  }
}

SlidingWindow& ActiveChain::count_of(const std::string& origin) {
  return counts_.at(origin, [] { return SlidingWindow(kBudgetWindow); });
}

}  // namespace internal
}  // namespace weir::http
