// SPDX-License-Identifier: MIT
#include <weir/http/client/hedge.hpp>

#include <weir/http/client/client_error.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/sleep.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/when_all.hpp>

#include <algorithm>
#include <coroutine>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::http {
namespace {

/// `loop::StopSource* const source = co_await OwnStopSource();`: what may stop the coroutine that asks.
class OwnStopSource {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
    source_ = loop::stop_source_of(awaiting);
    return false;
  }
  loop::StopSource* await_resume() const noexcept { return source_; }

 private:
  loop::StopSource* source_ = nullptr;
};

/// What two requests know of each other.
class Race {
 public:
  /// One of them under way. The last to end, or one that won, ends the other, also when that is still to be sent.
  class Runner {
   public:
    explicit Runner(Race& race) : race_(race) { ++race_.running_; }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;
    ~Runner() {
      if (--race_.running_ == 0 || race_.is_won_) race_.stop_.request_stop();
    }

   private:
    Race& race_;
  };

  Race(loop::StopSource* parent, const std::vector<int>& poor) : poor_(poor), stop_(parent) {}

  loop::StopSource& stop() { return stop_; }
  bool is_over() const { return stop_.is_stop_requested(); }

  void take(ClientResponse response) {
    if (is_won_) return;  // both came in one turn
    is_won_ = std::find(poor_.begin(), poor_.end(), response.status) == poor_.end();
    if (is_won_ || !response_) response_.emplace(std::move(response));
  }
  void take(const ClientError& error) {
    if (!error_) error_.emplace(error);
  }
  ClientResponse result(const loop::StopSource* parent) {
    if (response_) return std::move(*response_);
    if ((parent != nullptr && parent->is_stop_requested()) || !error_) throw loop::Cancelled();
    throw ClientError(*error_);
  }

 private:
  const std::vector<int>& poor_;
  loop::LinkedStopSource stop_;
  unsigned running_ = 0;
  bool is_won_ = false;
  std::optional<ClientResponse> response_;
  std::optional<ClientError> error_;
};

// The race is part of the frame that awaits both of these.
loop::Task<void> contend(Race* race, ClientRequest request, ClientNext next) {
  const Race::Runner runner(*race);
  try {
    ClientResponse response = co_await next.send(std::move(request));
    race->take(std::move(response));
  } catch (const ClientError& error) {
    race->take(error);
  } catch (const loop::Cancelled&) {
    // By the winner, or from outside: the result says which.
  }
}

loop::Task<void> contend_late(Race* race, ClientRequest request, ClientNext next, std::chrono::nanoseconds delay) {
  try {
    co_await loop::sleep(delay);
  } catch (const loop::Cancelled&) {
    co_return;
  }
  if (race->is_over() || !next.may_send_again(request)) co_return;
  loop::Task<void> second = contend(race, std::move(request), next);
  co_await std::move(second);
}

}  // namespace

Hedge::Hedge(HedgeOptions options) : options_(std::move(options)) {
  if (options_.delay <= std::chrono::nanoseconds(0)) {
    throw std::invalid_argument("Hedge: needs a delay above zero, after which a request is sent once more");
  }
}

loop::Task<ClientResponse> Hedge::send(ClientRequest request, ClientNext next) {
  const bool has_time = options_.delay < request.deadline - next.loop().clock().now();
  return has_time && request.may_be_repeated() ? send_both(std::move(request), next) : next.send(std::move(request));
}

loop::Task<ClientResponse> Hedge::send_both(ClientRequest request, ClientNext next) {
  loop::StopSource* const parent = co_await OwnStopSource();
  Race race(parent, options_.statuses);
  ClientRequest copy = request;
  loop::Task<void> first = contend(&race, std::move(request), next);
  loop::Task<void> second = contend_late(&race, std::move(copy), next, options_.delay);
  first.set_stop_source(&race.stop());
  second.set_stop_source(&race.stop());
  co_await loop::when_all(std::move(first), std::move(second));
  co_return race.result(parent);
}

}  // namespace weir::http
