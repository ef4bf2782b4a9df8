// SPDX-License-Identifier: MIT
// A bounded queue between coroutines of one loop.
#pragma once

#include <weir/base/bounded_queue.hpp>
#include <weir/loop/waiter.hpp>

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::loop {

/// Sending into a channel that was closed.
class ChannelClosed : public std::runtime_error {
 public:
  ChannelClosed() : std::runtime_error("the channel is closed") {}
};

/// Hands values from those who send to those who receive, in order, each to one receiver. Holds up to `capacity` of
/// them; then who sends waits. Of each side up to `waiters_max` may wait.
///
/// `while (true) { const auto item = co_await channel.receive(); if (!item) break; ... }`
///
/// Thread:    the one that uses it first (checked).
/// Ownership: outlives whoever waits (checked). Values left over go with it.
template <class T>
class Channel {
 public:
  class [[nodiscard]] SendAwaiter final : public detail::Waiter {
   public:
    SendAwaiter(Channel& channel, T&& value) : channel_(channel), value_(std::move(value)) {}
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      if (is_stopped(awaiting)) return false;
      is_sent_ = channel_.try_send(std::move(value_));
      if (is_sent_ || channel_.is_closed_) return false;
      return wait_in(channel_.senders_, awaiting);
    }
    void await_resume() const {
      rethrow();
      if (!is_sent_) throw ChannelClosed();
    }

   private:
    friend class Channel;
    Channel& channel_;
    T value_;
    bool is_sent_ = false;
  };
  class [[nodiscard]] Send {
   public:
    Send(Channel& channel, T value) : channel_(channel), value_(std::move(value)) {}
    SendAwaiter operator co_await() && { return SendAwaiter(channel_, std::move(value_)); }

   private:
    Channel& channel_;
    T value_;
  };

  class [[nodiscard]] ReceiveAwaiter final : public detail::Waiter {
   public:
    explicit ReceiveAwaiter(Channel& channel) : channel_(channel) {}
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> awaiting) {
      if (is_stopped(awaiting)) return false;
      if (std::optional<T> value = channel_.try_receive()) value_.emplace(std::move(*value));
      if (value_ || channel_.is_closed_) return false;
      return wait_in(channel_.receivers_, awaiting);
    }
    std::optional<T> await_resume() {
      rethrow();
      return std::move(value_);
    }

   private:
    friend class Channel;
    Channel& channel_;
    std::optional<T> value_;
  };
  struct [[nodiscard]] Receive {
    Channel& channel;
    ReceiveAwaiter operator co_await() const { return ReceiveAwaiter(channel); }
  };

  explicit Channel(std::size_t capacity, std::size_t waiters_max = kWaitersMax)
      : items_(capacity), senders_(waiters_max), receivers_(waiters_max) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  /// Waits while the channel is full; without suspending when it has room.
  /// Cancel: leaves the line, and the value is dropped. A value that was taken before the stop came counts as sent.
  /// Errors: ChannelClosed, also when closed meanwhile; Cancelled; TooManyWaiters beyond the bound. The value is
  ///         dropped then.
  Send send(T value) { return Send(*this, std::move(value)); }

  /// Waits for the oldest value; nothing once the channel is closed and drained.
  /// Cancel: leaves the line. A value that was on its way when the stop came is delivered.
  /// Errors: Cancelled; TooManyWaiters beyond the bound.
  Receive receive() { return Receive{*this}; }

  /// Returns false, and leaves `value` alone, when the channel is full or closed.
  [[nodiscard]] bool try_send(T&& value) {
    thread_.check();
    if (is_closed_) return false;
    if (receivers_.empty()) return items_.try_push(std::move(value));
    // Handed over rather than stored: nobody can overtake who waits longest.
    static_cast<ReceiveAwaiter*>(receivers_.first())->value_.emplace(std::move(value));
    receivers_.serve_first();
    return true;
  }

  /// The oldest value, if there is one.
  std::optional<T> try_receive() {
    thread_.check();
    std::optional<T> oldest = items_.try_pop();
    if (oldest && !senders_.empty()) {
      auto* const sender = static_cast<SendAwaiter*>(senders_.first());
      sender->is_sent_ = items_.try_push(std::move(sender->value_));
      senders_.serve_first();
    }
    return oldest;
  }

  /// Refuses new values, those whose senders wait included. What is in the channel can still be received.
  void close() {
    thread_.check();
    is_closed_ = true;
    while (!receivers_.empty()) receivers_.serve_first();
    while (!senders_.empty()) senders_.serve_first();
  }

  bool is_closed() const { return is_closed_; }
  std::size_t size() const { return items_.size(); }

 private:
  base::BoundedQueue<T> items_;
  detail::WaitingLine senders_;
  detail::WaitingLine receivers_;
  bool is_closed_ = false;
  detail::OneThread thread_;
};

}  // namespace weir::loop
