// SPDX-License-Identifier: MIT
#include "store_model.hpp"

#include "store_model_text.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <sstream>
#include <stdexcept>
#include <typeinfo>

namespace weir::jobs {
namespace {

constexpr std::array<const char*, 3> kQueues{"default", "reports", "mail"};
constexpr std::size_t kNowhere = 999;  // the place of a worker that no store knows

template <class T>
std::string name_of_type() {
  const std::unique_ptr<char, void (*)(void*)> name(abi::__cxa_demangle(typeid(T).name(), nullptr, nullptr, nullptr),
                                                    std::free);
  return name.get();
}

// The lines of a text that another one lacks.
std::string lines_beyond(const std::string& text, const std::string& other) {
  const auto lines_of = [](const std::string& all) {
    std::vector<std::string> lines;
    std::istringstream in(all);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  };
  const std::vector<std::string> others = lines_of(other);
  std::string beyond;
  for (const std::string& line : lines_of(text)) {
    if (std::find(others.begin(), others.end(), line) == others.end()) beyond += "\n    " + line;
  }
  return beyond.empty() ? "\n    the same lines, in another order" : beyond;
}

class Difference : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One store, and what the same worker is called there.
struct Side {
  StoreHome& home;
  std::unique_ptr<Store> store;
  std::vector<std::int64_t> workers = {};
  std::map<JobId, std::int64_t> versions = {};

  std::int64_t number_of(std::size_t place) const { return place < workers.size() ? workers[place] : 1'000'000; }
  std::size_t place_of(std::int64_t number) const {
    for (std::size_t place = 0; place < workers.size(); ++place) {
      if (workers[place] == number) return place;
    }
    return kNowhere;
  }
};

class ModelRun {
 public:
  ModelRun(StoreHome& one, StoreHome& other, std::uint64_t seed, ModelCoverage& coverage)
      : random_(seed), coverage_(coverage), one_{one, one.open(clock_)}, other_{other, other.open(clock_)} {}

  void step(std::size_t number) {
    step_ = number;
    if (one_in(3)) pass_time();
    const std::size_t kind = below(100);
    if (kind < 15) return enqueue();
    if (kind < 37) return claim();
    if (kind < 55) return finish();
    if (kind < 63) return report();
    if (kind < 68) return cancel();
    if (kind < 75) return retry();
    if (kind < 78) return pause();
    if (kind < 81) return register_worker();
    if (kind < 85) return beat();
    if (kind < 87) return remove_worker();
    if (kind < 94) return rescue();
    if (kind < 95) return purge();
    if (kind < 98) return find(any_id());
    list();
  }

  void compare_all() {
    List all;
    all.limit = 1'000'000;
    both(all);
    for (const JobId& id : ids_) find(id);
    both(Stats{});
  }

  void reopen() {
    for (Side* side : {&one_, &other_}) {
      if (!side->home.outlives_store()) continue;
      side->store.reset();
      side->store = side->home.open(clock_);
      ++coverage_["store opened again"];
    }
  }

 private:
  // ---- chance ----

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  bool one_in(std::size_t bound) { return below(bound) == 0; }
  Milliseconds up_to(Milliseconds most) { return Milliseconds(below(static_cast<std::size_t>(most.count()) + 1)); }
  std::string any_queue() { return kQueues[below(kQueues.size())]; }
  std::string any_kind() { return one_in(2) ? "resize" : "send"; }

