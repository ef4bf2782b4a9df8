// SPDX-License-Identifier: MIT
// Hears of peers that have gone, on sockets that nobody reads at the moment.
#pragma once

#include <weir/base/error.hpp>
#include <weir/loop/loop.hpp>

#include <memory>

namespace weir::net {

/// Watches sockets of one loop for the end of their input, for a close and for errors, but never for bytes.
///
/// libuv polls a socket only while somebody reads or writes it, so a reset would go unnoticed while reading is stopped
/// and after a FIN. The watcher has an epoll descriptor of its own, edge-triggered, that is polled by the loop as a
/// whole: bytes that wait wake nobody, and a state is reported once. It does not keep the loop alive.
///
/// Thread:    loop thread.
/// Ownership: borrows `loop`; one per loop suffices, made by whoever makes the loop's transports. It outlives every
/// watch. Source:    epoll(7), epoll_ctl(2): EPOLLRDHUP, EPOLLHUP, EPOLLERR.
class HangupWatcher {
 public:
  class Watch;

  /// Opens nothing; the descriptor comes with the first watch.
  explicit HangupWatcher(loop::Loop& loop) : loop_(loop) {}
  HangupWatcher(const HangupWatcher&) = delete;
  HangupWatcher& operator=(const HangupWatcher&) = delete;
  ~HangupWatcher();

  /// Watches the socket `fd` for `watch`; what already holds is reported too, in a later turn of the loop. Does nothing
  /// when that is watched already.
  /// Errors: false when the system has no descriptor or memory left for that; another try may succeed.
  bool start(Watch& watch, int fd);

  /// No callback after this, not even of events that were fetched already. To be called before the socket is closed.
  void stop(Watch& watch);

  /// Reports once more, in a later turn, what holds now; nothing when not watched.
  void repeat(Watch& watch);

 private:
  struct Poll;
  struct AsyncClose {
    void operator()(Poll* poll) const noexcept;
  };
  bool open();

  loop::Loop& loop_;
  std::unique_ptr<Poll, AsyncClose> poll_;  // null until something is watched
};

/// Whoever wants to hear of one socket derives from this.
///
/// A callback may stop this watch or any other, and may destroy them. Each may be called several times.
class HangupWatcher::Watch {
 public:
  Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  virtual ~Watch();  // not watched any more (checked)

  /// The peer sends no more (FIN). On TCP nobody can tell a half-closed peer from a closed one yet.
  virtual void on_input_ended() noexcept = 0;
  /// Both directions are shut, without an error: the peer of a Unix socket closed it, or FINs went both ways.
  virtual void on_both_ended() noexcept = 0;
  /// A reset or another error, which the socket then has no more.
  virtual void on_failed(const base::Error& error) noexcept = 0;

 private:
  friend class HangupWatcher;
  void report(unsigned events) noexcept;
  int fd_ = -1;  // the socket while it is watched
};

}  // namespace weir::net
