// SPDX-License-Identifier: MIT
#include <weir/app/test_client.hpp>

#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::app {
namespace {

using namespace std::chrono_literals;

class TestClientTest : public testing::Test {
 protected:
  TestClientTest() {
    app.get("/hello/{name}").handle([](Context& context) { return object({{"hello", context.path("name")}}); });
    app.post("/echo").handle([](Context& context) { return std::string(context.body()); });
    app.get("/large").handle([] { return std::string(1 << 20, 'x'); });
    app.route(http::Method::kPatch, "/m").handle([] { return "patch"; });
    app.put("/m").handle([] { return "put"; });
    app.del("/m").handle([] { return "delete"; });
  }
  App app{"test"};
};

TEST_F(TestClientTest, ItAnswersLikeTheServer) {
  const TestResponse response = TestClient(app).get("/hello/world");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"hello":"world"})");
  EXPECT_EQ(response.header("content-TYPE"), "application/json");
  EXPECT_EQ(response.header("Date"), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(response.header("X-None"), std::nullopt);
}

TEST_F(TestClientTest, EachMethodIsSent) {
  TestClient client(app);
  EXPECT_EQ(client.post("/echo", "content").body, "content");
  EXPECT_EQ(client.put("/m", "").body, "put");
  EXPECT_EQ(client.patch("/m", "").body, "patch");
  EXPECT_EQ(client.del("/m").body, "delete");
  EXPECT_EQ(client.head("/hello/x").status, 200);
  EXPECT_EQ(client.options("/m").header("Allow"), "PUT, PATCH, DELETE, OPTIONS");
}

TEST_F(TestClientTest, ALargeAnswerIsWhole) {
  EXPECT_EQ(TestClient(app).get("/large").body.size(), 1U << 20U);
}

TEST_F(TestClientTest, InterimAnswersArePassedOver) {
  const TestResponse response = TestClient(app).post("/echo", "content", {{"Expect", "100-continue"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "content");
}

TEST_F(TestClientTest, AConnectionStaysOpenOverRequests) {
  TestClient client(app);
  auto connection = client.connect();
  EXPECT_TRUE(connection.send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n").ends_with(R"({"hello":"a"})"));
  EXPECT_TRUE(connection.send("GET /hello/b HTTP/1.1\r\nHost: x\r\n\r\n").ends_with(R"({"hello":"b"})"));
  EXPECT_FALSE(connection.is_closed());
}

TEST_F(TestClientTest, RawBytesMayComeInPieces) {
  TestClient client(app);
  auto connection = client.connect();
  EXPECT_EQ(connection.send("GET /hello/a HT"), "");
  EXPECT_TRUE(connection.send("TP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(TestClientTest, TimePassesOnlyWhenToldTo) {
  app.settings().limits.idle_timeout = 10s;
  TestClient client(app);
  auto connection = client.connect();
  connection.send("GET /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  client.advance(9s);
  EXPECT_FALSE(connection.is_closed());
  client.advance(2s);
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(TestClientTest, AnEndOfInputIsSeen) {
  TestClient client(app);
  auto connection = client.connect();
  connection.end_output();
  EXPECT_TRUE(connection.is_closed());
}

TEST_F(TestClientTest, ASlowReaderGetsTheAnswerInParts) {
  TestClient client(app);
  auto connection = client.connect();
  connection.set_receive_window(1000);
  EXPECT_EQ(connection.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n").size(), 1000U);
  connection.set_receive_window(500);
  EXPECT_EQ(connection.receive().size(), 500U);
  connection.set_receive_window(SIZE_MAX);
  EXPECT_GT(connection.receive().size(), (1U << 20U) - 1500);
}

TEST_F(TestClientTest, ARequestSentWhileOutputWaitsIsAnsweredLater) {
  TestClient client(app);
  auto connection = client.connect();
  connection.set_receive_window(1000);
  connection.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(connection.send("GET /hello/later HTTP/1.1\r\nHost: x\r\n\r\n"), "");
  connection.set_receive_window(SIZE_MAX);
  EXPECT_TRUE(connection.receive().ends_with(R"({"hello":"later"})"));
}

TEST_F(TestClientTest, AnAnswerThatHadToWaitBearsTheDateOfItsMaking) {
  TestClient client(app);
  auto connection = client.connect();
  connection.set_receive_window(1000);
  connection.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /hello/later HTTP/1.1\r\nHost: x\r\n\r\n");
  client.advance(5s);
  connection.set_receive_window(SIZE_MAX);
  EXPECT_NE(connection.receive().find("Date: Thu, 01 Jan 2026 00:00:05 GMT"), std::string::npos);
}

TEST_F(TestClientTest, TwoClientsOfOneAppDoNotShareTime) {
  TestClient first(app);
  TestClient second(app);
  first.advance(1h);
  EXPECT_EQ(second.get("/hello/x").header("Date"), "Thu, 01 Jan 2026 00:00:00 GMT");
  EXPECT_EQ(first.get("/hello/x").header("Date"), "Thu, 01 Jan 2026 01:00:00 GMT");
}

TEST_F(TestClientTest, WrongRoutesAreToldAtOnce) {
  app.get("/hello/{other}").handle([] {});
  EXPECT_THROW(TestClient{app}, SetupError);
}

TEST_F(TestClientTest, AnAppThatDoesNotServeIsHealthyAndNotReady) {
  TestClient client(app);
  EXPECT_EQ(client.get("/healthz").body, R"({"status":"ok"})");
  const TestResponse ready = client.get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body, R"({"status":"not ready"})");
}

}  // namespace
}  // namespace weir::app
