// SPDX-License-Identifier: MIT
// Jobs that code enqueues and asks for.
#include "jobs_fixture.hpp"

#include <optional>
#include <string>
#include <vector>

namespace weir {
namespace {

class JobsByCodeTest : public JobsTest {
 protected:
  JobsByCodeTest() {
    app.post("/one").handle([this](Body<Order> order) -> Task<std::string> {
      const JobId id = co_await quick.enqueue(*order);
      co_return id.text();
    });
    app.post("/many").handle([this](Body<std::vector<Order>> orders) -> Task<std::vector<std::string>> {
      const std::vector<JobId> ids = co_await quick.enqueue_all(*orders);
      std::vector<std::string> texts;
      for (const JobId& id : ids) texts.push_back(id.text());
      co_return texts;
    });
    app.post("/waiting").on(app.pool("blocking")).handle([this](Body<Order> order) {
      return quick.enqueue_and_wait(*order).text();
    });
    app.get("/result/{id}").handle([this](Path<"id"> id) -> Task<std::optional<Receipt>> {
      const auto known = JobId::parse(*id);
      if (!known) co_return std::nullopt;
      const auto result = co_await quick.result(*known);
      if (!result) co_return std::nullopt;
      if (!result->result) throw HttpError(409, std::string(name_of(result->state)));
      co_return result->result;
    });
  }
};

TEST_F(JobsByCodeTest, EnqueuedJobIsRun) {
  TestClient client(app);
  const std::string id = client.post("/one", kOrder, {{"Content-Type", kJson}}).expect_status(200).body;
  client.run_jobs();
  EXPECT_EQ(state_of(client, "/jobs/" + id), "completed");
}

TEST_F(JobsByCodeTest, ResultIsOfItsType) {
  TestClient client(app);
  const std::string id = client.post("/one", kOrder, {{"Content-Type", kJson}}).body;
  client.run_jobs();
  client.get("/result/" + id).expect_status(200).expect_json(R"({"name":"tea","attempt":1})");
}

TEST_F(JobsByCodeTest, UnknownJobHasNoResult) {
  TestClient client(app);
  client.get("/result/" + JobId{1, 1}.text()).expect_status(404);
}

TEST_F(JobsByCodeTest, JobOfAnotherKindHasNoResult) {
  app.post("/orders").as_job(serving);
  TestClient client(app);
  gate.open();
  const std::string location = order(client);
  client.run_jobs();
  client.get("/result/" + location.substr(location.rfind('/') + 1)).expect_status(404);
}

TEST_F(JobsByCodeTest, ManyAreEnqueuedAtOnce) {
  TestClient client(app);
  const auto ids =
      parse(client.post("/many", R"([{"name":"tea"},{"name":"coffee"},{"name":"milk"}])", {{"Content-Type", kJson}}));
  ASSERT_EQ(ids.size(), 3U);
  client.run_jobs();
  client.get("/result/" + ids[0].get<std::string>()).expect_json_at("/name", R"("tea")");
  client.get("/result/" + ids[2].get<std::string>()).expect_json_at("/name", R"("milk")");
}

TEST_F(JobsByCodeTest, WorkerOfAPoolMayWaitForIt) {
  TestClient client(app);
  const std::string id = client.post("/waiting", kOrder, {{"Content-Type", kJson}}).expect_status(200).body;
  client.run_jobs();
  EXPECT_EQ(state_of(client, "/jobs/" + id), "completed");
}

TEST_F(JobsByCodeTest, HandleOfAnAppThatDoesNotRunThrows) {
  EXPECT_THROW(quick.enqueue_and_wait({.name = "tea"}), jobs::StoreError);
}

TEST_F(JobsByCodeTest, FullQueueThrows) {
  app.settings().runs_jobs = false;
  auto few = app.job<Order>("few").queue("few").max_depth(1).handle([](const Order&) {});
  TestClient client(app);
  few.enqueue_and_wait({.name = "tea"});
  try {
    few.enqueue_and_wait({.name = "tea"});
    ADD_FAILURE() << "did not throw";
  } catch (const jobs::StoreError& error) {
    EXPECT_EQ(error.verdict, jobs::Verdict::kFull);
  }
}

TEST_F(JobsByCodeTest, JobMayEnqueueAnother) {
  auto chain = app.job<Order>("chain").handle([this](const Order& order) -> Task<std::string> {
    const JobId id = co_await quick.enqueue(order);
    co_return id.text();
  });
  app.post("/chain").as_job(chain);
  TestClient client(app);
  const std::string location = order(client, "/chain");
  client.run_jobs();
  const std::string next = member(client.get(location), "result");
  EXPECT_EQ(state_of(client, "/jobs/" + next), "completed");
}

}  // namespace
}  // namespace weir
