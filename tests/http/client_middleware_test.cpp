// SPDX-License-Identifier: MIT
#include <weir/http/client/client_middleware.hpp>

#include <tests/http/resilience_fixture.hpp>
#include <weir/http/client/bound_client.hpp>
#include <weir/http/client/loop_client.hpp>
#include <weir/observe/metrics_registry.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class ClientMiddlewareTest : public ResilienceFixture {};

/// Writes down when it is entered and left.
struct Diary {
  std::string name;
  std::vector<std::string>* lines;

  loop::Task<ClientResponse> send(ClientRequest request, ClientNext next) {
    lines->push_back(name + " in");
    ClientResponse response = co_await next.send(std::move(request));
    lines->push_back(name + " out");
    co_return std::move(response);
  }
};

struct AddsHeader {
  std::string value;
  void before(ClientRequest& request) const { request.headers.emplace_back("X-Added", value); }
};

struct Counts {
  int count = 0;
  void before(ClientRequest& request) { request.headers.emplace_back("X-Count", std::to_string(++count)); }
};

TEST_F(ClientMiddlewareTest, TheFirstIsTheOutermost) {
  std::vector<std::string> lines;
  ClientChain chain;
  chain.use(Diary{"a", &lines}).use(Diary{"b", &lines});
  install(std::move(chain));
  EXPECT_TRUE(ask().response);
  EXPECT_THAT(lines, ElementsAre("a in", "b in", "b out", "a out"));
}

TEST_F(ClientMiddlewareTest, UseOfAClientAddsInside) {
  std::vector<std::string> lines;
  client->use(Diary{"a", &lines}).use(Diary{"b", &lines}).use(Script(script));
  EXPECT_TRUE(ask().response);
  EXPECT_THAT(lines, ElementsAre("a in", "b in", "b out", "a out"));
}

TEST_F(ClientMiddlewareTest, OneWithBeforeChangesTheRequest) {
  ScriptedServer server(echo);
  client->use(AddsHeader{"1"});
  const Outcome outcome = call(client->get(server.url()));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_THAT(outcome.response->body, HasSubstr("\r\nX-Added: 1\r\n"));
}

TEST_F(ClientMiddlewareTest, EachClientHasACopyOfItsOwn) {
  ClientChain chain;
  chain.use(Counts{}).use(Script(script));
  Client first(loop, {}, chain);
  Client second(loop, {}, chain);
  EXPECT_TRUE(call(first.get("http://a.test/")).response);
  EXPECT_TRUE(call(second.get("http://a.test/")).response);
  EXPECT_TRUE(call(second.get("http://a.test/")).response);
  ASSERT_EQ(sent(), 3U);
  EXPECT_EQ(script->seen[0].headers.back().second, "1");
  EXPECT_EQ(script->seen[1].headers.back().second, "1");
  EXPECT_EQ(script->seen[2].headers.back().second, "2");
}

TEST_F(ClientMiddlewareTest, TheTimeoutBecomesADeadlineForAll) {
  install({});
  ClientRequest request = get();
  request.timeout = 7s;
  ask(std::move(request));
  EXPECT_EQ(script->seen.at(0).deadline, clock.now() + 7s);
  request = get();
  request.deadline = clock.now() + 3s;
  ask(std::move(request));
  EXPECT_EQ(script->seen.at(1).deadline, clock.now() + 3s);
}

TEST_F(ClientMiddlewareTest, ABadUrlIsToldBeforeAnythingIsAsked) {
  install({});
  EXPECT_EQ(ask(ClientRequest("ftp://a.test/")).error, ClientErrorCode::kBadUrl);
  EXPECT_EQ(sent(), 0U);
}

TEST_F(ClientMiddlewareTest, ABoundClientGoesThroughTheChain) {
  install({});
  const BoundClient bound(*client, "00-trace", "id", base::TimePoint::max());
  EXPECT_TRUE(call(bound.get("http://a.test/")).response);
  EXPECT_EQ(script->seen.at(0).headers.at(0).second, "00-trace");
}

TEST_F(ClientMiddlewareTest, TheTryTwinGivesTheErrorOfTheChain) {
  install({});
  script->steps = {failure(ClientErrorCode::kCircuitOpen)};
  std::optional<base::ErrorCode> code;
  const auto task = [](Client& used, std::optional<base::ErrorCode>& out) -> loop::Task<void> {
    const base::Result<ClientResponse> result = co_await used.try_get("http://a.test/");
    if (!result) out = result.error().code();
  };
  scope.spawn(task(*client, code));
  turn();
  EXPECT_EQ(code, base::ErrorCode::kPeerGone);
}

TEST_F(ClientMiddlewareTest, ATaskMayEndItsClientWhenItResumes) {
  install({});
  const auto task = [](std::unique_ptr<Client>& used) -> loop::Task<void> {
    ClientResponse response = co_await used->get("http://a.test/");
    used.reset();
  };
  scope.spawn(task(client));
  turn();
  EXPECT_EQ(client, nullptr);
}

