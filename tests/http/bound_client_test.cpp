// SPDX-License-Identifier: MIT
#include <tests/http/client_fixture.hpp>
#include <weir/http/client/bound_client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Peer = ScriptedServer::Peer;

class BoundClientTest : public ClientFixture {};

TEST_F(BoundClientTest, AddsItsTraceUnlessSet) {
  ScriptedServer server(echo);
  const BoundClient bound(*client, "00-trace", "request-1", base::TimePoint::max());
  const Outcome plain = call(bound.get(server.url()));
  ASSERT_TRUE(plain.response) << plain.message;
  EXPECT_THAT(plain.response->body,
              AllOf(HasSubstr("\r\ntraceparent: 00-trace\r\n"), HasSubstr("\r\nX-Request-Id: request-1\r\n")));
  ClientRequest own("POST", server.url(), "x");
  own.headers = {{"TraceParent", "own"}};
  const Outcome set = call(bound.send(std::move(own)));
  ASSERT_TRUE(set.response) << set.message;
  EXPECT_THAT(set.response->body, AllOf(HasSubstr("\r\nTraceParent: own\r\n"), Not(HasSubstr("00-trace"))));
}

TEST_F(BoundClientTest, EndsAtItsDeadline) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  const BoundClient bound(*client, "", "", loop.clock().now() + 30ms);
  const Outcome outcome = call(bound.get(server.url()));
  EXPECT_EQ(outcome.error, ClientErrorCode::kTimeout);
}

TEST_F(BoundClientTest, ATemporaryMayGoBeforeItsTask) {
  ScriptedServer server(echo);
  const auto task = [](Client& used, std::string url, int& status) -> loop::Task<void> {
    auto reply = co_await BoundClient(used, "00-trace", "id", base::TimePoint::max()).get(std::move(url));
    status = reply.status;
  };
  int status = 0;
  scope.spawn(task(*client, server.url(), status));
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace weir::http
