// SPDX-License-Identifier: MIT
// Jobs that are asked for, waited for, cancelled and followed.
#include "jobs_fixture.hpp"

#include <optional>
#include <string>

namespace weir {
namespace {

using namespace std::chrono_literals;

class JobsHttpTest : public JobsTest {
 protected:
  JobsHttpTest() {
    app.post("/orders").as_job(serving);
    app.post("/quick").as_job(quick);
    app.post("/stubborn").as_job(stubborn);
    app.post("/later").handle([this](Body<Order> order) -> Task<std::string> {
      const JobId id = co_await quick.enqueue(*order, 1h);
      co_return "/jobs/" + id.text();
    });
  }
  std::string later(TestClient& client) { return client.post("/later", kOrder, {{"Content-Type", kJson}}).body; }
  /// Until the stream has brought that; all of it so far.
  static bool run_until_received(TestClient& client, TestClient::Connection& connection, std::string& text,
                                 std::string_view part) {
    return client.run_until([&] {
      text += connection.receive();
      return text.find(part) != std::string::npos;
    });
  }

  /// Ends when it is asked to stop and the gate is open.
  Job<Order, void> stubborn = app.job<Order>("stubborn").handle([this](const Order&, JobContext& job) {
    gate.hold();
    while (!job.is_stop_requested()) std::this_thread::yield();
    job.throw_if_stopped();
  });
};

// ---- in each state ----

TEST_F(JobsHttpTest, ScheduledJobIsQueuedUntilItsTime) {
  TestClient client(app);
  client.get(later(client))
      .expect_status(200)
      .expect_header("Retry-After", "1")
      .expect_json_at("/status", R"("queued")")
      .expect_json_at("/state", R"("scheduled")")
      .expect_json_at("/next_attempt_at", R"("2026-01-01T01:00:00Z")");
}

TEST_F(JobsHttpTest, ScheduledJobRunsOnceItIsDue) {
  TestClient client(app);
  const std::string location = later(client);
  client.run_jobs();
  EXPECT_EQ(state_of(client, location), "scheduled");
  client.advance(1h - 1ms);
  client.run_jobs();
  EXPECT_EQ(state_of(client, location), "scheduled");
  client.advance(1ms);
  client.run_jobs();
  EXPECT_EQ(state_of(client, location), "completed");
}

TEST_F(JobsHttpTest, RunningJobIsRunning) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  client.get(location)
      .expect_status(200)
      .expect_header("Retry-After", "1")
      .expect_json_at("/status", R"("running")")
      .expect_json_at("/state", R"("running")")
      .expect_json_at("/attempt", "1");
}

TEST_F(JobsHttpTest, CompletedJobHasItsResult) {
  TestClient client(app);
  const std::string location = order(client, "/quick");
  client.run_jobs();
  client.get(location)
      .expect_status(200)
      .expect_no_header("Retry-After")
      .expect_json_at("/status", R"("succeeded")")
      .expect_json_at("/progress", "1")
      .expect_json_at("/finished_at", R"("2026-01-01T00:00:00Z")")
      .expect_json_at("/result", R"({"name":"tea","attempt":1})");
}

TEST_F(JobsHttpTest, CancelledJobIsCancelled) {
  TestClient client(app);
  const std::string location = later(client);
  client.del(location);
  client.get(location).expect_status(200).expect_no_header("Retry-After").expect_json_at("/status", R"("cancelled")");
}

TEST_F(JobsHttpTest, CompletedJobIsForgottenAfterItsTime) {
  auto brief = app.job<Order>("brief").keep(1h, 2h).handle([](const Order&) {});
  app.post("/brief").as_job(brief);
  app.settings().job_beat = 20ms;
  TestClient client(app);
  const std::string location = order(client, "/brief");
  client.run_jobs();
  client.advance(1h);
  EXPECT_TRUE(client.run_until([&] { return client.get(location).status == 404; }));  // with the next beat
}

TEST_F(JobsHttpTest, UnknownIdIs404) {
  TestClient client(app);
  const std::string location = order(client, "/quick");
  std::string other = location;
  other.back() = other.back() == '0' ? '1' : '0';
  client.get(other)
      .expect_status(404)
      .expect_header("Content-Type", "application/problem+json")
      .expect_json_at("/type", R"("urn:weir:problem:job-not-found")");
  client.del(other).expect_status(404);
  client.get(other + "/events").expect_status(404);
}

TEST_F(JobsHttpTest, MalformedIdIs404) {
  TestClient client(app);
  for (const std::string_view target : {"/jobs/7", "/jobs/0000000000000000000000000u", "/jobs/%20"}) {
    EXPECT_EQ(client.get(target).status, 404) << target;
    EXPECT_EQ(client.del(target).status, 404) << target;
    EXPECT_EQ(client.get(std::string(target) + "/events").status, 404) << target;
  }
}

TEST_F(JobsHttpTest, HeadHasTheFieldsAlone) {
  TestClient client(app);
  const std::string location = later(client);
  const TestResponse response = client.head(location);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.header("ETag"), client.get(location).header("ETag"));
}

