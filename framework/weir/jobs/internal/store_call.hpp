// SPDX-License-Identifier: MIT
// Questions to a store whose answers come back to a loop.
#pragma once

#include <weir/base/check.hpp>
#include <weir/base/unique_function.hpp>
#include <weir/jobs/store.hpp>
#include <weir/loop/loop.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace weir::jobs::internal {

/// Asks a store on behalf of one loop.
///
/// Thread: the loop's. Ownership: outlives what it asked (checked).
class StoreCalls {
 public:
  StoreCalls(Store& store, loop::Loop& loop) : store_(store), loop_(loop) {}
  StoreCalls(const StoreCalls&) = delete;
  StoreCalls& operator=(const StoreCalls&) = delete;
  ~StoreCalls() { WEIR_CHECK(pending_ == 0); }

  std::size_t pending() const { return pending_; }

  /// `then(verdict, answered work)` on the loop.
  template <class W>
  void ask(W work, Durability durability, base::UniqueFunction<void(Verdict, W&)> then) {
    ++pending_;
    auto call = std::make_unique<Call<W>>(*this, std::move(work), durability, std::move(then));
    store_.submit(*call.release());  // deletes itself in on_loop
  }

 private:
  template <class W>
  class Call final : public Operation, private loop::Completion {
   public:
    Call(StoreCalls& calls, W asked, Durability wanted, base::UniqueFunction<void(Verdict, W&)> then)
        : Operation(Work(std::move(asked)), wanted), calls_(calls), then_(std::move(then)) {}
    void done(Verdict verdict) noexcept override {
      verdict_ = verdict;
      calls_.loop_.complete(*this);
    }

   private:
    void on_loop() noexcept override {
      const std::unique_ptr<Call> self(this);
      --calls_.pending_;
      then_(verdict_, std::get<W>(Operation::work));
    }
    StoreCalls& calls_;
    base::UniqueFunction<void(Verdict, W&)> then_;
    Verdict verdict_ = Verdict::kDone;
  };

  Store& store_;
  loop::Loop& loop_;
  std::size_t pending_ = 0;
};

}  // namespace weir::jobs::internal
