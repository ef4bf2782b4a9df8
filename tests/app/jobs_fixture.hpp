// SPDX-License-Identifier: MIT
// Apps with jobs, and what their tests ask of them.
#pragma once

#include <tests/jobs/job_gate.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace weir {

struct Order {
  std::string name;
  int count = 1;
  static constexpr auto describe() {
    return fields(field<&Order::name>(length(1, 20)), field<&Order::count>(defaulted, range(1, 100)));
  }
};

struct Receipt {
  std::string name;
  int attempt = 0;
};
WEIR_DESCRIBE(Receipt, name, attempt);

using jobs::JobGate;

/// An app whose route POST /orders is a job that waits at the gate, and POST /quick one that does not.
class JobsTest : public testing::Test {
 protected:
  static constexpr const char* kOrder = R"({"name":"tea"})";
  static constexpr const char* kJson = "application/json";

  static nlohmann::json parse(const TestResponse& response) {
    return nlohmann::json::parse(response.body, nullptr, false);
  }
  static std::string member(const TestResponse& response, const char* name) {
    const nlohmann::json json = parse(response);
    return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>() : "none";
  }
  static std::string request(std::string_view line, std::string_view body = {}, std::string_view fields = {}) {
    return std::string(line) + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n" + std::string(fields) + "\r\n" + std::string(body);
  }
  /// Enqueues an order by that route; where it is asked for.
  static std::string order(TestClient& client, std::string_view route = "/orders") {
    const TestResponse response = client.post(route, kOrder, {{"Content-Type", kJson}});
    EXPECT_EQ(response.status, 202) << response.body;
    return response.header("Location").value_or("/nowhere");
  }
  static std::string state_of(TestClient& client, const std::string& location) {
    return member(client.get(location), "state");
  }
  static bool run_until_state(TestClient& client, const std::string& location, std::string_view state) {
    return client.run_until([&] { return state_of(client, location) == state; });
  }
  /// Until as many handlers have come to the gate.
  bool run_until_arrival(TestClient& client, int arrivals = 1) {
    return client.run_until([this, arrivals] { return gate.arrivals() >= arrivals; });
  }

  JobGate gate;
  App app{"test"};
  Job<Order, Receipt> serving = app.job<Order>("serve").handle([this](const Order& order, JobContext& job) {
    gate.pass(job);
    return Receipt{order.name, job.attempt()};
  });
  Job<Order, Receipt> quick = app.job<Order>("quick").queue("quick").handle([](const Order& order, JobContext& job) {
    return Receipt{order.name, job.attempt()};
  });
};

}  // namespace weir
