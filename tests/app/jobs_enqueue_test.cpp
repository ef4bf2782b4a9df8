// SPDX-License-Identifier: MIT
// Requests that become jobs.
#include "jobs_fixture.hpp"

#include <gmock/gmock.h>

#include <string>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Nothing runs: what is enqueued stays available.
class JobsEnqueueTest : public JobsTest {
 protected:
  JobsEnqueueTest() {
    app.settings().runs_jobs = false;
    app.post("/orders").as_job(serving);
    app.post("/quick").as_job(quick);
  }
  TestResponse post(TestClient& client, std::string_view key, std::string_view body = kOrder,
                    std::string_view authorization = "none") {
    return client.post("/orders", body,
                       {{"Content-Type", kJson}, {"Idempotency-Key", key}, {"Authorization", authorization}});
  }
};

TEST_F(JobsEnqueueTest, AnswerIs202WithThePlaceOfTheJob) {
  TestClient client(app);
  const TestResponse response = client.post("/orders", kOrder, {{"Content-Type", kJson}});
  response.expect_status(202)
      .expect_header("Content-Type", kJson)
      .expect_header("Cache-Control", "no-store")
      .expect_header("Retry-After", "1")
      .expect_no_header("Preference-Applied")
      .expect_no_header("Idempotency-Replayed")
      .expect_header("Location", "/jobs/" + member(response, "id"));
}

TEST_F(JobsEnqueueTest, AnswerHoldsTheJob) {
  TestClient client(app);
  client.post("/orders", kOrder, {{"Content-Type", kJson}})
      .expect_json_at("/kind", R"("serve")")
      .expect_json_at("/queue", R"("default")")
      .expect_json_at("/status", R"("queued")")
      .expect_json_at("/state", R"("available")")
      .expect_json_at("/attempt", "0")
      .expect_json_at("/max_attempts", "20")
      .expect_json_at("/progress", "0")
      .expect_json_at("/created_at", R"("2026-01-01T00:00:00Z")");
}

TEST_F(JobsEnqueueTest, AnswerSaysWhatACrashMayUndo) {
  const auto handler = [](const Order&) {};
  app.post("/relaxed").as_job(app.job<Order>("relaxed").durability(Durability::kRelaxed).handle(handler));
  app.post("/light").as_job(app.job<Order>("light").durability(Durability::kMemory).handle(handler));
  TestClient client(app);
  client.post("/relaxed", kOrder, {{"Content-Type", kJson}}).expect_json_at("/durability", R"("relaxed")");
  client.post("/light", kOrder, {{"Content-Type", kJson}}).expect_json_at("/durability", R"("memory")");
  EXPECT_EQ(client.post("/orders", kOrder, {{"Content-Type", kJson}}).body.find("durability"), std::string::npos);
}

TEST_F(JobsEnqueueTest, AnswerIsWhatIsStored) {
  TestClient client(app);
  const TestResponse accepted = client.post("/orders", kOrder, {{"Content-Type", kJson}});
  const TestResponse stored = client.get(accepted.header("Location").value());
  EXPECT_EQ(stored.body, accepted.body);
  EXPECT_EQ(stored.header("ETag"), accepted.header("ETag"));
}

TEST_F(JobsEnqueueTest, EachRequestIsAJobOfItsOwn) {
  TestClient client(app);
  EXPECT_NE(order(client), order(client));
}

TEST_F(JobsEnqueueTest, InvalidContentIs422) {
  TestClient client(app);
  client.post("/orders", R"({"name":"tea","count":101})", {{"Content-Type", kJson}}).expect_invalid(422, "/count");
}

TEST_F(JobsEnqueueTest, InvalidContentIsNotStored) {
  auto listed = app.job<Order>("once")
                    .unique_by([](const Order&) { return "one"; })
                    .max_depth(1)
                    .queue("once")
                    .handle([](const Order&) {});
  app.post("/once").as_job(listed);
  TestClient client(app);
  client.post("/once", R"({"name":""})", {{"Content-Type", kJson}}).expect_invalid(422, "/name");
  EXPECT_NE(order(client, "/once"), "/nowhere");  // the one for which there is room
}

TEST_F(JobsEnqueueTest, ContentOfAnotherTypeIs415) {
  TestClient client(app);
  EXPECT_EQ(client.post("/orders", kOrder, {{"Content-Type", "text/plain"}}).status, 415);
}

