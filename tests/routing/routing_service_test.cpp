// SPDX-License-Identifier: MIT
// What the framework answers by itself.
#include <weir/routing/routing_service.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir {
namespace {

class RoutingServiceTest : public testing::Test {
 protected:
  TestResponse send(std::string_view method, std::string_view target, std::string_view body = {}) {
    return TestClient(app).send(method, target, body);
  }
  TestResponse get(std::string_view target) { return send("GET", target); }

  App app{"test"};
};

void expect_problem(const TestResponse& response, int status) {
  EXPECT_EQ(response.status, status);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  EXPECT_NE(response.body.find("\"status\":" + std::to_string(status)), std::string::npos) << response.body;
}

TEST_F(RoutingServiceTest, APathWithoutARouteIs404AndReflectsNothing) {
  const TestResponse response = get("/secret-path?secret-query");
  expect_problem(response, 404);
  EXPECT_EQ(response.body.find("secret"), std::string::npos);
}

TEST_F(RoutingServiceTest, AMethodThatThePathHasNotIs405WithAllow) {
  app.get("/x").handle([] {});
  app.put("/x").handle([] {});
  const TestResponse response = send("POST", "/x");
  expect_problem(response, 405);
  EXPECT_EQ(response.header("Allow"), "GET, HEAD, PUT, OPTIONS");
}

TEST_F(RoutingServiceTest, OptionsComesByItself) {
  app.post("/x").handle([] {});
  const TestResponse response = send("OPTIONS", "/x");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(send("OPTIONS", "/none").status, 404);
}

TEST_F(RoutingServiceTest, ADeclaredOptionsRouteTakesOver) {
  app.options("/x").handle([] { return "mine"; });
  EXPECT_EQ(send("OPTIONS", "/x").body, "mine");
}

TEST_F(RoutingServiceTest, OptionsForTheServerListsWhatItSpeaks) {
  const TestResponse response = send("OPTIONS", "*");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.header("Allow"), "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

TEST_F(RoutingServiceTest, HeadComesWithGet) {
  app.get("/x").handle([] { return "hello"; });
  const TestResponse response = send("HEAD", "/x");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Length"), "5");
  EXPECT_EQ(response.body, "");
}

TEST_F(RoutingServiceTest, AMalformedPathIs400) {
  app.get("/{x}").handle([] {});
  for (const char* const target : {"/%zz", "/%00", "/..", "/%2e%2e", "/a\"b"}) expect_problem(get(target), 400);
}

TEST_F(RoutingServiceTest, AnHttpErrorIsAnsweredWithItsDetail) {
  app.get("/").handle([] { throw HttpError(409, "already \"there\""); });
  const TestResponse response = get("/");
  expect_problem(response, 409);
  EXPECT_NE(response.body.find(R"("detail":"already \"there\"")"), std::string::npos) << response.body;
}

TEST_F(RoutingServiceTest, AnHttpErrorThatIsNoErrorIs500) {
  for (const int status : {-1, 0, 200, 399, 600, 1000}) {
    App one{"test"};
    one.get("/").handle([status] { throw HttpError(status, "secret"); });
    const TestResponse response = TestClient(one).get("/");
    expect_problem(response, 500);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
}

TEST_F(RoutingServiceTest, AnUnknownExceptionIs500ThatTellsNothing) {
  app.get("/std").handle([] { throw std::runtime_error("password=secret"); });
  app.get("/int").handle([] { throw 42; });
  for (const char* const target : {"/std", "/int"}) {
    const TestResponse response = get(target);
    expect_problem(response, 500);
    EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Internal Server Error","status":500})");
  }
}

TEST_F(RoutingServiceTest, AfterAnExceptionTheConnectionGoesOn) {
  app.get("/throw").handle([] { throw 42; });
  app.get("/").handle([] { return "fine"; });
  TestClient client(app);
  auto connection = client.connect();
  const std::string answers =
      connection.send("GET /throw HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 500 "));
  EXPECT_TRUE(answers.ends_with("\r\n\r\nfine"));
}

TEST_F(RoutingServiceTest, NothingOfAHalfMadeAnswerSurvivesAnException) {
  app.get("/").handle([](Context& context) { return Response::text(context.path("none")); });
  const TestResponse response = get("/");
  expect_problem(response, 500);
  EXPECT_EQ(response.body.find("none"), std::string::npos);
}

TEST_F(RoutingServiceTest, AHeaderThatWouldSplitTheHeadIs500AndNotSent) {
  app.get("/").handle([](Context& context) {
    Response response;
    response.set_header("X-Reflect", context.query("v").value_or(""));
    return response;
  });
  const TestResponse response = get("/?v=a%0d%0aX-Evil:%201");
  expect_problem(response, 500);
  EXPECT_EQ(response.header("X-Evil"), std::nullopt);
  EXPECT_EQ(response.header("X-Reflect"), std::nullopt);
}

struct NotFound : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct OrderNotFound : NotFound {
  using NotFound::NotFound;
};

TEST_F(RoutingServiceTest, AMappedExceptionIsAnsweredByItsMapper) {
  app.map_error<NotFound>([](const NotFound& error) { return problem(404, error.what()); });
  app.get("/").handle([] { throw OrderNotFound("order 7"); });
  const TestResponse response = get("/");
  expect_problem(response, 404);
  EXPECT_NE(response.body.find("order 7"), std::string::npos);
}

TEST_F(RoutingServiceTest, AnExceptionOfAnotherTypeIsNotMapped) {
  app.map_error<NotFound>([](const NotFound&) { return problem(404); });
  app.get("/").handle([] { throw std::logic_error("x"); });
  expect_problem(get("/"), 500);
}

TEST_F(RoutingServiceTest, TheInnermostMapperIsAskedFirst) {
  app.map_error<NotFound>([](const NotFound&) { return problem(410); });
  Group inner = app.group("/in");
  inner.map_error<NotFound>([](const NotFound&) { return problem(404); });
  inner.get("/x").handle([] { throw NotFound("x"); });
  app.get("/x").handle([] { throw NotFound("x"); });
  EXPECT_EQ(get("/in/x").status, 404);
  EXPECT_EQ(get("/x").status, 410);
}

TEST_F(RoutingServiceTest, AMapperOfTheOuterGroupCatchesWhatTheInnerHasNot) {
  app.map_error<NotFound>([](const NotFound&) { return problem(410); });
  Group inner = app.group("/in");
  inner.map_error<OrderNotFound>([](const OrderNotFound&) { return problem(404); });
  inner.get("/x").handle([] { throw NotFound("x"); });
  EXPECT_EQ(get("/in/x").status, 410);
}

TEST_F(RoutingServiceTest, AMapperThatThrowsIs500) {
  app.map_error<NotFound>([](const NotFound&) -> Response { throw 42; });
  app.get("/").handle([] { throw NotFound("x"); });
  expect_problem(get("/"), 500);
}

TEST_F(RoutingServiceTest, AContentAboveTheRoutesLimitIs413) {
  app.post("/x").body_limit(3).handle([](Context& context) { return std::string(context.body()); });
  EXPECT_EQ(send("POST", "/x", "123").body, "123");
  expect_problem(send("POST", "/x", "1234"), 413);
}

TEST_F(RoutingServiceTest, ARouteMayTakeMoreThanTheApp) {
  app.settings().limits.body_bytes = 2;
  app.post("/large").body_limit(10).handle([](Context& context) { return std::string(context.body()); });
  app.post("/usual").handle([] {});
  EXPECT_EQ(send("POST", "/large", "123456").body, "123456");
  EXPECT_EQ(send("POST", "/usual", "123").status, 413);
}

TEST_F(RoutingServiceTest, AnEscapedSlashUnderARestIs400) {
  app.get("/files/{path...}").handle([](Context& context) { return std::string(context.path("path")); });
  EXPECT_EQ(get("/files/a/b%20c").body, "a/b c");
  expect_problem(get("/files/a%2Fb"), 400);
}

}  // namespace
}  // namespace weir
