// SPDX-License-Identifier: MIT
// A file system for SQLite that counts, fails, and loses what was not synced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace weir::db {

/// Lies over SQLite's own file system, under a name of its own. A sync is noted, and not passed on: so tests are fast,
/// and what "is on stable storage" is known exactly.
///
/// An operation is a write, a truncation or a sync of any file but the shared memory.
///
/// Thread:    any.
/// Ownership: outlives the connections that use it.
class FaultVfs {
 public:
  enum class Fault : unsigned char {
    kIo,      ///< The operation fails with an I/O error; a write may have been done by half.
    kNoRoom,  ///< A write fails with "no room", by half; truncations and syncs fail with an I/O error.
  };
  enum class Lasts : unsigned char { kOnce, kOn };
  /// The content of the files, by their paths.
  using Image = std::map<std::string, std::string>;

  FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;
  ~FaultVfs();

  const std::string& name() const { return name_; }
  std::size_t syncs() const;
  std::size_t operations() const;

  /// Lets the operation that comes as the `nth` from now on fail (1: the next).
  void fail_at(std::size_t nth, Fault fault, Lasts lasts);
  /// How many operations have failed.
  std::size_t failures() const;
  void heal();
  /// Lets the files grow by that much, together; unbounded when empty.
  void set_room(std::optional<std::int64_t> bytes);
  /// Calls `function` on the thread of the `nth` operation from now on, before that happens.
  void call_at(std::size_t nth, std::function<void()> function);

  /// What the files would hold after a loss of power at this moment: what was synced, and of the rest nothing (seed 0),
  /// a part of it that ends within a write, or any sectors of it.
  Image after_power_loss(std::uint32_t seed) const;
  /// Writes the image of the database `from` as the database `to`.
  static void restore(const Image& image, const std::string& from, const std::string& to);

 private:
  struct Native;
  std::string name_;
  std::unique_ptr<Native> native_;
};

}  // namespace weir::db
