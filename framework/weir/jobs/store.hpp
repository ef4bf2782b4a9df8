// SPDX-License-Identifier: MIT
// Where jobs are kept: what an engine may ask of a store, whichever it is.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/jobs/job_id.hpp>
#include <weir/jobs/job_state.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::jobs {

/// Times in a store: milliseconds of the calendar, by the store's own clock. What is due, ends or is over at a time is
/// so from that very millisecond on. Leases are the exception: they last for a time that passes, however the calendar
/// is set meanwhile.
using StoreTime = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

inline constexpr int kLanes = 5;  ///< 0 goes first.
inline constexpr int kUsualLane = 2;

/// How much a crash of the machine may undo of what was answered.
enum class Durability : std::uint8_t {
  kFull,     ///< Nothing.
  kRelaxed,  ///< The newest, until the next kFull; of the process alone: nothing.
  kMemory,   ///< All: it ends with the process, and is run by this one alone.
};

// ---- what is stored ----

struct NewJob {
  JobId id;
  std::string queue = "default";
  std::string kind;
  std::string payload;           ///< JSON
  std::string traceparent = {};  ///< Of the request; empty when there is none.
  int lane = kUsualLane;
  Milliseconds delay{0};  ///< From now; more than 0: kScheduled.
  int max_attempts = 20;
  Milliseconds timeout{60'000};  ///< Of one attempt; 0: none.
  Milliseconds lifetime{0};      ///< From now until it is discarded unless it is final; 0: for ever.
  Milliseconds keep_completed{86'400'000};
  Milliseconds keep_failed{1'209'600'000};     ///< Of discarded and cancelled ones.
  std::optional<std::string> unique_key = {};  ///< No other living job has it.
};

/// A job that has been claimed: the store's promise that nobody else has it under this number.
struct ClaimedJob {
  JobId id;
  std::int64_t claim = 0;  ///< Only grows; every finish carries it.
  std::string queue;
  std::string kind;
  std::string payload;
  std::string traceparent;
  std::string checkpoint;  ///< What earlier attempts left; empty at first.
  int attempt = 0;         ///< From 1.
  int max_attempts = 0;
  int crashes = 0;          ///< How often a worker died while it had it: of it, or with it.
  bool is_suspect = false;  ///< Its worker died: it runs alone in its process.
  Milliseconds timeout{0};
  StoreTime created{};
};

/// All that is known of a job.
struct JobRecord {
  JobId id;
  std::string queue;
  std::string kind;
  JobState state = JobState::kAvailable;
  int lane = kUsualLane;
  int attempt = 0;
  int max_attempts = 0;
  int crashes = 0;
  std::int64_t claim = 0;
  std::int64_t version = 0;  ///< Grows with every change that clients can see.
  double progress = 0;       ///< 0 to 1; each attempt begins with 0 and no text.
  std::string progress_text;
  bool is_cancel_asked = false;  ///< Of running ones.
  StoreTime created{};
  StoreTime run_at{};  ///< Of scheduled and retryable ones: when they are due.
  std::optional<StoreTime> finished;
  std::string payload;
  std::string result;  ///< JSON; of completed ones
  std::string error;   ///< Of the last failure that had words, or death of a worker, whatever came after.
  std::string traceparent;
};

// ---- what is asked: inputs first, then what the store fills in ----

/// Stores jobs. One whose unique_key a living job has is not stored; `stored` names that one in its place.
struct Enqueue {
  /// The first answer to a key is the answer to all requests with it. Source: draft-ietf-httpapi-idempotency-key.
  struct Idempotency {
    std::string scope;
    std::string key;
    std::string fingerprint;  ///< Of the request: another one under the same key is refused.
    Milliseconds keep{86'400'000};
  };
  struct Stored {
    JobId id;
    bool is_new = true;
  };
  std::vector<NewJob> jobs;
  std::optional<Idempotency> idempotency = {};  ///< Then `jobs` is one.
  /// Living jobs of the first job's queue, all of `jobs` counted in; refused as kQueueFull if they were more.
  std::optional<std::size_t> queue_depth_max = {};

  enum class Refusal : std::uint8_t { kNone, kQueueFull, kOtherRequest };
  Refusal refusal = Refusal::kNone;
  std::vector<Stored> stored;  ///< One for each of `jobs`.
  bool is_replay = false;      ///< The key was known: `stored` is the first answer's, is_new too.
};

/// Takes jobs for a worker that is alive: those that are due, by lane, then in the order of their ids, from queues that
/// are not paused; queue by queue, as asked. First makes available what is due, and discards what has outlived its
/// lifetime and does not run, with "expired" in its error. For a worker that is not alive nothing happens.
///
/// A suspect (its last worker died) runs alone in its process: it is given, by itself, to a worker that has nothing
/// running, before all others; it is passed over for a worker that has, and one that runs a suspect gets nothing.
struct Claim {
  struct From {
    std::string queue;
    std::size_t slots = 0;
    std::optional<std::size_t> running_max = {};  ///< Of this queue, over all workers.

    bool is_paused = false;
  };
  std::int64_t worker = 0;
  std::vector<From> queues;

  std::vector<ClaimedJob> jobs;
  std::optional<StoreTime> next_due;  ///< The earliest of what is scheduled or retryable, in any queue.
  bool has_more = false;              ///< An asked queue that is not paused has more that is available.
  bool has_suspects = false;          ///< One of these is a suspect: it waits for a worker to have nothing running.
};

/// The ends of attempts. One under another than the current claim changes nothing, and is not accepted. A success under
/// the current claim is accepted also when the job was taken from its worker meanwhile (kAvailable, kRetryable), as
/// nobody else has begun it; any other end only while it runs.
///
/// kFailed: kRetryable after `delay` while attempts are left, else kDiscarded. Where a cancel has been asked for, every
/// end but a success is kCancelled, and the attempt stays counted. An end clears the suspicion, unless it is
/// kGivenBack: that one has not shown that it does no harm.
struct Finish {
  enum class Outcome : std::uint8_t { kSucceeded, kFailed, kDiscarded, kSnoozed, kGivenBack, kCancelled };
  struct Ended {
    JobId id;
    std::int64_t claim = 0;
    Outcome outcome = Outcome::kSucceeded;
    std::string text = {};  ///< JSON of the result, or words for the failure, if any; not of kSnoozed and kGivenBack.
    Milliseconds delay{0};  ///< Of kFailed and kSnoozed: until the next attempt.
  };
  std::vector<Ended> ended;

  struct Accepted {
    bool is_accepted = false;
    JobState state = JobState::kCompleted;  ///< What it is now, also when not accepted; of one that is known.
  };
  std::vector<Accepted> accepted;
};

/// What a running job says of itself: the newest wins. Not accepted under another than the current claim.
struct Report {
  struct Said {
    JobId id;
    std::int64_t claim = 0;
    std::optional<double> progress = {};
    std::string text = {};  ///< Empty and without progress: as it was.
    std::optional<std::string> checkpoint = {};
  };
  struct Answer {
    bool is_current = false;  ///< It runs, and under this claim.
    bool is_cancel_asked = false;
  };
  std::vector<Said> said;
  std::vector<Answer> answers;
};

/// Ends a job that does not run; marks one that does, for its worker to see. Its secret is compared.
struct Cancel {
  JobId id;
  enum class Answer : std::uint8_t { kNotFound, kCancelled, kMarked, kFinalAlready };
  Answer answer = Answer::kNotFound;
};

/// Runs a final job again. Raises its claim by one, so that no end of before is accepted. Attempts, crashes and
/// progress are counted anew, its checkpoint is kept, its lifetime is for ever. kTaken: a living job has its unique key
/// now. Its secret is compared.
struct Retry {
  JobId id;
  enum class Answer : std::uint8_t { kNotFound, kAvailable, kNotFinal, kTaken };
  Answer answer = Answer::kNotFound;
};

/// Stops or resumes claims from a queue.
struct Pause {
  std::string queue;
  bool is_paused = true;
};

/// A process that runs jobs makes itself known.
struct RegisterWorker {
  std::string host;
  std::int64_t process = 0;
  Milliseconds lease{15'000};
  std::int64_t worker = 0;  ///< Its number from here on, never given to another.
};
/// Prolongs its lease. Not alive: it was declared dead, and its jobs are others' now.
struct Beat {
  std::int64_t worker = 0;
  Milliseconds lease{15'000};
  bool is_alive = false;
};
/// It ends in order: gives back what it still has, as by kGivenBack. Nothing happens when it was declared dead.
struct RemoveWorker {
  std::int64_t worker = 0;
  std::size_t given_back = 0;  ///< Without those for which a cancel was asked.
};
/// Declares workers dead, those named and those whose lease is over, and takes their jobs from them. Each becomes a
/// suspect. The first time it is kAvailable at once; the n-th time kRetryable, due after 2^(n-2) seconds, at most 64.
/// One for which a cancel was asked is kCancelled. One that was a suspect already, so that it ran alone when its worker
/// died, counts that death: with a crash mark towards `crash_marks_max`, else towards `crashes_max`; having reached it,
/// it is discarded, with "poison" in its error. All these counts last until a Retry. The attempt stays counted; running
/// out of attempts does not end a job here.
struct Rescue {
  struct Dead {
    std::int64_t worker = 0;
    bool has_crash_mark = false;  ///< It left word that it crashed: a signal of its own doing, no SIGKILL.
  };
  std::vector<Dead> dead;
  std::int64_t self = 0;  ///< Who asks lives, whatever its lease says; 0: none of them.
  int crash_marks_max = 3;
  int crashes_max = 20;
  std::size_t rescued = 0;             ///< Will run again.
  std::size_t discarded = 0;           ///< Poison.
  std::vector<std::int64_t> declared;  ///< Whom it declared dead.
};

/// Removes final jobs, keys and dead workers whose time is over, at most `limit` of each.
struct Purge {
  std::size_t limit = 500;
  Milliseconds keep_workers{86'400'000};  ///< Dead ones, from when they were declared so.
  std::size_t purged = 0;                 ///< All together.
};

/// One job, living or final; its secret is compared.
struct Find {
  JobId id;
  std::optional<JobRecord> found = {};
};
/// The newest first.
struct List {
  std::optional<JobState> state = {};
  std::optional<std::string> queue = {};
  std::optional<std::string> kind = {};
  std::int64_t before = INT64_MAX;  ///< Numbers below this: where the last page ended.
  std::size_t limit = 50;
  std::vector<JobRecord> jobs;  ///< Without payloads, traceparents and results.
};
struct Stats {
  struct Queue {
    std::string name;
    bool is_paused = false;
    std::size_t count[8] = {};                       ///< By state; final ones as far as they are kept.
    std::optional<StoreTime> oldest_available = {};  ///< When the one that waits longest was due.
  };
  struct Worker {
    std::int64_t number = 0;
    std::string host;
    std::int64_t process = 0;
    bool is_dead = false;
    Milliseconds lease_left{};  ///< 0 of dead ones.
    std::size_t running = 0;
  };
  std::vector<Queue> queues;
  std::vector<Worker> workers;
};

using Work = std::variant<Enqueue, Claim, Finish, Report, Cancel, Retry, Pause, RegisterWorker, Beat, RemoveWorker,
                          Rescue, Purge, Find, List, Stats>;

/// How an operation went, as a whole.
enum class Verdict : std::uint8_t {
  kDone,
  kBusy,         ///< Too much waits, or the store is held; nothing happened.
  kFull,         ///< No room for more; nothing happened. What makes no new jobs is done even then.
  kUnavailable,  ///< The store failed; nothing happened.
  kUnknown,      ///< The store failed during the commit: it may have happened or not.
};

/// One question to a store, and its answer.
///
/// Ownership: borrowed by the store from submit until done(), which may destroy it.
class Operation {
 public:
  explicit Operation(Work asked, Durability wanted = Durability::kFull) : work(std::move(asked)), durability(wanted) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;
  virtual ~Operation() = default;

  /// On a thread of the store's, or that of submit; must not wait. The last thing that the store does with it.
  virtual void done(Verdict verdict) noexcept = 0;

  /// What a store keeps with it.
  class OfStore {
   public:
    OfStore() = default;
    OfStore(const OfStore&) = delete;
    OfStore& operator=(const OfStore&) = delete;
    virtual ~OfStore() = default;
  };

  Work work;
  Durability durability;
  std::string failure;  ///< Why, in words, unless kDone.
  std::unique_ptr<OfStore> of_store;
};

/// Keeps jobs. What an operation has changed is there once it is done, as durable as it asked for, whatever crashes;
/// operations of several threads and processes happen one after the other.
///
/// Thread:    submit on any.
/// Ownership: ends after everything that was submitted is done.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual void submit(Operation& operation) = 0;
  /// Called when another process may have made work for this one's workers, or ended a job. Set once, before use.
  virtual void on_change(std::function<void()> changed) = 0;
};

/// Does one piece of work and waits for it: for tools and tests, not on a loop.
/// Errors: throws StoreError.
class StoreError : public std::runtime_error {
 public:
  StoreError(Verdict why, const std::string& message) : std::runtime_error(message), verdict(why) {}
  Verdict verdict;
};
Work run_and_wait(Store& store, Work work, Durability durability = Durability::kFull);
template <class W>
W ask(Store& store, W work, Durability durability = Durability::kFull) {
  return std::get<W>(run_and_wait(store, Work(std::move(work)), durability));
}

}  // namespace weir::jobs
