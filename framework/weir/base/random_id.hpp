// SPDX-License-Identifier: MIT
// Unguessable identifiers.
#pragma once

#include <array>
#include <string>

namespace weir::base {

/// 32 lower-case hexadecimal digits (128 random bits of the system's generator).
///
/// Thread: any.
std::string random_id();

}  // namespace weir::base
