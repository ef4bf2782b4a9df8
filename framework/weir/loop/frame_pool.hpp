// SPDX-License-Identifier: MIT
// Memory of coroutine frames, recycled: a handler that is a coroutine allocates nothing once its kind has run before.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

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

#if !defined(WEIR_FRAMES_FROM_HEAP)

namespace detail {

struct FreeFrame {
  FreeFrame* next;
};

struct FreeFrames {
  FreeFrame* first = nullptr;
  unsigned length = 0;
};

// Plain data, so that using it needs no guard; the memory is given back at the thread's end.
struct FrameCache {
  enum class State : unsigned char { kUnused, kOpen, kClosed };
  static constexpr std::size_t kStepBytes = 32;
  static constexpr std::size_t kClasses = 64;
  static constexpr unsigned kKeptPerClassMax = 128;

  std::array<FreeFrames, kClasses> lists;
  State state = State::kUnused;
};
extern constinit thread_local FrameCache frame_cache;

void open_and_free_frame(void* frame, std::size_t bytes) noexcept;

}  // namespace detail

#endif

/// Frames of up to 2 KiB come from a bounded free list of the calling thread, and go back to that of the thread that
/// ends them; others, and all of them under AddressSanitizer, which then sees the use of one that has ended, come from
/// the heap.
///
/// Thread: any. Inline, whatever the compiler thinks: the size is known where a coroutine is.
[[gnu::always_inline]] inline void* allocate_frame(std::size_t bytes) {
#if defined(WEIR_FRAMES_FROM_HEAP)
  return ::operator new(bytes);
#else
  using detail::FrameCache;
  const std::size_t size_class = (bytes - 1) / FrameCache::kStepBytes;
  if (size_class >= FrameCache::kClasses) return ::operator new(bytes);
  detail::FreeFrames& list = detail::frame_cache.lists[size_class];
  if (list.first == nullptr) return ::operator new((size_class + 1) * FrameCache::kStepBytes);
  --list.length;
  return std::exchange(list.first, list.first->next);
#endif
}

[[gnu::always_inline]] inline void free_frame(void* frame, std::size_t bytes) noexcept {
#if defined(WEIR_FRAMES_FROM_HEAP)
  static_cast<void>(bytes);
  ::operator delete(frame);
#else
  using detail::FrameCache;
  const std::size_t size_class = (bytes - 1) / FrameCache::kStepBytes;
  if (size_class >= FrameCache::kClasses) return ::operator delete(frame);
  detail::FreeFrames& list = detail::frame_cache.lists[size_class];
  if (detail::frame_cache.state != FrameCache::State::kOpen) [[unlikely]]
    return detail::open_and_free_frame(frame, bytes);
  if (list.length >= FrameCache::kKeptPerClassMax) return ::operator delete(frame);
  list.first = new (frame) detail::FreeFrame{list.first};
  ++list.length;
#endif
}

}  // namespace weir::loop
