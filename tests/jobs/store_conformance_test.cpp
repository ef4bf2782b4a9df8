// SPDX-License-Identifier: MIT
// The kinds of stores that are held to the conformance suite.
#include "store_conformance.hpp"

#include <weir/jobs/memory_store.hpp>

namespace weir::jobs {
namespace {

class InMemory final : public StoreHome {
 public:
  std::unique_ptr<Store> open(const base::ManualClock& clock) override { return std::make_unique<MemoryStore>(clock); }
  bool outlives_store() const override { return false; }
};

template <class Home>
StoreKind kind(const std::string& name) {
  return {name, []() -> std::unique_ptr<StoreHome> { return std::make_unique<Home>(); }};
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformanceTest, testing::Values(kind<InMemory>("Memory")), name_of_kind);

}  // namespace
}  // namespace weir::jobs
