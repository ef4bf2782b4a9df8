// SPDX-License-Identifier: MIT
#include <weir/loop/frame_pool.hpp>

#include <array>
#include <new>
#include <utility>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WEIR_FRAMES_FROM_HEAP 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define WEIR_FRAMES_FROM_HEAP 1  // which then sees the use of a frame that has ended
#endif

namespace weir::loop {

#if defined(WEIR_FRAMES_FROM_HEAP)

void* allocate_frame(std::size_t bytes) {
  return ::operator new(bytes);
}
void free_frame(void* frame, std::size_t) noexcept {
  ::operator delete(frame);
}

#else

namespace {

constexpr std::size_t kStepBytes = 64;
constexpr std::size_t kClasses = 32;
constexpr unsigned kKeptPerClassMax = 256;

struct FreeFrame {
  FreeFrame* next;
};

struct FreeList {
  FreeFrame* first = nullptr;
  unsigned length = 0;
};

// Plain data, so that using it needs no guard; Cleaner below gives the memory back at the thread's end.
struct Cache {
  std::array<FreeList, kClasses> lists;
  bool is_closed = false;
};
constinit thread_local Cache cache;

struct Cleaner {
  Cleaner() = default;
  Cleaner(const Cleaner&) = delete;
  Cleaner& operator=(const Cleaner&) = delete;
  ~Cleaner() {
    cache.is_closed = true;
    for (FreeList& list : cache.lists) {
      while (list.first != nullptr) ::operator delete(std::exchange(list.first, list.first->next));
    }
  }
};

void clean_at_thread_end() {
  thread_local const Cleaner cleaner;
  static_cast<void>(cleaner);
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
  if (list.length >= kKeptPerClassMax || cache.is_closed) return ::operator delete(frame);
  if (list.length == 0) clean_at_thread_end();
  list.first = new (frame) FreeFrame{list.first};
  ++list.length;
}

#endif

}  // namespace weir::loop
