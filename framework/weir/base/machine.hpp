// SPDX-License-Identifier: MIT
// What the machine, or the container's share of it, really offers.
#pragma once

#include <cstdint>
#include <string>

namespace weir::base {

/// The processors that this process may keep busy: its affinity mask, cut down to the cgroup's CPU quota (v2 or v1),
/// rounded up. At least 1.
///
/// Thread: any; reads files, so not on a loop.
unsigned available_cores();

/// The bytes of memory that this process may use: the cgroup's limit (v2 or v1), or all of the machine's where there is
/// none.
///
/// Thread: any; reads files, so not on a loop.
std::uint64_t available_memory();

/// Another after every boot of the machine; empty where the kernel does not say.
///
/// Thread: any; reads a file, the first time.
const std::string& boot_id();

}  // namespace weir::base