// ---- If-None-Match ----

TEST_F(JobsHttpTest, UnchangedJobIs304) {
  TestClient client(app);
  const std::string location = later(client);
  const std::string etag = client.get(location).header("ETag").value();
  for (const std::string& seen : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const TestResponse response = client.get(location, {{"If-None-Match", seen}});
    EXPECT_EQ(response.status, 304) << seen;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.header("ETag"), etag);
  }
}

TEST_F(JobsHttpTest, ChangedJobIsShown) {
  TestClient client(app);
  const std::string location = later(client);
  const std::string etag = client.get(location).header("ETag").value();
  client.del(location);
  client.get(location, {{"If-None-Match", etag}}).expect_status(200).expect_json_at("/status", R"("cancelled")");
}

TEST_F(JobsHttpTest, EveryStateHasAnETagOfItsOwn) {
  TestClient client(app);
  const std::string location = order(client, "/stubborn");
  ASSERT_TRUE(run_until_arrival(client));
  const auto running = client.get(location).header("ETag");
  client.del(location);
  const auto asked = client.get(location).header("ETag");
  gate.open();
  ASSERT_TRUE(run_until_state(client, location, "cancelled"));
  const auto ended = client.get(location).header("ETag");
  EXPECT_NE(running, asked);
  EXPECT_NE(running, ended);
  EXPECT_NE(asked, ended);
}

// ---- Prefer: wait ----

TEST_F(JobsHttpTest, PostThatWaitsIsAnsweredWhenTheJobEnds) {
  TestClient client(app);
  auto connection = client.connect();
  connection.write(request("POST /orders", kOrder, "Prefer: respond-async, wait=10\r\n"));
  ASSERT_TRUE(run_until_arrival(client));
  EXPECT_EQ(connection.receive(), "");
  gate.open();
  connection.read_answer()
      .expect_status(200)
      .expect_header("Preference-Applied", "wait=10")
      .expect_no_header("Retry-After")
      .expect_json_at("/status", R"("succeeded")")
      .expect_json_at("/result/name", R"("tea")");
}

TEST_F(JobsHttpTest, PostThatWaitsInVainSaysHowFarItIs) {
  TestClient client(app);
  auto connection = client.connect();
  connection.write(request("POST /orders", kOrder, "Prefer: wait=10\r\n"));
  ASSERT_TRUE(run_until_arrival(client));
  client.advance(10s + 50ms);
  const TestResponse response = connection.read_answer();
  response.expect_status(202).expect_json_at("/status", R"("running")");
  EXPECT_TRUE(response.header("Location"));
}

TEST_F(JobsHttpTest, PostThatWaitsIsAnsweredWhenTheJobIsCancelled) {
  TestClient client(app);
  auto connection = client.connect();
  connection.write(request("POST /orders", kOrder, "Prefer: wait=10\r\n"));
  ASSERT_TRUE(run_until_arrival(client));
  auto other = client.connect();
  other.write(request("POST /orders", kOrder, "Idempotency-Key: k\r\n"));
  const std::string location = other.read_answer().header("Location").value();
  EXPECT_EQ(connection.receive(), "");  // it is the other job that changes
  gate.open();
  EXPECT_EQ(connection.read_answer().status, 200);
  EXPECT_TRUE(run_until_state(client, location, "completed"));
}

TEST_F(JobsHttpTest, ReplayWaitsForTheSameJob) {
  TestClient client(app);
  auto first = client.connect();
  auto second = client.connect();
  first.write(request("POST /orders", kOrder, "Idempotency-Key: k\r\nPrefer: wait=10\r\n"));
  ASSERT_TRUE(run_until_arrival(client));
  second.write(request("POST /orders", kOrder, "Idempotency-Key: k\r\nPrefer: wait=10\r\n"));
  gate.open();
  const TestResponse answer = first.read_answer();
  answer.expect_status(200).expect_no_header("Idempotency-Replayed");
  second.read_answer()
      .expect_status(200)
      .expect_header("Idempotency-Replayed", "true")
      .expect_header("Location", answer.header("Location").value());
}

TEST_F(JobsHttpTest, GetThatWaitsIsAnsweredWhenTheJobEnds) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  auto connection = client.connect();
  connection.write(request("GET " + location, {}, "Prefer: wait=10\r\n"));
  EXPECT_EQ(connection.receive(), "");
  gate.open();
  connection.read_answer()
      .expect_status(200)
      .expect_header("Preference-Applied", "wait=10")
      .expect_json_at("/status", R"("succeeded")");
}

