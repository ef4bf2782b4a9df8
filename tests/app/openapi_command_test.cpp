// SPDX-License-Identifier: MIT
// The OpenAPI document where a service shows it: /openapi.json, /docs, and the command `openapi`.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string>

namespace weir {
namespace {

class OpenApiRouteTest : public testing::Test {
 protected:
  OpenApiRouteTest() {
    app.get("/hello/{name}").handle([](Path<"name"> name) { return object({{"hello", *name}}); });
  }
  TestResponse get(std::string_view target) { return TestClient(app).get(target); }
  // Of a build with WEIR_DOCS_UI: what its texts hold is not ours.
  bool is_swagger_ui() { return get("/docs/script.js").body.find("SwaggerUIBundle") != std::string::npos; }
  int run(const char* command, std::string& out) {
    std::string name = "test";
    std::string word = command;
    std::array<char*, 3> argv{name.data(), word.data(), nullptr};
    testing::internal::CaptureStdout();
    const int exit_code = app.main(2, argv.data());
    out = testing::internal::GetCapturedStdout();
    return exit_code;
  }
  App app{"test", "1.2.3"};
};

TEST_F(OpenApiRouteTest, TheDocumentIsServed) {
  const TestResponse response = get("/openapi.json");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  const auto document = nlohmann::json::parse(response.body);
  EXPECT_EQ(document["info"]["title"], "test");
  EXPECT_TRUE(document["paths"].contains("/hello/{name}"));
}

TEST_F(OpenApiRouteTest, ItIsOfTheRoutesAsTheyAreAtTheStart) {
  TestClient before(app);
  app.get("/late").handle([] { return "late"; });
  EXPECT_EQ(before.get("/openapi.json").body.find("/late"), std::string::npos);
  EXPECT_NE(get("/openapi.json").body.find("/late"), std::string::npos);
}

TEST_F(OpenApiRouteTest, OnesOwnRouteTakesItsPlace) {
  app.get("/openapi.json").handle([] { return "mine"; });
  EXPECT_EQ(get("/openapi.json").body, "mine");
  EXPECT_EQ(get("/docs").status, 200);
}

TEST_F(OpenApiRouteTest, BothCanBeTurnedOff) {
  app.settings().has_openapi = false;
  EXPECT_EQ(get("/openapi.json").status, 404);
  EXPECT_EQ(get("/docs").status, 404);
  EXPECT_EQ(get("/docs/script.js").status, 404);
}

TEST_F(OpenApiRouteTest, ThePageIsThere) {
  const TestResponse response = get("/docs");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("/docs/style.css").header("Content-Type"), "text/css; charset=utf-8");
  EXPECT_EQ(get("/docs/script.js").header("Content-Type"), "text/javascript; charset=utf-8");
}

TEST_F(OpenApiRouteTest, ThePageMayFetchNothingFromElsewhere) {
  for (const char* const path : {"/docs", "/docs/style.css", "/docs/script.js"}) {
    const TestResponse response = get(path);
    EXPECT_EQ(response.header("Content-Security-Policy"),
              "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src data:; "
              "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    EXPECT_EQ(response.header("X-Content-Type-Options"), "nosniff");
    if (is_swagger_ui()) continue;
    for (const char* const outside : {"src=\"http", "href=\"http", "src=\"//", "@import", "url("}) {
      EXPECT_EQ(response.body.find(outside), std::string::npos) << path << " " << outside;
    }
  }
}

TEST_F(OpenApiRouteTest, ThePageMakesNoMarkupOfTheDocument) {
  const std::string script = get("/docs/script.js").body;
  if (is_swagger_ui()) GTEST_SKIP() << "Swagger UI makes sure of that in its own way.";
  for (const char* const way : {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function("}) {
    EXPECT_EQ(script.find(way), std::string::npos) << way;
  }
  const std::string html = get("/docs").body;
  EXPECT_EQ(html.find("style="), std::string::npos);
  EXPECT_EQ(html.find("<style"), std::string::npos);
}

TEST_F(OpenApiRouteTest, TheCommandPrintsIt) {
  std::string out;
  EXPECT_EQ(run("openapi", out), 0);
  EXPECT_TRUE(out.starts_with("{\n  \"openapi\": \"3.1.0\",\n")) << out;
  EXPECT_EQ(nlohmann::json::parse(out), nlohmann::json::parse(get("/openapi.json").body));
}

TEST_F(OpenApiRouteTest, TheCommandDoesWithoutTheRoute) {
  app.settings().has_openapi = false;
  std::string out;
  EXPECT_EQ(run("openapi", out), 0);
  EXPECT_TRUE(nlohmann::json::accept(out));
}

TEST_F(OpenApiRouteTest, ADocumentThatCannotBeMadeStopsTheProgram) {
  app.get("/x").security("token").handle([] { return "x"; });
  testing::internal::CaptureStderr();
  std::string out;
  EXPECT_EQ(run("openapi", out), 1);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("security(\"token\")"), std::string::npos);
  EXPECT_THROW(TestClient{app}, SetupError);
}

}  // namespace
}  // namespace weir
