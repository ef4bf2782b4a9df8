// SPDX-License-Identifier: MIT
#include <tests/http/client_fixture.hpp>
#include <weir/http/client/client.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Peer = ScriptedServer::Peer;

// "/N" redirects to "/N-1"; "/0" answers with the request.
void count_down(Peer& peer) {
  for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
    const int left = std::atoi(request.c_str() + request.find('/') + 1);
    if (left == 0) {
      peer.answer(request);
    } else {
      peer.answer("moved", "302 Found", "Location: /" + std::to_string(left - 1) + "\r\n");
    }
  }
}

// Redirects what is asked of it, and echoes "/end".
ScriptedServer::Script redirect_to(std::string status, std::string location) {
  return [status, location](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      if (request.find(" /end ") != std::string::npos) {
        peer.answer(request);
      } else {
        peer.answer("", status, "Location: " + location + "\r\n");
      }
    }
  };
}

class ClientRedirectTest : public ClientFixture {
 protected:
  Outcome follow(ClientRequest request, unsigned redirects_max = 3) {
    request.redirects_max = redirects_max;
    return call(std::move(request));
  }
};

TEST_F(ClientRedirectTest, NotFollowedUnlessAsked) {
  ScriptedServer server(count_down);
  const Outcome outcome = call(client->get(server.url("/1")));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->status, 302);
  EXPECT_EQ(outcome.response->header("location"), "/0");
  EXPECT_EQ(outcome.response->body, "moved");
}

TEST_F(ClientRedirectTest, AsManyAsAllowedAreFollowedAndOneMoreIsAnError) {
  ScriptedServer server(count_down);
  const Outcome followed = follow(ClientRequest(server.url("/3")), 3);
  ASSERT_TRUE(followed.response) << followed.message;
  EXPECT_THAT(followed.response->body, StartsWith("GET /0 "));
  EXPECT_EQ(follow(ClientRequest(server.url("/4")), 3).error, ClientErrorCode::kTooManyRedirects);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientRedirectTest, OnlyToHttp) {
  for (const char* location : {"file:///etc/passwd", "ftp://127.0.0.1/", "http://", "gopher://127.0.0.1:1/x"}) {
    ScriptedServer server(redirect_to("302 Found", location));
    const Outcome outcome = follow(ClientRequest(server.url()));
    EXPECT_EQ(outcome.error, ClientErrorCode::kBadUrl) << location << outcome.message;
    EXPECT_THAT(outcome.message, StartsWith(server.authority() + ": "));
  }
}

TEST_F(ClientRedirectTest, WithoutALocationItIsAnAnswer) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.answer("", "302 Found");
  });
  const Outcome outcome = follow(ClientRequest(server.url()));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->status, 302);
}

TEST_F(ClientRedirectTest, TheStatusDecidesWhatBecomesOfAPost) {
  for (const char* status : {"301 Moved", "302 Found", "303 See Other"}) {
    ScriptedServer server(redirect_to(status, "/end"));
    const Outcome outcome = follow(ClientRequest::post(server.url(), "data", "text/plain"));
    ASSERT_TRUE(outcome.response) << outcome.message;
    EXPECT_THAT(outcome.response->body, AllOf(StartsWith("GET /end "), Not(HasSubstr("Content-")))) << status;
  }
  for (const char* status : {"307 Temporary", "308 Permanent"}) {
    ScriptedServer server(redirect_to(status, "/end"));
    const Outcome outcome = follow(ClientRequest::post(server.url(), "data", "text/plain"));
    ASSERT_TRUE(outcome.response) << outcome.message;
    EXPECT_THAT(outcome.response->body, StartsWith("POST /end ")) << status;
    EXPECT_TRUE(outcome.response->body.ends_with("\r\n\r\ndata")) << status;
  }
}

TEST_F(ClientRedirectTest, OtherMethodsStayExceptAfterSeeOther) {
  ScriptedServer found(redirect_to("302 Found", "/end"));
  EXPECT_THAT(follow(ClientRequest("PUT", found.url(), "x")).response->body, StartsWith("PUT /end "));
  ScriptedServer see_other(redirect_to("303 See Other", "/end"));
  EXPECT_THAT(follow(ClientRequest("PUT", see_other.url(), "x")).response->body, StartsWith("GET /end "));
}

TEST_F(ClientRedirectTest, CredentialsStayWithTheirOrigin) {
  ScriptedServer other(echo);
  ScriptedServer server(redirect_to("307 Temporary", other.url("/end")));
  ClientRequest request("http://user:secret@" + server.authority() + "/");
  request.headers = {{"Cookie", "secret"}, {"authorization", "secret"}, {"Host", "secret"}, {"X-Kept", "kept"}};
  const Outcome outcome = follow(std::move(request));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_THAT(outcome.response->body, AllOf(Not(HasSubstr("secret")), Not(HasSubstr("uthorization")),
                                            HasSubstr("X-Kept: kept"), HasSubstr("Host: " + other.authority())));
}

TEST_F(ClientRedirectTest, CredentialsGoAlongWithinAnOrigin) {
  ScriptedServer server(redirect_to("302 Found", "/end"));
  ClientRequest request("http://user:secret@" + server.authority() + "/");
  request.headers = {{"Cookie", "kept"}};
  const Outcome outcome = follow(std::move(request));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_THAT(outcome.response->body, AllOf(HasSubstr("Authorization: Basic "), HasSubstr("Cookie: kept")));
}

TEST_F(ClientRedirectTest, OneTimeForAll) {
  ScriptedServer server([](Peer& peer) {
    for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
      peer.answer("", "302 Found", "Location: /again\r\n");
    }
  });
  ClientRequest request(server.url());
  request.timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(follow(std::move(request), 1'000'000).error, ClientErrorCode::kTimeout);
}

}  // namespace
}  // namespace weir::http
