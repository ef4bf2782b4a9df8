// SPDX-License-Identifier: MIT
#include <weir/net/listener.hpp>

#include <weir/base/check.hpp>

#include <sys/socket.h>
#include <uv.h>

#include <cerrno>

namespace weir::net {
namespace {

// More than any backlog: a flood must not hold up the end.
constexpr int kDrainedMax = 65'536;

// The connection that was next has failed, and is gone from the queue (accept(2)): the one behind it may be fine. Any
// other failure would come again at once: out of descriptors or memory, or forbidden.
bool is_of_the_connection(int error_number) {
  switch (error_number) {
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case ENONET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EOPNOTSUPP:
      return true;
    default:
      return false;
  }
}

}  // namespace

// libuv's own accept loop takes every waiting connection before it returns and gives away a descriptor on EMFILE.
// A poll handle and accept4 leave both decisions to us.
struct Listener::Handle {
  uv_poll_t uv{};
  Descriptor socket{};
  Listener* listener = nullptr;
};

void Listener::AsyncClose::operator()(Handle* handle) const noexcept {
  handle->listener = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle->uv), [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
  // Not with the memory, a turn later: what the kernel accepted until then would be reset. libuv allows this.
  handle->socket = Descriptor();
}

class Listener::PauseTimer final : public loop::Timer {
 public:
  explicit PauseTimer(Listener& listener) : Timer(listener.loop_.timers()), listener_(listener) {}

 private:
  void on_expiry() noexcept override { listener_.start(); }
  Listener& listener_;
};

Listener::Listener(loop::Loop& loop, Descriptor socket, Reporting reporting, OnConnection on_connection)
    : loop_(loop),
      reporting_(reporting),
      on_connection_(std::move(on_connection)),
      pause_timer_(std::make_unique<PauseTimer>(*this)),
      handle_(new Handle) {
  const auto endpoint = local_endpoint(socket.get());
  kind_ = endpoint && endpoint->is_unix() ? SocketKind::kUnix : SocketKind::kTcp;
  WEIR_CHECK(uv_poll_init(loop.native(), &handle_->uv, socket.get()) == 0);
  handle_->uv.data = handle_.get();
  handle_->socket = std::move(socket);
  handle_->listener = this;
  start();
}

Listener::~Listener() = default;

void Listener::start() {
  const auto on_event = [](uv_poll_t* uv, int, int) noexcept {
    const auto* const handle = static_cast<Handle*>(uv->data);
    if (handle->listener != nullptr) handle->listener->on_readable();
  };
  WEIR_CHECK(uv_poll_start(&handle_->uv, UV_READABLE, on_event) == 0);
}

void Listener::on_readable() {
  for (int taken = 0; taken < kAcceptsPerTurn; ++taken) {
    const Accepted accepted = accept_one();
    if (accepted == Accepted::kExhausted) return pause();
    if (accepted == Accepted::kNone) return;
  }
  // The poll is level-triggered: what still waits is reported again in the next turn.
}

Listener::Accepted Listener::accept_one() {
  for (;;) {
    Descriptor socket(::accept4(handle_->socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket) {
      is_exhaustion_logged_ = false;
      on_connection_(std::move(socket), kind_);
      return Accepted::kOne;
    }
    const int error_number = errno;
    if (error_number == EAGAIN || error_number == EWOULDBLOCK) return Accepted::kNone;
    if (error_number == EINTR) continue;
    reporting_.accept_errors.add();
    if (is_of_the_connection(error_number)) continue;
    if (!std::exchange(is_exhaustion_logged_, true)) {
      reporting_.log.error("listener.exhausted", {{"error", base::Error::from_errno(error_number, "accept").message()},
                                                  {"pause_ms", kPause.count()}});
    }
    return Accepted::kExhausted;
  }
}

void Listener::pause() {
  uv_poll_stop(&handle_->uv);
  pause_timer_->arm_at(loop_.now() + kPause);
}

void Listener::drain_and_close() {
  if (!handle_) return;
  for (int taken = 0; taken < kDrainedMax && accept_one() == Accepted::kOne; ++taken) {
  }
  pause_timer_->disarm();
  handle_.reset();
}

}  // namespace weir::net
