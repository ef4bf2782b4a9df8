// SPDX-License-Identifier: MIT
// A piece of work for the one thread that writes to a file.
#pragma once

#include <cstdint>
#include <exception>

namespace weir::db {

class Connection;
namespace internal {
class Writer;
}

/// What a 202 rests on: how much of a commit a crash of the machine may undo.
enum class Durability : unsigned char {
  kFull,     ///< Nothing: the log is on stable storage before the write is settled.
  kRelaxed,  ///< The newest commits, until the next full one. A crash of the process alone undoes nothing.
};

/// What became of a write.
enum class Settlement : unsigned char {
  kCommitted,
  kRefused,  ///< It threw, and nothing of it is there; the others of its transaction are not concerned.
  kFailed,   ///< The transaction failed; nothing of it is there.
  kUnknown,  ///< The disk failed during the commit: it may be there or not. Look for it before you answer.
};

/// Work that is done within the next transaction of a file, together with whatever else came meanwhile, and settled
/// when that has been committed (group commit). An intrusive node: handing it over allocates nothing and cannot fail.
///
/// Thread:    apply and settled run on the file's writer thread.
/// Ownership: borrowed by the writer from submit until settled() is called, which may destroy it.
class Write {
 public:
  /// In which order the writes of one transaction go: what makes room first.
  enum class Order : unsigned char { kFinish, kEnqueue, kClaim };

  struct Traits {
    Order order = Order::kEnqueue;
    Durability durability = Durability::kFull;
    /// It throws when the data are against it, so that it needs a savepoint of its own. Else a throw fails it, too, but
    /// costs the others a second run.
    bool may_refuse = true;
    /// It makes the file larger: refused (kFull) when the disk has nothing but the reserve left.
    bool may_grow = true;
    std::uint32_t bytes = 0;  ///< About what it adds, towards the bound of one transaction.
  };

  explicit Write(const Traits& traits) : traits_(traits) {}
  Write(const Write&) = delete;
  Write& operator=(const Write&) = delete;
  virtual ~Write() = default;

  const Traits& traits() const { return traits_; }

 protected:
  /// Within a transaction. May be called again when that had to be undone: touches nothing but the database and this
  /// object. Errors: DatabaseError and what else it throws refuse it.
  virtual void apply(Connection& connection) = 0;
  /// `failure`: why, unless committed.
  virtual void settled(Settlement settlement, std::exception_ptr failure) noexcept = 0;

 private:
  friend class internal::Writer;
  Traits traits_;
  Write* next_ = nullptr;
};

}  // namespace weir::db
