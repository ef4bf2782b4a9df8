// SPDX-License-Identifier: MIT
#include <tests/http/client_fixture.hpp>
#include <weir/http/client/client.hpp>
#include <weir/loop/sleep.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <string>

namespace weir::http {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Peer = ScriptedServer::Peer;

class ClientTest : public ClientFixture {};

TEST_F(ClientTest, GetBringsStatusHeadersAndBody) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.answer("hello", "200 OK", "Set-Cookie: a=1\r\nset-cookie: b=2\r\nEmpty:\r\n");
  });
  const Outcome outcome = call(client->get(server.url("/path?q=1")));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->status, 200);
  EXPECT_EQ(outcome.response->body, "hello");
  EXPECT_EQ(outcome.response->header("SET-COOKIE"), "a=1");
  EXPECT_EQ(outcome.response->header("empty"), "");
  EXPECT_EQ(outcome.response->header("absent"), std::nullopt);
  ASSERT_EQ(outcome.response->headers.size(), 4U);
  EXPECT_EQ(outcome.response->headers[2], std::pair(std::string("set-cookie"), std::string("b=2")));
}

TEST_F(ClientTest, SendsWhatTheRequestSaysAndNothingOdd) {
  ScriptedServer server(echo);
  ClientRequest request("GET", server.url("/path?q=1"));
  request.headers = {{"X-One", "1"}, {"X-Empty", ""}};
  const Outcome outcome = call(std::move(request));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->body, "GET /path?q=1 HTTP/1.1\r\nHost: " + server.authority() +
                                        "\r\nAccept: */*\r\nX-One: 1\r\nX-Empty:\r\n\r\n");
}

TEST_F(ClientTest, PostSendsItsBodyAndType) {
  ScriptedServer server(echo);
  const std::string body(2'000'000, 'x');  // so large that libcurl by itself would wait for a 100
  const Outcome outcome = call(client->post(server.url(), body, "text/plain"));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_THAT(outcome.response->body.substr(0, 300),
              AllOf(StartsWith("POST / HTTP/1.1\r\n"), HasSubstr("\r\nContent-Type: text/plain\r\n"),
                    HasSubstr("\r\nContent-Length: 2000000\r\n"), Not(HasSubstr("Expect"))));
  EXPECT_TRUE(outcome.response->body.ends_with(body));
}

TEST_F(ClientTest, MethodsFrameTheirContent) {
  ScriptedServer server(echo);
  const auto sent = [&](ClientRequest request) {
    const Outcome outcome = call(std::move(request));
    return outcome.response ? outcome.response->body : outcome.message;
  };
  EXPECT_THAT(sent(ClientRequest("PUT", server.url(), "ab")),
              AllOf(StartsWith("PUT / "), HasSubstr("\r\nContent-Length: 2\r\n"), Not(HasSubstr("Content-Type"))));
  EXPECT_THAT(sent(ClientRequest("POST", server.url())), AllOf(StartsWith("POST / "), HasSubstr("Content-Length: 0")));
  EXPECT_THAT(sent(ClientRequest("DELETE", server.url())),
              AllOf(StartsWith("DELETE / "), Not(HasSubstr("Content-Length"))));
  EXPECT_THAT(sent(ClientRequest("DELETE", server.url(), "ab")),
              AllOf(StartsWith("DELETE / "), HasSubstr("Content-Length: 2")));
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientTest, HeadHasNoContentWhateverItsLengthSays) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n");
    peer.read_request();
  });
  const Outcome outcome = call(ClientRequest("HEAD", server.url()));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->header("content-length"), "999999999999");
  EXPECT_EQ(outcome.response->body, "");
}

TEST_F(ClientTest, AnErrorStatusIsAnAnswer) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.answer("gone", "404 Not Found");
    peer.read_request();
    peer.answer("oops", "500 Internal Server Error");
  });
  const Outcome first = call(client->get(server.url()));
  ASSERT_TRUE(first.response) << first.message;
  EXPECT_EQ(first.response->status, 404);
  EXPECT_EQ(first.response->body, "gone");
  const Outcome second = call(client->get(server.url()));
  ASSERT_TRUE(second.response) << second.message;
  EXPECT_EQ(second.response->status, 500);
}

