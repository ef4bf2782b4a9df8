// SPDX-License-Identifier: MIT
#include <weir/routing/handler.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <charconv>
#include <memory>
#include <string>

namespace weir {

// What a user of the framework writes for types of his own.
struct Page {
  int number;
};
struct Money {
  int cents;
};

namespace routing {

template <>
struct Extract<Page> {
  static Page from(Context& context) {
    const auto text = context.query("page").value_or("1");
    Page page{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), page.number);
    if (failure != std::errc() || end != text.data() + text.size()) throw HttpError(400, "page is a number");
    return page;
  }
};

template <>
struct IntoResponse<Money> {
  static void write(Money money, http::Response& response) {
    response.set_text(std::to_string(money.cents) + " cents");
  }
};

}  // namespace routing

namespace {

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kJson = "application/json";

template <class F>
TestResponse answer_of(F handler, std::string_view target = "/") {
  App app{"test"};
  app.get("/").handle(std::move(handler));
  app.get("/{id}").handle([] {});
  return TestClient(app).get(target);
}

void expect_answer(const TestResponse& response, int status, std::string_view type, std::string_view body) {
  EXPECT_EQ(response.status, status);
  EXPECT_EQ(response.header("Content-Type").value_or(""), type);
  EXPECT_EQ(response.body, body);
}

TEST(HandlerResultTest, NothingIs204) {
  expect_answer(answer_of([] {}), 204, "", "");
}

TEST(HandlerResultTest, TextIsText) {
  expect_answer(answer_of([] { return "literal"; }), 200, kText, "literal");
  expect_answer(answer_of([] { return std::string("string"); }), 200, kText, "string");
  expect_answer(answer_of([] { return std::string_view("view"); }), 200, kText, "view");
}

TEST(HandlerResultTest, ALongTextIsWhole) {
  const std::string text(100'000, 'x');
  EXPECT_EQ(answer_of([text] { return text; }).body, text);
}

TEST(HandlerResultTest, ObjectAndArrayAreJson) {
  expect_answer(answer_of([] { return object({{"a", 1}}); }), 200, kJson, R"({"a":1})");
  expect_answer(answer_of([] { return array({1, 2}); }), 200, kJson, "[1,2]");
}

TEST(HandlerResultTest, AResponseIsItself) {
  const TestResponse response = answer_of([] {
    Response created(201);
    created.set_header("Location", "/new").body("made");
    return created;
  });
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.header("Location"), "/new");
  EXPECT_EQ(response.body, "made");
}

TEST(HandlerResultTest, AnOptionalIsItsValueOrNotFound) {
  expect_answer(answer_of([] { return std::optional<std::string>("here"); }), 200, kText, "here");
  expect_answer(answer_of([] { return std::optional<JsonText>(object({})); }), 200, kJson, "{}");
  expect_answer(answer_of([] { return std::optional<std::string>(); }), 404, "application/problem+json",
                R"({"type":"about:blank","title":"Not Found","status":404})");
}

TEST(HandlerResultTest, ATypeOfTheUsersOwnIsConverted) {
  expect_answer(answer_of([] { return Money{250}; }), 200, kText, "250 cents");
  expect_answer(answer_of([] { return std::optional<Money>(Money{1}); }), 200, kText, "1 cents");
}

TEST(HandlerParameterTest, ContextAndRequestAreGiven) {
  EXPECT_EQ(answer_of([](Context& context) { return std::string(context.route()); }).body, "/");
  EXPECT_EQ(answer_of([](const Context& context) { return std::string(context.route()); }).body, "/");
  EXPECT_EQ(answer_of([](const Request& request) { return std::string(request.target()); }, "/?x").body, "/?x");
}

TEST(HandlerParameterTest, ATypeOfTheUsersOwnIsExtracted) {
  EXPECT_EQ(answer_of([](Page page) { return std::to_string(page.number); }, "/?page=3").body, "3");
}

TEST(HandlerParameterTest, SeveralParametersOfAnyOrder) {
  EXPECT_EQ(answer_of([](const Request& request, Page page,
                         Context&) { return std::string(request.raw_query()) + " " + std::to_string(page.number); },
                      "/?page=4")
                .body,
            "page=4 4");
}

TEST(HandlerParameterTest, AnExtractorThatThrowsAnswersForTheHandler) {
  bool was_called = false;
  const TestResponse response = answer_of([&was_called](Page) { was_called = true; }, "/?page=x");
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("page is a number"), std::string::npos);
  EXPECT_FALSE(was_called);
}

const char* free_function(Context&) {
  return "free";
}
const char* noexcept_function() noexcept {
  return "noexcept";
}

TEST(HandlerCallableTest, FunctionsAreHandlers) {
  EXPECT_EQ(answer_of(free_function).body, "free");
  EXPECT_EQ(answer_of(&free_function).body, "free");
  EXPECT_EQ(answer_of(noexcept_function).body, "noexcept");
}

TEST(HandlerCallableTest, AnObjectWithACallOperatorIsAHandler) {
  struct Greeter {
    std::string name;
    std::string operator()() const { return "hello " + name; }
  };
  EXPECT_EQ(answer_of(Greeter{"ada"}).body, "hello ada");
}

TEST(HandlerCallableTest, WhatCannotBeCopiedMayBeCaptured) {
  EXPECT_EQ(answer_of([owned = std::make_unique<std::string>("mine")] { return *owned; }).body, "mine");
}

TEST(HandlerCallableTest, CapturesLiveAsLongAsTheRoutes) {
  const auto token = std::make_shared<int>(1);
  {
    App app{"test"};
    app.get("/").handle([token] {});
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(HandlerTest, WithoutACallableItIsFalse) {
  EXPECT_FALSE(routing::Handler());
  EXPECT_TRUE(routing::Handler::make([] {}));
}

}  // namespace
}  // namespace weir