// ---- Idempotency-Key ----

TEST_F(JobsEnqueueTest, SameKeyGetsTheFirstAnswerWithAMarker) {
  TestClient client(app);
  const TestResponse first = post(client, "k-1");
  const TestResponse second = post(client, "k-1");
  first.expect_status(202).expect_no_header("Idempotency-Replayed");
  second.expect_status(202).expect_header("Idempotency-Replayed", "true");
  EXPECT_EQ(second.header("Location"), first.header("Location"));
  EXPECT_EQ(second.body, first.body);
}

TEST_F(JobsEnqueueTest, QuotedKeyIsTheSameAsTheBareOne) {
  TestClient client(app);
  post(client, "k-1");
  post(client, R"("k-1")").expect_header("Idempotency-Replayed", "true");
}

TEST_F(JobsEnqueueTest, OtherKeyIsAnotherJob) {
  TestClient client(app);
  const TestResponse first = post(client, "k-1");
  const TestResponse second = post(client, "k-2");
  second.expect_status(202).expect_no_header("Idempotency-Replayed");
  EXPECT_NE(second.header("Location"), first.header("Location"));
}

TEST_F(JobsEnqueueTest, SameKeyWithOtherContentIs422) {
  TestClient client(app);
  post(client, "k-1");
  post(client, "k-1", R"({"name":"coffee"})")
      .expect_status(422)
      .expect_header("Content-Type", "application/problem+json")
      .expect_json_at("/type", R"("urn:weir:problem:idempotency-key-reused")");
}

TEST_F(JobsEnqueueTest, SameKeyWithAnotherTargetIs422) {
  TestClient client(app);
  post(client, "k-1");
  client.post("/orders?again", kOrder, {{"Content-Type", kJson}, {"Idempotency-Key", "k-1"}, {"Authorization", "none"}})
      .expect_status(422);
}

TEST_F(JobsEnqueueTest, KeyOfAnotherRouteIsAnotherKey) {
  TestClient client(app);
  post(client, "k-1");
  client.post("/quick", kOrder, {{"Content-Type", kJson}, {"Idempotency-Key", "k-1"}, {"Authorization", "none"}})
      .expect_status(202)
      .expect_no_header("Idempotency-Replayed");
}

TEST_F(JobsEnqueueTest, ClientsOfTwoAuthorizationsDoNotShareAKey) {
  TestClient client(app);
  const TestResponse first = post(client, "k-1", kOrder, "Bearer a");
  const TestResponse second = post(client, "k-1", R"({"name":"coffee"})", "Bearer b");
  second.expect_status(202).expect_no_header("Idempotency-Replayed");
  EXPECT_NE(second.header("Location"), first.header("Location"));
}

// Says who asks by the first letter of a token, as a middleware does that has checked it.
struct FirstLetterIsWho {
  void before(Context& context) const {
    context.set_principal(std::string(context.header("Authorization").value_or("").substr(0, 1)));
  }
};

TEST_F(JobsEnqueueTest, KeyIsThatOfThePrincipalWhereOneIsKnown) {
  app.use(FirstLetterIsWho{});
  TestClient client(app);
  const TestResponse first = post(client, "k-1", kOrder, "ann 1");
  post(client, "k-1", kOrder, "ann 2").expect_header("Idempotency-Replayed", "true");  // a token of hers that is newer
  const TestResponse other = post(client, "k-1", kOrder, "bob 1");
  other.expect_status(202).expect_no_header("Idempotency-Replayed");
  EXPECT_NE(other.header("Location"), first.header("Location"));
}

TEST_F(JobsEnqueueTest, KeyOf255CharactersIsOne) {
  TestClient client(app);
  const std::string key(255, 'k');
  post(client, key).expect_status(202);
  post(client, '"' + key + '"').expect_status(202).expect_header("Idempotency-Replayed", "true");
}

TEST_F(JobsEnqueueTest, KeyOf256CharactersIsNone) {
  TestClient client(app);
  post(client, std::string(256, 'k'))
      .expect_status(400)
      .expect_json_at("/type", R"("urn:weir:problem:idempotency-key-invalid")");
}

