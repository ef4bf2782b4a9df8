// SPDX-License-Identifier: MIT
#include <weir/jobs/sqlite/sqlite_store.hpp>

#include <weir/db/connection.hpp>
#include <weir/jobs/internal/moment.hpp>
#include <weir/jobs/sqlite/internal/schema.hpp>
#include <weir/jobs/sqlite/internal/session.hpp>

#include <memory>
#include <utility>

namespace weir::jobs {
namespace {

using db::Settlement;
using db::Write;
using internal::Moment;

template <class W>
constexpr bool kIsRead = std::is_same_v<W, Find> || std::is_same_v<W, List> || std::is_same_v<W, Stats>;

Write::Traits traits_of(const Operation& operation) {
  Write::Traits traits;
  // They touch rows of their own: what throws is the disk, or a mistake of ours.
  traits.may_refuse = false;
  traits.may_grow = std::holds_alternative<Enqueue>(operation.work);
  traits.durability = operation.durability == Durability::kFull ? db::Durability::kFull : db::Durability::kRelaxed;
  if (const auto* const enqueue = std::get_if<Enqueue>(&operation.work)) {
    traits.order = Write::Order::kEnqueue;
    for (const NewJob& job : enqueue->jobs) traits.bytes += static_cast<std::uint32_t>(job.payload.size() + 512);
  } else {
    traits.order = std::holds_alternative<Claim>(operation.work) ? Write::Order::kClaim : Write::Order::kFinish;
  }
  return traits;
}

std::string words_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "unknown";
  }
}

Verdict verdict_of(Settlement settlement, const std::exception_ptr& failure) {
  if (settlement == Settlement::kCommitted) return Verdict::kDone;
  if (settlement == Settlement::kUnknown) return Verdict::kUnknown;
  try {
    std::rethrow_exception(failure);
  } catch (const db::DatabaseError& error) {
    if (error.kind() == db::ErrorKind::kFull) return Verdict::kFull;
    if (error.kind() == db::ErrorKind::kBusy) return Verdict::kBusy;
  } catch (...) {
  }
  return Verdict::kUnavailable;
}

}  // namespace

// Owned by its operation, which ends on the thread that has made both: memory that another thread frees costs both of
// them more.
class SqliteStore::Change final : public Write, public Operation::OfStore {
 public:
  Change(SqliteStore& store, Operation& operation)
      : Write(traits_of(operation)), store_(store), operation_(operation) {}

  bool is_new() const { return traits().order == Order::kEnqueue; }
  void refuse() {
    operation_.failure = "too much waits for the disk";
    operation_.done(Verdict::kBusy);
  }

 private:
  void apply(db::Connection& connection) override {
    internal::Session session(connection, Moment::of(store_.clock_), &store_.queues_);
    if (is_lookup_) {
      auto* const claim = std::get_if<Claim>(&operation_.work);
      is_there_ = claim != nullptr ? session.keep_claimed(*claim) : session.has(std::get<Enqueue>(operation_.work));
    } else {
      std::visit(session, operation_.work);
    }
    found_ = std::move(session.found());
  }
  void settled(Settlement settlement, std::exception_ptr failure) noexcept override {
    // A 202 is never guessed at, and what was claimed would be nobody's: jobs whose commit broke off are looked for.
    const bool is_found_again = is_new() || std::holds_alternative<Claim>(operation_.work);
    if (settlement == Settlement::kUnknown && is_found_again && !is_lookup_) {
      is_lookup_ = true;
      return store_.file_.submit(*this);
    }
    if (settlement == Settlement::kCommitted) {
      store_.queues_.merge(found_);
    } else {
      store_.queues_.clear();
    }
    if (failure) operation_.failure = words_of(failure);
    if (!is_lookup_) return operation_.done(verdict_of(settlement, failure));
    if (settlement != Settlement::kCommitted) return operation_.done(Verdict::kUnknown);
    if (!is_there_) operation_.failure = "the store failed during the commit";
    operation_.done(is_there_ ? Verdict::kDone : Verdict::kUnavailable);
  }

  SqliteStore& store_;
  Operation& operation_;
  internal::QueueNumbers found_;
  bool is_lookup_ = false;
  bool is_there_ = false;
};

SqliteStore::SqliteStore(db::Sqlite& file, const base::Clock& clock) : file_(file), clock_(clock) {
  file_.transact_and_wait([](db::Connection& connection) { internal::migrate(connection); });
}

void SqliteStore::back_up(const std::string& path, const std::string& target) {
  {
    db::Connection original({.path = path, .is_read_only = true, .vfs = {}});
    original.run("VACUUM INTO ?", target);
  }
  db::Connection copy({.path = target, .is_read_only = false, .vfs = {}});
  copy.execute(
      "BEGIN; UPDATE job SET claim = claim + 4294967296; UPDATE job_done SET claim = claim + 4294967296; COMMIT");
}

void SqliteStore::submit(Operation& operation) {
  const bool is_read = std::visit([]<class W>(const W&) { return kIsRead<W>; }, operation.work);
  if (is_read) return read(operation);
  auto made = std::make_unique<Change>(*this, operation);
  Change& change = *made;
  operation.of_store = std::move(made);
  if (!change.is_new()) return file_.submit(change);
  if (!file_.try_submit(change)) change.refuse();
}

void SqliteStore::read(Operation& operation) {
  const auto ask = [this, &operation](db::Connection& connection) noexcept {
    Verdict verdict = Verdict::kDone;
    try {
      internal::Session session(connection, Moment::of(clock_));
      std::visit(session, operation.work);
    } catch (const std::exception& error) {
      operation.failure = error.what();
      verdict = Verdict::kUnavailable;
    }
    operation.done(verdict);
  };
  if (file_.try_read(ask)) return;
  operation.failure = "too many reads wait";
  operation.done(Verdict::kBusy);
}

Enqueue SqliteStore::enqueue(db::Connection& connection, Enqueue jobs) const {
  internal::Session session(connection, Moment::of(clock_), &queues_);
  session(jobs);
  return jobs;
}

}  // namespace weir::jobs
