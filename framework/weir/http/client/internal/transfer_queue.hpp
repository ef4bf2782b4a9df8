// SPDX-License-Identifier: MIT
// Which transfers run now, and which wait for a connection.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

namespace weir::http::internal {

/// First come, first served, within bounds for all and for each origin; who waits for a busy origin holds up nobody
/// else. (libcurl has such bounds, too, but wakes only the first that waits, whether it can go on or not, and lets no
/// time-out pass meanwhile.)
///
/// Invariant: nobody waits whom the bounds would let run.
class TransferQueue {
 public:
  struct Bounds {
    std::size_t running_max;
    std::size_t running_per_origin_max;
    std::size_t waiting_max;
  };
  struct Origin {
    std::size_t members = 0;
    std::size_t running = 0;
  };

  /// Ownership: leaves the queue before it goes.
  class Member {
   public:
    Member() = default;
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    virtual ~Member() = default;

   private:
    friend class TransferQueue;
    /// Its turn has come. Must not enter or leave.
    virtual void start() noexcept = 0;
    std::unordered_map<std::string, Origin>::iterator origin_;
    std::list<Member*>::iterator waiting_;
    bool is_running_ = false;
  };

  explicit TransferQueue(Bounds bounds) : bounds_(bounds) {}
  TransferQueue(const TransferQueue&) = delete;
  TransferQueue& operator=(const TransferQueue&) = delete;
  ~TransferQueue();

  /// Starts it, now or later. Returns false, with it not entered, when too many wait.
  [[nodiscard]] bool enter(Member& member, const std::string& origin);
  /// May start one that waits.
  void leave(Member& member);

 private:
  bool has_room(const Origin& origin) const;
  void run(Member& member);
  void run_next();

  Bounds bounds_;
  std::size_t running_ = 0;
  std::unordered_map<std::string, Origin> origins_;
  std::list<Member*> waiting_;
};

}  // namespace weir::http::internal