TEST_F(ClientTest, InterimAnswersAndTrailersAreDropped) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write(
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
        "HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nB: 2\r\n\r\n");
  });
  const Outcome outcome = call(client->get(server.url()));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->body, "abc");
  EXPECT_EQ(outcome.response->header("a"), "1");
  EXPECT_EQ(outcome.response->header("b"), std::nullopt);
  EXPECT_EQ(outcome.response->header("link"), std::nullopt);
}

TEST_F(ClientTest, AConnectionIsUsedAgain) {
  ScriptedServer server(echo);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(call(client->get(server.url())).response);
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(ClientTest, TwoHundredAtOnce) {
  ScriptedServer server(echo);
  std::deque<Outcome> outcomes(200);
  for (Outcome& outcome : outcomes) begin(client->get(server.url()), outcome);
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
  for (const Outcome& outcome : outcomes) ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_GT(server.accepted(), 1);
  EXPECT_LE(server.accepted(), 64);
}

TEST_F(ClientTest, TheLoopGoesOnMeanwhile) {
  ScriptedServer server([](Peer& peer) { peer.wait_for_close(); });
  Outcome pending;
  begin(client->get(server.url()), pending);
  bool has_slept = false;
  const auto nap = [](bool& done) -> loop::Task<void> {
    co_await loop::sleep(1ms);
    done = true;
  };
  ASSERT_TRUE(loop.try_post([&] { scope.spawn(nap(has_slept)); }));
  EXPECT_TRUE(run_until([&] { return has_slept; }));
  EXPECT_FALSE(pending.has_ended());
  stop.request_stop();
  EXPECT_TRUE(run_until([&] { return pending.has_ended(); }));
}

TEST_F(ClientTest, TheTotalTimeIsBounded) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
    peer.wait_for_close();
  });
  ClientRequest request(server.url());
  request.timeout = 50ms;
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = call(std::move(request));
  EXPECT_EQ(outcome.error, ClientErrorCode::kTimeout);
  EXPECT_THAT(outcome.message, HasSubstr(server.authority()));
  EXPECT_GE(outcome.ended - start, 50ms);
  EXPECT_LT(outcome.ended - start, 5s);
}

TEST_F(ClientTest, ADeadlineThatHasPassedSendsNothing) {
  ScriptedServer server(echo);
  ClientRequest request(server.url());
  request.deadline = loop.clock().now();
  EXPECT_EQ(call(std::move(request)).error, ClientErrorCode::kTimeout);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(ClientTest, EndlessTimesAreTimes) {
  ScriptedServer server(echo);
  ClientRequest request(server.url());
  request.timeout = std::chrono::nanoseconds::max();
  request.connect_timeout = std::chrono::nanoseconds::max();
  EXPECT_TRUE(call(std::move(request)).response);
}

TEST_F(ClientTest, ABodyOfTheBoundIsTakenAndOneByteMoreIsNot) {
  ScriptedServer server([](Peer& peer) {
    std::string request = peer.read_request();
    for (; !request.empty(); request = peer.read_request()) {
      const std::string body(request.starts_with("GET /more") ? 1001 : 1000, 'x');
      if (request.find("chunked") == std::string::npos) {
        peer.answer(body);
      } else {
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" + body.substr(0, 10) + "\r\n");
        char size[16];
        std::snprintf(size, sizeof(size), "%zx\r\n", body.size() - 10);
        peer.write(size + body.substr(10) + "\r\n0\r\n\r\n");
      }
    }
  });
  const auto get = [&](std::string_view path) {
    ClientRequest request(server.url(path));
    request.response_bytes_max = 1000;
    return call(std::move(request));
  };
  for (const char* framing : {"length", "chunked"}) {
    const Outcome taken = get(std::string("/just?") + framing);
    ASSERT_TRUE(taken.response) << taken.message;
    EXPECT_EQ(taken.response->body.size(), 1000U);
    const Outcome refused = get(std::string("/more?") + framing);
    EXPECT_EQ(refused.error, ClientErrorCode::kTooLarge) << refused.message;
  }
}

TEST_F(ClientTest, ABoundOfNothingTakesNothing) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.answer("");
    peer.read_request();
    peer.answer("x");
  });
  ClientRequest request(server.url());
  request.response_bytes_max = 0;
  EXPECT_TRUE(call(request).response);
  EXPECT_EQ(call(request).error, ClientErrorCode::kTooLarge);
}

