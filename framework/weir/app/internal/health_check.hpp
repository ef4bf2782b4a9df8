// SPDX-License-Identifier: MIT
// The client behind `myservice healthcheck`.
#pragma once

#include <weir/app/settings.hpp>

namespace weir::app {

/// Asks /readyz of the configured endpoint; 0 when it answers 200 within 2 s, else 1 with a sentence on stderr.
///
/// Thread: blocks.
int check_health(const Settings& settings);

}  // namespace weir::app
