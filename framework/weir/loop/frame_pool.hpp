// SPDX-License-Identifier: MIT
// Memory of coroutine frames, recycled: a handler that is a coroutine allocates nothing once its kind has run before.
#pragma once

#include <cstddef>

namespace weir::loop {

/// Frames of up to 2 KiB come from a bounded free list of the calling thread, and go back to that of the thread that
/// ends them; others, and all of them under AddressSanitizer, come from the heap.
///
/// Thread: any.
void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace weir::loop
