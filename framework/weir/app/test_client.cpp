// SPDX-License-Identifier: MIT
#include <weir/app/test_client.hpp>

#include <weir/app/app.hpp>
#include <weir/app/internal/run.hpp>
#include <weir/base/text.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/loop/loop.hpp>
#include <weir/net/memory_transport.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/routing_service.hpp>

#include <charconv>

namespace weir::app {
namespace {

// Parses an answer of our own server: a head, then as much content as Content-Length says.
TestResponse parse_response(std::string_view bytes, bool is_head) {
  TestResponse response;
  while (bytes.starts_with("HTTP/1.1 1")) {  // interim answers: 100 Continue
    bytes.remove_prefix(std::min(bytes.find("\r\n\r\n") + 4, bytes.size()));
  }
  const std::size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.1 ") || end == std::string_view::npos) return response;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, response.status);
  std::string_view lines = bytes.substr(0, end);
  base::take_until(lines, '\n');
  while (!lines.empty()) {
    std::string_view value = base::take_until(lines, '\n');
    if (value.ends_with('\r')) value.remove_suffix(1);
    const std::string_view name = base::take_until(value, ':');
    response.headers.emplace_back(name, base::trim(value));
  }
  if (is_head) return response;
  std::size_t length = 0;
  const std::string length_text = response.header("Content-Length").value_or("0");
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  response.body = bytes.substr(end + 4, length);
  return response;
}

}  // namespace

std::optional<std::string> TestResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (base::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

struct TestClient::State {
  explicit State(App& app)
      : settings(app.settings()),
        loop({.clock = &clock}),
        lanes(settings, app.declared_pools(), app.build_routes(), log, metrics, clock),
        service({loop, lanes.lanes, settings.limits, log, metrics}),
        connections({loop, settings.limits, service, log, metrics}) {}

  /// Lets everything happen that can happen without time passing.
  void settle() {
    for (int turn = 0; turn < 8; ++turn) loop.run_once();
  }

  Settings settings;
  base::ManualClock clock;
  base::NullLog log;
  observe::MetricsRegistry metrics;
  loop::Loop loop;
  RunLanes lanes;
  routing::RoutingService service;
  http::ConnectionSet connections;
};

struct TestClient::Connection::State {
  explicit State(TestClient::State& client_in) : client(client_in) { client.connections.adopt(peer.take_server_end()); }
  TestClient::State& client;
  net::MemoryPeer peer;
};

TestClient::TestClient(App& app) : state_(std::make_unique<State>(app)) {}
TestClient::~TestClient() = default;

TestResponse TestClient::send(std::string_view method, std::string_view target, std::string_view body,
                              Headers headers) {
  std::string request;
  request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  Connection connection = connect();
  return parse_response(connection.send(request), method == "HEAD");
}

void TestClient::advance(std::chrono::nanoseconds by) {
  state_->clock.advance(by);
  state_->settle();
}

TestClient::Connection TestClient::connect() {
  return Connection(std::make_unique<Connection::State>(*state_));
}

TestClient::Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
TestClient::Connection::Connection(Connection&&) noexcept = default;
TestClient::Connection::~Connection() {
  if (state_) state_->peer.reset();
}

std::string TestClient::Connection::send(std::string_view bytes) {
  state_->peer.send(bytes);
  return receive();
}

std::string TestClient::Connection::receive() {
  state_->client.settle();
  return state_->peer.take_received();
}

void TestClient::Connection::end_output() {
  state_->peer.end_output();
  state_->client.settle();
}

bool TestClient::Connection::is_closed() const {
  return state_->peer.is_ended();
}

void TestClient::Connection::set_receive_window(std::size_t bytes) {
  state_->peer.set_receive_window(bytes);
  state_->client.settle();
}

}  // namespace weir::app
