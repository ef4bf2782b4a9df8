// SPDX-License-Identifier: MIT
#include <weir/app/test_client.hpp>

#include <weir/app/app.hpp>
#include <weir/app/internal/byte_budget.hpp>
#include <weir/app/internal/run.hpp>
#include <weir/base/text.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/loop/loop.hpp>
#include <weir/net/memory_transport.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/routing_service.hpp>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdint>

namespace weir::app {
namespace {

constexpr std::chrono::seconds kPatience{10};  // real time

// How much of the front of `bytes` is interim answers: 100 Continue, 102 Processing.
std::size_t interim_bytes(std::string_view bytes) {
  std::size_t size = 0;
  while (bytes.substr(size).starts_with("HTTP/1.1 1")) {
    const std::size_t end = bytes.find("\r\n\r\n", size);
    if (end == std::string_view::npos) break;
    size = end + 4;
  }
  return size;
}

// Joins the chunks at the front of `bytes`; returns how much they take, or npos while some is missing.
std::size_t take_chunks(std::string_view bytes, std::string& content) {
  std::size_t at = 0;
  for (;;) {
    const std::size_t line_end = bytes.find("\r\n", at);
    if (line_end == std::string_view::npos) return line_end;
    std::size_t size = 0;
    std::from_chars(bytes.data() + at, bytes.data() + line_end, size, 16);
    at = line_end + 2;
    if (bytes.size() < at + size + 2) return std::string_view::npos;
    content.append(bytes.substr(at, size));
    at += size + 2;
    if (size == 0) return at;
  }
}

// Parses an answer of our own server at the front of `bytes`; returns how long it is, or npos while some of it is
// missing. Without a length it ends with the connection.
std::size_t parse_answer(std::string_view bytes, bool is_head, bool is_closed, TestResponse& response) {
  constexpr std::size_t kMissing = std::string_view::npos;
  const std::size_t begin = interim_bytes(bytes);
  const std::size_t end = bytes.find("\r\n\r\n", begin);
  if (end == kMissing || !bytes.substr(begin).starts_with("HTTP/1.1 ")) return kMissing;
  std::string_view lines = bytes.substr(begin, end - begin);
  std::from_chars(lines.data() + 9, lines.data() + 12, response.status);
  base::take_until(lines, '\n');
  while (!lines.empty()) {
    std::string_view value = base::take_until(lines, '\n');
    if (value.ends_with('\r')) value.remove_suffix(1);
    const std::string_view name = base::take_until(value, ':');
    response.headers.emplace_back(name, base::trim(value));
  }
  const std::size_t content_at = end + 4;
  const std::string_view rest = bytes.substr(content_at);
  if (is_head || response.status == 204 || response.status == 304) return content_at;
  if (response.header("Transfer-Encoding")) {
    const std::size_t size = take_chunks(rest, response.body);
    return size == kMissing ? kMissing : content_at + size;
  }
  const auto length_text = response.header("Content-Length");
  if (!length_text) {
    response.body = rest;
    return is_closed ? bytes.size() : kMissing;
  }
  std::size_t length = 0;
  std::from_chars(length_text->data(), length_text->data() + length_text->size(), length);
  response.body = rest.substr(0, length);
  return rest.size() < length ? kMissing : content_at + length;
}

// Runs a step of the test as a callback of the loop, where awaitables find it.
class Step final : public loop::Completion {
 public:
  explicit Step(const std::function<void()>& step) : step_(step) {}

 private:
  void on_loop() noexcept override { step_(); }
  const std::function<void()>& step_;
};

}  // namespace

struct TestClient::State final : BackgroundSink {
  explicit State(App& app_in)
      : app(app_in),
        settings(app.settings()),
        loop({.clock = &clock}),
        lanes(settings, app.declared_pools(), app.build_routes(), log, metrics, clock),
        service({loop, lanes.lanes, settings.limits, log, metrics}),
        budget(make_byte_budget(settings.limits, metrics)),
        connections({loop, settings.limits, service, log, metrics, &budget}),
        background(log, [this] { --background_tasks; }) {
    BackgroundSink* nobody = nullptr;
    app.background_.compare_exchange_strong(nobody, this);  // an app that runs keeps its own
    if (app.job_table.types.empty()) return;
    jobs = std::make_unique<JobsRun>(settings, app.job_table, clock, log, metrics);
    jobs->start();
  }

  ~State() {
    if (jobs) jobs->begin_stop();
    BackgroundSink* self = this;
    app.background_.compare_exchange_strong(self, nullptr);
    run_step([this] {
      connections.abort_all();
      background.request_stop();
    });
    run_until([this] { return connections.empty() && background_tasks == 0; });
  }

  // BackgroundSink
  bool start_background(loop::Task<void> task) override {
    if (background_tasks.fetch_add(1) < settings.background_tasks) {
      if (&loop == loop::Loop::find_current()) {
        background.spawn(std::move(task));
        return true;
      }
      if (loop.try_post([this, task = std::move(task)]() mutable { background.spawn(std::move(task)); })) return true;
    }
    --background_tasks;
    return false;
  }

