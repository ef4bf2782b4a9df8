// SPDX-License-Identifier: MIT
#include "store_model_text.hpp"

#include <algorithm>
#include <optional>
#include <sstream>
#include <vector>

namespace weir::jobs {
namespace {

/// "name=value" after "name=value".
class Fields {
 public:
  template <class T>
  Fields& operator()(const char* name, const T& value) {
    out_ << ' ' << name << '=' << value;
    return *this;
  }
  Fields& operator()(const char* name, StoreTime value) { return (*this)(name, value.time_since_epoch().count()); }
  Fields& operator()(const char* name, Milliseconds value) { return (*this)(name, value.count()); }
  Fields& operator()(const char* name, JobState value) { return (*this)(name, name_of(value)); }
  Fields& operator()(const char* name, const JobId& value) { return (*this)(name, value.text()); }
  template <class T>
  Fields& operator()(const char* name, const std::optional<T>& value) {
    return value ? (*this)(name, *value) : (*this)(name, "none");
  }
  Fields& line(const std::string& text) {
    out_ << "\n  " << text;
    return *this;
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

// A store's own words are its own, but for those that are promised.
std::string error_kind(const std::string& error) {
  if (error.empty() || error.starts_with(kSaid)) return error;
  for (const char* const promised : {"poison", "expired"}) {
    if (error.find(promised) != std::string::npos) return promised;
  }
  return "its own words";
}

std::string text_of(const ClaimedJob& job) {
  return Fields()("id", job.id)("claim", job.claim)("queue", job.queue)("kind", job.kind)("payload", job.payload)(
             "traceparent", job.traceparent)("checkpoint", job.checkpoint)("attempt", job.attempt)(
             "max_attempts", job.max_attempts)("crashes", job.crashes)("is_suspect", job.is_suspect)(
             "timeout", job.timeout)("created", job.created)
      .text();
}

std::string text_of(const Stats::Queue& queue) {
  Fields fields;
  fields("queue", queue.name)("is_paused", queue.is_paused)("oldest", queue.oldest_available);
  for (const std::size_t count : queue.count) fields("", count);
  return fields.text();
}

}  // namespace

// Without the version, of which only the growth is promised.
std::string text_of(const JobRecord& job) {
  const bool is_coming = job.state == JobState::kScheduled || job.state == JobState::kRetryable;
  const bool is_running = job.state == JobState::kRunning;
  return Fields()("id", job.id)("state", job.state)("queue", job.queue)("kind", job.kind)("lane", job.lane)(
             "attempt", job.attempt)("max_attempts", job.max_attempts)("crashes", job.crashes)("claim", job.claim)(
             "progress", job.progress)("progress_text", job.progress_text)(
             "is_cancel_asked", is_running && job.is_cancel_asked)("created", job.created)(
             "run_at", is_coming ? std::optional(job.run_at) : std::nullopt)("finished", job.finished)(
             "payload", job.payload)("result", job.result)("error", error_kind(job.error))("traceparent",
                                                                                           job.traceparent)
      .text();
}

std::string text_of(const Enqueue& work, const PlaceOf&) {
  Fields fields;
  fields("refusal", static_cast<int>(work.refusal))("is_replay", work.is_replay);
  for (const Enqueue::Stored& stored : work.stored) {
    fields.line(Fields()("id", stored.id)("is_new", stored.is_new).text());
  }
  return fields.text();
}

std::string text_of(const Claim& work, const PlaceOf&) {
  Fields fields;
  fields("next_due", work.next_due)("has_more", work.has_more)("has_suspects", work.has_suspects);
  for (const ClaimedJob& job : work.jobs) fields.line(text_of(job));
  return fields.text();
}

std::string text_of(const Finish& work, const PlaceOf&) {
  Fields fields;
  for (const Finish::Accepted& accepted : work.accepted) {
    fields.line(Fields()("is_accepted", accepted.is_accepted)("state", accepted.state).text());
  }
  return fields.text();
}

std::string text_of(const Report& work, const PlaceOf&) {
  Fields fields;
  for (const Report::Answer& answer : work.answers) {
    fields.line(Fields()("is_current", answer.is_current)("is_cancel_asked", answer.is_cancel_asked).text());
  }
  return fields.text();
}

std::string text_of(const Cancel& work, const PlaceOf&) {
  return Fields()("answer", static_cast<int>(work.answer)).text();
}

std::string text_of(const Retry& work, const PlaceOf&) {
  return Fields()("answer", static_cast<int>(work.answer)).text();
}

std::string text_of(const Pause&, const PlaceOf&) {
  return "";
}

std::string text_of(const RegisterWorker&, const PlaceOf&) {
  return "";
}

std::string text_of(const Beat& work, const PlaceOf&) {
  return Fields()("is_alive", work.is_alive).text();
}

std::string text_of(const RemoveWorker& work, const PlaceOf&) {
  return Fields()("given_back", work.given_back).text();
}

std::string text_of(const Rescue& work, const PlaceOf& place_of) {
  Fields fields;
  fields("rescued", work.rescued)("discarded", work.discarded);
  std::vector<std::size_t> declared;
  for (const std::int64_t worker : work.declared) declared.push_back(place_of(worker));
  std::sort(declared.begin(), declared.end());
  for (const std::size_t place : declared) fields("declared", place);
  return fields.text();
}

std::string text_of(const Purge& work, const PlaceOf&) {
  return Fields()("purged", work.purged).text();
}

std::string text_of(const Find& work, const PlaceOf&) {
  return work.found ? text_of(*work.found) : " none";
}

std::string text_of(const List& work, const PlaceOf&) {
  Fields fields;
  for (const JobRecord& job : work.jobs) fields.line(text_of(job));
  return fields.text();
}

// Queues that nothing is in and nobody paused may be shown or not.
std::string text_of(const Stats& work, const PlaceOf& place_of) {
  std::vector<std::string> lines;
  for (const Stats::Queue& queue : work.queues) {
    const bool is_empty = std::all_of(std::begin(queue.count), std::end(queue.count), [](auto n) { return n == 0; });
    if (!is_empty || queue.is_paused) lines.push_back(text_of(queue));
  }
  for (const Stats::Worker& worker : work.workers) {
    lines.push_back(Fields()("worker", place_of(worker.number))("host", worker.host)("process", worker.process)(
                        "is_dead", worker.is_dead)("lease_left", worker.lease_left.count())("running", worker.running)
                        .text());
  }
  std::sort(lines.begin(), lines.end());
  Fields fields;
  for (const std::string& line : lines) fields.line(line);
  return fields.text();
}

}  // namespace weir::jobs
