// SPDX-License-Identifier: MIT
#include <weir/loop/stop_source.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace weir::loop {
namespace {

class Recorder final : public StopListener {
 public:
  explicit Recorder(std::vector<int>& heard, int name = 0) : heard_(heard), name_(name) {}
  std::unique_ptr<Recorder> victim;

 private:
  void on_stop() noexcept override {
    heard_.push_back(name_);
    victim.reset();
  }
  std::vector<int>& heard_;
  int name_;
};

TEST(StopSourceTest, TellsItsListenersOnce) {
  std::vector<int> heard;
  StopSource source;
  Recorder first(heard, 1);
  Recorder second(heard, 2);
  ASSERT_TRUE(first.listen_to(&source));
  ASSERT_TRUE(second.listen_to(&source));
  source.request_stop();
  source.request_stop();
  EXPECT_EQ(heard, (std::vector<int>{2, 1}));
}

TEST(StopSourceTest, WhoStopsListeningHearsNothing) {
  std::vector<int> heard;
  StopSource source;
  Recorder recorder(heard);
  ASSERT_TRUE(recorder.listen_to(&source));
  recorder.stop_listening();
  source.request_stop();
  EXPECT_TRUE(heard.empty());
}

TEST(StopSourceTest, ListeningToAStoppedSourceIsRefused) {
  std::vector<int> heard;
  StopSource source;
  source.request_stop();
  Recorder recorder(heard);
  EXPECT_FALSE(recorder.listen_to(&source));
}

TEST(StopSourceTest, ANullSourceNeverStops) {
  std::vector<int> heard;
  Recorder recorder(heard);
  EXPECT_TRUE(recorder.listen_to(nullptr));
}

TEST(StopSourceTest, AListenerMayDestroyAnother) {
  std::vector<int> heard;
  StopSource source;
  auto victim = std::make_unique<Recorder>(heard, 1);
  Recorder killer(heard, 2);
  ASSERT_TRUE(victim->listen_to(&source));
  ASSERT_TRUE(killer.listen_to(&source));
  killer.victim = std::move(victim);
  source.request_stop();
  EXPECT_EQ(heard, std::vector<int>{2});
}

TEST(StopSourceTest, ALinkedSourceStopsWithItsParentAndAlone) {
  StopSource parent;
  LinkedStopSource alone(&parent);
  LinkedStopSource other(&parent);
  alone.request_stop();
  EXPECT_FALSE(parent.is_stop_requested());
  EXPECT_FALSE(other.is_stop_requested());
  parent.request_stop();
  EXPECT_TRUE(other.is_stop_requested());
  const LinkedStopSource late(&parent);
  EXPECT_TRUE(late.is_stop_requested());
}

TEST(StopSourceTest, ATokenOfTheStandardLibraryFollows) {
  StopSource source;
  const std::stop_token before = source.token();
  EXPECT_FALSE(before.stop_requested());
  source.request_stop();
  EXPECT_TRUE(before.stop_requested());
  EXPECT_TRUE(source.token().stop_requested());
  source.reset();
  EXPECT_FALSE(source.is_stop_requested());
  EXPECT_FALSE(source.token().stop_requested());
  EXPECT_TRUE(before.stop_requested());
}

}  // namespace
}  // namespace weir::loop