  /// Lets everything happen that can happen without time passing, on this thread.
  void settle() {
    for (int turn = 0; turn < 8; ++turn) loop.run_once();
  }

  void run_step(const std::function<void()>& function) {
    Step step(function);
    loop.complete(step);
    settle();
  }

  bool run_until(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    settle();
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= limit) return false;
      loop.run_for_event(std::chrono::milliseconds(10));
    }
    return true;
  }

  App& app;
  Settings settings;
  base::ManualClock clock;
  base::NullLog log;
  observe::MetricsRegistry metrics;
  loop::Loop loop;
  RunLanes lanes;
  routing::RoutingService service;
  http::ByteBudget budget;
  http::ConnectionSet connections;
  std::atomic<std::uint64_t> background_tasks{0};
  BackgroundTasks background;
  std::unique_ptr<JobsRun> jobs;  // null where the app has none
};

struct TestClient::Connection::State {
  explicit State(const std::shared_ptr<TestClient::State>& client_in) : client(client_in) {
    client_in->run_step([this, &client_in] { client_in->connections.adopt(peer.take_server_end()); });
  }
  void run_step(const std::function<void()>& function) const { client.lock()->run_step(function); }
  /// What the server has written may have let it read on.
  void receive() {
    std::size_t size = 0;
    do {
      size = unread.size();
      run_step([this] { peer.deliver(); });
      unread += peer.take_received();
    } while (unread.size() != size);
  }

  std::weak_ptr<TestClient::State> client;
  net::MemoryPeer peer;
  std::string unread;
};

TestClient::TestClient(App& app) : state_(std::make_shared<State>(app)) {}
TestClient::~TestClient() = default;

TestResponse TestClient::send(std::string_view method, std::string_view target, std::string_view body,
                              Headers headers) {
  std::string request;
  request.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
  for (const auto& [name, value] : headers) request.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty()) request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  Connection connection = connect();
  connection.write(request);
  return connection.read_answer(method == "HEAD");
}

void TestClient::advance(std::chrono::nanoseconds by) {
  state_->clock.advance(by);
  state_->settle();
}

bool TestClient::run_until(const std::function<bool()>& condition) {
  return state_->run_until(condition);
}

void TestClient::run_jobs() {
  if (!state_->jobs) return;
  state_->jobs->service().wake();
  const auto is_due = [this](jobs::JobState state) {
    jobs::List question;
    question.state = state;
    question.limit = SIZE_MAX;
    const auto found = jobs::ask(state_->jobs->store(), std::move(question)).jobs;
    return std::any_of(found.begin(), found.end(),
                       [this](const jobs::JobRecord& job) { return job.run_at <= state_->clock.wall_now(); });
  };
  state_->run_until([&] {
    if (is_due(jobs::JobState::kScheduled) || is_due(jobs::JobState::kRetryable)) return false;
    const jobs::Stats stats = jobs::ask(state_->jobs->store(), jobs::Stats{});
    return std::all_of(stats.queues.begin(), stats.queues.end(), [](const jobs::Stats::Queue& queue) {
      return (queue.is_paused || queue.count[static_cast<int>(jobs::JobState::kAvailable)] == 0) &&
             queue.count[static_cast<int>(jobs::JobState::kRunning)] == 0;
    });
  });
}

std::string TestClient::metrics() const {
  return state_->metrics.render_prometheus();
}

TestClient::Connection TestClient::connect() {
  return Connection(std::make_unique<Connection::State>(state_));
}

TestClient::Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
TestClient::Connection::Connection(Connection&&) noexcept = default;
TestClient::Connection::~Connection() {
  if (state_ && !state_->client.expired()) reset();
}

std::string TestClient::Connection::send(std::string_view bytes) {
  write(bytes);
  return receive();
}

void TestClient::Connection::write(std::string_view bytes) {
  state_->run_step([&] { state_->peer.send(bytes); });
}

std::string TestClient::Connection::receive() {
  state_->receive();
  return std::exchange(state_->unread, {});
}

TestResponse TestClient::Connection::read_answer(bool is_head) {
  TestResponse response;
  std::size_t size = std::string::npos;
  const auto has_come = [&] {
    const bool is_all = is_closed();
    state_->receive();
    response = {};
    size = parse_answer(state_->unread, is_head, is_all, response);
    return size != std::string::npos || is_all;
  };
  if (!state_->client.lock()->run_until(has_come)) return {};
  state_->unread.erase(0, size);
  return size != std::string::npos ? response : TestResponse();
}

void TestClient::Connection::end_output() {
  state_->run_step([this] { state_->peer.end_output(); });
}

void TestClient::Connection::reset() {
  state_->run_step([this] { state_->peer.reset(); });
}

bool TestClient::Connection::is_closed() const {
  return state_->peer.is_ended();
}

bool TestClient::Connection::is_reset() const {
  return state_->peer.is_reset();
}

void TestClient::Connection::set_receive_window(std::size_t bytes) {
  state_->run_step([this, bytes] { state_->peer.set_receive_window(bytes); });
}

}  // namespace weir::app
