// SPDX-License-Identifier: MIT
#include <weir/routing/route_table.hpp>

#include <weir/routing/group.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::routing {
namespace {

class RouteTableTest : public testing::Test {
 protected:
  std::string error() {
    try {
      table.build();
      return "";
    } catch (const SetupError& setup_error) {
      return setup_error.what();
    }
  }
  std::string here(int line) { return std::string(__FILE__) + ":" + std::to_string(line); }

  RouteTable table;
  Group root{table, table.root()};
};

const char* hello() {
  return "hello";
}

TEST_F(RouteTableTest, DeclaredRoutesAreBuilt) {
  root.get("/a").handle(hello);
  root.post("/a").handle(hello);
  const auto routes = table.build();
  ASSERT_EQ(routes->all().size(), 2U);
  EXPECT_EQ(routes->all()[1].method, http::Method::kPost);
  EXPECT_EQ(routes->all()[1].pattern.text, "/a");
}

TEST_F(RouteTableTest, ACollisionNamesBothLocations) {
  const int line = __LINE__;
  root.get("/users/{id}").handle(hello);
  root.get("/users/{name}").handle(hello);
  EXPECT_EQ(error(), "two routes match the same requests: GET /users/{id} (" + here(line + 1) +
                         ") and GET /users/{name} (" + here(line + 2) + ")");
}

TEST_F(RouteTableTest, TheSamePathWithOtherMethodsIsNoCollision) {
  root.get("/x").handle(hello);
  root.put("/x").handle(hello);
  EXPECT_EQ(error(), "");
}

TEST_F(RouteTableTest, ACollisionAcrossGroupsIsFound) {
  const int line = __LINE__;
  root.get("/v1/x").handle(hello);
  root.group("/v1").get("/x").handle(hello);
  EXPECT_EQ(error(), "two routes match the same requests: GET /v1/x (" + here(line + 1) + ") and GET /v1/x (" +
                         here(line + 2) + ")");
}

TEST_F(RouteTableTest, ABadPatternNamesItsLocation) {
  const int line = __LINE__;
  root.get("/{id").handle(hello);
  EXPECT_EQ(error(),
            "bad route pattern \"/{id\": a parameter is a whole segment in braces, such as {id} or {id:int} (" +
                here(line + 1) + ")");
}

TEST_F(RouteTableTest, ARouteWithoutAHandlerNamesItsLocation) {
  const int line = __LINE__;
  static_cast<void>(root.get("/x"));
  EXPECT_EQ(error(), "the route GET /x (" + here(line + 1) + ") has no handler: end it with .handle(...)");
}

TEST_F(RouteTableTest, GroupPrefixesAddUp) {
  root.group("/a").group("/{b}").get("/c").handle(hello);
  EXPECT_EQ(table.build()->all()[0].pattern.text, "/a/{b}/c");
}

TEST_F(RouteTableTest, AParameterTwiceOverGroupAndRouteIsFound) {
  const int line = __LINE__;
  root.group("/{id}").get("/{id}").handle(hello);
  EXPECT_EQ(error(), "bad route pattern \"/{id}/{id}\": the parameter {id} occurs twice (" + here(line + 1) + ")");
}

TEST_F(RouteTableTest, APrefixThatIsNoneIsRefused) {
  for (const char* const prefix : {"v1", "/v1/", "/", "/{v", "/{all...}/x"}) {
    RouteTable fresh;
    Group group(fresh, fresh.root());
    static_cast<void>(group.group(prefix));
    try {
      fresh.build();
      ADD_FAILURE() << prefix;
    } catch (const SetupError& setup_error) {
      EXPECT_EQ(setup_error.what(),
                "bad group prefix \"" + std::string(prefix) + "\": it begins with a slash and does not end with one");
    }
  }
}

TEST_F(RouteTableTest, ARouteThatYieldsGivesWayToAnother) {
  RouteDeclaration& built_in = table.add(table.bare(), http::Method::kGet, "/healthz", std::source_location::current());
  built_in.handler = Handler::make([] { return "built in"; });
  built_in.is_built_in = true;
  const unsigned line = __LINE__;
  root.get("/healthz").handle(hello);
  const auto routes = table.build();
  ASSERT_EQ(routes->all().size(), 1U);
  EXPECT_EQ(routes->all()[0].where.line(), line + 1);
}

TEST_F(RouteTableTest, BuildingTwiceGivesTheSameRoutes) {
  root.get("/x").handle(hello);
  EXPECT_EQ(table.build()->all().size(), 1U);
  EXPECT_EQ(table.build()->all().size(), 1U);
}

TEST_F(RouteTableTest, TheInnermostBodyLimitCounts) {
  Group outer = root.group("/outer").body_limit(10);
  Group inner = outer.group("/inner").body_limit(20);
  root.get("/none").handle(hello);
  outer.get("/x").handle(hello);
  inner.get("/x").handle(hello);
  inner.get("/own").body_limit(30).handle(hello);
  const auto routes = table.build();
  EXPECT_EQ(routes->all()[0].body_limit, std::nullopt);
  EXPECT_EQ(routes->all()[1].body_limit, 10U);
  EXPECT_EQ(routes->all()[2].body_limit, 20U);
  EXPECT_EQ(routes->all()[3].body_limit, 30U);
}

struct Named {
  void before(Context&) const {}
};

TEST_F(RouteTableTest, AMiddlewareIsNamedAfterItsType) {
  root.use(Named{});
  root.get("/x").handle(hello);
  const auto routes = table.build();
  ASSERT_EQ(routes->all()[0].chain.links.size(), 1U);
  EXPECT_EQ(routes->all()[0].chain.links[0].middleware.name(), "Named");
}

}  // namespace
}  // namespace weir::routing
