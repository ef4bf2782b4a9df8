// SPDX-License-Identifier: MIT
#include <weir/routing/event_stream.hpp>

#include <weir/loop/timer_wheel.hpp>
#include <weir/routing/routed_exchange.hpp>
#include <weir/routing/routing_service.hpp>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace weir::routing {
namespace {

constexpr std::chrono::milliseconds kHeartbeat{15'000};
constexpr std::string_view kComment = ":\n\n";

std::string checked(std::string text, std::string_view what) {
  const bool is_one_line = text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos;
  if (!is_one_line) throw std::invalid_argument("the " + std::string(what) + " of an event has a line break or a NUL");
  return text;
}

}  // namespace

Event&& Event::type(std::string name) && {
  type_ = checked(std::move(name), "type");
  return std::move(*this);
}

Event&& Event::id(std::string id) && {
  id_ = checked(std::move(id), "id");
  return std::move(*this);
}

// A line break in the data begins another data line, whichever of the three kinds it is.
std::string Event::render() const {
  std::string text;
  text.reserve(data_.size() + type_.size() + 32);
  if (!type_.empty()) text.append("event: ").append(type_).append("\n");
  if (id_) text.append("id: ").append(*id_).append("\n");
  std::string_view rest = data_;
  while (true) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    text.append("data: ").append(rest.substr(0, end)).append("\n");
    if (end == rest.size()) break;
    const bool is_pair = rest.substr(end, 2) == "\r\n";
    rest.remove_prefix(end + (is_pair ? 2 : 1));
  }
  return text.append("\n");
}

// On the heap: the heartbeat stays where it is while the handler's parameter moves.
struct EventStream::State final : loop::Timer {
  explicit State(RoutedExchange& exchange_in)
      : Timer(loop::Loop::current().timers()), exchange(exchange_in), loop(loop::Loop::current()) {
    exchange.response.set_header("Content-Type", "text/event-stream");
    exchange.response.set_header("Cache-Control", "no-store");
    exchange.response.set_header("X-Accel-Buffering", "no");
    exchange.is_event_stream = true;
    rearm();
  }

  void rearm() { arm_at(loop.now() + heartbeat); }
  void begin() {
    if (!exchange.is_stream_begun && !exchange.service.begin_stream(exchange)) throw loop::Cancelled();
  }

  void on_expiry() noexcept override {
    if (exchange.stop.is_stop_requested()) return;
    const bool is_open = exchange.is_stream_begun || exchange.service.begin_stream(exchange);
    const bool is_idle = exchange.unsent_bytes() == 0 && !exchange.is_transforming;
    if (is_open && is_idle) exchange.write_content(kComment);
    rearm();
  }

  // How many of the last events the kernel has not taken yet.
  std::size_t behind() const {
    std::uint64_t end = exchange.output_bytes();
    const std::uint64_t taken = end - exchange.unsent_bytes();
    std::size_t events = 0;
    while (end > taken && events < std::min(sent, kBehindMax)) {
      ++events;
      end = begins[(sent - events) % kBehindMax];
    }
    return events;
  }

  RoutedExchange& exchange;
  loop::Loop& loop;
  std::chrono::milliseconds heartbeat = kHeartbeat;
  std::string retry_line;
  // Where each of the last events begins in the connection's output, in which it may be compressed.
  std::array<std::uint64_t, kBehindMax> begins{};
  std::size_t sent = 0;
};

namespace {

// A named coroutine: its parameters are its own, whatever becomes of the EventStream.
loop::Task<void> write_event(RoutedExchange* exchange, std::string bytes) {
  co_await exchange->write_piece(std::move(bytes));
}

}  // namespace

EventStream::EventStream(RoutedExchange& exchange) : state_(std::make_unique<State>(exchange)) {}
EventStream::EventStream(EventStream&&) noexcept = default;
EventStream::~EventStream() = default;

EventStream Extract<EventStream>::from(Context& context) {
  return EventStream(RoutedExchange::of(context));
}

std::string_view EventStream::last_event_id() const {
  return state_->exchange.request().header("Last-Event-ID").value_or("");
}

void EventStream::retry(std::chrono::milliseconds delay) {
  state_->retry_line = "retry: " + std::to_string(delay.count()) + "\n";
}

void EventStream::heartbeat(std::chrono::milliseconds every) {
  state_->heartbeat = every;
  state_->rearm();
}

void EventStream::begin() {
  state_->begin();
}

loop::Task<void> EventStream::send(const Event& event) {
  state_->begin();
  if (state_->behind() >= kBehindMax) state_->exchange.service.cut_slow_reader(state_->exchange);
  std::string bytes = std::exchange(state_->retry_line, {}) + event.render();
  state_->begins[state_->sent++ % kBehindMax] = state_->exchange.output_bytes();
  state_->rearm();
  return write_event(&state_->exchange, std::move(bytes));
}

}  // namespace weir::routing
