// SPDX-License-Identifier: MIT
// Slow and silent clients: RFC 9112 sections 9.5 and 9.6, RFC 9110 section 15.5.9. The clock is moved by hand.
#include "case.hpp"
#include "service.hpp"

#include <weir/app/test_client.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

namespace weir::conformance {
namespace {

using namespace std::chrono_literals;

// A deadline may come up to one tick of the wheel late, never early.
constexpr auto kLate = 130ms;
constexpr auto kEarly = 10ms;

class SlowTest : public testing::Test {
 protected:
  app::TestClient::Connection connect() { return client_.connect(); }
  /// Nothing happens before the deadline `after`, measured from now; then the connection closes.
  std::string expect_cut(app::TestClient::Connection& connection, std::chrono::milliseconds after) {
    client_.advance(after - kEarly);
    EXPECT_FALSE(connection.is_closed()) << "cut too early";
    std::string output = connection.receive();
    client_.advance(kEarly + kLate);
    EXPECT_TRUE(connection.is_closed()) << "not cut";
    return output + connection.receive();
  }
  static bool is_timeout(std::string_view output) {
    return output.starts_with("HTTP/1.1 408 ") && output.find("\r\nConnection: close\r\n") != std::string_view::npos;
  }

  Service service_;
  http::Limits limits_ = service_.app().settings().limits;
  app::TestClient client_{service_.app()};
};

TEST_F(SlowTest, AConnectionWithoutAByteIsClosedSilently) {
  auto connection = connect();
  EXPECT_EQ(expect_cut(connection, limits_.header_timeout), "");
}

TEST_F(SlowTest, AHeadThatStopsIsAnswered408) {
  auto connection = connect();
  connection.send("GET /plaintext HTTP/1.1\r\nHos");
  EXPECT_TRUE(is_timeout(expect_cut(connection, limits_.header_timeout)));
}

TEST_F(SlowTest, AHeadThatTricklesGainsNoTime) {
  auto connection = connect();
  connection.send("GET /plaintext HTTP/1.1\r\nHost: a\r\n");
  const auto step = 500ms;
  for (auto passed = step; passed < limits_.header_timeout; passed += step) {
    client_.advance(step);
    EXPECT_EQ(connection.send("X: y\r\n"), "");
    EXPECT_FALSE(connection.is_closed());
  }
  client_.advance(step + kLate);
  EXPECT_TRUE(is_timeout(connection.receive()));
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(SlowTest, ARequestLineThatTricklesGainsNoTime) {
  auto connection = connect();
  std::string output;
  for (auto passed = 0ms; passed < limits_.header_timeout + 1s && !connection.is_closed(); passed += 1000ms) {
    output += connection.send("G");
    client_.advance(1s);
  }
  output += connection.receive();
  EXPECT_TRUE(connection.is_closed());
  EXPECT_TRUE(is_timeout(output)) << output;
}

TEST_F(SlowTest, EmptyLinesGainNoTime) {
  auto connection = connect();
  for (auto passed = 0ms; passed <= limits_.header_timeout && !connection.is_closed(); passed += 1000ms) {
    connection.send("\r\n");
    client_.advance(1s);
  }
  client_.advance(kLate);
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(SlowTest, TheHeadOfALaterRequestHasTheSameTimeFromItsFirstByte) {
  auto connection = connect();
  connection.send(get("/plaintext"));
  client_.advance(limits_.header_timeout * 2);
  EXPECT_EQ(connection.send("GET /plaintext"), "");
  EXPECT_TRUE(is_timeout(expect_cut(connection, limits_.header_timeout)));
}

TEST_F(SlowTest, AHeadInTimeIsAnswered) {
  auto connection = connect();
  client_.advance(limits_.header_timeout / 2);
  connection.send("GET /plaintext HTTP/1.1\r\n");
  client_.advance(limits_.header_timeout / 2 - kEarly);
  EXPECT_TRUE(connection.send("Host: a\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(SlowTest, AHeadRequestThatTimesOutGetsNoContent) {
  auto connection = connect();
  connection.send("HEAD /plaintext HTTP/1.1\r\nHost: a\r\n");
  const std::string output = expect_cut(connection, limits_.header_timeout);
  EXPECT_TRUE(is_timeout(output));
  EXPECT_TRUE(output.ends_with("\r\n\r\n")) << output;
}

TEST_F(SlowTest, AnIdleConnectionIsClosedSilently) {
  auto connection = connect();
  EXPECT_TRUE(connection.send(get("/plaintext")).starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(expect_cut(connection, limits_.idle_timeout), "");
}

TEST_F(SlowTest, EachRequestStartsTheIdleTimeAnew) {
  auto connection = connect();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(connection.send(get("/plaintext")).starts_with("HTTP/1.1 200 "));
    client_.advance(limits_.idle_timeout - 1s);
    EXPECT_FALSE(connection.is_closed());
  }
}

TEST_F(SlowTest, AContentThatStopsIsAnswered408AfterTheGrace) {
  auto connection = connect();
  connection.send(echo("Content-Length: 100\r\n", "some"));
  EXPECT_TRUE(is_timeout(expect_cut(connection, limits_.body_grace)));
}

TEST_F(SlowTest, AContentThatPausesIsAnswered408WhateverItsMeanRate) {
  auto connection = connect();
  const std::uint64_t ahead = limits_.body_bytes_per_second * 600;  // ten minutes' worth
  connection.send(echo("Content-Length: 1000000\r\n", repeat("d", ahead)));
  EXPECT_TRUE(is_timeout(expect_cut(connection, limits_.body_stall_timeout)));
}

TEST_F(SlowTest, AContentBelowTheRateIsAnswered408) {
  auto connection = connect();
  std::string output = connection.send(echo("Content-Length: 100000\r\n", ""));
  int seconds = 0;
  for (; seconds < 60 && !connection.is_closed(); ++seconds) {
    output += connection.send(repeat("d", limits_.body_bytes_per_second / 2));
    client_.advance(1s);
  }
  EXPECT_TRUE(is_timeout(output + connection.receive()));
  EXPECT_GE(seconds, 5);
  EXPECT_LE(seconds, 12);
}

TEST_F(SlowTest, AContentByTheByteIsAnswered408) {
  auto connection = connect();
  std::string output = connection.send(echo("Transfer-Encoding: chunked\r\n", ""));
  int seconds = 0;
  for (; seconds < 60 && !connection.is_closed(); ++seconds) {
    output += connection.send("1\r\nd\r\n");
    client_.advance(1s);
  }
  EXPECT_TRUE(is_timeout(output + connection.receive()));
  EXPECT_LE(seconds, 7);
}

TEST_F(SlowTest, AContentAtTheRateIsReadToItsEnd) {
  auto connection = connect();
  const std::uint64_t rate = limits_.body_bytes_per_second;
  std::string output = connection.send(echo("Content-Length: " + std::to_string(rate * 60) + "\r\n", ""));
  for (int second = 0; second < 60; ++second) {
    output += connection.send(repeat("d", rate));
    client_.advance(1s);
  }
  EXPECT_TRUE(output.starts_with("HTTP/1.1 200 ")) << output;
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(SlowTest, AnUnwantedContentIsNotWaitedForWithoutEnd) {
  auto connection = connect();
  EXPECT_TRUE(
      connection.send(request("POST /missing", "Content-Length: 100\r\n", "some")).starts_with("HTTP/1.1 404 "));
  EXPECT_EQ(expect_cut(connection, limits_.body_grace), "");
}

TEST_F(SlowTest, AClientThatWaitsForThe100AndThenSendsNothingIsCut) {
  auto connection = connect();
  connection.send(echo("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
  EXPECT_TRUE(is_timeout(expect_cut(connection, limits_.body_grace)));
}

TEST_F(SlowTest, AClientThatDoesNotReadIsCut) {
  auto connection = connect();
  connection.set_receive_window(1000);
  EXPECT_EQ(connection.send(get("/large")).size(), 1000U);
  expect_cut(connection, limits_.write_timeout);
}

TEST_F(SlowTest, AClientThatReadsSlowlyIsServed) {
  auto connection = connect();
  connection.set_receive_window(1000);
  std::string output = connection.send(get("/large"));
  while (output.size() < 100'000 && !connection.is_closed()) {
    client_.advance(limits_.write_timeout - 1s);
    connection.set_receive_window(10'000);
    output += connection.receive();
  }
  EXPECT_GE(output.size(), 100'000U);
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(SlowTest, AfterARefusalTheInputIsDrainedForATimeOnly) {
  auto connection = connect();
  EXPECT_TRUE(connection.send("GARBAGE\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(connection.is_closed()) << "half-closed at once, so that the client sees the end";
  EXPECT_EQ(connection.send("more"), "");
  client_.advance(limits_.linger_timeout + kLate);
  EXPECT_EQ(connection.send(get("/plaintext")), "");
}

TEST_F(SlowTest, ManySlowClientsDoNotDelayAFastOne) {
  std::vector<app::TestClient::Connection> slow;
  for (int i = 0; i < 500; ++i) {
    slow.push_back(connect());
    slow.back().send(i % 2 == 0 ? "GET /plaintext HTTP/1.1\r\nHost:" : echo("Content-Length: 100\r\n", "some"));
  }
  EXPECT_EQ(client_.get("/plaintext").status, 200);
  client_.advance(limits_.header_timeout + limits_.body_grace + 1s);
  for (auto& connection : slow) EXPECT_TRUE(connection.is_closed());
  EXPECT_EQ(client_.get("/plaintext").status, 200);
}

}  // namespace
}  // namespace weir::conformance
