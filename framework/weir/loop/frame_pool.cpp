// SPDX-License-Identifier: MIT
#include <weir/loop/frame_pool.hpp>

#include <array>
#include <new>
#include <utility>

namespace weir::loop {

#if defined(WEIR_FRAMES_FROM_HEAP)  // which then sees the use of a frame that has ended

void* allocate_frame(std::size_t bytes) {
  return ::operator new(bytes);
}
void free_frame(void* frame, std::size_t) noexcept {
  ::operator delete(frame);
}

#else

namespace {

constexpr std::size_t kStepBytes = 32;
constexpr std::size_t kClasses = 64;
constexpr unsigned kKeptPerClassMax = 128;

struct FreeFrame {
  FreeFrame* next;
};

struct FreeList {
  FreeFrame* first = nullptr;
  unsigned length = 0;
};

// Plain data, so that using it needs no guard; Cleaner below gives the memory back at the thread's end.
struct Cache {
  enum class State : unsigned char { kUnused, kOpen, kClosed };
  std::array<FreeList, kClasses> lists;
  State state = State::kUnused;
};
constinit thread_local Cache cache;

struct Cleaner {
  Cleaner() = default;
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  ~Cleaner() {
    cache.state = Cache::State::kClosed;
    for (FreeList& list : cache.lists) {
      while (list.first != nullptr) ::operator delete(std::exchange(list.first, list.first->next));
    }
  }
};

void clean_at_thread_end() {
  thread_local const Cleaner cleaner;
  static_cast<void>(cleaner);
}

// The first frame that a thread gives back, or one after the thread's end. Apart, so that the others save no registers.
[[gnu::noinline]] void open_and_free(void* frame, std::size_t bytes) noexcept {
  if (cache.state == Cache::State::kClosed) return ::operator delete(frame);
  clean_at_thread_end();
  cache.state = Cache::State::kOpen;
  free_frame(frame, bytes);
}

std::size_t class_of(std::size_t bytes) {
  return (bytes - 1) / kStepBytes;
}

}  // namespace

void* allocate_frame(std::size_t bytes) {
  const std::size_t size_class = class_of(bytes);
  if (size_class >= kClasses) return ::operator new(bytes);
  FreeList& list = cache.lists[size_class];
  if (list.first == nullptr) return ::operator new((size_class + 1) * kStepBytes);
  --list.length;
  return std::exchange(list.first, list.first->next);
}

void free_frame(void* frame, std::size_t bytes) noexcept {
  const std::size_t size_class = class_of(bytes);
  if (size_class >= kClasses) return ::operator delete(frame);
  FreeList& list = cache.lists[size_class];
  if (cache.state != Cache::State::kOpen) [[unlikely]]
    return open_and_free(frame, bytes);
  if (list.length >= kKeptPerClassMax) return ::operator delete(frame);
  list.first = new (frame) FreeFrame{list.first};
  ++list.length;
}

#endif

}  // namespace weir::loop
