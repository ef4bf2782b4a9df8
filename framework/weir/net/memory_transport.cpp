// SPDX-License-Identifier: MIT
#include <weir/net/memory_transport.hpp>

#include <weir/base/check.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weir::net {

struct MemoryPeer::Shared {
  TransportEvents* events = nullptr;  // null once the server's end has gone
  std::string unread;                 // sent while the server was not reading
  std::string received;
  std::string queued;
  std::size_t window = SIZE_MAX;
  bool is_reading = false;
  bool is_watching = false;  // for a hangup
  bool is_input_ended = false;
  bool is_fin_told = false;  // ahead of the end
  bool is_end_told = false;
  bool is_output_ended = false;
  bool ends_with_reset = false;
};

class MemoryPeer::ServerEnd final : public Transport {
 public:
  explicit ServerEnd(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
  ~ServerEnd() override {
    shared_->events = nullptr;
    shared_->queued.clear();  // lost, as it is with a socket
    shared_->is_output_ended = true;
  }

  void set_events(TransportEvents& events) override { shared_->events = &events; }
  void start_reading() override { shared_->is_reading = true; }
  void stop_reading() override { shared_->is_reading = false; }
  void watch_hangup(bool is_on) override { shared_->is_watching = is_on; }

  std::size_t try_write(std::string_view first, std::string_view second) override {
    if (!shared_->queued.empty()) return 0;
    const std::size_t taken = take(first);
    return taken == first.size() ? taken + take(second) : taken;
  }
  void write(std::string bytes) override { shared_->queued += bytes; }
  std::size_t queued_bytes() const override { return shared_->queued.size(); }
  void shut_down_output() override { shared_->is_output_ended = true; }
  void reset_on_close() override { shared_->ends_with_reset = true; }
  std::string peer() const override { return "memory"; }

 private:
  std::size_t take(std::string_view bytes) {
    const std::size_t count = std::min(bytes.size(), shared_->window);
    shared_->received.append(bytes.substr(0, count));
    if (shared_->window != SIZE_MAX) shared_->window -= count;
    return count;
  }
  std::shared_ptr<Shared> shared_;
};

MemoryPeer::MemoryPeer() : shared_(std::make_shared<Shared>()) {}
MemoryPeer::~MemoryPeer() = default;

std::unique_ptr<Transport> MemoryPeer::take_server_end() {
  return std::make_unique<ServerEnd>(shared_);
}

// What the server is willing to hear: bytes, then the end; or the end alone, when it does not read but watches.
void MemoryPeer::deliver() {
  if (shared_->events != nullptr && shared_->is_reading && !shared_->unread.empty()) {
    std::string delivered = std::exchange(shared_->unread, {});
    shared_->events->on_read({delivered.data(), delivered.size()});
  }
  if (shared_->events == nullptr || !shared_->is_input_ended) return;
  if (shared_->is_reading && shared_->unread.empty() && !std::exchange(shared_->is_end_told, true)) {
    shared_->events->on_end_of_input();
  } else if (!shared_->is_reading && shared_->is_watching && !std::exchange(shared_->is_fin_told, true)) {
    shared_->events->on_fin_ahead();
  }
}

bool MemoryPeer::send(std::string_view bytes) {
  if (shared_->events == nullptr) return false;
  shared_->unread += bytes;
  deliver();
  return true;
}

void MemoryPeer::end_output() {
  shared_->is_input_ended = true;
  deliver();
}

void MemoryPeer::reset() {
  if (shared_->events != nullptr) shared_->events->on_broken({base::ErrorCode::kPeerGone, "connection reset"});
}

std::string MemoryPeer::take_received() {
  return std::exchange(shared_->received, {});
}

bool MemoryPeer::is_ended() const {
  return shared_->is_output_ended;
}

bool MemoryPeer::is_reset() const {
  return is_ended() && shared_->ends_with_reset;
}

void MemoryPeer::set_receive_window(std::size_t bytes) {
  shared_->window = bytes;
  if (shared_->queued.empty()) return;
  const std::size_t count = std::min(bytes, shared_->queued.size());
  shared_->received.append(shared_->queued, 0, count);
  shared_->queued.erase(0, count);
  if (bytes != SIZE_MAX) shared_->window -= count;
  if (shared_->events != nullptr) shared_->events->on_write_progress(shared_->queued.empty());
  deliver();  // the server may read again now
}

}  // namespace weir::net
