// SPDX-License-Identifier: MIT
// For an app's tests: #include <weir/testing.hpp>.
#pragma once

#include <weir/app/test_client.hpp>

namespace weir {

using app::ExpectationFailed;
using app::TestClient;
using app::TestResponse;

}  // namespace weir