TEST_F(ClientMiddlewareTest, ALoopHasOneClientForEachChain) {
  ClientChain scripted;
  scripted.use(Script(script));
  const auto with_script = std::make_shared<const ClientChain>(scripted);
  const auto plain = std::make_shared<const ClientChain>();
  observe::MetricsRegistry metrics;
  ASSERT_TRUE(loop.try_post([&] {
    Client& first = LoopClient::current(with_script, metrics);
    EXPECT_NE(&LoopClient::current(plain, metrics), &first);
    EXPECT_EQ(&LoopClient::current(with_script, metrics), &first);
  }));
  turn();
}

TEST_F(ClientMiddlewareTest, ABudgetHasNumbersThatAreNotBelowZero) {
  ClientChain chain;
  EXPECT_NO_THROW(chain.retry_budget({.ratio = 0, .per_second = 0}));
  EXPECT_THROW(chain.retry_budget({.ratio = -0.1}), std::invalid_argument);
  EXPECT_THROW(chain.retry_budget({.per_second = -1}), std::invalid_argument);
  EXPECT_THROW(chain.retry_budget({.ratio = std::numeric_limits<double>::quiet_NaN()}), std::invalid_argument);
  EXPECT_THROW(chain.retry_budget({.ratio = std::numeric_limits<double>::infinity()}), std::invalid_argument);
}

TEST(ClientRequestTest, WhatMayBeRepeated) {
  for (const char* const method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"}) {
    EXPECT_TRUE(ClientRequest(method, "http://a.test/").may_be_repeated()) << method;
  }
  for (const char* const method : {"POST", "PATCH", "get", "PURGE"}) {
    EXPECT_FALSE(ClientRequest(method, "http://a.test/").may_be_repeated()) << method;
  }
  ClientRequest post("POST", "http://a.test/");
  post.headers = {{"idempotency-key", "1"}};
  EXPECT_TRUE(post.may_be_repeated());
  post.is_idempotent = false;
  EXPECT_FALSE(post.may_be_repeated());
  ClientRequest search("POST", "http://a.test/");
  search.is_idempotent = true;
  EXPECT_TRUE(search.may_be_repeated());
}

// What is certain about a request that failed.
class UnsentTest : public ClientFixture {
 protected:
  std::optional<bool> is_unsent(ClientRequest request) {
    std::optional<bool> result;
    const auto task = [](Client& used, ClientRequest sent, std::optional<bool>& out,
                         std::optional<ClientErrorCode>& code) -> loop::Task<void> {
      try {
        ClientResponse response = co_await used.send(std::move(sent));
      } catch (const ClientError& error) {
        out = error.is_unsent();
        code = error.code();
      }
    };
    scope.spawn(task(*client, std::move(request), result, last_code));
    EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
    return result;
  }
  std::optional<ClientErrorCode> last_code;
};

TEST_F(UnsentTest, WhereNobodyListensNothingIsSent) {
  ScriptedServer server(echo);
  server.stop_listening();
  EXPECT_EQ(is_unsent(ClientRequest(server.url())), true);
  EXPECT_EQ(last_code, ClientErrorCode::kConnect);
}

TEST_F(UnsentTest, WhatWasReadAndNotAnsweredWasSent) {
  ScriptedServer server([](ScriptedServer::Peer& peer) { peer.read_request(); });
  EXPECT_EQ(is_unsent(ClientRequest(server.url())), false);
}

TEST_F(UnsentTest, WhatWentOverAKeptConnectionThatDiedWasSent) {
  ScriptedServer* itself = nullptr;
  ScriptedServer server([&itself](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.answer("x");
    peer.read_request();
    itself->stop_listening();  // what comes over a new connection in its place is refused
  });
  itself = &server;
  ASSERT_TRUE(call(client->get(server.url())).response);
  EXPECT_EQ(is_unsent(ClientRequest("POST", server.url(), "x")), false);
  EXPECT_EQ(last_code, ClientErrorCode::kConnect) << "of the connection in its place";
}

TEST_F(UnsentTest, WhatWasRedirectedWasSent) {
  ScriptedServer gone(echo);
  gone.stop_listening();
  ScriptedServer server([&gone](ScriptedServer::Peer& peer) {
    peer.read_request();
    peer.answer("", "303 See Other", "Location: " + gone.url() + "\r\n");
  });
  ClientRequest request("POST", server.url(), "x");
  request.redirects_max = 1;
  EXPECT_EQ(is_unsent(std::move(request)), false);
  EXPECT_EQ(last_code, ClientErrorCode::kConnect);
}

TEST_F(UnsentTest, WhatIsLateIsNotSent) {
  ScriptedServer server(echo);
  ClientRequest request(server.url());
  request.deadline = loop.clock().now();
  EXPECT_EQ(is_unsent(std::move(request)), true);
  EXPECT_EQ(server.accepted(), 0);
}

}  // namespace
}  // namespace weir::http
