// SPDX-License-Identifier: MIT
// Parameters that a handler declares, and results that it returns, through the whole pipeline.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// ---- what a user of the framework has ----

namespace shop {

enum class Color { kRed, kGreen };
constexpr auto describe(const Color*) {
  return weir::enumerators(weir::enumerator<Color::kRed>("red"), weir::enumerator<Color::kGreen>("green"));
}

struct Report {
  std::string title;
  int pages = 1;
  std::optional<Color> color;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Report::title>(weir::length(1, 20)),
                        weir::field<&Report::pages>(weir::range(1, 100), weir::defaulted),
                        weir::field<&Report::color>());
  }
};

struct Login {
  std::string user;
  std::vector<int> numbers;
  static constexpr auto describe() { return weir::fields(weir::field<&Login::user>(), weir::field<&Login::numbers>()); }
};

/// A type of his own that is text outside.
struct Isbn {
  std::string digits;
};
}  // namespace shop

template <>
struct weir::FromText<shop::Isbn> {
  static bool parse(std::string_view text, shop::Isbn& out) {
    out.digits = text;
    return text.size() == 10;
  }
  static void write(const shop::Isbn& value, std::string& out) { out += value.digits; }
  static constexpr const char* kExpected = "an \"ISBN\" of 10 digits";
};

namespace shop {

struct Book {
  Isbn isbn;
  static constexpr auto describe() { return weir::fields(weir::field<&Book::isbn>()); }
};

/// Parameters of his own: one that throws, one that collects.
struct Tenant {
  std::string name;
};
struct Page {
  int number = 0;
};

}  // namespace shop

template <>
struct weir::Extract<shop::Tenant> {
  static shop::Tenant from(weir::Context& context) {
    const auto field = context.header("X-Tenant");
    if (!field) throw weir::HttpError(403, "no tenant");
    return {std::string(*field)};
  }
};
template <>
struct weir::Extract<shop::Page> {
  static shop::Page read(weir::Context& context, weir::Failures& failures) {
    const auto text = context.query("page").value_or("1");
    if (text.size() == 1) return {text[0] - '0'};
    failures.add({weir::routing::Place::kQuery, "page", "digit", "It has to be one digit.", {}});
    return {};
  }
};

namespace weir {
namespace {

using namespace shop;
using testing::HasSubstr;

constexpr std::pair<std::string_view, std::string_view> kJson{"Content-Type", "application/json"};
constexpr std::pair<std::string_view, std::string_view> kForm{"Content-Type", "application/x-www-form-urlencoded"};

/// "422: type query limit, required body /title"
std::string refusal_of(const TestResponse& response) {
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json") << response.body;
  const auto problem = nlohmann::json::parse(response.body, nullptr, false);
  EXPECT_FALSE(problem.is_discarded()) << response.body;
  std::string text = std::to_string(response.status);
  EXPECT_EQ(problem.value("status", 0), response.status);
  if (!problem.contains("errors")) return text;
  for (const auto& error : problem["errors"]) {
    const bool is_body = error["in"] == "body";
    text.append(text.find(':') == std::string::npos ? ": " : ", ").append(error["rule"].get<std::string>());
    text.append(" ").append(error["in"].get<std::string>());
    text.append(" ").append(error[is_body ? "pointer" : "name"].get<std::string>());
  }
  return text;
}

class TypedHandlerTest : public testing::Test {
 protected:
  /// What the route `pattern` answers with that handler.
  template <class F>
  TestResponse get(std::string_view pattern, F handler, std::string_view target, TestClient::Headers headers = {}) {
    App app{"test"};
    app.get(pattern).handle(std::move(handler));
    return TestClient(app).get(target, headers);
  }
  template <class F>
  TestResponse post(F handler, std::string_view content, TestClient::Headers headers) {
    App app{"test"};
    app.post("/").handle(std::move(handler));
    return TestClient(app).post("/", content, headers);
  }

