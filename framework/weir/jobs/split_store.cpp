// SPDX-License-Identifier: MIT
#include <weir/jobs/split_store.hpp>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace weir::jobs {
namespace {

constexpr Milliseconds kForEver = std::chrono::hours(24 * 365 * 100);

}  // namespace

// What the store beneath does of an operation: first, so that what fails has happened nowhere.
class SplitStore::Part final : public Operation {
 public:
  Part(Work part, Operation& whole, std::function<void(Work&)> then)
      : Operation(std::move(part), whole.durability), whole_(whole), then_(std::move(then)) {}
  void done(Verdict verdict) noexcept override {
    const std::unique_ptr<Part> self(this);
    if (verdict == Verdict::kDone) {
      then_(work);
    } else {
      whole_.failure = failure;
    }
    whole_.done(verdict);
  }

 private:
  Operation& whole_;
  std::function<void(Work&)> then_;
};

SplitStore::SplitStore(Store& beneath, const base::Clock& clock, std::size_t jobs_max)
    : beneath_(beneath), memory_(clock, jobs_max) {
  RegisterWorker entry;
  entry.host = "memory";
  entry.lease = kForEver;
  worker_ = ask(memory_, std::move(entry)).worker;
}

void SplitStore::submit(Operation& operation) {
  std::visit(
      [&]<class W>(W& work) {
        if constexpr (std::is_same_v<W, Enqueue>) {
          const bool is_light = operation.durability == Durability::kMemory;
          (is_light ? static_cast<Store&>(memory_) : beneath_).submit(operation);
        } else if constexpr (std::is_same_v<W, Find> || std::is_same_v<W, Cancel> || std::is_same_v<W, Retry>) {
          (memory_.has(work.id) ? static_cast<Store&>(memory_) : beneath_).submit(operation);
        } else if constexpr (requires { split(operation, work); }) {
          memory_.is_empty() ? beneath_.submit(operation) : split(operation, work);
        } else {
          beneath_.submit(operation);  // of workers
        }
      },
      operation.work);
}

void SplitStore::submit_part(Operation& whole, Work part, std::function<void(Work&)> then) {
  beneath_.submit(*std::make_unique<Part>(std::move(part), whole, std::move(then)).release());  // deletes itself
}

void SplitStore::split(Operation& whole, Claim& work) {
  submit_part(whole, work, [this, &work](Work& part) {
    work = std::get<Claim>(std::move(part));
    // A suspect runs alone.
    if (std::any_of(work.jobs.begin(), work.jobs.end(), [](const ClaimedJob& job) { return job.is_suspect; })) return;
    Claim light;
    light.worker = worker_;
    light.queues = work.queues;
    std::erase_if(light.queues, [](const Claim::From& from) { return from.is_paused; });
    for (Claim::From& from : light.queues) {
      const auto taken = std::count_if(work.jobs.begin(), work.jobs.end(),
                                       [&from](const ClaimedJob& job) { return job.queue == from.queue; });
      from.slots -= std::min(from.slots, static_cast<std::size_t>(taken));
    }
    light = ask(memory_, std::move(light));
    for (ClaimedJob& job : light.jobs) work.jobs.push_back(std::move(job));
    if (light.next_due) work.next_due = std::min(work.next_due.value_or(*light.next_due), *light.next_due);
    work.has_more = work.has_more || light.has_more;
  });
}

// Each item goes where its job is, and its answer to its place.
template <class W, class Item, class Answer>
void SplitStore::split_by_id(Operation& whole, std::vector<Item> W::*asked, std::vector<Answer> W::*answered) {
  W& work = std::get<W>(whole.work);
  W heavy;
  W light;
  std::vector<bool> is_light;
  for (const Item& item : work.*asked) {
    is_light.push_back(memory_.has(item.id));
    ((is_light.back() ? light : heavy).*asked).push_back(item);
  }
  const auto merge = [this, &work, answered, light = std::move(light), is_light = std::move(is_light)](Work& part) {
    const std::vector<Answer> of_light = ask(memory_, light).*answered;
    auto from_light = of_light.begin();
    auto from_heavy = (std::get<W>(part).*answered).begin();
    (work.*answered).clear();
    for (const bool is_in_memory : is_light) {
      (work.*answered).push_back(is_in_memory ? *from_light++ : *from_heavy++);
    }
  };
  if (!(heavy.*asked).empty()) return submit_part(whole, std::move(heavy), merge);
  Work nothing = std::move(heavy);  // the disk is left out of it
  merge(nothing);
  whole.done(Verdict::kDone);
}

void SplitStore::split(Operation& whole, Finish&) {
  split_by_id(whole, &Finish::ended, &Finish::accepted);
}

void SplitStore::split(Operation& whole, Report&) {
  split_by_id(whole, &Report::said, &Report::answers);
}

void SplitStore::split(Operation& whole, Purge& work) {
  submit_part(whole, work, [this, &work](Work& part) {
    work.purged = std::get<Purge>(part).purged + ask(memory_, Purge{.limit = work.limit}).purged;
  });
}

void SplitStore::split(Operation& whole, List& work) {
  submit_part(whole, work, [this, &work](Work& part) {
    List light = ask(memory_, work);
    work = std::get<List>(std::move(part));
    std::move(light.jobs.begin(), light.jobs.end(), std::back_inserter(work.jobs));
    std::sort(work.jobs.begin(), work.jobs.end(),
              [](const JobRecord& a, const JobRecord& b) { return a.id.number > b.id.number; });
    if (work.jobs.size() > work.limit) work.jobs.resize(work.limit);
  });
}

void SplitStore::split(Operation& whole, Stats& work) {
  submit_part(whole, work, [this, &work](Work& part) {
    work = std::get<Stats>(std::move(part));
    for (const Stats::Queue& light : ask(memory_, Stats{}).queues) {
      const auto same = std::find_if(work.queues.begin(), work.queues.end(),
                                     [&light](const Stats::Queue& queue) { return queue.name == light.name; });
      if (same == work.queues.end()) {
        work.queues.push_back(light);
        continue;
      }
      for (std::size_t state = 0; state < std::size(same->count); ++state) same->count[state] += light.count[state];
      if (light.oldest_available) {
        same->oldest_available =
            std::min(same->oldest_available.value_or(*light.oldest_available), *light.oldest_available);
      }
    }
    std::sort(work.queues.begin(), work.queues.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  });
}

}  // namespace weir::jobs
