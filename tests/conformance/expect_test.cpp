// SPDX-License-Identifier: MIT
// A client that waits for 100 (Continue) before it sends its content: RFC 9110 section 10.1.1.
#include "answers.hpp"
#include "case.hpp"
#include "service.hpp"
#include "socket_client.hpp"

#include <weir/app/test_client.hpp>

#include <gtest/gtest.h>

namespace weir::conformance {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kExpecting = "Expect: 100-continue\r\nContent-Length: 5\r\n";

class ExpectTest : public testing::Test {
 protected:
  Service service_;
  app::TestClient client_{service_.app()};
  app::TestClient::Connection connection_ = client_.connect();
};

TEST_F(ExpectTest, TheHeadAloneBringsThe100) {
  EXPECT_EQ(connection_.send(echo(kExpecting, "")), kContinue);
  const std::string answer = connection_.send("hello");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
  EXPECT_FALSE(connection_.is_closed());
}

TEST_F(ExpectTest, ThereIsOne100HoweverTheContentComes) {
  EXPECT_EQ(connection_.send(echo(kExpecting, "")), kContinue);
  EXPECT_EQ(connection_.send("he"), "");
  EXPECT_EQ(connection_.send("ll"), "");
  EXPECT_TRUE(connection_.send("o").ends_with("\r\n\r\nhello"));
}

TEST_F(ExpectTest, ChunkedContentIsAskedForToo) {
  EXPECT_EQ(connection_.send(echo("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", "")), kContinue);
  EXPECT_TRUE(connection_.send("5\r\nhello\r\n0\r\n\r\n").ends_with("\r\n\r\nhello"));
}

TEST_F(ExpectTest, The100ComesAfterTheAnswerBefore) {
  const std::string output = connection_.send(get("/users/a") + echo(kExpecting, ""));
  const std::size_t answer = output.find(R"({"id":"a"})");
  ASSERT_NE(answer, std::string::npos) << output;
  EXPECT_EQ(output.substr(answer + 10), kContinue);
}

TEST_F(ExpectTest, AFinalAnswerInsteadOfThe100LetsNothingOfTheContentBeTakenForARequest) {
  const std::string hidden = get("/users/hidden");
  for (const std::string_view line : {"POST /missing", "POST /plaintext"}) {
    app::TestClient::Connection connection = client_.connect();
    const std::string fields = "Expect: 100-continue\r\nContent-Length: " + std::to_string(hidden.size()) + "\r\n";
    std::string output = connection.send(request(line, fields, ""));
    EXPECT_TRUE(output.starts_with("HTTP/1.1 40")) << output;
    // The client may have sent its content all the same: it is read and dropped, or the connection is closed.
    output += connection.send(hidden);
    EXPECT_EQ(output.find("hidden"), std::string::npos) << output;
  }
}

TEST_F(ExpectTest, TooLongAContentIsRefusedBeforeItIsSent) {
  const std::string output = connection_.send(request("POST /small", "Expect: 100-continue\r\nContent-Length: 17\r\n"));
  EXPECT_TRUE(output.starts_with("HTTP/1.1 413 ")) << output;
  EXPECT_TRUE(connection_.is_closed());
}

TEST_F(ExpectTest, The100CrossesARealSocket) {
  service_.app().start();
  SocketClient client(service_.port());
  client.send(echo(kExpecting, ""));
  while (client.received().size() < kContinue.size() && client.receive()) {
  }
  EXPECT_EQ(client.received(), kContinue);
  client.send("hello");
  client.end_output();
  EXPECT_TRUE(client.receive_all());
  EXPECT_TRUE(client.received().ends_with("\r\n\r\nhello"));
}

}  // namespace
}  // namespace weir::conformance
