// SPDX-License-Identifier: MIT
#include <weir/http/response.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace weir::http {
namespace {

TEST(ResponseTest, ANewOneIsAnEmpty200) {
  Response response;
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.body(), "");
  EXPECT_EQ(response.field_lines(), "");
  EXPECT_EQ(response.header("Content-Type"), std::nullopt);
}

TEST(ResponseTest, TextJsonAndHtmlNameTheirType) {
  EXPECT_EQ(Response::text("x").header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(Response::text(std::string("x")).header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(Response::json_text("{}").header("content-type"), "application/json");
  EXPECT_EQ(Response::html("<p>").header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(Response::content("x", "image/png").header("content-type"), "image/png");
}

TEST(ResponseTest, ARedirectNamesItsTarget) {
  EXPECT_EQ(Response::redirect("/new").status(), 303);
  EXPECT_EQ(Response::redirect("/new", 308).status(), 308);
  EXPECT_EQ(Response::redirect("/new").header("Location"), "/new");
}

TEST(ResponseTest, SetHeaderReplacesAllOfThatName) {
  Response response;
  response.add_header("X-A", "1").add_header("x-a", "2").add_header("X-B", "3");
  response.set_header("X-a", "4");
  EXPECT_EQ(response.field_lines(), "X-B: 3\r\nX-a: 4\r\n");
}

TEST(ResponseTest, AddHeaderKeepsWhatIsThere) {
  Response response;
  response.add_header("Set-Cookie", "a=1").add_header("Set-Cookie", "b=2");
  EXPECT_EQ(response.field_lines(), "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n");
  EXPECT_EQ(response.header("set-cookie"), "a=1");
}

TEST(ResponseTest, RemoveHeaderTakesAllOfThatName) {
  Response response;
  response.add_header("A", "1").add_header("B", "2").add_header("a", "3");
  response.remove_header("a").remove_header("not-there");
  EXPECT_EQ(response.field_lines(), "B: 2\r\n");
}

TEST(ResponseTest, AHeaderIsFoundByItsWholeName) {
  Response response;
  response.add_header("X-Long", "1").add_header("X", "2");
  EXPECT_EQ(response.header("x"), "2");
  EXPECT_EQ(response.header("X-Lon"), std::nullopt);
  EXPECT_EQ(response.header("X-Longer"), std::nullopt);
  EXPECT_EQ(response.header(std::string(500, 'x')), std::nullopt);
}

TEST(ResponseTest, AValueThatLooksLikeANameIsNone) {
  Response response;
  response.add_header("A", "B: c");
  EXPECT_EQ(response.header("B"), std::nullopt);
  EXPECT_EQ(response.header("A"), "B: c");
}

TEST(ResponseTest, TheContentTypeThatTheFrameworkGaveCanBeReplaced) {
  Response response = Response::text("x");
  response.set_header("content-TYPE", "text/csv");
  EXPECT_EQ(response.header("Content-Type"), "text/csv");
  response.set_json("{}");
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  EXPECT_EQ(response.field_lines().find("csv"), std::string_view::npos);
  response.remove_header("Content-Type");
  EXPECT_EQ(response.header("Content-Type"), std::nullopt);
}

TEST(ResponseTest, SetTextKeepsStatusAndOtherFields) {
  Response response(404);
  response.set_header("X-A", "1").set_text("gone");
  EXPECT_EQ(response.status(), 404);
  EXPECT_EQ(response.header("X-A"), "1");
}

TEST(ResponseTest, AValueOfItsOwnFieldsCanBeSetAgain) {
  Response response;
  response.add_header("First", std::string(150, 'a')).add_header("Second", std::string(150, 'b'));
  response.set_header("Copy", *response.header("Second"));
  EXPECT_EQ(response.header("Copy"), std::string(150, 'b'));
  response.set_header("First", *response.header("Second"));
  EXPECT_EQ(response.header("First"), std::string(150, 'b'));
}

TEST(ResponseTest, ValuesThatWouldSplitTheHeadAreRefused) {
  Response response;
  for (const std::string& value :
       {std::string("a\r\nX: y"), std::string("a\nb"), std::string("a\rb"), std::string("a\0b", 3), std::string("\x1b"),
        std::string("\x7f"), std::string("\n")}) {
    EXPECT_THROW(response.set_header("X", value), std::invalid_argument);
    EXPECT_THROW(response.add_header("X", value), std::invalid_argument);
  }
  EXPECT_EQ(response.field_lines(), "");
}

TEST(ResponseTest, ARefusedValueLeavesTheOldOne) {
  Response response;
  response.set_header("X", "old");
  EXPECT_THROW(response.set_header("X", "new\n"), std::invalid_argument);
  EXPECT_EQ(response.header("X"), "old");
}

TEST(ResponseTest, TabsAndBytesAboveAsciiAreAllowedInValues) {
  Response response;
  response.set_header("X", "a\tb \xc3\xa4");
  EXPECT_EQ(response.header("X"), "a\tb \xc3\xa4");
}

TEST(ResponseTest, NamesThatAreNoTokensAreRefused) {
  Response response;
  for (const char* const name : {"", "a b", "a:", "a\r", "\xc3\xa4", "(a)"}) {
    EXPECT_THROW(response.set_header(name, "x"), std::invalid_argument) << name;
  }
}

TEST(ResponseTest, FieldsOfTheFrameworkAreRefused) {
  Response response;
  for (const char* const name :
       {"Content-Length", "transfer-encoding", "CONNECTION", "Date", "Keep-Alive", "Upgrade"}) {
    EXPECT_THROW(response.add_header(name, "x"), std::invalid_argument) << name;
  }
}

TEST(ResponseTest, TheExceptionSaysWhyAndQuotesNoValue) {
  try {
    Response().set_header("X-Evil", "secret\n");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_STREQ(error.what(), "the response header 'X-Evil' has a control character in its value");
  }
}

TEST(ResponseTest, AStatusIsBetween200And599) {
  Response response;
  EXPECT_EQ(response.status(200).status(599).status(), 599);
  for (const int status : {-1, 0, 100, 199, 600, 1000}) EXPECT_THROW(response.status(status), std::invalid_argument);
  EXPECT_EQ(response.status(), 599);
}

TEST(ResponseBodyTest, BodiesOfEverySizeAreKept) {
  for (const std::size_t size : {0U, 1U, 119U, 120U, 121U, 100'000U}) {
    Response response;
    response.body(std::string_view(std::string(size, 'x')));
    EXPECT_EQ(response.body().size(), size);
    response.body(std::string(size, 'y'));
    EXPECT_EQ(response.body(), std::string(size, 'y'));
  }
}

TEST(ResponseBodyTest, AShorterBodyReplacesALongerOne) {
  Response response;
  response.body(std::string_view(std::string(500, 'x')));
  response.body("short");
  EXPECT_EQ(response.body(), "short");
  response.body(std::string(500, 'y'));
  response.body(std::string());
  EXPECT_EQ(response.body(), "");
}

TEST(ResponseBodyTest, APartOfTheBodyCanBecomeTheBody) {
  for (const std::size_t size : {100U, 500U, 100'000U}) {
    for (const std::size_t part : {10U, 90U, 400U}) {
      if (part > size) continue;
      Response response;
      response.body(std::string(size - part, '-') + std::string(part, 'x'));
      response.body(response.body().substr(size - part));
      EXPECT_EQ(response.body(), std::string(part, 'x')) << part << " of " << size;
    }
  }
}

TEST(ResponseTest, ClearLeavesAnEmpty200) {
  Response response(404);
  response.set_text(std::string(500, 'x')).set_header("X", "y");
  response.clear();
  EXPECT_EQ(response.status(), 200);
  EXPECT_EQ(response.body(), "");
  EXPECT_EQ(response.field_lines(), "");
  EXPECT_EQ(response.header("Content-Type"), std::nullopt);
}

TEST(ResponseTest, ClearDoesNotHoardALargeBody) {
  Response response;
  response.body(std::string(1 << 20, 'x'));
  const char* const memory = response.body().data();
  response.clear();
  const std::string other(1000, 'y');  // fits into the old memory
  response.body(std::string_view(other));
  EXPECT_NE(response.body().data(), memory);
}

TEST(ResponseTest, AMoveTakesEverything) {
  Response from(201);
  from.set_json("{}").set_header("X", "y");
  const Response to = std::move(from);
  EXPECT_EQ(to.status(), 201);
  EXPECT_EQ(to.body(), "{}");
  EXPECT_EQ(to.header("X"), "y");
  EXPECT_EQ(to.header("Content-Type"), "application/json");
}

TEST(ResponseTest, ContentTypeIsNeverDoubled) {
  Response response = Response::text("x");
  response.add_header("content-type", "text/html");
  EXPECT_EQ(response.header("Content-Type"), "text/html");
  EXPECT_EQ(response.media_type(), Response::MediaType::kOther);
}

}  // namespace
}  // namespace weir::http