TEST_F(JobsEnqueueTest, EmptyOrUnprintableKeyIsNone) {
  TestClient client(app);
  for (const std::string_view key : {"", R"("")", "a b", "a\tb", "a\"b", "\xc3\xa9"}) {
    EXPECT_EQ(post(client, key).status, 400) << key;
  }
}

TEST_F(JobsEnqueueTest, InvalidKeyIsToldBeforeAnythingIsStored) {
  auto one = app.job<Order>("once").max_depth(1).queue("once").handle([](const Order&) {});
  app.post("/once").as_job(one);
  TestClient client(app);
  client.post("/once", kOrder, {{"Content-Type", kJson}, {"Idempotency-Key", "a b"}}).expect_status(400);
  EXPECT_NE(order(client, "/once"), "/nowhere");
}

TEST_F(JobsEnqueueTest, KeyIsForgottenAfterADay) {
  TestClient client(app);
  const TestResponse first = post(client, "k-1");
  client.advance(24h);
  const TestResponse second = post(client, "k-1");
  second.expect_status(202).expect_no_header("Idempotency-Replayed");
  EXPECT_NE(second.header("Location"), first.header("Location"));
}

// ---- how many, and which ----

TEST_F(JobsEnqueueTest, QueueTakesAsManyAsItsDepthSays) {
  auto few = app.job<Order>("few").queue("few").max_depth(2).handle([](const Order&) {});
  app.post("/few").as_job(few);
  TestClient client(app);
  order(client, "/few");
  const std::string second = order(client, "/few");
  client.post("/few", kOrder, {{"Content-Type", kJson}})
      .expect_status(503)
      .expect_header("Retry-After", "1")
      .expect_header("Content-Type", "application/problem+json")
      .expect_json_at("/type", R"("urn:weir:problem:queue-full")");
  client.del(second).expect_status(200);
  order(client, "/few");
}

TEST_F(JobsEnqueueTest, DepthOfAQueueDoesNotCountOthers) {
  auto few = app.job<Order>("few").queue("few").max_depth(1).handle([](const Order&) {});
  app.post("/few").as_job(few);
  TestClient client(app);
  order(client);
  order(client, "/few");
}

TEST_F(JobsEnqueueTest, TwinOfALivingJobIsThatJob) {
  auto one = app.job<Order>("one").unique_by([](const Order& order) { return order.name; }).handle([](const Order&) {});
  app.post("/one").as_job(one);
  TestClient client(app);
  const std::string first = order(client, "/one");
  const TestResponse twin = client.post("/one", R"({"name":"tea","count":7})", {{"Content-Type", kJson}});
  twin.expect_status(202).expect_header("Location", first).expect_no_header("Idempotency-Replayed");
  EXPECT_EQ(twin.body, client.get(first).body);
}

TEST_F(JobsEnqueueTest, JobWithAnotherUniqueKeyIsNoTwin) {
  auto one = app.job<Order>("one").unique_by([](const Order& order) { return order.name; }).handle([](const Order&) {});
  app.post("/one").as_job(one);
  TestClient client(app);
  const std::string first = order(client, "/one");
  const TestResponse other = client.post("/one", R"({"name":"coffee"})", {{"Content-Type", kJson}});
  EXPECT_NE(other.header("Location"), first);
}

TEST_F(JobsEnqueueTest, EndedJobHasNoTwin) {
  auto one = app.job<Order>("one").unique_by([](const Order& order) { return order.name; }).handle([](const Order&) {});
  app.post("/one").as_job(one);
  TestClient client(app);
  const std::string first = order(client, "/one");
  client.del(first);
  EXPECT_NE(order(client, "/one"), first);
}

// ---- Prefer, where nothing ends ----