  // Mostly a late one: the others are likely to be purged.
  JobId any_id() {
    if (ids_.empty() || one_in(30)) return {1'000'000'000, 1};
    JobId id =
        one_in(4) ? ids_[below(ids_.size())] : ids_[ids_.size() - 1 - below(std::min<std::size_t>(ids_.size(), 20))];
    if (one_in(20)) ++id.secret;
    return id;
  }
  // Mostly one whose end nobody has accepted yet.
  const ClaimedJob* any_claimed() {
    const std::vector<ClaimedJob>& from = one_in(4) || open_.empty() ? claimed_ : open_;
    if (from.empty()) return nullptr;
    return &from[from.size() - 1 - below(std::min<std::size_t>(from.size(), 12))];
  }
  std::size_t any_worker() {
    if (one_in(30)) return kNowhere;
    const std::size_t count = one_.workers.size();
    return count == 0 ? kNowhere : count - 1 - below(one_in(5) ? count : std::min<std::size_t>(count, 4));
  }

  // To the millisecond at which something is due, as often as to any other.
  void pass_time() {
    const std::size_t kind = below(40);
    if (kind == 0) return clock_.advance(up_to(seconds(200)));
    if (kind == 1) return clock_.set_calendar(up_to(seconds(200)) - seconds(100));
    clock_.advance(kind < 20 ? Milliseconds(1'000 * below(5)) : up_to(seconds(3)));
  }

  // ---- the same of both ----

  template <class W>
  W ask_side(Side& side, W work, std::size_t worker) {
    if constexpr (requires { work.worker; }) work.worker = side.number_of(worker);
    return ask(*side.store, std::move(work));
  }

  template <class W>
  std::pair<W, W> both(const W& work, std::size_t worker = kNowhere) {
    return compare(ask_side(one_, work, worker), ask_side(other_, work, worker));
  }

  template <class W>
  std::pair<W, W> compare(W one, W other) {
    const std::string text = text_of(one, [this](std::int64_t number) { return one_.place_of(number); });
    const std::string other_text = text_of(other, [this](std::int64_t number) { return other_.place_of(number); });
    if (text != other_text) differ(name_of_type<W>(), lines_beyond(text, other_text), lines_beyond(other_text, text));
    return {std::move(one), std::move(other)};
  }

  [[noreturn]] void differ(const std::string& what, const std::string& one, const std::string& other) const {
    throw Difference("step " + std::to_string(step_) + ", " + what + "\n one:" + one + "\n other:" + other);
  }

  // ---- what is asked ----

  void enqueue() {
    Enqueue work;
    const std::size_t count = one_in(5) ? 1 + below(4) : 1;
    for (std::size_t i = 0; i < count; ++i) work.jobs.push_back(new_job());
    if (one_in(4)) work.queue_depth_max = 3 + below(40);
    if (count == 1 && one_in(5)) {
      work.idempotency = {.scope = one_in(2) ? "a" : "b",
                          .key = std::to_string(below(3)),
                          .fingerprint = one_in(4) ? "x" : "y",
                          .keep = up_to(seconds(60))};
    }
    const Enqueue done = both(work).first;
    for (const NewJob& job : work.jobs) ids_.push_back(job.id);
    coverage_["replay"] += done.is_replay ? 1 : 0;
    coverage_["other request"] += done.refusal == Enqueue::Refusal::kOtherRequest ? 1 : 0;
    coverage_["queue full"] += done.refusal == Enqueue::Refusal::kQueueFull ? 1 : 0;
    for (const Enqueue::Stored& stored : done.stored) coverage_["twin"] += stored.is_new ? 0 : 1;
  }

  NewJob new_job() {
    NewJob job;
    job.id = {++last_id_ * 3, random_()};
    job.queue = any_queue();
    job.kind = any_kind();
    job.payload = "{\"n\":" + std::to_string(last_id_) + "}";
    if (one_in(3)) job.traceparent = "00-" + std::to_string(last_id_);
    if (one_in(3)) job.lane = static_cast<int>(below(kLanes));
    if (one_in(4)) job.delay = one_in(2) ? seconds(below(10)) : up_to(seconds(30));
    if (one_in(2)) job.max_attempts = 1 + static_cast<int>(below(4));
    if (one_in(10)) job.lifetime = up_to(seconds(60));
    if (one_in(3)) job.unique_key = std::to_string(below(4));
    job.timeout = up_to(seconds(60));
    job.keep_completed = up_to(seconds(400));
    job.keep_failed = up_to(seconds(400));
    return job;
  }

  void claim() {
    Claim work;
    const std::size_t count = one_in(20) ? 0 : 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      work.queues.push_back({.queue = any_queue(), .slots = below(6)});
      if (one_in(4)) work.queues.back().running_max = below(5);
    }
    const Claim done = both(work, any_worker()).first;
    claimed_.insert(claimed_.end(), done.jobs.begin(), done.jobs.end());
    open_.insert(open_.end(), done.jobs.begin(), done.jobs.end());
    for (const ClaimedJob& job : done.jobs) {
      ++coverage_["claim"];
      coverage_["claim of a suspect"] += job.is_suspect ? 1 : 0;
      coverage_["claim with a checkpoint"] += job.checkpoint.empty() ? 0 : 1;
    }
    coverage_["suspect passed over"] += done.has_suspects ? 1 : 0;
  }

  void finish() {
    Finish work;
    const std::size_t count = 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) {
      const ClaimedJob* job = any_claimed();
      if (job == nullptr) return;
      work.ended.push_back({.id = job->id,
                            .claim = job->claim,
                            .outcome = one_in(2) ? static_cast<Outcome>(below(6)) : Outcome::kSucceeded,
                            .text = one_in(5) ? "" : kSaid + std::to_string(++words_),
                            .delay = one_in(2) ? seconds(below(6)) : up_to(seconds(20))});
    }
    std::vector<JobState> before;
    for (const Finish::Ended& ended : work.ended) {
      const auto found = ask(*one_.store, Find{.id = ended.id}).found;
      before.push_back(found ? found->state : JobState::kWaiting);
    }
    const Finish done = both(work).first;
    for (std::size_t i = 0; i < count; ++i) {
      if (!done.accepted[i].is_accepted) {
        ++coverage_["end refused"];
        continue;
      }
      ++coverage_["end accepted"];
      std::erase_if(open_, [&](const ClaimedJob& job) { return job.id == work.ended[i].id; });
      ++coverage_[std::string("ended ") + std::string(name_of(done.accepted[i].state))];
      coverage_["late success"] += before[i] == JobState::kRunning ? 0 : 1;
    }
  }

  void report() {
    Report work;
    const std::size_t count = 1 + below(2);
    for (std::size_t i = 0; i < count; ++i) {
      const ClaimedJob* job = any_claimed();
      if (job == nullptr) return;
      Report::Said said{.id = job->id, .claim = job->claim};
      ++words_;  // never the same twice, so that a report is a change
      if (!one_in(3)) said.progress = static_cast<double>(words_) / 1'048'576;
      if (!one_in(3)) said.text = std::to_string(words_);
      if (one_in(3)) said.checkpoint = std::string("c\0", 2) + std::to_string(words_);
      work.said.push_back(std::move(said));
    }
    for (const Report::Answer& answer : both(work).first.answers) {
      coverage_["report"] += answer.is_current ? 1 : 0;
      coverage_["report told of a cancel"] += answer.is_cancel_asked ? 1 : 0;
    }
  }

  void cancel() {
    const Cancel done = both(Cancel{.id = one_in(2) && !claimed_.empty() ? any_claimed()->id : any_id()}).first;
    ++coverage_["cancel " + std::to_string(static_cast<int>(done.answer))];
  }

  void retry() {
    const Retry done = both(Retry{.id = one_in(2) && !claimed_.empty() ? any_claimed()->id : any_id()}).first;
    ++coverage_["retry " + std::to_string(static_cast<int>(done.answer))];
  }

  void pause() { both(Pause{.queue = any_queue(), .is_paused = one_in(5)}); }

  void register_worker() {
    const RegisterWorker work{
        .host = "host", .process = static_cast<std::int64_t>(below(1'000)), .lease = seconds(15) + up_to(seconds(200))};
    for (Side* side : {&one_, &other_}) {
      const std::int64_t number = ask(*side->store, work).worker;
      if (side->place_of(number) != kNowhere) differ("a number given again", "", "");
      side->workers.push_back(number);
    }
  }

  void beat() {
    const std::size_t worker = any_worker();
    both(Beat{.lease = seconds(15) + up_to(seconds(200))}, worker);
  }

  void remove_worker() {
    const std::size_t worker = any_worker();
    coverage_["given back"] += both(RemoveWorker{}, worker).first.given_back;
  }

  void rescue() {
    std::vector<std::size_t> dead;
    if (one_in(2)) dead.push_back(any_worker());
    if (one_in(4)) dead.push_back(any_worker());
    const bool has_crash_mark = one_in(2);
    const int crash_marks_max = 1 + static_cast<int>(below(3));
    const int crashes_max = 1 + static_cast<int>(below(4));
    std::vector<Rescue> done;
    for (Side* side : {&one_, &other_}) {
      Rescue work;
      for (const std::size_t place : dead) work.dead.push_back({side->number_of(place), has_crash_mark});
      work.crash_marks_max = crash_marks_max;
      work.crashes_max = crashes_max;
      done.push_back(ask(*side->store, std::move(work)));
    }
    compare(done[0], done[1]);
    coverage_["rescue"] += done[0].rescued;
    coverage_["poison"] += done[0].discarded;
    coverage_["lapsed or named dead"] += done[0].declared.size();
  }

  void purge() {
    coverage_["purge"] += both(Purge{.limit = 1'000'000, .keep_workers = up_to(seconds(300))}).first.purged;
  }

  // Whether a version grew is the same on both sides; it never falls.
  void find(const JobId& id) {
    const auto [one, other] = both(Find{.id = id});
    if (!one.found) return;
    std::int64_t& seen = one_.versions[id];
    std::int64_t& other_seen = other_.versions[id];
    const bool has_grown = one.found->version > seen;
    const bool has_other_grown = other.found->version > other_seen;
    if (has_grown != has_other_grown || one.found->version < seen || other.found->version < other_seen) {
      differ("version of " + id.text() + " grew", has_grown ? " yes" : " no", has_other_grown ? " yes" : " no");
    }
    seen = one.found->version;
    other_seen = other.found->version;
    coverage_["expired"] += has_grown && one.found->error == "expired" ? 1 : 0;
  }

  void list() {
    List work;
    if (one_in(2)) work.state = static_cast<JobState>(below(8));
    if (one_in(2)) work.queue = any_queue();
    if (one_in(2)) work.kind = any_kind();
    if (one_in(2)) work.before = any_id().number;
    work.limit = below(20);
    both(work);
  }

  base::ManualClock clock_;
  std::mt19937_64 random_;
  ModelCoverage& coverage_;
  Side one_;
  Side other_;
  std::vector<JobId> ids_;
  std::vector<ClaimedJob> claimed_;
  std::vector<ClaimedJob> open_;
  std::int64_t last_id_ = 0;
  std::int64_t words_ = 0;
  std::size_t step_ = 0;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text != nullptr ? std::stoull(text) : otherwise;
}

}  // namespace

std::optional<std::string> find_difference(StoreHome& one, StoreHome& other, std::uint64_t seed, std::size_t steps,
                                           ModelCoverage& coverage) {
  try {
    ModelRun run(one, other, seed, coverage);
    for (std::size_t step = 1; step <= steps; ++step) {
      run.step(step);
      if (step % 100 == 0) run.compare_all();
      if (step % 500 == 250) run.reopen();
    }
    run.compare_all();
  } catch (const Difference& difference) {
    return "JOBS_MODEL_SEED=" + std::to_string(seed) + " JOBS_MODEL_RUNS=1 shows it: " + difference.what();
  }
  return std::nullopt;
}

std::optional<std::string> find_difference_in_runs(const StoreKind& one, const StoreKind& other, std::size_t runs,
                                                   std::size_t steps, ModelCoverage& coverage) {
  const std::uint64_t first = number_from("JOBS_MODEL_SEED", 1);
  const std::uint64_t count = number_from("JOBS_MODEL_RUNS", runs);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const auto home = one.make_home();
    const auto other_home = other.make_home();
    auto difference = find_difference(*home, *other_home, seed, steps, coverage);
    if (difference) return difference;
  }
  return std::nullopt;
}

}  // namespace weir::jobs
