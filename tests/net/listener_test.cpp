// SPDX-License-Identifier: MIT
#include <weir/net/listener.hpp>

#include "tests/net/loopback.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <string>
#include <vector>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

class RecordingLog final : public base::Log {
 public:
  std::vector<std::string> events;

 protected:
  void write(base::LogLevel, std::string_view event, std::span<const base::LogField>) noexcept override {
    events.emplace_back(event);
  }
};

class ListenerTest : public testing::Test {
 protected:
  std::unique_ptr<Listener> listen(loop::Loop& on) {
    return std::make_unique<Listener>(on, std::move(loopback.socket), Listener::Reporting{log, accept_errors},
                                      [this](Descriptor socket, SocketKind kind) {
                                        kinds.push_back(kind);
                                        accepted.push_back(std::move(socket));
                                      });
  }
  std::vector<Descriptor> connect(int count) {
    std::vector<Descriptor> clients;
    for (int i = 0; i < count; ++i) clients.push_back(loopback.connect());
    return clients;
  }

  Loopback loopback;
  RecordingLog log;
  base::Counter accept_errors;
  std::vector<SocketKind> kinds;
  std::vector<Descriptor> accepted;
  base::ManualClock clock;
};

TEST_F(ListenerTest, AConnectionArrivesNonBlockingAndCloseOnExec) {
  loop::Loop loop;
  const auto listener = listen(loop);
  const Descriptor client = loopback.connect();
  ASSERT_TRUE(run_until(loop, [this] { return accepted.size() == 1; }));
  EXPECT_EQ(kinds.front(), SocketKind::kTcp);
  EXPECT_NE(::fcntl(accepted.front().get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(::fcntl(accepted.front().get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(ListenerTest, AtMostTheCapIsAcceptedInOneTurn) {
  loop::Loop loop;
  const auto listener = listen(loop);
  const auto clients = connect(Listener::kAcceptsPerTurn + 5);
  loop.run_once();
  EXPECT_EQ(accepted.size(), static_cast<std::size_t>(Listener::kAcceptsPerTurn));
  loop.run_once();
  EXPECT_EQ(accepted.size(), clients.size());
}

TEST_F(ListenerTest, DrainingTakesEveryWaitingConnection) {
  loop::Loop loop;
  const auto listener = listen(loop);
  const auto clients = connect(3 * Listener::kAcceptsPerTurn);
  listener->drain_and_close();
  EXPECT_EQ(accepted.size(), clients.size());
}

TEST_F(ListenerTest, AfterDrainingNobodyConnectsAnyMore) {
  loop::Loop loop;
  const auto listener = listen(loop);
  listener->drain_and_close();
  auto client = begin_connect(loopback.endpoint);
  if (client) {
    pollfd done{client->get(), POLLOUT, 0};
    ASSERT_EQ(::poll(&done, 1, 10'000), 1);
    int error_number = 0;
    socklen_t length = sizeof(error_number);
    ::getsockopt(client->get(), SOL_SOCKET, SO_ERROR, &error_number, &length);
    EXPECT_EQ(error_number, ECONNREFUSED);
  }
}

TEST_F(ListenerTest, DrainingTwiceIsHarmless) {
  loop::Loop loop;
  const auto listener = listen(loop);
  listener->drain_and_close();
  listener->drain_and_close();
  loop.run_once();
  EXPECT_TRUE(accepted.empty());
}

TEST_F(ListenerTest, AfterItsDestructionNothingIsAccepted) {
  loop::Loop loop;
  auto listener = listen(loop);
  const Descriptor client = loopback.connect();
  listener.reset();
  loop.run_once();
  EXPECT_TRUE(accepted.empty());
}

// No descriptor is left: each accept fails with EMFILE until one is closed.
class ExhaustedListenerTest : public ListenerTest {
 protected:
  void exhaust() {
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const Descriptor probe(::dup(0));
    const rlimit low{static_cast<rlim_t>(probe.get()), before_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  void recover() {
    if (before_.rlim_max != 0) ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  ~ExhaustedListenerTest() override { recover(); }

 private:
  rlimit before_{};
};

TEST_F(ExhaustedListenerTest, WithoutDescriptorsItPausesInsteadOfSpinning) {
  loop::Loop loop({.clock = &clock});
  const auto listener = listen(loop);
  const auto clients = connect(3);
  exhaust();
  for (int turn = 0; turn < 50; ++turn) loop.run_once();
  EXPECT_TRUE(accepted.empty());
  EXPECT_EQ(accept_errors.value(), 1U);
}

TEST_F(ExhaustedListenerTest, ItTriesAgainAfterEachPauseAndLogsOnce) {
  loop::Loop loop({.clock = &clock});
  const auto listener = listen(loop);
  const auto clients = connect(3);
  exhaust();
  for (int pause = 0; pause < 5; ++pause) {
    loop.run_once();
    loop.run_once();
    clock.advance(Listener::kPause + loop::TimerWheel::kTick);
  }
  EXPECT_EQ(accept_errors.value(), 5U);
  EXPECT_EQ(log.events, (std::vector<std::string>{"listener.exhausted"}));
}

TEST_F(ExhaustedListenerTest, WithDescriptorsAgainItAcceptsWhatWaited) {
  loop::Loop loop({.clock = &clock});
  const auto listener = listen(loop);
  const auto clients = connect(3);
  exhaust();
  loop.run_once();
  recover();
  clock.advance(Listener::kPause + loop::TimerWheel::kTick);
  loop.run_once();
  EXPECT_EQ(accepted.size(), 3U);
}

TEST_F(ExhaustedListenerTest, ASecondExhaustionIsLoggedAgain) {
  loop::Loop loop({.clock = &clock});
  const auto listener = listen(loop);
  std::vector<std::vector<Descriptor>> clients;
  for (int round = 0; round < 2; ++round) {
    clients.push_back(connect(1));
    exhaust();
    loop.run_once();
    recover();
    clock.advance(Listener::kPause + loop::TimerWheel::kTick);
    loop.run_once();
  }
  EXPECT_EQ(accepted.size(), 2U);
  EXPECT_EQ(log.events.size(), 2U);
}

TEST_F(ExhaustedListenerTest, APausedListenerMayBeDestroyed) {
  loop::Loop loop({.clock = &clock});
  auto listener = listen(loop);
  const auto clients = connect(1);
  exhaust();
  loop.run_once();
  listener.reset();
  clock.advance(1s);
  loop.run_once();
  EXPECT_TRUE(accepted.empty());
}

}  // namespace
}  // namespace weir::net
