// SPDX-License-Identifier: MIT
#include <weir/base/thread.hpp>

#include <gtest/gtest.h>

#include <pthread.h>

#include <array>
#include <csignal>
#include <string>

namespace weir::base {
namespace {

::sigset_t mask_of_this_thread() {
  ::sigset_t mask{};
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return mask;
}

std::string name_given_to(const std::string& name) {
  std::array<char, 16> seen{};
  start_thread(name, [&seen] { ::pthread_getname_np(::pthread_self(), seen.data(), seen.size()); }).join();
  return seen.data();
}

TEST(ThreadTest, CarriesItsName) {
  EXPECT_EQ(name_given_to("weir-loop-0"), "weir-loop-0");
}

TEST(ThreadTest, ALongNameIsCut) {
  EXPECT_EQ(name_given_to("weir-fifteen-ab"), "weir-fifteen-ab");
  EXPECT_EQ(name_given_to("weir-fifteen-abc"), "weir-fifteen-ab");
}

TEST(ThreadTest, BlocksSignalsFromOutsideOnly) {
  ::sigset_t mask{};
  start_thread("test", [&mask] { mask = mask_of_this_thread(); }).join();
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGCHLD, SIGUSR1, SIGALRM}) {
    EXPECT_EQ(::sigismember(&mask, signal), 1) << signal;
  }
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
    EXPECT_EQ(::sigismember(&mask, signal), 0) << signal;
  }
}

TEST(ThreadTest, LeavesTheCallersSignalsAlone) {
  const ::sigset_t before = mask_of_this_thread();
  start_thread("test", [] {}).join();
  const ::sigset_t after = mask_of_this_thread();
  for (int signal = 1; signal < NSIG; ++signal) {
    EXPECT_EQ(::sigismember(&before, signal), ::sigismember(&after, signal)) << signal;
  }
}

}  // namespace
}  // namespace weir::base