TEST_F(JobsHttpTest, GetThatWaitsIsAnsweredAtOnceWhenTheJobHasChanged) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  auto connection = client.connect();
  connection.write(request("GET " + location, {}, "Prefer: wait=10\r\nIf-None-Match: \"0.0\"\r\n"));
  connection.read_answer().expect_status(200).expect_json_at("/status", R"("running")");
}

TEST_F(JobsHttpTest, GetThatWaitsForAChangeInVainIs304) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  const std::string etag = client.get(location).header("ETag").value();
  auto connection = client.connect();
  connection.write(request("GET " + location, {}, "Prefer: wait=5\r\nIf-None-Match: " + etag + "\r\n"));
  EXPECT_EQ(connection.receive(), "");
  client.advance(5s + 50ms);
  EXPECT_EQ(connection.read_answer().status, 304);
}

// ---- DELETE ----

TEST_F(JobsHttpTest, QueuedJobIsCancelledAtOnce) {
  TestClient client(app);
  const std::string location = later(client);
  client.del(location)
      .expect_status(200)
      .expect_no_header("Retry-After")
      .expect_json_at("/status", R"("cancelled")")
      .expect_json_at("/attempt", "0");
  client.advance(1h);
  client.run_jobs();
  EXPECT_EQ(state_of(client, location), "cancelled");
}

TEST_F(JobsHttpTest, RunningJobIsAskedToStop) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  client.del(location).expect_status(202).expect_header("Retry-After", "1");
  EXPECT_TRUE(run_until_state(client, location, "cancelled"));
}

TEST_F(JobsHttpTest, JobThatHasEndedIsNotCancelled) {
  TestClient client(app);
  const std::string location = order(client, "/quick");
  client.run_jobs();
  client.del(location)
      .expect_status(409)
      .expect_header("Content-Type", "application/problem+json")
      .expect_json_at("/type", R"("urn:weir:problem:job-already-final")");
  EXPECT_EQ(state_of(client, location), "completed");
}

TEST_F(JobsHttpTest, CancelledJobIsNotCancelledTwice) {
  TestClient client(app);
  const std::string location = later(client);
  client.del(location).expect_status(200);
  client.del(location).expect_status(409);
}

// ---- events ----

TEST_F(JobsHttpTest, EventsOfAnEndedJobAreItsEnd) {
  TestClient client(app);
  const std::string location = order(client, "/quick");
  client.run_jobs();
  const TestResponse job = client.get(location);
  const TestResponse events = client.get(location + "/events");
  events.expect_status(200).expect_header("Content-Type", "text/event-stream");
  EXPECT_EQ(events.body, "event: final\nid: " + job.header("ETag").value_or("none") + "\ndata: " + job.body + "\n\n");
}

TEST_F(JobsHttpTest, EventsTellOfChangesAndEndWithTheLast) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  auto connection = client.connect();
  std::string text = connection.send(request("GET " + location + "/events"));
  ASSERT_TRUE(run_until_received(client, connection, text, "event: change\n"));
  EXPECT_NE(text.find(R"("state":"running")"), std::string::npos);
  gate.open();
  ASSERT_TRUE(run_until_received(client, connection, text, "event: final\n"));
  EXPECT_NE(text.find(R"("state":"completed")"), std::string::npos);
  EXPECT_TRUE(run_until_received(client, connection, text, "\r\n0\r\n\r\n"));
}

TEST_F(JobsHttpTest, EventThatTheClientHasSeenIsNotSentAgain) {
  TestClient client(app);
  const std::string location = order(client);
  ASSERT_TRUE(run_until_arrival(client));
  const std::string etag = client.get(location).header("ETag").value();
  auto connection = client.connect();
  std::string text = connection.send(request("GET " + location + "/events", {}, "Last-Event-ID: " + etag + "\r\n"));
  gate.open();
  ASSERT_TRUE(run_until_received(client, connection, text, "event: final\n"));
  EXPECT_EQ(text.find("event: change\n"), std::string::npos);
}

TEST_F(JobsHttpTest, ClientThatHasSeenTheEndIsSentAway) {
  TestClient client(app);
  const std::string location = order(client, "/quick");
  client.run_jobs();
  const std::string etag = client.get(location).header("ETag").value();
  client.get(location + "/events", {{"Last-Event-ID", etag}}).expect_status(410);
}

// ---- who may ----

TEST_F(JobsHttpTest, MiddlewareOfTheJobsGuardsTheirRoutesAlone) {
  struct Guard {
    std::optional<Response> before(Context& context) const {
      if (context.header("x-key")) return std::nullopt;
      return problem(401);
    }
  };
  app.jobs().use(Guard{});
  TestClient client(app);
  const std::string location = order(client, "/quick");
  client.get(location).expect_status(401);
  client.del(location).expect_status(401);
  client.get(location + "/events").expect_status(401);
  client.get(location, {{"x-key", "1"}}).expect_status(200);
}

}  // namespace
}  // namespace weir
