// SPDX-License-Identifier: MIT
// The kinds of stores that are held to the conformance suite.
#include "store_conformance.hpp"

#include "store_kinds.hpp"

namespace weir::jobs {

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformanceTest, testing::Values(memory_kind(), sqlite_kind()), name_of_kind);

}  // namespace weir::jobs
