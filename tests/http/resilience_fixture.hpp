// SPDX-License-Identifier: MIT
// A client whose requests end at a script instead of a server, on a clock that is moved by hand.
#pragma once

#include <tests/http/client_fixture.hpp>
#include <weir/base/clock.hpp>
#include <weir/http/client/client_middleware.hpp>
#include <weir/loop/sleep.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::http {

/// What becomes of one request.
struct Step {
  int status = 200;
  std::string retry_after{};
  std::optional<ClientErrorCode> error{};
  bool is_unsent = false;
  std::chrono::nanoseconds delay{0};
};

/// The innermost middleware: nothing goes further. Copies share what they saw.
class Script {
 public:
  struct State {
    std::deque<Step> steps;  ///< When there is none left: 200.
    std::vector<ClientRequest> seen;
    int cancelled = 0;
  };

  explicit Script(std::shared_ptr<State> state) : state_(std::move(state)) {}

  loop::Task<ClientResponse> send(ClientRequest request, ClientNext) {
    Step step;
    if (!state_->steps.empty()) {
      step = state_->steps.front();
      state_->steps.pop_front();
    }
    state_->seen.push_back(std::move(request));
    try {
      if (step.delay > std::chrono::nanoseconds(0)) co_await loop::sleep(step.delay);
    } catch (const loop::Cancelled&) {
      ++state_->cancelled;
      throw;
    }
    if (step.error) throw ClientError(*step.error, "scripted", step.is_unsent);
    ClientResponse response;
    response.status = step.status;
    response.body = std::to_string(state_->seen.size());
    if (!step.retry_after.empty()) response.headers.emplace_back("Retry-After", step.retry_after);
    co_return std::move(response);
  }

 private:
  std::shared_ptr<State> state_;
};

// A base, as the loop asks its clock from the beginning.
struct ManualTime {
  base::ManualClock clock;
};

class ResilienceFixture : protected ManualTime, public ClientFixture {
 protected:
  ResilienceFixture() : ClientFixture({}, &clock) {}

  /// A client with the middlewares of `chain` around the script.
  void install(ClientChain chain) {
    chain.use(Script(script));
    client = std::make_unique<Client>(loop, ClientOptions(), chain);
  }
  /// Lets happen what needs no time.
  void turn() {
    for (int i = 0; i < 10; ++i) loop.run_once();
  }
  void advance(std::chrono::nanoseconds by) {
    clock.advance(by);
    turn();
  }
  /// Begins on the loop, as a handler would.
  void start(ClientRequest request, Outcome& outcome) {
    ASSERT_TRUE(loop.try_post(
        [this, &outcome, task = client->send(std::move(request))]() mutable { begin(std::move(task), outcome); }));
    turn();
  }
  /// For what ends without time passing.
  Outcome ask(ClientRequest request) {
    Outcome outcome;
    start(std::move(request), outcome);
    EXPECT_TRUE(outcome.has_ended());
    return outcome;
  }
  Outcome ask() { return ask(get()); }
  static ClientRequest get() { return ClientRequest("http://a.test/"); }
  static ClientRequest post() { return ClientRequest("POST", "http://a.test/", "x"); }
  std::size_t sent() const { return script->seen.size(); }

  static Step failure(ClientErrorCode code, bool is_unsent = false) { return {.error = code, .is_unsent = is_unsent}; }

  std::shared_ptr<Script::State> script = std::make_shared<Script::State>();
};

}  // namespace weir::http
