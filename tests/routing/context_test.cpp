// SPDX-License-Identifier: MIT
#include <weir/routing/context.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace weir {
namespace {

class ContextTest : public testing::Test {
 protected:
  /// What `look` says in a handler of `pattern`.
  template <class F>
  std::string ask(std::string_view pattern, F look, std::string_view target, TestClient::Headers headers = {}) {
    App app{"test"};
    app.get(pattern).handle(std::move(look));
    return TestClient(app).get(target, headers).body;
  }
};

std::string or_none(const std::optional<std::string>& value) {
  return value.value_or("none");
}

TEST_F(ContextTest, APathParameterIsDecodedOnce) {
  const auto id = [](Context& context) { return std::string(context.path("id")); };
  EXPECT_EQ(ask("/users/{id}", id, "/users/a%20b"), "a b");
  EXPECT_EQ(ask("/users/{id}", id, "/users/%252F"), "%2F");
  EXPECT_EQ(ask("/users/{id}", id, "/users/a%2Fb"), "a/b");
  EXPECT_EQ(ask("/users/{id}", id, "/users/a+b"), "a+b");
}

TEST_F(ContextTest, EachParameterHasItsValue) {
  const auto both = [](Context& context) {
    return std::string(context.path("a")) + "," + std::string(context.path("b"));
  };
  EXPECT_EQ(ask("/{a}/x/{b:int}", both, "/1/x/2"), "1,2");
}

TEST_F(ContextTest, AParameterThatThePatternHasNotThrows) {
  bool has_thrown = false;
  ask(
      "/{a}",
      [&has_thrown](Context& context) {
        try {
          static_cast<void>(context.path("b"));
        } catch (const std::out_of_range& error) {
          has_thrown = std::string_view(error.what()) == "the route's pattern has no parameter {b}";
        }
      },
      "/x");
  EXPECT_TRUE(has_thrown);
}

TEST_F(ContextTest, ARestIsJoinedAgain) {
  const auto rest = [](Context& context) { return "<" + std::string(context.path("rest")) + ">"; };
  EXPECT_EQ(ask("/f/{rest...}", rest, "/f/a"), "<a>");
  EXPECT_EQ(ask("/f/{rest...}", rest, "/f/a/b/c"), "<a/b/c>");
  EXPECT_EQ(ask("/f/{rest...}", rest, "/f/a%20b/c/"), "<a b/c/>");
  EXPECT_EQ(ask("/f/{rest...}", rest, "/f/"), "<>");
  EXPECT_EQ(ask("/f/{rest...}", rest, "/f//a"), "</a>");
}

TEST_F(ContextTest, TheRouteIsItsPattern) {
  EXPECT_EQ(ask(
                "/users/{id}", [](Context& context) { return std::string(context.route()); }, "/users/7"),
            "/users/{id}");
}

TEST_F(ContextTest, AQueryParameterIsDecoded) {
  const auto q = [](Context& context) { return or_none(context.query("q")); };
  EXPECT_EQ(ask("/", q, "/?q=a+b%26&q=2"), "a b&");
  EXPECT_EQ(ask("/", q, "/?q"), "");
  EXPECT_EQ(ask("/", q, "/?x=1"), "none");
  EXPECT_EQ(ask("/", q, "/"), "none");
}

TEST_F(ContextTest, AMalformedQueryIs400WhenItIsRead) {
  App app{"test"};
  app.get("/reads").handle([](Context& context) { return or_none(context.query("q")); });
  app.get("/reads-not").handle([] { return "fine"; });
  TestClient client(app);
  EXPECT_EQ(client.get("/reads?q=%zz").status, 400);
  EXPECT_EQ(client.get("/reads-not?q=%zz").status, 200);
}

TEST_F(ContextTest, AHeaderIsFoundInAnyCase) {
  const auto look = [](Context& context) { return std::string(context.header("x-name").value_or("none")); };
  EXPECT_EQ(ask("/", look, "/", {{"X-NAME", "ada"}}), "ada");
  EXPECT_EQ(ask("/", look, "/"), "none");
}

TEST_F(ContextTest, ACookieIsFoundByItsName) {
  const auto look = [](Context& context) { return or_none(context.cookie("session")); };
  EXPECT_EQ(ask("/", look, "/", {{"Cookie", "a=1; session=\"x y\"; session=2"}}), "x y");
  EXPECT_EQ(ask("/", look, "/", {{"Cookie", "Session=1"}}), "none");
  EXPECT_EQ(ask("/", look, "/"), "none");
}

TEST_F(ContextTest, TheBodyIsTheContent) {
  App app{"test"};
  app.post("/").handle([](Context& context) { return std::string(context.body()); });
  EXPECT_EQ(TestClient(app).post("/", "content").body, "content");
}

TEST_F(ContextTest, TheRequestIdStaysOverARequestAndDiffersBetweenTwo) {
  App app{"test"};
  app.get("/").handle(
      [](Context& context) { return std::string(context.request_id()) + " " + std::string(context.request_id()); });
  TestClient client(app);
  auto connection = client.connect();
  const auto ids = [&connection] {
    const std::string answer = connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    return answer.substr(answer.find("\r\n\r\n") + 4);
  };
  const std::string first = ids();
  ASSERT_EQ(first.size(), 65U);
  EXPECT_EQ(first.substr(0, 32), first.substr(33));
  EXPECT_NE(first, ids());
}

TEST_F(ContextTest, TheClientIsNamed) {
  EXPECT_EQ(ask(
                "/", [](Context& context) { return context.client(); }, "/"),
            "memory");
}

TEST_F(ContextTest, TheClockIsTheTestClients) {
  App app{"test"};
  std::vector<base::TimePoint> times;
  app.get("/").handle([&times](Context& context) { times.push_back(context.clock().now()); });
  TestClient client(app);
  client.get("/");
  client.advance(std::chrono::seconds(5));
  client.get("/");
  ASSERT_EQ(times.size(), 2U);
  EXPECT_EQ(times[1] - times[0], std::chrono::seconds(5));
}

TEST_F(ContextTest, NothingOfOneRequestReachesTheNext) {
  App app{"test"};
  app.get("/{a}/{b...}").handle([](Context& context) { return std::string(context.path("b")); });
  app.get("/{a}").handle([](Context& context) { return std::string(context.path("a")); });
  TestClient client(app);
  auto connection = client.connect();
  EXPECT_TRUE(connection.send("GET /%61/b/%63 HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\nb/c"));
  EXPECT_TRUE(connection.send("GET /%78 HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\nx"));
  EXPECT_TRUE(connection.send("GET /none/ HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST_F(ContextTest, FormIsDecoded) {
  App app{"test"};
  app.post("/form").handle([](Context& context) { return std::string(context.form().find("b").value_or("none")); });
  TestClient client{app};
  const auto response =
      client.post("/form", "a=1&b=x+y%21", {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}});
  EXPECT_EQ(response.body, "x y!");
}

TEST_F(ContextTest, FormOfAnotherTypeIs415AndABadEscape400) {
  App app{"test"};
  app.post("/form").handle([](Context& context) { return std::string(context.form().find("b").value_or("none")); });
  TestClient client{app};
  EXPECT_EQ(client.post("/form", "b=1", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(client.post("/form", "b=1").status, 415);
  EXPECT_EQ(client.post("/form", "b=%zz", {{"Content-Type", "application/x-www-form-urlencoded"}}).status, 400);
}

// ---- what a hook leaves for those behind it ----

struct Tenant {
  std::string name;
};
struct Plan {
  int seats = 0;
};

class Attaching {
 public:
  void before(Context& context) const {
    if (const auto name = context.query("tenant")) {
      context.attach(std::make_shared<const Plan>(Plan{7}));
      context.attach(std::make_shared<const Tenant>(Tenant{"first"}));
      context.attach(std::make_shared<const Tenant>(Tenant{*name}));
    }
  }
};

std::string attached_to(const Context& context) {
  const auto* const tenant = context.attached<Tenant>();
  const auto* const plan = context.attached<Plan>();
  return (tenant != nullptr ? tenant->name : "nobody") + " " + std::to_string(plan != nullptr ? plan->seats : 0);
}

TEST(AttachedTest, OneValueOfEachTypeIsThereForTheHandler) {
  App app{"test"};
  const Pool side = app.pool("side", {.workers = 1});
  app.use(Attaching());
  app.get("/").handle([](Context& context) { return attached_to(context); });
  app.get("/pool").on(side).handle([](Context& context) { return attached_to(context); });
  TestClient client(app);
  EXPECT_EQ(client.get("/?tenant=ann").body, "ann 7");
  EXPECT_EQ(client.get("/pool?tenant=ann").body, "ann 7");
}

TEST(AttachedTest, ItEndsWithItsRequest) {
  App app{"test"};
  app.use(Attaching());
  app.get("/").handle([](Context& context) { return attached_to(context); });
  TestClient client(app);
  auto connection = client.connect();  // its requests have the same place in memory
  connection.write("GET /?tenant=ann HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(connection.read_answer().body, "ann 7");
  EXPECT_EQ(connection.read_answer().body, "nobody 0");
}

// ---- counters ----

const base::MetricId& orders_id() {
  static const base::MetricId id{"orders_total", "Orders taken."};
  return id;
}

TEST(ContextCountTest, MetricsHaveWhatHooksAndHandlersCount) {
  struct Counting {
    void before(Context& context) const { context.count(orders_id()); }
  };
  App app{"test"};
  app.use(Counting());
  app.get("/").handle([](Context& context) { context.count(orders_id(), 10); });
  TestClient client(app);
  EXPECT_EQ(client.metrics().find("orders_total"), std::string::npos);
  client.get("/");
  client.get("/nowhere");
  EXPECT_NE(client.metrics().find("\norders_total 12\n"), std::string::npos) << client.metrics();
}

TEST(ContextCountTest, SoTheyHaveWhatHandlersOnWorkersCount) {
  App app{"test"};
  const Pool side = app.pool("side", {.workers = 4});
  app.get("/pool").on(side).handle([](Context& context) { context.count(orders_id()); });
  app.get("/loop").handle([](Context& context) { context.count(orders_id(), 100); });
  app.get("/offload").handle([side](Context& context) -> Task<void> {
    co_await context.offload(
        side, [](Context* asking) { asking->count(orders_id()); }, &context);
  });
  TestClient client(app);
  for (int i = 0; i < 10; ++i) client.get("/pool");
  client.get("/loop");
  client.get("/offload");
  EXPECT_NE(client.metrics().find("\norders_total 111\n"), std::string::npos) << client.metrics();
}

}  // namespace
}  // namespace weir
