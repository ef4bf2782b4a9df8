// SPDX-License-Identifier: MIT
// The middleware of ctx.http(), as an app sets it up.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace weir {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// The other service: fails so many times, then answers with the Authorization that it got.
struct Backend {
  std::shared_ptr<int> failures;
  std::shared_ptr<int> asked = std::make_shared<int>(0);

  Task<ClientResponse> send(ClientRequest request, ClientNext) {
    ++*asked;
    if (*failures > 0) {
      --*failures;
      throw ClientError(ClientErrorCode::kConnect, "b.test: nobody listens", true);
    }
    ClientResponse response;
    response.status = 200;
    for (const auto& [name, value] : request.headers) {
      if (name == "Authorization") response.body = value;
    }
    co_return std::move(response);
  }
};

struct Bearer {
  std::string token;
  void before(weir::ClientRequest& request) const { request.headers.emplace_back("Authorization", "Bearer " + token); }
};

class ClientChainTest : public testing::Test {
 protected:
  ClientChainTest() {
    app.get("/ask").handle([](Context& ctx) -> Task<std::string> {
      ClientResponse reply = co_await ctx.http().get("http://b.test/");
      co_return reply.body;
    });
  }

  App app{"test"};
  std::shared_ptr<int> failures = std::make_shared<int>(0);
  Backend backend{failures};
};

TEST_F(ClientChainTest, IsAroundEachCall) {
  const std::string token = "t";
  app.http_client()
      .use(weir::Retry{{.attempts = 3, .attempt_timeout = 2s}})
      .use(weir::CircuitBreaker{{.failure_ratio = 0.5, .open_for = 5s}})
      .use(Bearer{token});
  app.http_client().use(backend);
  TestClient client{app};
  EXPECT_EQ(client.get("/ask").body, "Bearer t");
  EXPECT_EQ(*backend.asked, 1);
}

TEST_F(ClientChainTest, RetriesWhileTheHandlerWaits) {
  app.http_client().use(Retry{{.attempts = 3, .backoff = 100ms, .random = [] { return 1.0; }}}).use(backend);
  *failures = 2;
  TestClient client{app};
  auto connection = client.connect();
  connection.write("GET /ask HTTP/1.1\r\nHost: test\r\n\r\n");
  client.advance(101ms);
  EXPECT_EQ(*backend.asked, 2);
  client.advance(201ms);
  EXPECT_EQ(connection.read_answer().status, 200);
  EXPECT_EQ(*backend.asked, 3);
}

TEST_F(ClientChainTest, MetricsTellWhatWasSentAgainAndWhatTheBudgetDidNotAllow) {
  app.http_client().use(Retry{{.attempts = 3, .backoff = 0ns}}).use(backend);
  app.http_client().retry_budget({.ratio = 0, .per_second = 0.1});
  *failures = 3;
  TestClient client{app};
  EXPECT_EQ(client.metrics().find("weir_client_resent_total"), std::string::npos);
  EXPECT_EQ(client.get("/ask").status, 502);
  EXPECT_THAT(client.metrics(), HasSubstr("\nweir_client_resent_total 1\n"));
  EXPECT_THAT(client.metrics(), HasSubstr("\nweir_client_over_budget_total 1\n"));
}

TEST_F(ClientChainTest, AClientThatLeavesEndsThePause) {
  app.http_client().use(Retry{{.attempts = 3, .backoff = 10s, .backoff_max = 10s, .random = [] { return 1.0; }}});
  app.http_client().use(backend);
  *failures = 2;
  TestClient client{app};
  auto connection = client.connect();
  connection.write("GET /ask HTTP/1.1\r\nHost: test\r\n\r\n");
  client.advance(1s);
  connection.reset();
  client.advance(20s);
  EXPECT_EQ(*backend.asked, 1);
}

TEST_F(ClientChainTest, AHandlersTimeBoundsThePauses) {
  app.get("/short").timeout(5s).handle([](Context& ctx) -> Task<std::string> {
    ClientResponse reply = co_await ctx.http().get("http://b.test/");
    co_return reply.body;
  });
  app.http_client().use(Retry{{.backoff = 5s, .random = [] { return 1.0; }}}).use(backend);
  *failures = 1;
  TestClient client{app};
  EXPECT_EQ(client.get("/short").status, 502) << "at once, as there is no time for a pause of 5 s";
}

TEST_F(ClientChainTest, AnOpenCircuitIsAnswered503) {
  app.http_client().use(CircuitBreaker{{.requests_min = 2}}).use(backend);
  *failures = 2;
  TestClient client{app};
  EXPECT_EQ(client.get("/ask").status, 502);
  EXPECT_EQ(client.get("/ask").status, 502);
  EXPECT_EQ(client.get("/ask").status, 503);
  EXPECT_EQ(*backend.asked, 2);
  EXPECT_THAT(client.metrics(), HasSubstr("\nweir_client_circuit_opened_total 1\n"));
  EXPECT_THAT(client.metrics(), HasSubstr("\nweir_client_circuit_refused_total 1\n"));
  client.advance(5s);
  EXPECT_EQ(client.get("/ask").status, 200);
}

TEST_F(ClientChainTest, ARunBeginsWithClosedCircuits) {
  app.http_client().use(CircuitBreaker{{.requests_min = 1}}).use(backend);
  *failures = 1;
  {
    TestClient client{app};
    EXPECT_EQ(client.get("/ask").status, 502);
    EXPECT_EQ(client.get("/ask").status, 503);
  }
  TestClient client{app};
  EXPECT_EQ(client.get("/ask").status, 200);
}

TEST_F(ClientChainTest, HoldsUnderAPatternThatWaits) {
  app.http_client().use(Bearer{"t"}).use(backend);
  app.pattern(Pattern::kSingleThreaded);
  TestClient client{app};
  EXPECT_EQ(client.get("/ask").body, "Bearer t");
}

TEST_F(ClientChainTest, WhatIsAddedLaterCountsFromTheNextStart) {
  app.http_client().use(Bearer{"t"});
  const auto before = app.build_routes();
  app.http_client().use(backend);
  EXPECT_NE(app.build_routes()->client_chain(), before->client_chain());
  TestClient client{app};
  EXPECT_EQ(client.get("/ask").body, "Bearer t");
}

}  // namespace
}  // namespace weir
