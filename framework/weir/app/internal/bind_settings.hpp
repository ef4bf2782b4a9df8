// SPDX-License-Identifier: MIT
// The settings of an app as options of its configuration.
#pragma once

#include <weir/app/config.hpp>
#include <weir/app/settings.hpp>

namespace weir::app {

/// Ownership: `config` borrows `settings`.
void bind_settings(Config& config, Settings& settings);

}  // namespace weir::app
