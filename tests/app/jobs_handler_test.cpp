// SPDX-License-Identifier: MIT
// What handlers of jobs may be, do and get.
#include "jobs_fixture.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir {
namespace {

using namespace std::chrono_literals;

class JobsHandlerTest : public JobsTest {
 protected:
  /// POST /it is a job that this runs, with a first retry after a minute.
  template <class F>
  void handle(F handler, int max_attempts = 20) {
    app.post("/it").as_job(app.job<Order>("it")
                               .queue("it")
                               .max_attempts(max_attempts)
                               .backoff([](int attempt) { return std::chrono::minutes(attempt); })
                               .handle(std::move(handler)));
  }
  /// The job, as it is once nothing is due any more.
  TestResponse run(TestClient& client) {
    location = order(client, "/it");
    client.run_jobs();
    return client.get(location);
  }
  TestResponse run_later(TestClient& client, std::chrono::nanoseconds later) {
    client.advance(later);
    client.run_jobs();
    return client.get(location);
  }
  std::string location;
};

// ---- shapes and results ----

TEST_F(JobsHandlerTest, FunctionOfThePayload) {
  handle([](const Order& order) { return Receipt{order.name, order.count}; });
  TestClient client(app);
  run(client).expect_json_at("/result", R"({"name":"tea","attempt":1})");
}

TEST_F(JobsHandlerTest, CoroutineOfThePayload) {
  handle([](const Order& order) -> Task<Receipt> { co_return Receipt{order.name, 7}; });
  TestClient client(app);
  run(client).expect_json_at("/result", R"({"name":"tea","attempt":7})");
}

TEST_F(JobsHandlerTest, CoroutineThatWaits) {
  handle([](const Order& order, JobContext& job) -> Task<Receipt> {
    co_await job.sleep(1ms);
    co_return Receipt{order.name, job.attempt()};
  });
  TestClient client(app);
  run(client).expect_json_at("/result", R"({"name":"tea","attempt":1})");
}

TEST_F(JobsHandlerTest, CoroutineWithoutAResult) {
  handle([](const Order&, JobContext& job) -> Task<void> { co_await job.sleep(1ms); });
  TestClient client(app);
  const TestResponse job = run(client);
  job.expect_json_at("/status", R"("succeeded")");
  EXPECT_FALSE(parse(job).contains("result")) << job.body;
}

TEST_F(JobsHandlerTest, FunctionWithoutAResult) {
  handle([](const Order&) {});
  TestClient client(app);
  const TestResponse job = run(client);
  job.expect_json_at("/status", R"("succeeded")");
  EXPECT_FALSE(parse(job).contains("result")) << job.body;
}

TEST_F(JobsHandlerTest, ResultMayBeText) {
  handle([](const Order& order) { return "\"" + order.name + "\"\n"; });
  TestClient client(app);
  run(client).expect_json_at("/result", R"("\"tea\"\n")");
}

TEST_F(JobsHandlerTest, ResultMayBeANumber) {
  handle([](const Order& order) { return order.count; });
  TestClient client(app);
  run(client).expect_json_at("/result", "1");
}

TEST_F(JobsHandlerTest, ResultMayBeAList) {
  handle([](const Order& order) { return std::vector<Order>{order, order}; });
  TestClient client(app);
  run(client).expect_json_at("/result", R"([{"name":"tea","count":1},{"name":"tea","count":1}])");
}

TEST_F(JobsHandlerTest, HandlerMayHoldWhatCannotBeCopied) {
  struct Unique {
    explicit Unique(int number) : value(number) {}
    Unique(Unique&&) = default;
    int value;
  };
  handle([count = Unique(3)](const Order&) { return count.value; });
  TestClient client(app);
  run(client).expect_json_at("/result", "3");
}

TEST_F(JobsHandlerTest, DeclaredResultIsThatOfTheHandler) {
  const Job<Order, Receipt> declared = app.job<Order, Receipt>("declared").handle([](const Order& order) {
    return Receipt{order.name, 1};
  });
  app.post("/it").as_job(declared);
  TestClient client(app);
  run(client).expect_json_at("/result/name", R"("tea")");
}

TEST_F(JobsHandlerTest, ContextTellsWhichAttemptOfWhichJobItIs) {
  handle([](const Order&, JobContext& job) {
    return std::vector<std::string>{job.id(),
                                    job.idempotency_key(),
                                    job.kind(),
                                    std::to_string(job.attempt()),
                                    std::to_string(job.max_attempts()),
                                    job.is_last_attempt() ? "last" : "not last",
                                    job.checkpoint(),
                                    job.traceparent()};
  });
  TestClient client(app);
  const TestResponse job = run(client);
  const std::string id = member(job, "id");
  job.expect_json_at("/result", R"([")" + id + R"(",")" + id + R"(","it","1","20","not last","",""])");
}

TEST_F(JobsHandlerTest, TraceOfTheRequestComesAlong) {
  handle([](const Order&, JobContext& job) { return job.traceparent(); });
  TestClient client(app);
  const std::string trace = "00-0af7651916cd43dd8448eb211c80319c-";
  location = client.post("/it", kOrder, {{"Content-Type", kJson}, {"traceparent", trace + "b7ad6b7169203331-01"}})
                 .header("Location")
                 .value();
  client.run_jobs();
  const std::string ours = member(client.get(location), "result");  // as a step of the request's own
  EXPECT_EQ(ours.substr(0, trace.size()), trace);
  EXPECT_NE(ours.substr(trace.size()), "b7ad6b7169203331-01");
}

// ---- how an attempt ends ----

TEST_F(JobsHandlerTest, ExceptionIsAFailureThatIsTriedAgain) {
  handle([](const Order&) { throw std::runtime_error("no \"tea\""); });
  TestClient client(app);
  run(client)
      .expect_header("Retry-After", "1")
      .expect_json_at("/status", R"("queued")")
      .expect_json_at("/state", R"("retryable")")
      .expect_json_at("/attempt", "1")
      .expect_json_at("/error", R"("no \"tea\"")")
      .expect_json_at("/next_attempt_at", R"("2026-01-01T00:01:00Z")");
}

TEST_F(JobsHandlerTest, ExceptionOfACoroutineIsAFailureToo) {
  handle([](const Order&, JobContext& job) -> Task<void> {
    co_await job.sleep(1ms);
    throw std::runtime_error("no tea");
  });
  TestClient client(app);
  run(client).expect_json_at("/state", R"("retryable")").expect_json_at("/error", R"("no tea")");
}

TEST_F(JobsHandlerTest, WhateverIsThrownIsAFailure) {
  handle([](const Order&) { throw 7; });
  TestClient client(app);
  run(client).expect_json_at("/state", R"("retryable")").expect_json_at("/error", R"("an unknown exception")");
}

TEST_F(JobsHandlerTest, SuccessAfterAFailureKeepsItsError) {
  handle([](const Order&, JobContext& job) {
    if (job.attempt() < 3) throw std::runtime_error("failure " + std::to_string(job.attempt()));
    return job.attempt();
  });
  TestClient client(app);
  run(client);
  run_later(client, 1min).expect_json_at("/attempt", "2").expect_json_at("/state", R"("retryable")");
  run_later(client, 2min - 1ms).expect_json_at("/state", R"("retryable")");
  run_later(client, 1ms)
      .expect_json_at("/status", R"("succeeded")")
      .expect_json_at("/result", "3")
      .expect_json_at("/error", R"("failure 2")");
}

TEST_F(JobsHandlerTest, LastFailureIsTheEnd) {
  handle([](const Order&,
            JobContext& job) { throw std::runtime_error(job.is_last_attempt() ? "at last" : "not the last"); },
         2);
  TestClient client(app);
  run(client).expect_json_at("/state", R"("retryable")").expect_json_at("/error", R"("not the last")");
  run_later(client, 1min)
      .expect_no_header("Retry-After")
      .expect_json_at("/status", R"("failed")")
      .expect_json_at("/state", R"("discarded")")
      .expect_json_at("/attempt", "2")
      .expect_json_at("/error", R"("at last")");
}

TEST_F(JobsHandlerTest, DiscardIsTheEnd) {
  handle([](const Order&, JobContext& job) { job.discard("no such tea"); });
  TestClient client(app);
  run(client)
      .expect_json_at("/status", R"("failed")")
      .expect_json_at("/attempt", "1")
      .expect_json_at("/error", R"("no such tea")");
}

TEST_F(JobsHandlerTest, CancelIsTheEnd) {
  handle([](const Order&, JobContext& job) { job.cancel("not wanted"); });
  TestClient client(app);
  run(client).expect_json_at("/status", R"("cancelled")").expect_json_at("/error", R"("not wanted")");
}

TEST_F(JobsHandlerTest, SnoozeDoesNotCountAsAnAttempt) {
  handle(
      [first = std::make_shared<std::atomic<bool>>(true)](const Order&, JobContext& job) {
        if (first->exchange(false)) job.snooze(30s);
        return job.attempt();
      },
      1);
  TestClient client(app);
  run(client)
      .expect_json_at("/status", R"("queued")")
      .expect_json_at("/state", R"("scheduled")")
      .expect_json_at("/attempt", "0")
      .expect_json_at("/next_attempt_at", R"("2026-01-01T00:00:30Z")");
  run_later(client, 30s).expect_json_at("/status", R"("succeeded")").expect_json_at("/result", "1");
}

TEST_F(JobsHandlerTest, RetryInIsAFailureWithADelayOfItsOwn) {
  handle([](const Order&, JobContext& job) {
    if (job.attempt() == 1) job.retry_in(5s, "not yet");
    return job.attempt();
  });
  TestClient client(app);
  run(client)
      .expect_json_at("/state", R"("retryable")")
      .expect_json_at("/error", R"("not yet")")
      .expect_json_at("/next_attempt_at", R"("2026-01-01T00:00:05Z")");
  run_later(client, 5s).expect_json_at("/result", "2");
}

TEST_F(JobsHandlerTest, RunJobsRunsWhatIsDueAgainAtOnce) {
  handle([](const Order&, JobContext& job) {
    if (job.attempt() < 10) job.retry_in(0s, "not yet");
    return job.attempt();
  });
  TestClient client(app);
  run(client).expect_json_at("/result", "10");
}

TEST_F(JobsHandlerTest, EndOfACoroutineIsThrownThroughItsCallers) {
  handle([](const Order&, JobContext& job) -> Task<void> {
    const auto inner = [](JobContext* context) -> Task<void> {
      co_await context->sleep(1ms);
      try {
        context->discard("from within");
      } catch (const std::exception&) {
        throw std::logic_error("caught");
      }
    };
    auto task = inner(&job);
    co_await std::move(task);
  });
  TestClient client(app);
  run(client).expect_json_at("/status", R"("failed")").expect_json_at("/error", R"("from within")");
}

TEST_F(JobsHandlerTest, BackoffThatThrowsHasTheUsualDelay) {
  app.post("/it").as_job(app.job<Order>("it")
                             .backoff([](int) -> std::chrono::milliseconds { throw std::logic_error("no delay"); })
                             .handle([](const Order&, JobContext& job) {
                               if (job.attempt() == 1) throw std::runtime_error("no tea");
                             }));
  TestClient client(app);
  run(client).expect_json_at("/state", R"("retryable")").expect_json_at("/error", R"("no tea")");
  run_later(client, 2s).expect_json_at("/status", R"("succeeded")");
}

// ---- time ----

TEST_F(JobsHandlerTest, FunctionThatTakesTooLongIsAskedToStop) {
  app.post("/it").as_job(app.job<Order>("it").timeout(20ms).max_attempts(1).handle(
      [this](const Order&, JobContext& job) { gate.pass(job); }));
  TestClient client(app);
  run(client).expect_json_at("/status", R"("failed")").expect_json_at("/error", R"("timed out after 20 ms")");
}

TEST_F(JobsHandlerTest, CoroutineThatTakesTooLongIsCancelled) {
  app.post("/it").as_job(app.job<Order>("it").timeout(20ms).max_attempts(1).handle(
      [](const Order&, JobContext& job) -> Task<void> { co_await job.sleep(1h); }));
  TestClient client(app);
  run(client).expect_json_at("/status", R"("failed")").expect_json_at("/error", R"("timed out after 20 ms")");
}

TEST_F(JobsHandlerTest, WhatEndsWellInSpiteOfItsTimeHasSucceeded) {
  app.post("/it").as_job(app.job<Order>("it").timeout(20ms).handle([](const Order&, JobContext& job) {
    while (!job.is_stop_requested()) std::this_thread::yield();
    return std::string("done");
  }));
  TestClient client(app);
  run(client).expect_json_at("/status", R"("succeeded")");
}

TEST_F(JobsHandlerTest, CancelledCoroutineIsCancelled) {
  std::atomic<bool> is_there{false};
  handle([&is_there](const Order&, JobContext& job) -> Task<void> {
    is_there = true;
    co_await job.sleep(1h);
  });
  TestClient client(app);
  location = order(client, "/it");
  ASSERT_TRUE(client.run_until([&] { return is_there.load(); }));
  client.del(location).expect_status(202);
  client.run_jobs();
  client.get(location).expect_json_at("/status", R"("cancelled")");
}

TEST_F(JobsHandlerTest, WhatEndsWellThoughCancelledHasSucceeded) {
  std::atomic<bool> is_there{false};
  handle([&is_there](const Order&, JobContext& job) {
    is_there = true;
    while (!job.is_stop_requested()) std::this_thread::yield();
    return std::string("done");
  });
  TestClient client(app);
  location = order(client, "/it");
  ASSERT_TRUE(client.run_until([&] { return is_there.load(); }));
  client.del(location).expect_status(202);
  client.run_jobs();
  client.get(location).expect_json_at("/status", R"("succeeded")").expect_json_at("/result", R"("done")");
}

TEST_F(JobsHandlerTest, JobThatOutlivesItsLifetimeIsDiscarded) {
  app.post("/it").as_job(
      app.job<Order>("it").lifetime(30s).handle([](const Order&, JobContext& job) { job.retry_in(1min, "not yet"); }));
  TestClient client(app);
  run(client).expect_json_at("/state", R"("retryable")");
  client.advance(30s);
  client.run_jobs();
  EXPECT_TRUE(run_until_state(client, location, "discarded"));  // with the next claim
  client.get(location).expect_json_at("/error", R"("expired")");
}

// ---- what it says while it runs ----

TEST_F(JobsHandlerTest, ProgressIsSeen) {
  handle([this](const Order&, JobContext& job) {
    job.progress(0.5, "half of it");
    gate.pass(job);
  });
  TestClient client(app);
  location = order(client, "/it");
  ASSERT_TRUE(client.run_until([&] { return member(client.get(location), "progress_text") == "half of it"; }));
  client.get(location).expect_json_at("/progress", "0.5").expect_json_at("/status", R"("running")");
}

TEST_F(JobsHandlerTest, NextAttemptGoesOnFromTheCheckpoint) {
  handle([](const Order&, JobContext& job) {
    if (job.attempt() == 1) {
      job.save_checkpoint("page 6");
      job.save_checkpoint("page 7");
      throw std::runtime_error("no tea");
    }
    return job.checkpoint();
  });
  TestClient client(app);
  run(client);
  run_later(client, 1min).expect_json_at("/result", R"("page 7")");
}

TEST_F(JobsHandlerTest, CheckpointStaysUntilThereIsAnother) {
  handle([](const Order&, JobContext& job) {
    if (job.attempt() == 1) job.save_checkpoint("page 7");
    if (job.attempt() < 3) job.retry_in(0s, "no tea");
    return job.checkpoint();
  });
  TestClient client(app);
  run(client).expect_json_at("/result", R"("page 7")");
}

TEST_F(JobsHandlerTest, CheckpointOfALongAttemptIsStoredMeanwhile) {
  handle([this](const Order&, JobContext& job) {
    if (job.checkpoint().empty()) {
      job.save_checkpoint("page 7");
      job.progress(0.5, "saved");
      gate.pass(job);
      job.snooze(0s);
    }
    return job.checkpoint();
  });
  TestClient client(app);
  location = order(client, "/it");
  ASSERT_TRUE(client.run_until([&] { return member(client.get(location), "progress_text") == "saved"; }));
  gate.open();
  client.run_jobs();
  client.get(location).expect_json_at("/result", R"("page 7")");
}

}  // namespace
}  // namespace weir
