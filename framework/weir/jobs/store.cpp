// SPDX-License-Identifier: MIT
#include <weir/jobs/store.hpp>

#include <future>

namespace weir::jobs {

Work run_and_wait(Store& store, Work work, Durability durability) {
  class Waited final : public Operation {
   public:
    using Operation::Operation;
    void done(Verdict verdict) noexcept override {
      auto own = std::move(finished);  // whoever waits destroys this object at once
      own.set_value(verdict);
    }
    std::promise<Verdict> finished;
  };
  Waited waited(std::move(work), durability);
  auto finished = waited.finished.get_future();
  store.submit(waited);
  const Verdict verdict = finished.get();
  if (verdict != Verdict::kDone) throw StoreError(verdict, waited.failure);
  return std::move(waited.work);
}

}  // namespace weir::jobs