  /// The value of a Path<"v", T>, written as JSON in a list; or what is wrong.
  template <class T>
  std::string path(std::string_view segment) {
    return outcome(get(
        "/{v}", [](Path<"v", T> value) { return std::vector<T>{*value}; }, "/" + std::string(segment)));
  }
  template <class Q>
  std::string query(std::string_view text) {
    const auto handler = [](Q value) {
      if constexpr (requires { value->has_value(); }) {
        return *value ? json_of(**value) : std::string("none");
      } else {
        return json_of(*value);
      }
    };
    return outcome(get("/", handler, "/?" + std::string(text)));
  }
  static std::string outcome(const TestResponse& response) {
    return response.status < 300 ? response.body : refusal_of(response);
  }
  template <class T>
  static std::string json_of(const T& value) {
    return nlohmann::json(value).dump();
  }
};

// ---- path ----

TEST_F(TypedHandlerTest, APathParameterIsOfAnyType) {
  EXPECT_EQ(path<int>("-7"), "[-7]");
  EXPECT_EQ(path<std::uint64_t>("18446744073709551615"), "[18446744073709551615]");
  EXPECT_EQ(path<double>("1.5"), "[1.5]");
  EXPECT_EQ(path<std::string>("a%20b"), R"(["a b"])");
  EXPECT_EQ(path<Uuid>("F81D4FAE-7dec-11d0-a765-00a0c91e6bf6"), R"(["f81d4fae-7dec-11d0-a765-00a0c91e6bf6"])");
  EXPECT_EQ(path<Color>("green"), R"(["green"])");
  EXPECT_EQ(path<std::chrono::seconds>("PT90S"), R"(["PT1M30S"])");
  EXPECT_EQ(path<std::chrono::sys_seconds>("2026-11-24T12:00:00Z"), R"(["2026-11-24T12:00:00Z"])");
  EXPECT_EQ(path<Isbn>("0123456789"), R"(["0123456789"])");
  EXPECT_EQ((path<Bounded<int, 1, 9>>("9")), "[9]");
  EXPECT_EQ(get(
                "/{v}", [](Path<"v", bool> v) { return *v ? "yes" : "no"; }, "/true")
                .body,
            "yes");
  EXPECT_EQ(get(
                "/{v}", [](Path<"v"> v) { return std::string(*v); }, "/%C3%A4+b")
                .body,
            "\u00e4+b");
  EXPECT_EQ(get(
                "/{v...}", [](Path<"v"> v) { return std::string(*v); }, "/a/b%20c")
                .body,
            "a/b c");
}

TEST_F(TypedHandlerTest, APathParameterOfAnotherTypeIs422) {
  EXPECT_EQ(path<int>("x"), "422: type path v");
  EXPECT_EQ(path<std::int8_t>("128"), "422: type path v");
  EXPECT_EQ(path<unsigned>("-1"), "422: type path v");
  EXPECT_EQ(path<Color>("blue"), "422: type path v");
  EXPECT_EQ(path<Uuid>("7"), "422: type path v");
  EXPECT_EQ(path<Isbn>("7"), "422: type path v");
  EXPECT_EQ((path<Bounded<int, 1, 9>>("10")), "422: maximum path v");
}

TEST_F(TypedHandlerTest, APathThatIsNotUtf8Is400) {
  EXPECT_EQ(path<std::string>("%ff"), "400: syntax path v");
  EXPECT_EQ(path<Isbn>("%ff"), "400: syntax path v");
  EXPECT_EQ(path<int>("%ff"), "422: type path v");
}

TEST_F(TypedHandlerTest, APatternWithoutTheParameterIsRefusedAtStart) {
  App app{"test"};
  app.get("/orders/{order}").handle([](Path<"id", int> id) { return std::to_string(*id); });
  const auto line = static_cast<std::size_t>(__LINE__ - 1);
  try {
    const TestClient client(app);
    FAIL() << "not refused";
  } catch (const SetupError& error) {
    EXPECT_THAT(error.what(), HasSubstr("GET /orders/{order}"));
    EXPECT_THAT(error.what(), HasSubstr("Path<\"id\">"));
    EXPECT_THAT(error.what(), HasSubstr("typed_handler_test.cpp:" + std::to_string(line)));
  }
}

struct WithBadPattern {
  std::string code;
  static constexpr auto describe() { return fields(field<&WithBadPattern::code>(pattern("[a-z"))); }
};

TEST_F(TypedHandlerTest, APatternThatIsNoneIsRefusedAtStart) {
  App app{"test"};
  app.post("/x").handle([](Body<std::vector<std::optional<WithBadPattern>>>) {});
  try {
    const TestClient client(app);
    FAIL() << "not refused";
  } catch (const SetupError& error) {
    EXPECT_THAT(error.what(), HasSubstr("the pattern of WithBadPattern.code is no regular expression of RE2: "));
  }
}

// ---- query ----

TEST_F(TypedHandlerTest, AQueryParameterIsOfAnyType) {
  EXPECT_EQ((query<Query<"q", int>>("q=7")), "7");
  EXPECT_EQ((query<Query<"q", bool>>("q=false")), "false");
  EXPECT_EQ((query<Query<"q", double>>("a=1&q=2.5&q=3")), "2.5");
  EXPECT_EQ((query<Query<"q">>("q=text")), R"("text")");
  EXPECT_EQ((query<Query<"q", std::string>>("q=")), R"("")");
  EXPECT_EQ((query<Query<"q">>("q")), R"("")");
}

TEST_F(TypedHandlerTest, AQueryParameterIsRequired) {
  EXPECT_EQ((query<Query<"q", int>>("")), "422: required query q");
  EXPECT_EQ((query<Query<"q">>("Q=1&qq=2&%71%71=3")), "422: required query q");
  EXPECT_EQ((query<Query<"q", int>>("q=")), "422: type query q");
}

TEST_F(TypedHandlerTest, AnOptionalQueryParameterMayBeMissing) {
  EXPECT_EQ((query<Query<"q", std::optional<int>>>("")), "none");
  EXPECT_EQ((query<Query<"q", std::optional<int>>>("q=7")), "7");
  EXPECT_EQ((query<Query<"q", std::optional<int>>>("q=x")), "422: type query q");
  EXPECT_EQ((query<Query<"q", std::optional<std::string_view>>>("q=a%20b")), R"("a b")");
}

TEST_F(TypedHandlerTest, AMissingQueryParameterHasItsDefault) {
  EXPECT_EQ((query<Query<"q", int, 20>>("")), "20");
  EXPECT_EQ((query<Query<"q", int, 20>>("q=7")), "7");
  EXPECT_EQ((query<Query<"q", int, 20>>("q=x")), "422: type query q");
  EXPECT_EQ((query<Query<"q", bool, true>>("")), "true");
  const auto color = [](Query<"q", Color, Color::kGreen> q) { return std::vector{*q}; };
  EXPECT_EQ(get("/", color, "/").body, R"(["green"])");
  const auto bounded = [](Query<"q", Bounded<int, 1, 9>, 5> q) { return std::vector{*q}; };
  EXPECT_EQ(get("/", bounded, "/").body, "[5]");
}

TEST_F(TypedHandlerTest, ARepeatedQueryParameterIsAList) {
  using Numbers = Query<"q", std::vector<int>>;
  EXPECT_EQ((query<Numbers>("")), "[]");
  EXPECT_EQ((query<Numbers>("q=1&x=2&q=3")), "[1,3]");
  EXPECT_EQ((query<Numbers>("q=1&q=x&q=")), "422: type query q, type query q");
  EXPECT_EQ((query<Query<"q", std::vector<std::string_view>>>("q=a+b&%71=%63&q=")), R"(["a b","c",""])");
}

TEST_F(TypedHandlerTest, AQueryIsDecoded) {
  EXPECT_EQ((query<Query<"q">>("q=a+b%2Bc%26d%3D")), R"("a b+c&d=")");
  EXPECT_EQ((query<Query<"a b">>("a+b=1")), R"("1")");
  EXPECT_EQ((query<Query<"q">>("%71=%C3%a4")), "\"\u00e4\"");
}

TEST_F(TypedHandlerTest, ABrokenQueryIs400) {
  for (const std::string_view text : {"q=%", "q=%4", "q=%zz", "q=%00", "q=%ff", "q=%C3", "%zz=1", "a=1&q=%4x"}) {
    EXPECT_EQ((query<Query<"q">>(text)), "400: syntax query q") << text;
    EXPECT_EQ((query<Query<"q", std::optional<int>>>(text)), "400: syntax query q") << text;
    EXPECT_EQ((query<Query<"q", std::vector<int>>>(text)), "400: syntax query q") << text;
    EXPECT_EQ((query<Query<"q", int, 7>>(text)), "400: syntax query q") << text;
  }
}

// ---- header and cookie ----

TEST_F(TypedHandlerTest, AHeaderIsReadInAnyCase) {
  const auto handler = [](Header<"X-Count", int> count, Header<"x-color", std::optional<Color>> color) {
    return object({{"count", *count}, {"has_color", color->has_value()}});
  };
  EXPECT_EQ(get("/", handler, "/", {{"x-COUNT", " 7 "}}).body, R"({"count":7,"has_color":false})");
  EXPECT_EQ(get("/", handler, "/", {{"X-Count", "7"}, {"X-Color", "red"}}).body, R"({"count":7,"has_color":true})");
  EXPECT_EQ(refusal_of(get("/", handler, "/", {{"X-Color", "blue"}})),
            "422: required header X-Count, type header x-color");
}

TEST_F(TypedHandlerTest, ACookieIsRead) {
  const auto handler = [](Cookie<"session"> session, Cookie<"n", std::optional<int>> n) {
    return std::string(*session) + " " + std::to_string(n->value_or(0));
  };
  EXPECT_EQ(get("/", handler, "/", {{"Cookie", "a=b; session=xyz; n=7"}}).body, "xyz 7");
  EXPECT_EQ(get("/", handler, "/", {{"Cookie", "session=\"a b\""}}).body, "a b 0");
  EXPECT_EQ(refusal_of(get("/", handler, "/", {{"Cookie", "Session=1; n=x"}})),
            "422: required cookie session, type cookie n");
  EXPECT_EQ(refusal_of(get("/", handler, "/")), "422: required cookie session");
}

// ---- content ----

const auto echo_report = [](Body<Report> report) { return *report; };

TEST_F(TypedHandlerTest, ABodyIsRead) {
  EXPECT_EQ(post(echo_report, R"({"title":"a","color":"red"})", {kJson}).body,
            R"({"title":"a","pages":1,"color":"red"})");
  EXPECT_EQ(refusal_of(post(echo_report, R"({"title":"","pages":101,"x":1})", {kJson})),
            "422: length body /title, maximum body /pages, unknown body /x");
  EXPECT_EQ(refusal_of(post(echo_report, R"({"title":)", {kJson})), "400: syntax body ");
  EXPECT_EQ(refusal_of(post(echo_report, "", {kJson})), "400: syntax body ");
}

TEST_F(TypedHandlerTest, ABodyIsJsonByItsContentType) {
  const auto status = [this](TestClient::Headers headers) {
    return post(echo_report, R"({"title":"a"})", headers).status;
  };
  EXPECT_EQ(status({{"Content-Type", "application/json"}}), 200);
  EXPECT_EQ(status({{"content-type", "Application/JSON; charset=utf-8"}}), 200);
  EXPECT_EQ(status({{"Content-Type", "application/json ;charset=utf-8"}}), 200);
  EXPECT_EQ(status({{"Content-Type", "application/problem+json"}}), 200);
  EXPECT_EQ(status({{"Content-Type", "text/plain"}}), 415);
  EXPECT_EQ(status({{"Content-Type", "application/jsonx"}}), 415);
  EXPECT_EQ(status({{"Content-Type", "+json"}}), 415);
  EXPECT_EQ(status({{"Content-Type", ""}}), 415);
  EXPECT_EQ(status({}), 415);
  EXPECT_EQ(refusal_of(post(echo_report, "{}", {})), "415: content-type header Content-Type");
}

TEST_F(TypedHandlerTest, ABodyMayBeAListOrAMap) {
  const auto list = [](Body<std::vector<Report>> reports) { return *reports; };
  EXPECT_EQ(post(list, R"([{"title":"a"},{"title":"b"}])", {kJson}).status, 200);
  EXPECT_EQ(refusal_of(post(list, R"([{"title":"a"},{}])", {kJson})), "422: required body /1/title");
  const auto map = [](Body<std::map<std::string, int>> counts) { return *counts; };
  EXPECT_EQ(post(map, R"({"b":1,"a":2})", {kJson}).body, R"({"a":2,"b":1})");
  const auto number = [](Body<int> n) { return std::to_string(*n); };
  EXPECT_EQ(post(number, "7", {kJson}).body, "7");
}

TEST_F(TypedHandlerTest, ATypeOfTheUsersOwnIsAMember) {
  const auto handler = [](Body<Book> book) { return *book; };
  EXPECT_EQ(post(handler, R"({"isbn":"0123456789"})", {kJson}).body, R"({"isbn":"0123456789"})");
  EXPECT_EQ(refusal_of(post(handler, R"({"isbn":"0"})", {kJson})), "422: format body /isbn");
  EXPECT_EQ(refusal_of(post(handler, R"({"isbn":0})", {kJson})), "422: type body /isbn");
}

TEST_F(TypedHandlerTest, AFormIsRead) {
  const auto handler = [](Form<Login> login) { return *login; };
  EXPECT_EQ(post(handler, "user=a+b&numbers=1&numbers=2", {kForm}).body, R"({"user":"a b","numbers":[1,2]})");
  EXPECT_EQ(refusal_of(post(handler, "numbers=x&more=1", {kForm})),
            "422: type form numbers, unknown form more, required form user");
  EXPECT_EQ(refusal_of(post(handler, "user=%zz", {kForm})), "400: syntax form ");
  EXPECT_EQ(refusal_of(post(handler, "user=a", {kJson})), "415: content-type header Content-Type");
}

TEST_F(TypedHandlerTest, BytesAreTheContentAsItIs) {
  const auto handler = [](Bytes bytes) { return std::string(*bytes); };
  const std::string_view content("a\0\xff", 3);
  EXPECT_EQ(post(handler, content, {}).body, content);
  EXPECT_EQ(post(handler, "", {kJson}).body, "");
}

// ---- all failures at once ----

const auto everything = [](Path<"id", int>, Query<"limit", int, 20>, Query<"q">, Header<"X-Count", int>,
                           Cookie<"session">, Body<Report> report) { return *report; };

class AllFailuresTest : public testing::Test {
 protected:
  std::string put(std::string_view target, std::string_view content, TestClient::Headers headers = {kJson}) {
    App app{"test"};
    app.put("/{id}").handle(everything);
    return refusal_of(TestClient(app).put(target, content, headers));
  }
};

TEST_F(AllFailuresTest, TheyAreInTheOrderOfTheParameters) {
  EXPECT_EQ(put("/x?limit=y", R"({"pages":0})"),
            "422: type path id, type query limit, required query q, required header X-Count, required cookie session, "
            "minimum body /pages, required body /title");
}

TEST_F(AllFailuresTest, BrokenSyntaxWinsOverTheContentTypeOverValues) {
  EXPECT_EQ(put("/x?q=a", "{}", {{"Content-Type", "text/plain"}, {"X-Count", "1"}, {"Cookie", "session=1"}}),
            "415: type path id, content-type header Content-Type");
  EXPECT_EQ(put("/x?q=%zz&limit=1", "{}", {{"Content-Type", "text/plain"}, {"X-Count", "1"}, {"Cookie", "session=1"}}),
            "400: type path id, syntax query q, content-type header Content-Type");
  EXPECT_EQ(put("/x?q=a", "{", {kJson, {"X-Count", "1"}, {"Cookie", "session=1"}}), "400: type path id, syntax body ");
}

TEST_F(AllFailuresTest, FiftyAreNamedAndAllCounted) {
  App app{"test"};
  app.post("/").handle([](Query<"q", std::vector<int>>, Body<std::vector<int>>) {});
  std::string target = "/?";
  for (int i = 0; i < 30; ++i) target += "q=x&";
  std::string content = "[\"x\"";
  for (int i = 1; i < 60; ++i) content += ",\"x\"";
  const TestResponse response = TestClient(app).post(target, content + "]", {kJson});
  const auto problem = nlohmann::json::parse(response.body);
  EXPECT_EQ(problem["errors"].size(), 50U);
  EXPECT_EQ(problem["detail"], "90 values of the request are not valid.");
}

TEST_F(AllFailuresTest, BrokenSyntaxWinsEvenWhenItIsTheFiftyFirst) {
  App app{"test"};
  app.post("/").handle([](Query<"q", std::vector<int>>, Body<Report>) {});
  std::string target = "/?";
  for (int i = 0; i < 60; ++i) target += "q=x&";
  EXPECT_EQ(TestClient(app).post(target, "{", {kJson}).status, 400);
}

TEST_F(TypedHandlerTest, AFailureNamesTheRuleAndItsBounds) {
  const TestResponse response = post(echo_report, R"({"title":"a","pages":101})", {kJson});
  EXPECT_EQ(response.body, R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
                           R"("detail":"/pages: It has to be at most 100.","errors":[{"in":"body","pointer":"/pages",)"
                           R"("rule":"maximum","max":100,"detail":"It has to be at most 100."}]})");
}

TEST_F(TypedHandlerTest, AFailureOfAParameterSaysWhatWasExpected) {
  const TestResponse response = get(
      "/{isbn}", [](Path<"isbn", Isbn>) {}, "/7");
  const auto error = nlohmann::json::parse(response.body)["errors"][0];
  EXPECT_EQ(error["expected"], "an \"ISBN\" of 10 digits");
  EXPECT_EQ(error["detail"], "The path parameter 'isbn' has to be an \"ISBN\" of 10 digits.");
}

// ---- parameters of the user's own ----

TEST_F(TypedHandlerTest, AnExtractorMayThrow) {
  const auto handler = [](Tenant tenant, Query<"q", int, 1>) { return tenant.name; };
  EXPECT_EQ(get("/", handler, "/", {{"X-Tenant", "acme"}}).body, "acme");
  EXPECT_EQ(get("/", handler, "/").status, 403);
  EXPECT_EQ(get("/", handler, "/?q=x", {{"X-Tenant", "acme"}}).status, 422);
}

TEST_F(TypedHandlerTest, AnExtractorMayCollect) {
  const auto handler = [](Query<"q", int> q, Page page) { return std::to_string(page.number + *q); };
  EXPECT_EQ(get("/", handler, "/?page=7&q=1").body, "8");
  EXPECT_EQ(refusal_of(get("/", handler, "/?page=xx")), "422: required query q, digit query page");
}

TEST_F(TypedHandlerTest, ParametersMayBeTakenByConstReference) {
  const auto handler = [](const Path<"id", int>& id, const Body<Report>& report, const Request& request) {
    return std::to_string(*id) + report->title + std::string(to_string(request.method()));
  };
  App app{"test"};
  app.put("/{id}").handle(handler);
  EXPECT_EQ(TestClient(app).put("/7", R"({"title":"a"})", {kJson}).body, "7aPUT");
}

TEST_F(TypedHandlerTest, AFunctionIsAHandlerToo) {
  struct Local {
    static std::string handle(Path<"id", int> id) { return std::to_string(*id); }
  };
  EXPECT_EQ(get("/{id}", &Local::handle, "/7").body, "7");
}

// ---- results ----

TEST_F(TypedHandlerTest, ADescribedResultIsJson) {
  const TestResponse response = get(
      "/",
      [] {
        return Report{"a\n", 2, Color::kRed};
      },
      "/");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  EXPECT_EQ(response.body, R"({"title":"a\n","pages":2,"color":"red"})");
}

TEST_F(TypedHandlerTest, ListsAndMapsAreResults) {
  EXPECT_EQ(get(
                "/", [] { return std::vector<Report>(); }, "/")
                .body,
            "[]");
  EXPECT_EQ(get(
                "/",
                [] {
                  return std::vector{1, 2};
                },
                "/")
                .body,
            "[1,2]");
  EXPECT_EQ(get(
                "/",
                [] {
                  return std::map<std::string, Report>{{"x", {"a", 1, {}}}};
                },
                "/")
                .body,
            R"({"x":{"title":"a","pages":1}})");
}

TEST_F(TypedHandlerTest, AnEmptyOptionalIs404) {
  EXPECT_EQ(get(
                "/", [] { return std::optional<Report>(); }, "/")
                .status,
            404);
  EXPECT_EQ(get(
                "/",
                [] {
                  return std::optional(Report{"a", 1, {}});
                },
                "/")
                .body,
            R"({"title":"a","pages":1})");
  EXPECT_EQ(get(
                "/", [] { return std::optional<std::vector<int>>(); }, "/")
                .status,
            404);
}

TEST_F(TypedHandlerTest, WhatIsCreatedHasALocation) {
  const auto handler = [](Body<Report> report) { return Created{*report, "/reports/" + report->title}; };
  const TestResponse response = post(handler, R"({"title":"a"})", {kJson});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.header("Location"), "/reports/a");
  EXPECT_EQ(response.body, R"({"title":"a","pages":1})");
}

TEST_F(TypedHandlerTest, ALargeResultIsWhole) {
  const auto handler = [] { return std::vector<Report>(5000, Report{std::string(100, 'x'), 1, {}}); };
  for (int round = 0; round < 2; ++round) {
    const auto document = nlohmann::json::parse(get("/", handler, "/").body);
    EXPECT_EQ(document.size(), 5000U);
  }
}

}  // namespace
}  // namespace weir
