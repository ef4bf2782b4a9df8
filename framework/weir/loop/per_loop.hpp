// SPDX-License-Identifier: MIT
// State that handlers share without a lock: one copy per loop.
#pragma once

#include <weir/base/unique_function.hpp>
#include <weir/loop/loop.hpp>

#include <atomic>
#include <concepts>
#include <mutex>
#include <utility>

namespace weir::loop {
namespace detail {

/// Tells the threads apart that run no loop, such as a pool's.
inline const void* key_of_thread() {
  constinit static thread_local char key = 0;
  return &key;
}

}  // namespace detail

/// One T for each loop, made when that loop first asks for it; for a thread that runs no loop at the moment, one for
/// the thread. Handlers are called through const from several loops at once, and this is how they keep a cache or a
/// count without a lock:
///
///     PerLoop<Cache> caches([] { return Cache(1000); });  // or PerLoop<Cache> caches; for a default one
///     app.get("/").handle([&caches] { return caches.local().find("/"); });
///
/// Thread:    any. Each T is used by its loop alone, so by one thread at a time.
/// Ownership: owns every T until its own end, which is when none of the loops runs any more; a T is destroyed on the
///            thread that destroys this. So T must hold nothing that belongs to its loop and has to be closed there. A
///            loop that is made where one has died in memory takes over what that one had.
template <class T>
class PerLoop {
 public:
  PerLoop()
    requires std::default_initializable<T>
      : PerLoop([] { return T(); }) {}
  /// `make` is called by one thread at a time. It may throw, which local() hands on, and must not ask this object.
  explicit PerLoop(base::UniqueFunction<T()> make) : make_(std::move(make)) {}
  PerLoop(const PerLoop&) = delete;
  PerLoop& operator=(const PerLoop&) = delete;
  ~PerLoop() {
    for (Node* node = first_.load(std::memory_order_acquire); node != nullptr;) {
      delete std::exchange(node, node->next);
    }
  }

  /// That of the current loop. Without a lock, in as many steps as there are loops, but for the first time.
  T& local() const {
    const Loop* const loop = Loop::find_current();
    const void* const key = loop != nullptr ? static_cast<const void*>(loop) : detail::key_of_thread();
    for (Node* node = first_.load(std::memory_order_acquire); node != nullptr; node = node->next) {
      if (node->key == key) return node->value;
    }
    return make_for(key);
  }

 private:
  // Never removed or changed once it is in the list: that is what lets others walk it.
  struct Node {
    Node(const void* key_in, base::UniqueFunction<T()>& make) : key(key_in), value(make()) {}
    const void* const key;
    Node* next = nullptr;
    T value;
  };

  T& make_for(const void* key) const {
    const std::lock_guard lock(mutex_);
    auto* const node = new Node(key, make_);
    node->next = first_.load(std::memory_order_relaxed);
    first_.store(node, std::memory_order_release);
    return node->value;
  }

  mutable std::atomic<Node*> first_{nullptr};
  mutable std::mutex mutex_;  // guards making
  mutable base::UniqueFunction<T()> make_;
};

}  // namespace weir::loop
