// SPDX-License-Identifier: MIT
// Which answers a middleware surrounds: those of its group, the framework's own included.
#include "tests/routing/recorder.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

class MiddlewareScopeTest : public testing::Test {
 protected:
  MiddlewareScopeTest() {
    app.use(Recorder(events, "root"));
    Group v1 = app.group("/v1");
    v1.use(Recorder(events, "v1"));
    v1.get("/x").handle([] {});
    v1.post("/x").body_limit(3).handle([] {});
    Group tenant = v1.group("/{tenant}/t");
    tenant.use(Recorder(events, "tenant"));
    tenant.get("/y").handle([] {});
    app.get("/x").handle([] {});
    app.get("/files/{rest...}").handle([] {});
  }
  /// The hooks that answered, "root v1 404".
  std::string hooks_of(std::string_view method, std::string_view target, std::string_view body = {}) {
    events.clear();
    TestClient(app).send(method, target, body);
    std::string out;
    std::string status;
    for (const std::string& event : events) {
      if (event.ends_with(".before")) out += event.substr(0, event.find('.')) + " ";
      if (const auto at = event.find(".after "); at != std::string::npos) status = event.substr(at + 7);
    }
    EXPECT_EQ(events.size() % 3, 0U) << "each hook of a chain runs once";
    return out + status;
  }

  App app{"test"};
  Events events;
};

TEST_F(MiddlewareScopeTest, ARouteHasTheMiddlewareOfItsGroups) {
  EXPECT_EQ(hooks_of("GET", "/x"), "root 204");
  EXPECT_EQ(hooks_of("GET", "/v1/x"), "root v1 204");
  EXPECT_EQ(hooks_of("GET", "/v1/acme/t/y"), "root v1 tenant 204");
}

TEST_F(MiddlewareScopeTest, APathThatNoRouteHasIsSurroundedByTheGroupOfItsPrefix) {
  EXPECT_EQ(hooks_of("GET", "/none"), "root 404");
  EXPECT_EQ(hooks_of("GET", "/v1/none"), "root v1 404");
  EXPECT_EQ(hooks_of("GET", "/v1/acme/t/none"), "root v1 tenant 404");
}

TEST_F(MiddlewareScopeTest, OfTwoPrefixesTheMoreSpecificSurrounds) {
  Group by_name = app.group("/{name}");
  by_name.use(Recorder(events, "by_name"));
  Group admin = app.group("/admin");
  admin.use(Recorder(events, "admin"));
  EXPECT_EQ(hooks_of("GET", "/admin/none"), "root admin 404");
  EXPECT_EQ(hooks_of("GET", "/other/none"), "root by_name 404");
}

TEST_F(MiddlewareScopeTest, APrefixIsMadeOfWholeSegments) {
  EXPECT_EQ(hooks_of("GET", "/v1x/x"), "root 404");
}

TEST_F(MiddlewareScopeTest, AMethodThatThePathHasNotIsSurrounded) {
  EXPECT_EQ(hooks_of("DELETE", "/v1/x"), "root v1 405");
}

TEST_F(MiddlewareScopeTest, TheAutomaticOptionsAnswerIsSurrounded) {
  EXPECT_EQ(hooks_of("OPTIONS", "/v1/x"), "root v1 204");
}

TEST_F(MiddlewareScopeTest, AContentThatIsTooLongIsSurrounded) {
  EXPECT_EQ(hooks_of("POST", "/v1/x", "1234"), "root v1 413");
}

TEST_F(MiddlewareScopeTest, AnEscapedSlashInARestIsSurrounded) {
  EXPECT_EQ(hooks_of("GET", "/files/a%2Fb"), "root 400");
}

TEST_F(MiddlewareScopeTest, TheHealthRoutesHaveNoMiddleware) {
  EXPECT_EQ(hooks_of("GET", "/healthz"), "");
}

TEST_F(MiddlewareScopeTest, ADeclaredHealthRouteHasTheMiddlewareOfItsGroup) {
  app.get("/healthz").handle([] {});
  EXPECT_EQ(hooks_of("GET", "/healthz"), "root 204");
}

}  // namespace
}  // namespace weir
