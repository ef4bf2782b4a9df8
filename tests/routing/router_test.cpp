// SPDX-License-Identifier: MIT
#include <weir/routing/router.hpp>

#include <weir/http/path.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace weir::routing {
namespace {

using http::Method;

class RouterTest : public testing::Test {
 protected:
  std::optional<Router::RouteIndex> add(std::string_view pattern, Method method = Method::kGet) {
    patterns.emplace_back(pattern);
    return router.add(*PathPattern::parse(pattern), method, static_cast<Router::RouteIndex>(patterns.size() - 1));
  }
  /// The pattern that a path finds, or "none".
  std::string find(std::string_view raw_path, Method method = Method::kGet) {
    EXPECT_EQ(path.parse(raw_path), raw_path.size());
    const auto found = router.find(path.segments(), method);
    return found ? patterns[*found] : "none";
  }
  std::string allowed(std::string_view raw_path) {
    EXPECT_EQ(path.parse(raw_path), raw_path.size());
    return router.allowed_methods(path.segments());
  }

  Router router;
  std::vector<std::string> patterns;
  http::PathSegments path;
};

TEST_F(RouterTest, WithoutRoutesNothingIsFound) {
  EXPECT_EQ(find("/"), "none");
  EXPECT_EQ(allowed("/"), "");
}

TEST_F(RouterTest, LiteralSegmentWinsOverParameter) {
  add("/users/{id}");
  add("/users/me");
  EXPECT_EQ(find("/users/me"), "/users/me");
  EXPECT_EQ(find("/users/you"), "/users/{id}");
}

TEST_F(RouterTest, KindsWinInOrderOfTheirPrecisionNotOfTheirDeclaration) {
  add("/{rest...}");
  add("/{any}");
  add("/{id:uuid}");
  add("/{id:int}");
  add("/7");
  EXPECT_EQ(find("/7"), "/7");
  EXPECT_EQ(find("/8"), "/{id:int}");
  EXPECT_EQ(find("/123e4567-e89b-12d3-a456-426614174000"), "/{id:uuid}");
  EXPECT_EQ(find("/x"), "/{any}");
  EXPECT_EQ(find("/x/y"), "/{rest...}");
  EXPECT_EQ(find("/"), "/{rest...}");
}

TEST_F(RouterTest, ABranchThatLeadsNowhereIsLeftAgain) {
  add("/a/b/c");
  add("/{x}/b/d");
  add("/a/{y}/e");
  add("/{all...}");
  EXPECT_EQ(find("/a/b/c"), "/a/b/c");
  EXPECT_EQ(find("/a/b/d"), "/{x}/b/d");
  EXPECT_EQ(find("/a/b/e"), "/a/{y}/e");
  EXPECT_EQ(find("/a/b/f"), "/{all...}");
}

TEST_F(RouterTest, ABranchWithoutTheMethodIsLeftAgain) {
  add("/users/me", Method::kGet);
  add("/users/{id}", Method::kDelete);
  EXPECT_EQ(find("/users/me", Method::kDelete), "/users/{id}");
}

TEST_F(RouterTest, AFinalSlashMakesAnotherPath) {
  add("/x");
  add("/y/");
  EXPECT_EQ(find("/x/"), "none");
  EXPECT_EQ(find("/y"), "none");
  EXPECT_EQ(find("/y/"), "/y/");
}

TEST_F(RouterTest, SlashesAreNotCollapsed) {
  add("/a/b");
  EXPECT_EQ(find("//a/b"), "none");
  EXPECT_EQ(find("/a//b"), "none");
}

TEST_F(RouterTest, CaseMatters) {
  add("/Users");
  EXPECT_EQ(find("/users"), "none");
}

TEST_F(RouterTest, ALiteralMatchesItsEscapedSpelling) {
  add("/users");
  EXPECT_EQ(find("/%75sers"), "/users");
}

TEST_F(RouterTest, AnEscapedSlashDoesNotSeparate) {
  add("/a/b");
  add("/{one}");
  EXPECT_EQ(find("/a%2Fb"), "/{one}");
}

TEST_F(RouterTest, LiteralsOfEveryLengthAreToldApart) {
  std::string text;
  for (int length = 1; length <= 20; ++length) {
    text += 'a';
    add("/" + text);
    add("/" + text + "b");
  }
  for (std::size_t length = 1; length <= 20; ++length) {
    const std::string literal = "/" + std::string(length, 'a');
    EXPECT_EQ(find(literal), literal);
    EXPECT_EQ(find(literal + "b"), literal + "b");
    EXPECT_EQ(find(literal + "c"), "none");
  }
  EXPECT_EQ(find("/aaaaaaaaX"), "none");
  EXPECT_EQ(find("/aaaaaaaaaaXa"), "none");
}

TEST_F(RouterTest, RestTakesOneOrMoreSegments) {
  add("/files/{path...}");
  EXPECT_EQ(find("/files"), "none");
  EXPECT_EQ(find("/files/"), "/files/{path...}");
  EXPECT_EQ(find("/files/a/b/c"), "/files/{path...}");
}

TEST_F(RouterTest, HeadFindsGet) {
  add("/x", Method::kGet);
  EXPECT_EQ(find("/x", Method::kHead), "/x");
}

TEST_F(RouterTest, AHeadRouteOfItsOwnWins) {
  add("/x", Method::kGet);
  add("/x", Method::kHead);
  ASSERT_EQ(path.parse("/x"), 2U);
  EXPECT_EQ(router.find(path.segments(), Method::kHead), 1U);
  EXPECT_EQ(router.find(path.segments(), Method::kGet), 0U);
}

TEST_F(RouterTest, GetDoesNotFindHead) {
  add("/x", Method::kHead);
  EXPECT_EQ(find("/x", Method::kGet), "none");
}

TEST_F(RouterTest, ASecondRouteOfOneShapeIsReported) {
  EXPECT_EQ(add("/users/{id}"), std::nullopt);
  EXPECT_EQ(add("/users/{name}"), 0U);
  EXPECT_EQ(add("/users/{id}", Method::kPost), std::nullopt);
  EXPECT_EQ(add("/users/{id:int}"), std::nullopt);
  EXPECT_EQ(find("/users/x"), "/users/{id}");
}

TEST_F(RouterTest, AllowListsWhatThePathHas) {
  add("/x", Method::kPost);
  add("/x", Method::kDelete);
  EXPECT_EQ(allowed("/x"), "POST, DELETE, OPTIONS");
  EXPECT_EQ(allowed("/y"), "");
}

TEST_F(RouterTest, AllowListsHeadBesideGet) {
  add("/x", Method::kGet);
  EXPECT_EQ(allowed("/x"), "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, AllowGathersTheMethodsOfAllRoutesThatFit) {
  add("/users/me", Method::kGet);
  add("/users/{id}", Method::kDelete);
  add("/{rest...}", Method::kPut);
  EXPECT_EQ(allowed("/users/me"), "GET, HEAD, PUT, DELETE, OPTIONS");
}

// At every level of the path the literal, the number and the parameter all fit, and none leads to a route.
TEST_F(RouterTest, APathThatFitsEveryBranchIsLookedUpInTheSizeOfTheTree) {
  // 3^8 patterns would make the tree large; a path of 8 segments visits each node at most once.
  std::vector<std::string> level{""};
  for (int depth = 0; depth < 8; ++depth) {
    std::vector<std::string> next;
    for (const std::string& prefix : level) {
      const std::string number = std::to_string(depth);
      next.push_back(prefix + "/1");
      next.push_back(prefix + "/{i" + number + ":int}");
      next.push_back(prefix + "/{p" + number + "}");
    }
    level = std::move(next);
  }
  for (const std::string& prefix : level) add(prefix + "/end");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(find("/1/1/1/1/1/1/1/1/other"), "none");
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
}

}  // namespace
}  // namespace weir::routing
