// SPDX-License-Identifier: MIT
#include <weir/observe/logger.hpp>

#include <weir/loop/loop.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::observe {
namespace {

// Gathers lines; while closed, the logger's thread waits in it.
class Gate {
 public:
  LogSink sink() {
    return [this](std::string_view lines) {
      entered_.count_down();
      const std::lock_guard lock(mutex_);
      text_ += lines;
    };
  }
  void close() { mutex_.lock(); }
  void open() { mutex_.unlock(); }
  void wait_until_entered() { entered_.wait(); }
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  struct Once {
    void count_down() {
      std::call_once(flag, [this] { promise.set_value(); });
    }
    void wait() { promise.get_future().wait(); }
    std::once_flag flag;
    std::promise<void> promise;
  };
  std::mutex mutex_;
  Once entered_;
  std::string text_;
};

const base::ManualClock kClock;

LoggerOptions options_for(Gate& gate) {
  LoggerOptions options;
  options.output = gate.sink();
  options.clock = &kClock;
  return options;
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(LoggerTest, WritesJsonWhereThereIsNoTerminal) {
  Gate gate;
  LoggerOptions options = options_for(gate);
  options.name = "quickstart";
  Logger log(std::move(options));
  log.info("listener.open", {{"port", 8080}});
  log.flush();
  EXPECT_EQ(gate.text(),
            R"({"ts":"2026-01-01T00:00:00.000Z","level":"info","event":"listener.open","service":"quickstart",)"
            R"("port":8080})"
            "\n");
}

TEST(LoggerTest, WritesForPeopleWhenTold) {
  Gate gate;
  LoggerOptions options = options_for(gate);
  options.format = LogFormat::kHuman;
  Logger log(std::move(options));
  log.warn("disk.low", {{"path", "/var data"}});
  log.flush();
  EXPECT_TRUE(gate.text().ends_with(":00.000 warn  disk.low path=\"/var data\"\n")) << gate.text();
}

TEST(LoggerTest, WritesOnlyEnabledLevels) {
  Gate gate;
  Logger log(options_for(gate));
  log.debug("a");
  log.set_level(base::LogLevel::kError);
  log.warn("b");
  log.error("c");
  log.flush();
  EXPECT_EQ(count_of(gate.text(), "\n"), 1U);
  EXPECT_NE(gate.text().find("\"event\":\"c\""), std::string::npos);
}

TEST(LoggerTest, TheDestructorWritesWhatIsLeft) {
  Gate gate;
  {
    Logger log(options_for(gate));
    for (int i = 0; i < 1'000; ++i) log.info("e", {{"i", i}});
  }
  EXPECT_EQ(count_of(gate.text(), "\n"), 1'000U);
  EXPECT_NE(gate.text().find("\"i\":999}"), std::string::npos);
}

TEST(LoggerTest, WritesIntoAnOpenFile) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  {
    LoggerOptions options;
    options.output = file.get();
    Logger log(std::move(options));
    log.info("e");
  }
  std::rewind(file.get());
  std::array<char, 256> text{};
  ASSERT_NE(std::fgets(text.data(), text.size(), file.get()), nullptr);
  EXPECT_TRUE(std::string_view(text.data()).ends_with("\"level\":\"info\",\"event\":\"e\"}\n"));
}

TEST(LoggerTest, AFullQueueDropsAndTellsAndNeverWaits) {
  Gate gate;
  base::Counter dropped;
  LoggerOptions options = options_for(gate);
  options.queue_bytes = 500;
  options.reserve_bytes = 500;
  options.dropped_lines = &dropped;
  Logger log(std::move(options));
  gate.close();
  log.info("first");
  gate.wait_until_entered();  // From here on the queue only fills.
  for (int i = 0; i < 100; ++i) log.info("flood");
  const std::uint64_t dropped_infos = log.dropped();
  EXPECT_GT(dropped_infos, 90U);
  log.error("grave");  // Into the reserve.
  EXPECT_EQ(log.dropped(), dropped_infos);
  for (int i = 0; i < 100; ++i) log.error("graves");
  EXPECT_GT(log.dropped(), dropped_infos);
  EXPECT_EQ(dropped.value(), log.dropped());
  gate.open();
  log.flush();
  log.info("after");
  log.flush();
  const std::string text = gate.text();
  EXPECT_EQ(count_of(text, "\"grave\""), 1U);
  EXPECT_NE(text.find("\"event\":\"log.dropped\",\"count\":" + std::to_string(log.dropped()) + "}\n"),
            std::string::npos);
  EXPECT_LT(text.find("log.dropped"), text.find("\"after\""));
  EXPECT_EQ(count_of(text, "log.dropped"), 1U);
}

TEST(LoggerTest, LinesOfManyThreadsStayWhole) {
  Gate gate;
  {
    LoggerOptions options = options_for(gate);
    options.queue_bytes = 1 << 22;
    Logger log(std::move(options));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&log] {
        for (int i = 0; i < 1'000; ++i) log.info("e");
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(count_of(gate.text(), "\"level\":\"info\",\"event\":\"e\"}\n"), 4'000U);
}

TEST(LoggerTest, ASinkThatThrowsLosesItsLinesOnly) {
  LoggerOptions options;
  int calls = 0;
  options.output = LogSink([&calls](std::string_view) {
    if (++calls == 1) throw std::runtime_error("full");
  });
  Logger log(std::move(options));
  log.info("a");
  log.flush();
  log.info("b");
  log.flush();
  EXPECT_EQ(calls, 2);
}

TEST(LoggerTest, FlushingGivesUpOnAStuckOutput) {
  Gate gate;
  Logger log(options_for(gate));
  gate.close();
  log.info("e");
  EXPECT_FALSE(log.flush_within(std::chrono::milliseconds(1)));
  gate.open();
  EXPECT_TRUE(log.flush_within(std::chrono::minutes(5)));
}

// ---- lines that may come later ----

class LogLaterTest : public ::testing::Test {
 protected:
  static void log_later(Logger& log, int number) {
    const std::array<base::LogField, 1> fields{base::LogField("n", number)};
    log.log_later(base::LogLevel::kInfo, "later", fields);
  }
  /// In a turn of the loop.
  void in_turn(std::function<void()> work) {
    ASSERT_TRUE(loop.try_post(std::move(work)));
    loop.run_once();
  }
  std::string lines() {
    log->flush();
    return gate.text();
  }

  Gate gate;
  std::unique_ptr<Logger> log = std::make_unique<Logger>(options_for(gate));
  loop::Loop loop;
};

TEST_F(LogLaterTest, LinesOfATurnComeTogetherAtItsEnd) {
  in_turn([this] {
    log_later(*log, 1);
    log->info("at-once");
    log_later(*log, 2);
    EXPECT_EQ(count_of(lines(), "later"), 0U);
  });
  const std::string text = lines();
  EXPECT_LT(text.find("at-once"), text.find("\"n\":1"));
  EXPECT_LT(text.find("\"n\":1"), text.find("\"n\":2"));
  EXPECT_EQ(count_of(text, "later"), 2U);
}

TEST_F(LogLaterTest, OutsideOfALoopTheyComeAtOnce) {
  log_later(*log, 1);
  EXPECT_EQ(count_of(lines(), "later"), 1U);
}

TEST_F(LogLaterTest, GraveOnesDoNotWait) {
  in_turn([this] {
    log->log_later(base::LogLevel::kWarn, "grave", {});
    EXPECT_EQ(count_of(lines(), "grave"), 1U);
  });
}

TEST_F(LogLaterTest, DisabledOnesAreNotWritten) {
  log->set_level(base::LogLevel::kWarn);
  in_turn([this] { log_later(*log, 1); });
  EXPECT_EQ(lines(), "");
}

TEST_F(LogLaterTest, MoreThanABatchGoesOnInOrder) {
  in_turn([this] {
    for (int i = 0; i < 1'000; ++i) log_later(*log, i);
    EXPECT_GT(count_of(lines(), "later"), 100U);
  });
  const std::string text = lines();
  EXPECT_EQ(count_of(text, "later"), 1'000U);
  EXPECT_LT(text.find("\"n\":499}"), text.find("\"n\":500}"));
}

TEST_F(LogLaterTest, LinesOfTwoLogsDoNotMix) {
  Gate other_gate;
  Logger other(options_for(other_gate));
  in_turn([&] {
    log_later(*log, 1);
    log_later(other, 2);
    log_later(*log, 3);
  });
  other.flush();
  EXPECT_EQ(count_of(other_gate.text(), "\n"), 1U);
  EXPECT_EQ(count_of(other_gate.text(), "\"n\":2}"), 1U);
  EXPECT_EQ(count_of(lines(), "\n"), 2U);
}

TEST_F(LogLaterTest, ALogMayEndBeforeTheTurn) {
  in_turn([this] {
    log_later(*log, 1);
    log.reset();
  });
  EXPECT_EQ(gate.text(), "");
  log = std::make_unique<Logger>(options_for(gate));
  in_turn([this] { log_later(*log, 2); });
  EXPECT_EQ(count_of(lines(), "\"n\":2}"), 1U);
}

TEST_F(LogLaterTest, OfABatchThatFindsLittleRoomTheFirstLinesAreKept) {
  LoggerOptions options = options_for(gate);
  options.queue_bytes = 1'000;
  log = std::make_unique<Logger>(std::move(options));
  gate.close();
  log->info("first");
  gate.wait_until_entered();  // from here on the queue only fills
  in_turn([this] {
    for (int i = 0; i < 100; ++i) log_later(*log, i);
  });
  const std::uint64_t dropped = log->dropped();
  EXPECT_GT(dropped, 80U);
  EXPECT_LT(dropped, 100U);
  gate.open();
  const std::string text = lines();
  EXPECT_EQ(count_of(text, "later"), 100U - dropped);
  EXPECT_EQ(count_of(text, "\"n\":0}"), 1U);
}

}  // namespace
}  // namespace weir::observe
