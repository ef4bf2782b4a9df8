// SPDX-License-Identifier: MIT
#include <weir/loop/off_loop.hpp>

#include <weir/loop/internal/blocking_work.hpp>

namespace weir::loop {
namespace {

class Call final : public internal::BlockingWork {
 public:
  Call(void (*function)(void*), void* argument)
      : BlockingWork(Loop::current()), function_(function), argument_(argument) {}

 private:
  void run() override { function_(argument_); }

  void (*function_)(void*);
  void* argument_;
};

}  // namespace

Task<void> off_loop(void (*function)(void*), void* argument) {
  Call call(function, argument);
  co_await call;
}

}  // namespace weir::loop
