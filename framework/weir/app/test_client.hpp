// SPDX-License-Identifier: MIT
// Calls an app in a test: the whole pipeline, without a socket.
#pragma once

#include <weir/app/test_response.hpp>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::app {

class App;

/// Feeds bytes through a memory transport into the real connection (parser, limits, deadlines, router, middleware,
/// handlers) on a loop that it drives on the calling thread. Time stands still until `advance`. Pools are real: their
/// workers are threads, and an answer of theirs is waited for. The app itself need not run, and /readyz says 503 unless
/// it does.
///
///     weir::TestClient client{app};
///     EXPECT_EQ(client.get("/hello/world").body, R"({"hello":"world"})");
///
/// A handler that waits for time to pass needs a connection and somebody to move the clock:
///
///     auto connection = client.connect();
///     connection.write("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n");
///     client.advance(50ms);
///     EXPECT_EQ(connection.read_answer().status, 200);
///
/// Thread:    one.
/// Ownership: borrows the app, whose settings and routes it takes as they are when it is made. Destroying it ends every
///            connection, asks the handlers to stop, and waits for them.
/// Errors:    the constructor throws as App::start does.
class TestClient {
 public:
  using Headers = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  explicit TestClient(App& app);
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient();

  TestResponse get(std::string_view target, Headers headers = {}) { return send("GET", target, {}, headers); }
  TestResponse head(std::string_view target, Headers headers = {}) { return send("HEAD", target, {}, headers); }
  TestResponse options(std::string_view target, Headers headers = {}) { return send("OPTIONS", target, {}, headers); }
  TestResponse del(std::string_view target, Headers headers = {}) { return send("DELETE", target, {}, headers); }
  TestResponse post(std::string_view target, std::string_view body, Headers headers = {}) {
    return send("POST", target, body, headers);
  }
  TestResponse put(std::string_view target, std::string_view body, Headers headers = {}) {
    return send("PUT", target, body, headers);
  }
  TestResponse patch(std::string_view target, std::string_view body, Headers headers = {}) {
    return send("PATCH", target, body, headers);
  }
  /// One request on a connection of its own; Host and, for content, Content-Length are added. Waits for the answer for
  /// up to 10 s of real time.
  TestResponse send(std::string_view method, std::string_view target, std::string_view body, Headers headers = {});

  /// Lets time pass: deadlines that fall into it fire.
  void advance(std::chrono::nanoseconds by);

  /// Lets things happen until `condition` holds, for up to 10 s of real time; whether it does.
  bool run_until(const std::function<bool()>& condition);
  /// Runs jobs, of a store in memory, until none is available or running: those that are due; for the others `advance`.
  void run_jobs();
  /// What /metrics would say, in the format of Prometheus.
  std::string metrics() const;

  /// A connection that stays open, for raw bytes.
  class Connection {
   public:
    ~Connection();
    Connection(Connection&&) noexcept;

    /// Sends bytes; returns what the server has answered since the last call. Does not wait for workers.
    std::string send(std::string_view bytes);
    /// Sends bytes; answers are left to read_answer or receive.
    void write(std::string_view bytes);
    /// What the server has answered since the last call. Does not wait for workers.
    std::string receive();
    /// The next answer, interim ones passed over; waits for it for up to 10 s of real time. `is_head`: it answers a
    /// HEAD, and so has no content.
    TestResponse read_answer(bool is_head = false);
    /// FIN.
    void end_output();
    /// RST.
    void reset();
    /// Whether the server has closed its side.
    bool is_closed() const;
    /// Whether it did so with a RST: what came is not all.
    bool is_reset() const;
    /// How much the client reads before the server's output queues up; grants that much more when called again.
    void set_receive_window(std::size_t bytes);

   private:
    friend class TestClient;
    struct State;
    explicit Connection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  Connection connect();

 private:
  struct State;
  std::shared_ptr<State> state_;  // connections look whether it is still there
};

}  // namespace weir::app
