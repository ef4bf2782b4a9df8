// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/document.hpp>

#include <weir/http/response.hpp>
#include <weir/json.hpp>
#include <weir/routing/openapi/schema.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace weir {
namespace {

using Json = nlohmann::ordered_json;
using namespace std::chrono_literals;

enum class Sort { kName, kAge };
[[maybe_unused]] constexpr auto describe(const Sort*) {
  return enumerators(enumerator<Sort::kName>("name"), enumerator<Sort::kAge>("age"));
}

struct User {
  std::string name;
  static constexpr auto describe() { return fields(field<&User::name>(length(1, 20))); }
};
struct Search {
  std::string text;
  std::vector<std::string> tags;
};
WEIR_DESCRIBE(Search, text, tags);

class OpenApiTest : public testing::Test {
 protected:
  Json document() { return Json::parse(routing::openapi_document(*app.build_routes())); }
  Json operation(const char* path, const char* method = "get") {
    const Json all = document();
    return all["paths"].contains(path) ? all["paths"][path].value(method, Json()) : Json();
  }
  std::vector<std::string> statuses(const char* path, const char* method = "get") {
    std::vector<std::string> keys;
    const Json responses = operation(path, method)["responses"];
    for (const auto& item : responses.items()) keys.push_back(item.key());
    return keys;
  }
  std::string error() {
    try {
      document();
      return "";
    } catch (const SetupError& setup_error) {
      return setup_error.what();
    }
  }

