// SPDX-License-Identifier: MIT
#include <weir/net/hangup_watcher.hpp>

#include <weir/base/check.hpp>
#include <weir/net/socket.hpp>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <uv.h>

#include <array>
#include <span>
#include <utility>

namespace weir::net {
namespace {

// More wait for the next turn: the descriptor is polled level-triggered.
constexpr std::size_t kEventsPerTurn = 64;

epoll_event interest_of(void* watch) {
  epoll_event event{};
  event.events = EPOLLRDHUP | EPOLLET;  // EPOLLERR and EPOLLHUP always come
  event.data.ptr = watch;
  return event;
}

base::Error take_error(int fd) {
  int error_number = 0;
  socklen_t length = sizeof(error_number);
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_number, &length);
  // A write in the same turn may have taken the error away; the connection is lost all the same.
  if (error_number == 0) return {base::ErrorCode::kPeerGone, "connection: the peer has gone"};
  return base::Error::from_errno(error_number, "connection");
}

}  // namespace

struct HangupWatcher::Poll {
  uv_poll_t uv{};
  Descriptor epoll{};
  std::array<epoll_event, kEventsPerTurn> events{};
  std::span<epoll_event> rest{};  // of `events`: not reported yet

  void report_events() noexcept;
  void forget(const Watch& watch) noexcept;
};

// A callback may stop other watches (`forget`) and even end the watcher after them: nothing of `rest` is left then, and
// this object lives on until libuv reports the close.
void HangupWatcher::Poll::report_events() noexcept {
  const int count = ::epoll_wait(epoll.get(), events.data(), static_cast<int>(events.size()), 0);
  if (count <= 0) return;
  rest = std::span(events).first(static_cast<std::size_t>(count));
  while (!rest.empty()) {
    const epoll_event event = rest.front();
    rest = rest.subspan(1);
    if (event.data.ptr != nullptr) static_cast<Watch*>(event.data.ptr)->report(event.events);
  }
}

void HangupWatcher::Poll::forget(const Watch& watch) noexcept {
  for (epoll_event& event : rest) {
    if (event.data.ptr == &watch) event.data.ptr = nullptr;
  }
}

void HangupWatcher::AsyncClose::operator()(Poll* poll) const noexcept {
  uv_close(reinterpret_cast<uv_handle_t*>(&poll->uv), [](uv_handle_t* uv) { delete static_cast<Poll*>(uv->data); });
  poll->epoll = Descriptor();
}

HangupWatcher::~HangupWatcher() = default;

bool HangupWatcher::open() {
  auto poll = std::make_unique<Poll>();
  poll->epoll = Descriptor(::epoll_create1(EPOLL_CLOEXEC));
  if (!poll->epoll || uv_poll_init(loop_.native(), &poll->uv, poll->epoll.get()) != 0) return false;
  poll->uv.data = poll.get();
  poll_.reset(poll.release());
  uv_unref(reinterpret_cast<uv_handle_t*>(&poll_->uv));
  const auto on_event = [](uv_poll_t* uv, int, int) noexcept { static_cast<Poll*>(uv->data)->report_events(); };
  WEIR_CHECK(uv_poll_start(&poll_->uv, UV_READABLE, on_event) == 0);
  return true;
}

bool HangupWatcher::start(Watch& watch, int fd) {
  WEIR_DCHECK(loop_.in_loop_thread());
  WEIR_CHECK(fd >= 0);
  if (watch.fd_ >= 0) return true;
  if (!poll_ && !open()) return false;
  epoll_event interest = interest_of(&watch);
  if (::epoll_ctl(poll_->epoll.get(), EPOLL_CTL_ADD, fd, &interest) != 0) return false;
  watch.fd_ = fd;
  return true;
}

void HangupWatcher::stop(Watch& watch) {
  if (watch.fd_ < 0) return;
  WEIR_CHECK(::epoll_ctl(poll_->epoll.get(), EPOLL_CTL_DEL, std::exchange(watch.fd_, -1), nullptr) == 0);
  poll_->forget(watch);
}

void HangupWatcher::repeat(Watch& watch) {
  if (watch.fd_ < 0) return;
  epoll_event interest = interest_of(&watch);  // the same again, but the kernel looks anew
  WEIR_CHECK(::epoll_ctl(poll_->epoll.get(), EPOLL_CTL_MOD, watch.fd_, &interest) == 0);
}

HangupWatcher::Watch::~Watch() {
  WEIR_CHECK(fd_ < 0);
}

void HangupWatcher::Watch::report(unsigned events) noexcept {
  if ((events & EPOLLERR) != 0) return on_failed(take_error(fd_));
  if ((events & EPOLLHUP) != 0) return on_both_ended();
  if ((events & EPOLLRDHUP) != 0) on_input_ended();
}

}  // namespace weir::net
