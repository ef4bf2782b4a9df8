// SPDX-License-Identifier: MIT
// Where stores live in tests, a home for each kind.
#pragma once

#include "store_conformance.hpp"

#include <weir/jobs/memory_store.hpp>

#include <memory>
#include <string>

namespace weir::jobs {

class MemoryHome final : public StoreHome {
 public:
  std::unique_ptr<Store> open(const base::ManualClock& clock) override { return std::make_unique<MemoryStore>(clock); }
  bool outlives_store() const override { return false; }
};

template <class Home>
StoreKind kind_of(const std::string& name) {
  return {name, []() -> std::unique_ptr<StoreHome> { return std::make_unique<Home>(); }};
}

inline StoreKind memory_kind() {
  return kind_of<MemoryHome>("Memory");
}

}  // namespace weir::jobs