TEST_F(JobsEnqueueTest, WaitEndsBeforeTheDeadlineOfTheRoute) {
  app.post("/hurried").timeout(3s).as_job(quick);
  TestClient client(app);
  auto connection = client.connect();
  connection.write(request("POST /hurried", kOrder, "Prefer: wait=20\r\n"));
  client.advance(2'100ms);
  connection.read_answer().expect_status(202).expect_header("Preference-Applied", "wait=2");
}

TEST_F(JobsEnqueueTest, UnknownPreferencesAreIgnored) {
  TestClient client(app);
  client.post("/orders", kOrder, {{"Content-Type", kJson}, {"Prefer", "respond-async, return=minimal; wait=3, x"}})
      .expect_status(202)
      .expect_no_header("Preference-Applied");
}

TEST_F(JobsEnqueueTest, WaitThatIsNoNumberIsIgnored) {
  TestClient client(app);
  for (const std::string_view wait :
       {"wait", "wait=", "wait=x", "wait=-1", "wait=1.5", "wait=1s", "wait=99999999999"}) {
    const TestResponse response = client.post("/orders", kOrder, {{"Content-Type", kJson}, {"Prefer", wait}});
    EXPECT_EQ(response.status, 202) << wait;
    EXPECT_EQ(response.header("Preference-Applied"), std::nullopt) << wait;
  }
}

TEST_F(JobsEnqueueTest, WaitOf0IsAnsweredAtOnce) {
  TestClient client(app);
  client.post("/orders", kOrder, {{"Content-Type", kJson}, {"Prefer", "wait=0"}})
      .expect_status(202)
      .expect_header("Preference-Applied", "wait=0");
}

TEST_F(JobsEnqueueTest, WaitEndsWithItsTime) {
  TestClient client(app);
  auto connection = client.connect();
  connection.write(request("POST /orders", kOrder, "Prefer: wait=3\r\n"));
  client.advance(2s);
  EXPECT_EQ(connection.receive(), "");
  client.advance(1s + 50ms);
  connection.read_answer()
      .expect_status(202)
      .expect_header("Preference-Applied", "wait=3")
      .expect_json_at("/status", R"("queued")");
}

TEST_F(JobsEnqueueTest, WaitLasts25SecondsAtMost) {
  TestClient client(app);
  auto connection = client.connect();
  connection.write(request("POST /orders", kOrder, "Prefer: wait=60\r\n"));
  client.advance(24s);
  EXPECT_EQ(connection.receive(), "");
  client.advance(1s + 50ms);
  connection.read_answer().expect_status(202).expect_header("Preference-Applied", "wait=25");
}

TEST_F(JobsEnqueueTest, WaitIsReadFromWhateverFieldAndWriting) {
  TestClient client(app);
  auto connection = client.connect();
  for (const std::string_view fields :
       {"Prefer: respond-async\r\nPrefer: wait=0\r\n", "Prefer: Wait=0\r\n", "Prefer: wait = \"0\"; x=y\r\n"}) {
    connection.write(request("POST /orders", kOrder, fields));
    connection.read_answer().expect_status(202).expect_header("Preference-Applied", "wait=0");
  }
}

// ---- what the documentation says of it ----

TEST_F(JobsEnqueueTest, DocumentSaysThatTheAnswerIs202WithTheJob) {
  TestClient client(app);
  const nlohmann::json document = parse(client.get("/openapi.json"));
  const nlohmann::json responses = document.at(nlohmann::json::json_pointer("/paths/~1orders/post/responses"));
  ASSERT_TRUE(responses.contains("202")) << responses;
  EXPECT_EQ(responses["202"]["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/JobView");
  EXPECT_TRUE(document["components"]["schemas"]["JobView"]["properties"].contains("progress_text"));
}

TEST_F(JobsEnqueueTest, DocumentHasTheRoutesOfAJob) {
  TestClient client(app);
  const nlohmann::json paths = parse(client.get("/openapi.json"))["paths"];
  EXPECT_TRUE(paths["/jobs/{id}"].contains("get"));
  EXPECT_TRUE(paths["/jobs/{id}"].contains("delete"));
  EXPECT_TRUE(paths["/jobs/{id}/events"].contains("get"));
}

TEST_F(JobsEnqueueTest, AppWithoutJobsHasNoneOfTheirRoutes) {
  App other("other");
  TestClient client(other);
  client.get("/jobs/00000000000000000000000000").expect_status(404).expect_no_header("ETag");
  EXPECT_FALSE(parse(client.get("/openapi.json"))["paths"].contains("/jobs/{id}"));
}

// ---- declarations ----

TEST_F(JobsEnqueueTest, TwoKindsOfTheSameNameAreRefused) {
  try {
    static_cast<void>(app.job<Order>("serve"));
    ADD_FAILURE() << "did not throw";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("'serve'"));
  }
}

TEST_F(JobsEnqueueTest, KindWithoutANameIsRefused) {
  EXPECT_THROW(static_cast<void>(app.job<Order>("")), std::invalid_argument);
}

}  // namespace
}  // namespace weir
