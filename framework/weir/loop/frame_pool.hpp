// SPDX-License-Identifier: MIT
// Memory of coroutine frames, recycled: a handler that is a coroutine allocates nothing once its kind has run before.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define WEIR_FRAMES_FROM_HEAP 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_FRAMES_FROM_HEAP 1
#endif
#endif

namespace weir::loop {

/// False under AddressSanitizer.
#if defined(WEIR_FRAMES_FROM_HEAP)
inline constexpr bool kFramesAreRecycled = false;
#else
inline constexpr bool kFramesAreRecycled = true;
#endif

/// Frames of up to 2 KiB come from a bounded free list of the calling thread, and go back to that of the thread that
/// ends them; others, and all of them under AddressSanitizer, come from the heap.
///
/// Thread: any.
void* allocate_frame(std::size_t bytes);
void free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace weir::loop
