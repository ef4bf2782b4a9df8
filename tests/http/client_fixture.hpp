// SPDX-License-Identifier: MIT
// A client on a loop of its own, and what became of its calls.
#pragma once

#include <tests/http/scripted_server.hpp>
#include <weir/base/clock.hpp>
#include <weir/http/client/client.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/stop_source.hpp>
#include <weir/loop/task_scope.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weir::http {

struct Outcome {
  std::optional<ClientResponse> response;
  std::optional<ClientErrorCode> error;
  std::string message;
  bool is_cancelled = false;
  std::chrono::steady_clock::time_point ended;
  bool has_ended() const { return response || error || is_cancelled; }
};

inline loop::Task<void> record(loop::Task<ClientResponse> task, Outcome& outcome) {
  try {
    ClientResponse response = co_await std::move(task);
    outcome.response = std::move(response);
  } catch (const ClientError& error) {
    outcome.error = error.code();
    outcome.message = error.what();
  } catch (const loop::Cancelled&) {
    outcome.is_cancelled = true;
  }
  outcome.ended = std::chrono::steady_clock::now();
}

class ClientFixture : public testing::Test {
 protected:
  explicit ClientFixture(ClientOptions options = {}, const base::Clock* clock = nullptr)
      : loop(loop::Loop::Options{.clock = clock}), client(std::make_unique<Client>(loop, std::move(options))) {}

  void begin(loop::Task<ClientResponse> task, Outcome& outcome) {
    loop::Task<void> recorded = record(std::move(task), outcome);
    recorded.set_stop_source(&stop);
    ASSERT_TRUE(scope.spawn(std::move(recorded)));
  }
  /// Turns the loop until `condition` holds; the bound only ends a failing test.
  bool run_until(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < give_up) {
      loop.run_for_event(std::chrono::milliseconds(20));
    }
    return condition();
  }
  Outcome call(loop::Task<ClientResponse> task) {
    Outcome outcome;
    begin(std::move(task), outcome);
    EXPECT_TRUE(run_until([&outcome] { return outcome.has_ended(); }));
    return outcome;
  }
  Outcome call(ClientRequest request) { return call(client->send(std::move(request))); }

  loop::Loop loop;
  loop::StopSource stop;
  std::unique_ptr<Client> client;
  loop::TaskScope scope;
};

/// Answers every request of a connection with what was asked.
inline void echo(ScriptedServer::Peer& peer) {
  for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
    peer.answer(request);
  }
}

}  // namespace weir::http
