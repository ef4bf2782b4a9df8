// SPDX-License-Identifier: MIT
#include <weir/loop/channel.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <weir/loop/with_timeout.hpp>

#include <memory>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;

class ChannelTest : public CoroutineTest {
 protected:
  Task<void> send_up_to(Channel<int>* channel, int first, int last) {
    for (int i = first; i <= last; ++i) {
      co_await channel->send(i);
      log += "sent " + std::to_string(i) + ";";
    }
  }
  Task<void> receive_all(Channel<int>* channel) {
    while (true) {
      const std::optional<int> item = co_await channel->receive();
      if (!item) break;
      log += std::to_string(*item) + ";";
    }
    log += "end;";
  }
  Task<void> receive_one(Channel<int>* channel, std::string name) {
    const std::optional<int> item = co_await channel->receive();
    log += name + (item ? "=" + std::to_string(*item) : " got none") + ";";
  }
};

TEST_F(ChannelTest, SendWaitsWhileItIsFull) {
  Channel<int> channel(2);
  spawn(send_up_to(&channel, 1, 4));
  EXPECT_EQ(log, "sent 1;sent 2;");
  on_loop([&channel] { EXPECT_EQ(channel.try_receive(), 1); });
  EXPECT_EQ(log, "sent 1;sent 2;sent 3;");
  on_loop([&channel] {
    EXPECT_EQ(channel.try_receive(), 2);
    EXPECT_EQ(channel.try_receive(), 3);
    EXPECT_EQ(channel.try_receive(), 4) << "taken from the sender, which has not resumed yet";
    EXPECT_EQ(channel.try_receive(), std::nullopt);
  });
  EXPECT_EQ(log, "sent 1;sent 2;sent 3;sent 4;");
}

TEST_F(ChannelTest, ReceiversAreServedInTheOrderOfTheirComing) {
  Channel<int> channel(2);
  spawn(receive_one(&channel, "a"));
  spawn(receive_one(&channel, "b"));
  spawn(send_up_to(&channel, 1, 2));
  EXPECT_EQ(log, "sent 1;sent 2;a=1;b=2;");
}

TEST_F(ChannelTest, KeepsTheOrderBetweenOneSenderAndOneReceiver) {
  Channel<int> channel(3);
  spawn(receive_all(&channel));
  spawn([](Channel<int>* to) -> Task<void> {
    for (int i = 0; i < 1000; ++i) co_await to->send(i);
    to->close();
  }(&channel));
  for (int turn = 0; turn < 2000 && scope.running() > 0; ++turn) loop.run_once();
  std::string expected;
  for (int i = 0; i < 1000; ++i) expected += std::to_string(i) + ";";
  EXPECT_EQ(log, expected + "end;");
}

TEST_F(ChannelTest, AfterCloseTheRestIsReceivedThenNothing) {
  Channel<int> channel(2);
  on_loop([&channel] {
    EXPECT_TRUE(channel.try_send(1));
    EXPECT_TRUE(channel.try_send(2));
    EXPECT_FALSE(channel.try_send(3));
    channel.close();
    channel.close();
    EXPECT_FALSE(channel.try_send(4));
  });
  spawn(receive_all(&channel));
  EXPECT_EQ(log, "1;2;end;");
  spawn(noted("late", send_up_to(&channel, 5, 5)));
  EXPECT_EQ(log, "1;2;end;late: the channel is closed;");
}

TEST_F(ChannelTest, CloseWakesBothSides) {
  Channel<int> empty(1);
  Channel<int> full(1);
  spawn(receive_one(&empty, "a"));
  spawn(noted("b", send_up_to(&full, 1, 2)));
  on_loop([&] {
    empty.close();
    full.close();
  });
  EXPECT_EQ(log, "sent 1;a got none;b: the channel is closed;");
  on_loop([&full] {
    EXPECT_EQ(full.try_receive(), 1);
    EXPECT_EQ(full.try_receive(), std::nullopt);
  });
}

TEST_F(ChannelTest, AStopEndsTheWaitOnBothSides) {
  Channel<int> empty(1);
  Channel<int> full(1);
  spawn(noted("a", receive_one(&empty, "a")));
  spawn(noted("b", send_up_to(&full, 1, 2)));
  request_stop();
  EXPECT_EQ(log, "sent 1;b cancelled;a cancelled;");
  on_loop([&] {
    EXPECT_TRUE(empty.try_send(7));
    EXPECT_EQ(empty.try_receive(), 7) << "kept, as nobody waits any more";
    EXPECT_EQ(full.try_receive(), 1);
    EXPECT_EQ(full.try_receive(), std::nullopt) << "dropped with its sender";
  });
}

TEST_F(ChannelTest, AValueOnItsWayIsNotLostByAStop) {
  Channel<int> channel(1);
  spawn(noted("a", receive_one(&channel, "a")));
  on_loop([&] {
    EXPECT_TRUE(channel.try_send(1));
    stop.request_stop();
  });
  EXPECT_EQ(log, "a=1;a ok;");
}

TEST_F(ChannelTest, TheNumberOfThoseWhoWaitIsBounded) {
  Channel<int> channel(1, 1);
  spawn(receive_one(&channel, "a"));
  spawn(noted("b", receive_one(&channel, "b")));
  EXPECT_EQ(log, "b: too many coroutines wait for the same thing;");
  on_loop([&channel] { channel.close(); });
}

TEST_F(ChannelTest, CarriesWhatCannotBeCopied) {
  Channel<std::unique_ptr<int>> channel(1);
  const auto send = [](Channel<std::unique_ptr<int>>* to) -> Task<void> {
    for (int i = 1; i <= 3; ++i) co_await to->send(std::make_unique<int>(i));
  };
  const auto receive = [](Channel<std::unique_ptr<int>>* from, std::string* out) -> Task<void> {
    for (int i = 1; i <= 3; ++i) {
      const auto item = co_await with_timeout(1s, from->receive());
      *out += std::to_string(**item);
    }
  };
  spawn(send(&channel));
  spawn(receive(&channel, &log));
  for (int turn = 0; turn < 10; ++turn) loop.run_once();
  EXPECT_EQ(log, "123");
}

}  // namespace
}  // namespace weir::loop
