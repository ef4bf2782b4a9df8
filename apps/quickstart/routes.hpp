// SPDX-License-Identifier: MIT
// The routes of the quickstart service.
#pragma once

#include <weir/weir.hpp>

namespace quickstart {

void declare_routes(weir::App& app);

}  // namespace quickstart
