// SPDX-License-Identifier: MIT
// Calls an app in a test: the whole pipeline, without a socket and without waiting.
#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::app {

class App;

/// What a TestClient got back.
struct TestResponse {
  int status = 0;  ///< 0: the connection was closed without an answer.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first field of that name, in any case.
  std::optional<std::string> header(std::string_view name) const;
};

/// Feeds bytes through a memory transport into the real connection (parser, limits, deadlines, router, middleware,
/// handlers) on a loop that it drives on the calling thread. Time stands still until `advance`. The app itself need not
/// run, and /readyz says 503 unless it does.
///
///     weir::TestClient client{app};
///     EXPECT_EQ(client.get("/hello/world").body, R"({"hello":"world"})");
///
/// Thread:    one.
/// Ownership: borrows the app, whose settings and routes it takes as they are when it is made.
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
  /// One request on a connection of its own; Host and, for content, Content-Length are added.
  TestResponse send(std::string_view method, std::string_view target, std::string_view body, Headers headers = {});

  /// Lets time pass: deadlines that fall into it fire.
  void advance(std::chrono::nanoseconds by);

  /// A connection that stays open, for raw bytes.
  class Connection {
   public:
    ~Connection();
    Connection(Connection&&) noexcept;

    /// Sends bytes; returns what the server has answered since the last call.
    std::string send(std::string_view bytes);
    /// What the server has answered since the last call.
    std::string receive();
    /// FIN.
    void end_output();
    /// Whether the server has closed its side.
    bool is_closed() const;
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
  std::unique_ptr<State> state_;
};

}  // namespace weir::app
