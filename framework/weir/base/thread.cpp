// SPDX-License-Identifier: MIT
#include <weir/base/thread.hpp>

#include <weir/base/check.hpp>

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <memory>
#include <utility>

namespace weir::base {
namespace {

constexpr std::size_t kThreadNameMax = 15;  // of Linux

// A new thread inherits its creator's mask. Were it to block signals by itself, one could still come before it did.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    ::sigset_t outside{};
    ::sigfillset(&outside);
    for (const int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) ::sigdelset(&outside, own);
    WEIR_CHECK(::pthread_sigmask(SIG_SETMASK, &outside, &before_) == 0);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { WEIR_CHECK(::pthread_sigmask(SIG_SETMASK, &before_, nullptr) == 0); }

 private:
  ::sigset_t before_{};
};

// Where a handler of signals runs when the thread's own stack is used up. A sanitizer's stays.
class SignalStack {
 public:
  SignalStack() {
    ::stack_t before{};
    if (::sigaltstack(nullptr, &before) != 0 || (before.ss_flags & SS_DISABLE) == 0) return;
    memory_ = std::make_unique<std::byte[]>(kBytes);
    ::stack_t own{};
    own.ss_sp = memory_.get();
    own.ss_size = kBytes;
    ::sigaltstack(&own, nullptr);
  }
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;
  ~SignalStack() {
    if (!memory_) return;
    ::stack_t none{};
    none.ss_flags = SS_DISABLE;
    ::sigaltstack(&none, nullptr);
  }

 private:
  static constexpr std::size_t kBytes = 32'768;
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace

std::thread start_thread(std::string name, UniqueFunction<void()> body) {
  name.resize(std::min(name.size(), kThreadNameMax));
  const SignalsBlocked blocked;
  return std::thread([name = std::move(name), body = std::move(body)]() mutable noexcept {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    const SignalStack signal_stack;
    body();
  });
}

}  // namespace weir::base
