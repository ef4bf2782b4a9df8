// SPDX-License-Identifier: MIT
#include <weir/net/acceptor.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <deque>
#include <vector>

namespace weir::net {
namespace {

class OneGauge final : public base::Metrics {
 public:
  base::Counter& counter(base::MetricId) override { return counters.emplace_back(); }
  base::Gauge& gauge(base::MetricId) override { return connections; }
  base::Histogram& histogram(base::MetricId, std::vector<double> bounds) override {
    return histograms.emplace_back(std::move(bounds));
  }
  base::Gauge connections;
  std::deque<base::Counter> counters;
  std::deque<base::Histogram> histograms;
};

class FakeSink final : public ConnectionSink {
 public:
  explicit FakeSink(std::size_t post_capacity = 1024) : loop_({.post_capacity = post_capacity}) {}
  loop::Loop& loop() override { return loop_; }
  void adopt(Descriptor socket, SocketKind) override { adopted.push_back(std::move(socket)); }
  void refuse(Descriptor, SocketKind) override { ++refused; }
  bool close_oldest_idle() override {
    if (idle == 0) return false;
    --idle;
    ++evicted;
    unassign();
    acceptor->release();
    return true;
  }

  Acceptor* acceptor = nullptr;
  std::vector<Descriptor> adopted;
  int refused = 0;
  int idle = 0;
  int evicted = 0;

 private:
  loop::Loop loop_;
};

class AcceptorTest : public testing::Test {
 protected:
  AcceptorTest() {
    for (FakeSink* sink : {&own, &other}) {
      acceptor.add_sink(*sink);
      sink->acceptor = &acceptor;
    }
  }
  void admit(Spread spread = Spread::kOwnLoop) { acceptor.admit(own, spread, Descriptor(::dup(0)), SocketKind::kTcp); }

  OneGauge metrics;
  Acceptor acceptor{2, metrics};
  FakeSink own;
  FakeSink other{1};
};

TEST_F(AcceptorTest, AConnectionStaysOnTheLoopThatAcceptedIt) {
  admit();
  EXPECT_EQ(own.adopted.size(), 1U);
  EXPECT_EQ(own.open_connections(), 1U);
  EXPECT_EQ(metrics.connections.value(), 1);
}

TEST_F(AcceptorTest, UpToTheLimitAllAreAdmitted) {
  admit();
  admit();
  EXPECT_EQ(own.adopted.size(), 2U);
  EXPECT_EQ(own.refused, 0);
}

TEST_F(AcceptorTest, AboveTheLimitANewcomerIsRefused) {
  for (int i = 0; i < 3; ++i) admit();
  EXPECT_EQ(own.adopted.size(), 2U);
  EXPECT_EQ(own.refused, 1);
  EXPECT_EQ(metrics.connections.value(), 2);
}

TEST_F(AcceptorTest, AnIdleConnectionGivesWayToANewcomer) {
  admit();
  admit();
  own.idle = 1;
  admit();
  EXPECT_EQ(own.evicted, 1);
  EXPECT_EQ(own.adopted.size(), 3U);
  EXPECT_EQ(own.refused, 0);
  EXPECT_EQ(metrics.connections.value(), 2);
}

TEST_F(AcceptorTest, BelowTheLimitNobodyGivesWay) {
  own.idle = 1;
  admit();
  EXPECT_EQ(own.evicted, 0);
}

TEST_F(AcceptorTest, AReleasedPlaceIsFree) {
  admit();
  admit();
  acceptor.release();
  admit();
  EXPECT_EQ(own.refused, 0);
}

TEST_F(AcceptorTest, TheLeastLoadedLoopGetsTheConnection) {
  own.assign();
  admit(Spread::kLeastLoaded);
  EXPECT_TRUE(own.adopted.empty());
  other.loop().run_once();
  EXPECT_EQ(other.adopted.size(), 1U);
  EXPECT_EQ(other.open_connections(), 1U);
}

TEST_F(AcceptorTest, ConnectionsUnderWayCountAsLoad) {
  admit(Spread::kLeastLoaded);  // own: the first of two equals
  admit(Spread::kLeastLoaded);  // other, which has not adopted it yet
  EXPECT_EQ(own.open_connections(), 1U);
  EXPECT_EQ(other.open_connections(), 1U);
}

TEST_F(AcceptorTest, ASaturatedLoopClosesTheConnectionAndGivesThePlaceBack) {
  own.assign();
  ASSERT_TRUE(other.loop().try_post([] {}));
  const int fd = ::dup(0);
  acceptor.admit(own, Spread::kLeastLoaded, Descriptor(fd), SocketKind::kTcp);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
  EXPECT_EQ(other.open_connections(), 0U);
  EXPECT_EQ(metrics.connections.value(), 0);
  EXPECT_EQ(other.loop().posts_refused(), 1U);
}

}  // namespace
}  // namespace weir::net
