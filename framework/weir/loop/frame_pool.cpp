// SPDX-License-Identifier: MIT
#include <weir/loop/frame_pool.hpp>

#if !defined(WEIR_FRAMES_FROM_HEAP)

namespace weir::loop::detail {

constinit thread_local FrameCache frame_cache;

namespace {

struct Cleaner {
  Cleaner() = default;
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  ~Cleaner() {
    frame_cache.state = FrameCache::State::kClosed;
    for (FreeFrames& list : frame_cache.lists) {
      while (list.first != nullptr) ::operator delete(std::exchange(list.first, list.first->next));
    }
  }
};

void clean_at_thread_end() {
  thread_local const Cleaner cleaner;
  static_cast<void>(cleaner);
}

}  // namespace

// The first frame that a thread gives back, or one after the thread's end.
void open_and_free_frame(void* frame, std::size_t bytes) noexcept {
  if (frame_cache.state == FrameCache::State::kClosed) return ::operator delete(frame);
  clean_at_thread_end();
  frame_cache.state = FrameCache::State::kOpen;
  free_frame(frame, bytes);
}

}  // namespace weir::loop::detail

#endif
