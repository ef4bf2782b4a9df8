// SPDX-License-Identifier: MIT
#include <weir/jobs/job_sink.hpp>

#include <weir/base/text.hpp>
#include <weir/jobs/internal/answers.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace weir::jobs {
namespace {

using internal::problem;
using internal::problem_of;

constexpr std::size_t kKeyBytesMax = 255;

/// 128 bits of FNV-1a from two starts: enough to tell one client's requests apart, which is all that they are for.
class Fingerprint {
 public:
  void add(std::string_view text) {
    for (const char c : text) {
      for (std::size_t i = 0; i < state_.size(); ++i) {
        state_[i] = (state_[i] ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        if (i == 1) state_[i] ^= state_[i] >> 29U;
      }
    }
    const std::uint64_t length = text.size();
    state_[0] ^= length;
    state_[1] += length * 0x9e3779b97f4a7c15U;
  }
  std::string bytes() const { return {reinterpret_cast<const char*>(state_.data()), sizeof state_}; }

 private:
  std::array<std::uint64_t, 2> state_{0xcbf29ce484222325U, 0x84222325cbf29ce4U};
};

// The key as it is compared: a string of RFC 8941, or the bare text that most clients send. Nullopt: it is none.
std::optional<std::string> parse_key(std::string_view field) {
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
  const bool is_visible =
      std::all_of(field.begin(), field.end(), [](char c) { return c > 0x20 && c < 0x7f && c != '"'; });
  if (field.empty() || field.size() > kKeyBytesMax || !is_visible) return std::nullopt;
  return std::string(field);
}

// Whose key it is: two clients may choose the same one. Where no middleware has found out who asks, by whatever a
// client may be known by.
std::string scope_of(const routing::Context& context) {
  Fingerprint hash;
  hash.add(context.principal());
  if (context.principal().empty()) {
    for (const char* const name : {"Authorization", "Cookie", "X-API-Key"}) hash.add(context.header(name).value_or(""));
  }
  return std::string(context.route()) + '\n' + hash.bytes();
}

class Sink final : public routing::JobSink {
 public:
  Sink(std::shared_ptr<const JobType> type, std::shared_ptr<const JobLink> link)
      : type_(std::move(type)), link_(std::move(link)) {}

  loop::Task<http::Response> accept(routing::Context& context, std::string payload) override;

 private:
  std::optional<http::Response> add_key(const routing::Context& context, Enqueue& work) const;
  loop::Task<http::Response> store(JobService& service, Enqueue work, std::optional<std::chrono::seconds> wait) const;
  JobRecord record_of(const NewJob& job, const base::Clock& clock) const;

  std::shared_ptr<const JobType> type_;
  std::shared_ptr<const JobLink> link_;
};

loop::Task<http::Response> Sink::accept(routing::Context& context, std::string payload) {
  try {
    JobService& service = link_->service();
    Enqueue work;
    work.jobs.push_back(type_->make(service.make_id(), std::move(payload)));
    work.queue_depth_max = type_->queue_depth_max;
    if (context.header("traceparent")) work.jobs.front().traceparent = context.traceparent();
    if (auto refusal = add_key(context, work)) co_return std::move(*refusal);
    auto stored = store(service, std::move(work), internal::wanted_wait(context));
    co_return co_await std::move(stored);
  } catch (const StoreError& error) {
    context.log().error("jobs.refused", {{"kind", type_->kind}, {"why", error.what()}});
    co_return problem_of(error);
  }
}

std::optional<http::Response> Sink::add_key(const routing::Context& context, Enqueue& work) const {
  const auto field = context.header("Idempotency-Key");
  if (!field) return std::nullopt;
  auto key = parse_key(base::trim(*field));
  if (!key) {
    return problem(400, "idempotency-key-invalid", "An Idempotency-Key has 1 to 255 visible ASCII characters.");
  }
  Fingerprint fingerprint;
  fingerprint.add(http::to_string(context.request().method()));
  fingerprint.add(context.request().target());
  fingerprint.add(context.header("Content-Type").value_or(""));
  fingerprint.add(context.body());
  work.idempotency =
      Enqueue::Idempotency{.scope = scope_of(context), .key = std::move(*key), .fingerprint = fingerprint.bytes()};
  return std::nullopt;
}

// As it is, without asking the store for what was just given to it.
JobRecord Sink::record_of(const NewJob& job, const base::Clock& clock) const {
  JobRecord record;
  record.id = job.id;
  record.queue = job.queue;
  record.kind = job.kind;
  record.state = job.delay.count() > 0 ? JobState::kScheduled : JobState::kAvailable;
  record.max_attempts = job.max_attempts;
  record.version = 1;
  record.created = std::chrono::floor<Milliseconds>(clock.wall_now());
  record.run_at = record.created + job.delay;
  return record;
}

loop::Task<http::Response> Sink::store(JobService& service, Enqueue work,
                                       std::optional<std::chrono::seconds> wait) const {
  const base::Clock& clock = loop::Loop::current().clock();
  auto asked = service.ask(std::move(work), type_->durability);
  const Enqueue done = co_await std::move(asked);
  if (done.refusal == Enqueue::Refusal::kQueueFull) {
    co_return problem(503, "queue-full", "The queue of these jobs is full at the moment.");
  }
  if (done.refusal == Enqueue::Refusal::kOtherRequest) {
    co_return problem(422, "idempotency-key-reused", "This Idempotency-Key was used for another request.");
  }
  service.wake();
  const Enqueue::Stored stored = done.stored.front();
  std::optional<JobRecord> record;
  if (wait || !stored.is_new || done.is_replay) {
    // It is stored: whatever fails from here on, the answer says so.
    try {
      auto waited = internal::wait_for(service, stored.id, wait.value_or(std::chrono::seconds(0)));
      record = co_await std::move(waited);
    } catch (const StoreError&) {
    }
  }
  if (!record) record = record_of(done.jobs.front(), clock);
  record->id = stored.id;
  const bool is_answered_now = wait && is_final(record->state);
  http::Response response = internal::answer_with(*record, is_answered_now ? 200 : 202, type_->durability);
  response.set_header("Location", "/jobs/" + stored.id.text());
  if (wait) response.set_header("Preference-Applied", "wait=" + std::to_string(wait->count()));
  if (done.is_replay) response.set_header("Idempotency-Replayed", "true");
  co_return response;
}

}  // namespace

std::shared_ptr<routing::JobSink> make_job_sink(std::shared_ptr<const JobType> type,
                                                std::shared_ptr<const JobLink> link) {
  return std::make_shared<Sink>(std::move(type), std::move(link));
}

}  // namespace weir::jobs