  using Statuses = std::vector<std::string>;
  App app{"shop", "1.2.3"};
};

std::string hello() {
  return "hello";
}

// ---- the whole ----

TEST_F(OpenApiTest, ASmallDocumentIsWhole) {
  app.get("/hello").summary("Says hello.").handle(hello);
  Json whole = document();
  EXPECT_TRUE(whole["components"]["schemas"].contains("Problem"));
  whole.erase("components");
  EXPECT_EQ(whole.dump(2), R"({
  "openapi": "3.1.0",
  "info": {
    "title": "shop",
    "version": "1.2.3"
  },
  "servers": [
    {
      "url": "/"
    }
  ],
  "security": [],
  "paths": {
    "/hello": {
      "get": {
        "summary": "Says hello.",
        "operationId": "get_hello",
        "responses": {
          "200": {
            "description": "OK",
            "content": {
              "text/plain": {
                "schema": {
                  "type": "string"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/BadRequest"
          },
          "500": {
            "$ref": "#/components/responses/InternalServerError"
          },
          "default": {
            "$ref": "#/components/responses/Problem"
          }
        }
      }
    }
  }
})");
}

TEST_F(OpenApiTest, WithoutRoutesItIsValidStill) {
  EXPECT_EQ(document()["paths"].dump(), "{}");
}

TEST_F(OpenApiTest, TheLayoutIsCompactOrIndented) {
  const auto routes = app.build_routes();
  EXPECT_TRUE(routing::openapi_document(*routes).starts_with(R"({"openapi":"3.1.0",)"));
  EXPECT_TRUE(routing::openapi_document(*routes, routing::JsonLayout::kIndented).starts_with("{\n  \"openapi\""));
}

TEST_F(OpenApiTest, TheServiceIsDescribed) {
  app.openapi()
      .title("Shop")
      .description("Sells.")
      .license("MIT", "https://example.org/mit")
      .server("https://shop.example", "The real one.")
      .server("/test")
      .tag("orders", "What was bought.");
  const Json whole = document();
  EXPECT_EQ(whole["info"].dump(), R"({"title":"Shop","description":"Sells.",)"
                                  R"("license":{"name":"MIT","url":"https://example.org/mit"},"version":"1.2.3"})");
  EXPECT_EQ(whole["servers"].dump(),
            R"([{"url":"https://shop.example","description":"The real one."},{"url":"/test"}])");
  EXPECT_EQ(whole["tags"].dump(), R"([{"name":"orders","description":"What was bought."}])");
}

TEST_F(OpenApiTest, InvalidUtf8IsReplaced) {
  app.get("/x").summary("\xff").handle(hello);
  EXPECT_EQ(operation("/x")["summary"], "\xef\xbf\xbd");
}

TEST_F(OpenApiTest, PathsAreInTheOrderOfTheirDeclaration) {
  app.get("/b").handle(hello);
  app.get("/a").handle(hello);
  app.put("/b").handle(hello);
  const Json paths = document()["paths"];
  std::string order;
  for (const auto& path : paths.items()) order += path.key();
  EXPECT_EQ(order, "/b/a");
  EXPECT_EQ(paths["/b"].size(), 2U);
}

TEST_F(OpenApiTest, TheFrameworksOwnRoutesAreLeftOut) {
  EXPECT_TRUE(operation("/healthz").is_null());
  EXPECT_TRUE(operation("/openapi.json").is_null());
}

TEST_F(OpenApiTest, OnesOwnInTheirPlaceIsIn) {
  app.get("/healthz").handle(hello);
  EXPECT_FALSE(operation("/healthz").is_null());
}

// ---- paths ----

TEST_F(OpenApiTest, PathParametersHaveTheTypeOfTheHandlerElseOfThePattern) {
  app.get("/{a}/{b:int}/{c:uuid}/{d}/{e...}").handle([](Path<"d", int>, Path<"b">) { return "x"; });
  const Json parameters = operation("/{a}/{b}/{c}/{d}/{e}")["parameters"];
  ASSERT_EQ(parameters.size(), 5U);
  EXPECT_EQ(parameters[0].dump(), R"({"name":"a","in":"path","required":true,"schema":{"type":"string"}})");
  EXPECT_EQ(parameters[1]["schema"]["format"], "int64");
  EXPECT_EQ(parameters[2]["schema"]["format"], "uuid");
  EXPECT_EQ(parameters[3]["schema"]["format"], "int32");
  EXPECT_EQ(parameters[4].dump(), R"({"name":"e","in":"path","description":"The rest of the path, slashes included.",)"
                                  R"("required":true,"schema":{"type":"string"}})");
}

TEST_F(OpenApiTest, PathsThatDifferInParametersNamesAreOne) {
  app.get("/users/{id}").handle(hello);
  app.del("/users/{name}").handle(hello);
  EXPECT_EQ(document()["paths"].size(), 1U);
  EXPECT_EQ(operation("/users/{id}", "delete")["parameters"][0]["name"], "id");
}

TEST_F(OpenApiTest, OfTwoThatDifferInParametersTypesTheFirstIsDescribed) {
  app.get("/users/{id:int}").handle(hello);
  app.get("/users/{name}").handle(hello);
  EXPECT_EQ(document()["paths"].size(), 1U);
  EXPECT_EQ(operation("/users/{id}")["description"], "Values that do not fit here may fit GET /users/{name}.");
}

TEST_F(OpenApiTest, OperationIdsAreReadableAndUnique) {
  app.get("/").handle(hello);
  app.get("/users/{id}").handle(hello);
  app.post("/users/{id}/a-b").handle(hello);
  app.get("/users/id").handle(hello);
  app.get("/other").operation_id("get_more").handle(hello);
  app.get("/more").handle(hello);
  EXPECT_EQ(operation("/")["operationId"], "get_root");
  EXPECT_EQ(operation("/users/{id}")["operationId"], "get_users_id");
  EXPECT_EQ(operation("/users/{id}/a-b", "post")["operationId"], "post_users_id_a_b");
  EXPECT_EQ(operation("/users/id")["operationId"], "get_users_id_2");
  EXPECT_EQ(operation("/other")["operationId"], "get_more");
  EXPECT_EQ(operation("/more")["operationId"], "get_more_2");
}

TEST_F(OpenApiTest, AnOperationIdTwiceIsRefused) {
  app.get("/a").operation_id("x").handle(hello);
  app.get("/b").operation_id("x").handle(hello);
  EXPECT_TRUE(error().starts_with("two routes have the operation id \"x\": GET /a (")) << error();
}

// ---- parameters ----

TEST_F(OpenApiTest, QueryParameters) {
  app.get("/").handle([](Query<"text">, Query<"limit", int, 20>, Query<"before", std::optional<std::int64_t>>,
                         Query<"tag", std::vector<std::string_view>>, Query<"sort", Sort, Sort::kAge>) { return "x"; });
  const Json parameters = operation("/")["parameters"];
  ASSERT_EQ(parameters.size(), 5U);
  EXPECT_EQ(parameters[0].dump(), R"({"name":"text","in":"query","required":true,"schema":{"type":"string"}})");
  EXPECT_EQ(parameters[1]["schema"]["default"], 20);
  EXPECT_FALSE(parameters[1].contains("required"));
  EXPECT_EQ(parameters[2]["schema"]["format"], "int64");
  EXPECT_FALSE(parameters[2].contains("required"));
  EXPECT_EQ(parameters[3].dump(), R"({"name":"tag","in":"query","schema":{"type":"array","items":{"type":"string"}}})");
  EXPECT_EQ(parameters[4]["schema"].dump(), R"({"$ref":"#/components/schemas/Sort","default":"age"})");
}

TEST_F(OpenApiTest, HeadersAndCookies) {
  app.get("/").handle([](Header<"If-Match">, Cookie<"session", std::optional<std::string>>) { return "x"; });
  const Json parameters = operation("/")["parameters"];
  EXPECT_EQ(parameters[0].dump(), R"({"name":"If-Match","in":"header","required":true,"schema":{"type":"string"}})");
  EXPECT_EQ(parameters[1].dump(), R"({"name":"session","in":"cookie","schema":{"type":"string"}})");
}

TEST_F(OpenApiTest, HeadersThatOpenApiIgnoresAreLeftOut) {
  app.get("/").handle([](Header<"Authorization">, Header<"accept">) { return "x"; });
  EXPECT_FALSE(operation("/").contains("parameters"));
}

TEST_F(OpenApiTest, AParameterTakenTwiceIsListedOnce) {
  app.get("/").handle([](Query<"a">, Query<"a", int>) { return "x"; });
  EXPECT_EQ(operation("/")["parameters"].size(), 1U);
}

// ---- content ----

TEST_F(OpenApiTest, ABodyIsItsType) {
  app.post("/").handle([](Body<User>) { return "x"; });
  EXPECT_EQ(operation("/", "post")["requestBody"].dump(),
            R"({"content":{"application/json":{"schema":{"$ref":"#/components/schemas/User"}}},"required":true})");
  EXPECT_EQ(document()["components"]["schemas"]["User"]["properties"]["name"]["maxLength"], 20);
}

TEST_F(OpenApiTest, InAFormAListMayBeMissing) {
  app.post("/form").handle([](Form<Search>) { return "x"; });
  app.post("/json").handle([](Body<Search>) { return "x"; });
  const Json form = operation("/form", "post")["requestBody"]["content"]["application/x-www-form-urlencoded"];
  EXPECT_EQ(form["schema"]["$ref"], "#/components/schemas/SearchForm");
  const Json schemas = document()["components"]["schemas"];
  EXPECT_EQ(schemas["SearchForm"]["required"].dump(), R"(["text"])");
  EXPECT_EQ(schemas["Search"]["required"].dump(), R"(["text","tags"])");
}

TEST_F(OpenApiTest, BytesAreOfNoType) {
  app.post("/").handle([](Bytes) { return "x"; });
  EXPECT_EQ(operation("/", "post")["requestBody"].dump(), R"({"content":{"application/octet-stream":{}}})");
}

TEST_F(OpenApiTest, ContentInPiecesIsBytes) {
  app.post("/").handle([](BodyStream) -> Task<std::string> { co_return "x"; });
  EXPECT_EQ(operation("/", "post")["requestBody"].dump(), R"({"content":{"application/octet-stream":{}}})");
}

// ---- results ----

TEST_F(OpenApiTest, ADescribedResult) {
  app.get("/").handle([] { return User{"a"}; });
  EXPECT_EQ(operation("/")["responses"]["200"].dump(),
            R"({"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/User"}}}})");
}

TEST_F(OpenApiTest, AListOfResults) {
  app.get("/").handle([] { return std::vector<User>(); });
  EXPECT_EQ(operation("/")["responses"]["200"]["content"]["application/json"]["schema"].dump(),
            R"({"type":"array","items":{"$ref":"#/components/schemas/User"}})");
}

TEST_F(OpenApiTest, WhatIsCreatedHasALocation) {
  app.post("/").handle([] { return Created{User{"a"}, "/users/7"}; });
  EXPECT_EQ(operation("/", "post")["responses"]["201"]["headers"].dump(),
            R"({"Location":{"description":"Where it is.","schema":{"type":"string","format":"uri-reference"}}})");
}

TEST_F(OpenApiTest, WhatMayBeMissingIs404) {
  app.get("/").handle([] { return std::optional<User>(); });
  EXPECT_EQ(statuses("/"), (Statuses{"200", "400", "404", "500", "default"}));
}

TEST_F(OpenApiTest, NothingIs204) {
  app.del("/").handle([] {});
  EXPECT_EQ(operation("/", "delete")["responses"]["204"].dump(), R"({"description":"No Content"})");
}

TEST_F(OpenApiTest, JsonOfNoTypeIsAnyJson) {
  app.get("/").handle([] { return object({}); });
  EXPECT_EQ(operation("/")["responses"]["200"]["content"].dump(), R"({"application/json":{"schema":{}}})");
}

TEST_F(OpenApiTest, AnEventStreamSaysSo) {
  app.get("/").handle([](EventStream) -> Task<void> { co_return; });
  EXPECT_EQ(operation("/")["responses"]["200"]["content"].dump(),
            R"({"text/event-stream":{"schema":{"type":"string"}}})");
}

TEST_F(OpenApiTest, AResponseIsAnySuccess) {
  app.get("/").handle([] { return Response::redirect("/x"); });
  EXPECT_EQ(statuses("/"), (Statuses{"2XX", "400", "500", "default"}));
}

// ---- what the framework answers ----

TEST_F(OpenApiTest, StatusesOfParameters) {
  app.get("/plain/{a}").handle([](Path<"a">) { return "x"; });
  app.get("/typed/{a}").handle([](Path<"a", int>) { return "x"; });
  app.get("/query").handle([](Query<"a", std::optional<std::string>>) { return "x"; });
  app.get("/header").handle([](Header<"a">) { return "x"; });
  EXPECT_EQ(statuses("/plain/{a}"), (Statuses{"200", "400", "500", "default"}));
  EXPECT_EQ(statuses("/typed/{a}"), (Statuses{"200", "400", "422", "500", "default"}));
  EXPECT_EQ(statuses("/query"), (Statuses{"200", "400", "500", "default"}));
  EXPECT_EQ(statuses("/header"), (Statuses{"200", "400", "422", "500", "default"}));
}

TEST_F(OpenApiTest, StatusesOfContent) {
  app.post("/body").handle([](Body<User>) { return "x"; });
  app.post("/bytes").handle([](Bytes) { return "x"; });
  EXPECT_EQ(statuses("/body", "post"), (Statuses{"200", "400", "413", "415", "422", "500", "503", "default"}));
  EXPECT_EQ(statuses("/bytes", "post"), (Statuses{"200", "400", "413", "500", "503", "default"}));
}

TEST_F(OpenApiTest, StatusesOfLanes) {
  const auto cpu = app.pool("cpu");
  app.get("/pool").on(cpu).handle(hello);
  app.get("/async").handle([]() -> Task<std::string> { co_return "x"; });
  app.get("/timeout").timeout(2s).handle(hello);
  EXPECT_EQ(statuses("/pool"), (Statuses{"200", "400", "500", "503", "504", "default"}));
  EXPECT_EQ(statuses("/async"), (Statuses{"200", "400", "500", "503", "504", "default"}));
  EXPECT_EQ(statuses("/timeout"), (Statuses{"200", "400", "500", "504", "default"}));
}

TEST_F(OpenApiTest, ABusyServiceSaysWhenToTryAgain) {
  app.get("/").handle([]() -> Task<std::string> { co_return "x"; });
  const Json responses = document()["components"]["responses"];
  EXPECT_TRUE(responses["ServiceUnavailable"]["headers"].contains("Retry-After"));
  EXPECT_FALSE(responses["GatewayTimeout"].contains("headers"));
}

TEST_F(OpenApiTest, ErrorsAreProblems) {
  app.get("/").handle(hello);
  const Json response = document()["components"]["responses"]["InternalServerError"];
  EXPECT_EQ(response["content"].dump(),
            R"({"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}})");
}

struct Problem {
  std::string mine;
};
WEIR_DESCRIBE(Problem, mine);

TEST_F(OpenApiTest, OnesOwnProblemIsAnother) {
  app.get("/").handle([] { return Problem{}; });
  EXPECT_TRUE(document()["components"]["schemas"]["Problem2"]["properties"].contains("mine"));
}

// The schema is written by hand: what is really answered has nothing that it does not know or lacks.
TEST_F(OpenApiTest, TheProblemSchemaIsWhatIsAnswered) {
  app.post("/{id}").handle([](Path<"id", int>, Query<"q">, Body<User>) { return "x"; });
  const auto answer = TestClient(app).post("/x", R"({"name":"","more":1})", {{"Content-Type", "application/json"}});
  ASSERT_EQ(answer.status, 422);
  const Json problem = Json::parse(answer.body);
  const Json schemas = document()["components"]["schemas"];
  for (const auto& member : problem.items()) EXPECT_TRUE(schemas["Problem"]["properties"].contains(member.key()));
  for (const auto& name : schemas["Problem"]["required"]) EXPECT_TRUE(problem.contains(name.get<std::string>()));
  ASSERT_EQ(problem["errors"].size(), 4U);
  for (const auto& failure : problem["errors"]) {
    for (const auto& name : schemas["ProblemError"]["required"])
      EXPECT_TRUE(failure.contains(name.get<std::string>())) << failure;
    EXPECT_TRUE(failure.contains(failure["in"] == "body" ? "pointer" : "name")) << failure;
  }
}

// ---- what is said of a route ----

TEST_F(OpenApiTest, ARouteIsDescribed) {
  app.get("/").summary("One line.").describe("More.").tag("a").tag("b").deprecated().handle(hello);
  const Json one = operation("/");
  EXPECT_EQ(one["summary"], "One line.");
  EXPECT_EQ(one["description"], "More.");
  EXPECT_EQ(one["tags"].dump(), R"(["a","b"])");
  EXPECT_EQ(one["deprecated"], true);
  EXPECT_EQ(document()["tags"].dump(), R"([{"name":"a"},{"name":"b"}])");
}

TEST_F(OpenApiTest, WithoutASummaryItIsThePath) {
  app.get("/users/{id:int}").handle(hello);
  EXPECT_EQ(operation("/users/{id}")["summary"], "GET /users/{id}");
}

TEST_F(OpenApiTest, AHiddenRouteIsLeftOut) {
  app.get("/secret").hidden().handle(hello);
  app.group("/admin").hidden().get("/x").handle(hello);
  EXPECT_EQ(document()["paths"].size(), 0U);
}

TEST_F(OpenApiTest, AGroupsTagsComeFirstAndOnce) {
  auto v1 = app.group("/v1").tag("v1");
  v1.group("/users").tag("users").get("/x").tag("v1").tag("more").handle(hello);
  EXPECT_EQ(operation("/v1/users/x")["tags"].dump(), R"(["v1","users","more"])");
}

TEST_F(OpenApiTest, SecuritySchemes) {
  app.openapi().bearer_auth("token", "JWT").basic_auth("password").api_key("key", "X-Key");
  EXPECT_EQ(document()["components"]["securitySchemes"].dump(),
            R"({"token":{"type":"http","scheme":"bearer","bearerFormat":"JWT"},)"
            R"("password":{"type":"http","scheme":"basic"},)"
            R"("key":{"type":"apiKey","name":"X-Key","in":"header"}})");
}

TEST_F(OpenApiTest, TheInnermostSecurityCounts) {
  app.openapi().bearer_auth("token").api_key("key", "X-Key");
  app.security("token");
  auto keys = app.group("/keys").security("key");
  app.get("/a").handle(hello);
  keys.get("/b").handle(hello);
  keys.get("/c").security("key").security("token").handle(hello);
  keys.get("/d").without_security().handle(hello);
  EXPECT_EQ(operation("/a")["security"].dump(), R"([{"token":[]}])");
  EXPECT_EQ(operation("/keys/b")["security"].dump(), R"([{"key":[]}])");
  EXPECT_EQ(operation("/keys/c")["security"].dump(), R"([{"key":[]},{"token":[]}])");
  EXPECT_EQ(operation("/keys/d")["security"].dump(), "[]");
}

TEST_F(OpenApiTest, AnUnknownSchemeIsRefused) {
  app.get("/a").security("token").handle(hello);
  EXPECT_TRUE(error().starts_with("the route GET /a (")) << error();
  EXPECT_TRUE(error().ends_with(R"(app.openapi().bearer_auth("token"))")) << error();
}

}  // namespace
}  // namespace weir