TEST_F(ClientTest, AHeadWithoutEndIsTooLarge) {
  ScriptedServer server([](Peer& peer) {
    peer.read_request();
    peer.write("HTTP/1.1 200 OK\r\n");
    while (peer.write("X-More: " + std::string(1000, 'x') + "\r\n")) {
    }
  });
  EXPECT_EQ(call(client->get(server.url())).error, ClientErrorCode::kTooLarge);
}

TEST_F(ClientTest, AConnectionThatEndsEarlyIsBroken) {
  constexpr std::array<const char*, 5> kAnswers{
      "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "SSH-2.0-OpenSSH_9.2\r\n\r\n"};
  for (const char* answer : kAnswers) {
    ScriptedServer server([answer](Peer& peer) {
      peer.read_request();
      peer.write(answer);
    });
    const Outcome outcome = call(client->get(server.url()));
    EXPECT_EQ(outcome.error, ClientErrorCode::kBroken) << answer << outcome.message;
    EXPECT_THAT(outcome.message, StartsWith(server.authority() + ": "));
  }
}

TEST_F(ClientTest, NobodyListens) {
  std::string url;
  {
    ScriptedServer server(echo);
    url = server.url();
  }
  const Outcome outcome = call(client->get(url));
  EXPECT_EQ(outcome.error, ClientErrorCode::kConnect) << outcome.message;
}

TEST_F(ClientTest, ABadUrlIsRefusedWithoutTellingIt) {
  for (const char* url :
       {"", "no scheme", "//127.0.0.1/", "127.0.0.1/", "http://", "http:///x", "http://user:secret@/", "http://[::1/",
        "http://user:secret@host:port/", "http://a b/", "http://host/\r\nX: y", "file:///etc/passwd",
        "ftp://user:secret@host/", "gopher://host/", "httpx://user:secret@host/"}) {
    const Outcome outcome = call(client->get(url));
    EXPECT_EQ(outcome.error, ClientErrorCode::kBadUrl) << url << ": " << outcome.message;
    EXPECT_THAT(outcome.message, Not(HasSubstr("secret")));
  }
  EXPECT_EQ(call(client->get("http://127.0.0.1/" + std::string(70'000, 'x'))).error, ClientErrorCode::kBadUrl);
  EXPECT_EQ(call(client->get(std::string("http://127.0.0.1/\0x", 19))).error, ClientErrorCode::kBadUrl);
}

TEST_F(ClientTest, CredentialsOfTheUrlAreSentAndNotTold) {
  ScriptedServer server([](Peer& peer) { peer.answer(peer.read_request()); });
  const std::string url = "http://us%65r:s%3Acret@" + server.authority() + "/";
  const Outcome outcome = call(client->get(url));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_THAT(outcome.response->body, HasSubstr("\r\nAuthorization: Basic dXNlcjpzOmNyZXQ=\r\n"));  // user:s:cret
  EXPECT_THAT(outcome.response->body, StartsWith("GET / "));
  ClientRequest late(url);
  late.timeout = 0ms;
  EXPECT_THAT(call(std::move(late)).message, AllOf(HasSubstr(server.authority()), Not(HasSubstr("cret"))));
}

TEST_F(ClientTest, NothingThatCouldAddALineIsSent) {
  ScriptedServer server(echo);
  const auto code_for = [&](const std::string& name, const std::string& value) {
    ClientRequest request(server.url());
    request.headers.emplace_back(name, value);
    return call(std::move(request)).error;
  };
  EXPECT_EQ(code_for("X", "a\r\nY: b"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("X", "a\nb"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("X", std::string("a\0b", 3)), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("X: a\r\nY", "b"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("X;", "b"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("", "b"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("Content-Length", "0"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(code_for("transfer-encoding", "chunked"), ClientErrorCode::kBadRequest);
  EXPECT_EQ(call(ClientRequest("GET / HTTP/1.1\r\nX: y", server.url())).error, ClientErrorCode::kBadRequest);
  EXPECT_EQ(call(ClientRequest("", server.url())).error, ClientErrorCode::kBadRequest);
  EXPECT_EQ(call(ClientRequest("CONNECT", server.url())).error, ClientErrorCode::kBadRequest);
  EXPECT_EQ(call(ClientRequest("HEAD", server.url(), "body")).error, ClientErrorCode::kBadRequest);
  EXPECT_EQ(server.accepted(), 0);
}

TEST_F(ClientTest, ProxiesOfTheEnvironmentAreNotUsed) {
  ScriptedServer server(echo);
  ScriptedServer proxy([](Peer& peer) { peer.answer("proxy"); });
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  const Outcome direct = call(client->get(server.url()));
  EXPECT_EQ(proxy.accepted(), 0);
  client = std::make_unique<Client>(loop, ClientOptions{.use_environment_proxies = true});
  const Outcome through = call(client->get(server.url()));
  ::unsetenv("http_proxy");
  ASSERT_TRUE(direct.response && through.response) << direct.message << through.message;
  EXPECT_THAT(direct.response->body, StartsWith("GET / "));
  EXPECT_EQ(through.response->body, "proxy");
}

TEST_F(ClientTest, TryTwinsReturnTheError) {
  ScriptedServer server(echo);
  std::string seen;
  const auto ask = [](Client& asked, std::string url, std::string& out) -> loop::Task<void> {
    auto good = co_await asked.try_get(url);
    out = good ? std::to_string(good->status) : good.error().message();
    auto bad = co_await asked.try_get("file:///etc/passwd");
    out += !bad && bad.error().code() == base::ErrorCode::kInvalidArgument ? " refused" : " taken";
    auto posted = co_await asked.try_post(std::move(url), "x", "text/plain");
    if (posted) out += posted->body.ends_with("\r\n\r\nx") ? " posted" : posted->body;
  };
  scope.spawn(ask(*client, server.url(), seen));
  EXPECT_TRUE(run_until([this] { return scope.running() == 0; }));
  EXPECT_EQ(seen, "200 refused posted");
}

TEST(ClientLifeTest, ManyClientsComeAndGo) {
  for (int round = 0; round < 3; ++round) {
    loop::Loop loop;
    const Client first(loop);
    const Client second(loop);
  }
}

// What the manual clock is for: minutes pass in no time.
TEST(ClientClockTest, TheTimeOfARequestIsThatOfItsLoop) {
  base::ManualClock clock;
  loop::Loop loop{{.clock = &clock}};
  Client client(loop);
  loop::TaskScope scope;
  std::atomic<bool> is_asked = false;
  ScriptedServer server([&is_asked](Peer& peer) {
    peer.read_request();
    is_asked = true;
    peer.wait_for_close();
  });
  Outcome outcome;
  scope.spawn(record(client.get(server.url()), outcome));
  while (!is_asked) loop.run_for_event(5ms);
  clock.advance(29s);
  loop.run_once();
  EXPECT_FALSE(outcome.has_ended());
  clock.advance(2s);
  for (int turn = 0; turn < 10 && !outcome.has_ended(); ++turn) loop.run_once();
  EXPECT_EQ(outcome.error, ClientErrorCode::kTimeout);
}

}  // namespace
}  // namespace weir::http
