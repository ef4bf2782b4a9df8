// SPDX-License-Identifier: MIT
// An app with a pool, driven by a TestClient; handlers that wait until a test lets them go.
#pragma once

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

/// Holds threads until it is opened.
///
/// Thread: any.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    opened_.wait(lock, [this] { return is_open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    is_open_ = false;
  }
  int arrived() const {
    const std::lock_guard lock(mutex_);
    return arrived_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable opened_;
  int arrived_ = 0;
  bool is_open_ = false;
};

/// Counts the frames that hold one and have ended.
class EndOfFrame {
 public:
  explicit EndOfFrame(int& count) : count_(count) {}
  EndOfFrame(const EndOfFrame&) = delete;
  EndOfFrame& operator=(const EndOfFrame&) = delete;
  ~EndOfFrame() { ++count_; }

 private:
  int& count_;
};

inline std::string thread_name() {
  std::array<char, 16> name{};
  pthread_getname_np(pthread_self(), name.data(), name.size());
  return name.data();
}

inline std::string get_request(std::string_view target, std::string_view more_fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(more_fields) + "\r\n";
}

inline std::string post_head(std::string_view target, std::size_t content_length, std::string_view more_fields = "") {
  return "POST " + std::string(target) + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(content_length) +
         "\r\n" + std::string(more_fields) + "\r\n";
}

inline std::size_t count_of(std::string_view text, std::string_view wanted) {
  std::size_t found = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) ++found;
  return found;
}

/// Declare routes on `app`, then `start()`.
class LaneTest : public testing::Test {
 protected:
  void start() { client.emplace(app); }
  void TearDown() override {
    gate.open();
    client.reset();
  }

  TestClient::Connection connect() { return client->connect(); }
  /// On a connection that stays open until the end of the scope.
  TestClient::Connection send(std::string_view bytes) {
    auto connection = connect();
    connection.write(bytes);
    return connection;
  }
  TestResponse get(std::string_view target) { return client->get(target); }
  void wait_for_arrivals(int count) {
    ASSERT_TRUE(client->run_until([this, count] { return gate.arrived() >= count; })) << gate.arrived();
  }

  /// The value of a series of /metrics; -1 when there is none.
  double metric(std::string_view series) const {
    const std::string text = "\n" + client->metrics();
    const std::size_t at = text.find("\n" + std::string(series) + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }
  bool wait_for_metric(std::string_view series, double value) {
    return client->run_until([&] { return metric(series) == value; });
  }
  double dropped(std::string_view reason) const {
    return metric("weir_pool_dropped_total{pool=\"cpu\",reason=\"" + std::string(reason) + "\"}");
  }
  double shed(std::string_view reason) const {
    return metric("weir_pool_shed_total{pool=\"cpu\",reason=\"" + std::string(reason) + "\"}");
  }
  double late_results() const { return metric("weir_late_results_total"); }

  Gate gate;
  App app{"test"};
  Pool cpu = app.pool("cpu", {.workers = 1, .queue = 2});
  std::optional<TestClient> client;
};

/// An answer of 503 that says in whole seconds when to come back.
inline void expect_busy(const TestResponse& response) {
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  const std::string text = response.header("Retry-After").value_or("none");
  int seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  EXPECT_EQ(parsed.ptr, text.data() + text.size()) << text;
  EXPECT_GE(seconds, 1);
  EXPECT_LE(seconds, 30);
}

}  // namespace weir
