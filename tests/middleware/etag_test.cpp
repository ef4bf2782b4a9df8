// SPDX-License-Identifier: MIT
#include <middleware/etag.hpp>

#include <weir/http/preconditions.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <tests/routing/temporary_folder.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

constexpr std::string_view kHelloTag = "\"2305acb4c72d5417f16b64cdf822a910\"";  // of "hello" as text
constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view kDayBefore = "Sat, 05 Nov 1994 08:49:37 GMT";
constexpr std::string_view kDayAfter = "Mon, 07 Nov 1994 08:49:37 GMT";

class ETagTest : public testing::Test {
 protected:
  ETagTest() { app.use(ETag{}); }
  /// The routes of `app`, from the first request on.
  TestClient& client() {
    if (!client_) client_.emplace(app);
    return *client_;
  }
  void answer_with(const Response& response) {
    app.get("/").handle([response] { return response; });
    app.post("/").handle([response] { return response; });
  }
  TestResponse get(TestClient::Headers headers = {}) { return client().get("/", headers); }

  App app{"test"};

 private:
  std::optional<TestClient> client_;
};

std::string etag_of(const Response& response, ETagOptions options = {}) {
  App app{"test"};
  app.use(ETag{options});
  app.get("/").handle([&response] { return response; });
  return TestClient(app).get("/").header("ETag").value_or("");
}

// ---- the tag ----

TEST_F(ETagTest, AnAnswerGetsAStrongTagOf128Bits) {
  answer_with(Response::text("hello"));
  const TestResponse response = get();
  response.expect_status(200).expect_body("hello");
  const std::string etag = response.header("ETag").value_or("");
  ASSERT_EQ(etag.size(), 34U);
  EXPECT_EQ(etag.find_first_not_of("0123456789abcdef", 1), 33U);
  EXPECT_EQ(etag.front(), '"');
  EXPECT_EQ(etag.back(), '"');
  EXPECT_EQ(get().header("ETag"), etag);
}

TEST_F(ETagTest, ItDiffersByContentTypeAndCoding) {
  const std::string etag = etag_of(Response::text("hello"));
  EXPECT_NE(etag_of(Response::text("hellp")), etag);
  EXPECT_NE(etag_of(Response::text("hello ")), etag);
  EXPECT_NE(etag_of(Response::html("hello")), etag);
  EXPECT_NE(etag_of(Response::text("hello").set_header("Content-Encoding", "br")), etag);
  EXPECT_NE(etag_of(Response::content("hello", "br")),
            etag_of(Response().body("hello").set_header("Content-Encoding", "br")));
  EXPECT_EQ(etag_of(Response::text("hello").set_header("X-Other", "1")), etag);
}

TEST_F(ETagTest, ItIsTheSameInEveryProcess) {
  EXPECT_EQ(etag_of(Response::text("hello")), kHelloTag);
}

TEST_F(ETagTest, AHeadHasThatOfTheGet) {
  answer_with(Response::text("hello"));
  EXPECT_EQ(client().head("/").header("ETag"), get().header("ETag"));
}

TEST_F(ETagTest, OtherAnswersGetNone) {
  EXPECT_EQ(etag_of(Response::text("hello").status(201)), "");
  EXPECT_EQ(etag_of(problem(404)), "");
  EXPECT_EQ(etag_of(Response::text("hello").status(206)), "");
  EXPECT_EQ(etag_of(Response::text("")), "");
  EXPECT_EQ(etag_of(Response::text("hello").set_header("Cache-Control", "private, No-Store")), "");
  answer_with(Response::text("hello"));
  client().post("/", "").expect_no_header("ETag");
}

TEST_F(ETagTest, ContentBeyondTheBoundGetsNone) {
  EXPECT_EQ(etag_of(Response::text(std::string(101, 'x')), {.bytes_max = 100}), "");
  EXPECT_NE(etag_of(Response::text(std::string(100, 'x')), {.bytes_max = 100}), "");
  EXPECT_NE(etag_of(Response::text(std::string(1 << 20, 'x'))), "");
  EXPECT_EQ(etag_of(Response::text(std::string((1 << 20) + 1, 'x'))), "");
}

TEST_F(ETagTest, OneOfTheHandlersOwnStays) {
  EXPECT_EQ(etag_of(Response::text("hello").set_header("ETag", "W/\"7\"")), "W/\"7\"");
}

// ---- 304 ----

TEST_F(ETagTest, WhoHasItAlreadyGetsNoContent) {
  answer_with(Response::text("hello"));
  const std::string etag = get().header("ETag").value_or("");
  for (const std::string& field : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const TestResponse response = get({{"If-None-Match", field}});
    response.expect_status(304).expect_body("").expect_header("ETag", etag).expect_no_header("Content-Type");
  }
  client().head("/", {{"If-None-Match", etag}}).expect_status(304);
}

TEST_F(ETagTest, WhoHasAnotherVersionGetsTheContent) {
  answer_with(Response::text("hello"));
  get({{"If-None-Match", "\"x\""}}).expect_status(200).expect_body("hello");
}

TEST_F(ETagTest, ANotModifiedKeepsTheFieldsThatSayHowToKeepIt) {
  answer_with(Response::text("hello")
                  .set_header("ETag", "\"a\"")
                  .set_header("Cache-Control", "max-age=60")
                  .set_header("Expires", kDate)
                  .set_header("Vary", "Origin")
                  .set_header("Content-Location", "/it")
                  .set_header("Last-Modified", kDate)
                  .set_header("Content-Language", "en")
                  .set_header("Content-Security-Policy", "default-src 'none'")
                  .set_header("Set-Cookie", "a=b"));
  const TestResponse response = get({{"If-None-Match", "\"a\""}});
  response.expect_status(304).expect_header("Cache-Control", "max-age=60").expect_header("Expires", kDate);
  response.expect_header("Vary", "Origin").expect_header("Content-Location", "/it").expect_header("ETag", "\"a\"");
  response.expect_header("Content-Security-Policy", "default-src 'none'").expect_header("Set-Cookie", "a=b");
  response.expect_no_header("Last-Modified").expect_no_header("Content-Language").expect_no_header("Content-Type");
  EXPECT_TRUE(response.header("Date"));
  response.expect_no_header("Content-Length");
}

TEST_F(ETagTest, ADateOfTheHandlersOwnCounts) {
  answer_with(Response::text(std::string(2 << 20, 'x')).set_header("Last-Modified", kDate));
  get({{"If-Modified-Since", kDayBefore}}).expect_status(200);
  for (const std::string_view date : {kDate, kDayAfter}) {
    get({{"If-Modified-Since", date}}).expect_status(304).expect_header("Last-Modified", kDate);
  }
  get({{"If-Modified-Since", "yesterday"}}).expect_status(200);
}

TEST_F(ETagTest, TheTagCountsBeforeTheDate) {
  answer_with(Response::text("hello").set_header("Last-Modified", kDate));
  get({{"If-None-Match", "\"x\""}, {"If-Modified-Since", kDayAfter}}).expect_status(200);
}

TEST_F(ETagTest, AnAnswerOfAnotherStatusIsNeverNotModified) {
  answer_with(problem(500).set_header("ETag", "\"a\""));
  get({{"If-None-Match", "\"a\""}}).expect_status(500);
}

// ---- 412 ----

TEST_F(ETagTest, WhoAsksForAnotherVersionOnlyGetsNone) {
  answer_with(Response::text("hello").set_header("ETag", "\"a\"").set_header("Cache-Control", "max-age=60"));
  get({{"If-Match", "\"a\""}}).expect_status(200);
  const TestResponse response = get({{"If-Match", "\"x\""}});
  response.expect_status(412).expect_header("Content-Type", "application/problem+json");
  response.expect_no_header("ETag").expect_no_header("Cache-Control");
  get({{"If-Match", "W/\"a\""}}).expect_status(412);
}

TEST_F(ETagTest, WhoAsksForAnOlderVersionOnlyGetsNone) {
  answer_with(Response::text("hello").set_header("Last-Modified", kDate));
  get({{"If-Unmodified-Since", kDayBefore}}).expect_status(412);
  get({{"If-Unmodified-Since", kDate}}).expect_status(200);
}

TEST_F(ETagTest, WhatChangesSomethingIsTheHandlersToCheck) {
  answer_with(Response::text("hello").set_header("ETag", "\"a\""));
  client().post("/", "", {{"If-Match", "\"x\""}}).expect_status(200);
}

TEST_F(ETagTest, TheExampleOfTheHeaderWorks) {
  app.put("/").handle([](Context& ctx) {
    if (http::evaluate(ctx.request(), {"\"a\""}) == http::Precondition::kFailed) {
      throw HttpError(412, "It has changed meanwhile.");
    }
    return "changed";
  });
  client().put("/", "", {{"If-Match", "\"x\""}}).expect_status(412).expect_body_contains("meanwhile");
  client().put("/", "", {{"If-Match", "\"a\""}}).expect_body("changed");
}

// ---- answers whose content is not at hand ----

TEST_F(ETagTest, AStreamIsLeftAloneWithoutATagOfItsOwn) {
  app.get("/").handle([](StreamWriter out) -> Task<void> { co_await out.write("abc"); });
  get({{"If-None-Match", "*"}}).expect_status(200).expect_body("abc").expect_no_header("ETag");
}

TEST_F(ETagTest, AStreamWithATagOfItsOwnIsNotSentAgain) {
  app.get("/").handle([](StreamWriter out) -> Task<void> {
    out.head().set_header("ETag", "\"a\"").set_header("Content-Type", "text/plain");
    co_await out.write("abc");
  });
  get({{"If-None-Match", "\"a\""}}).expect_status(304).expect_body("").expect_no_header("Transfer-Encoding");
  get({{"If-None-Match", "\"b\""}}).expect_status(200).expect_body("abc");
  get({{"If-Match", "\"b\""}}).expect_status(200).expect_body("abc");
}

TEST_F(ETagTest, AFileIsNotSentAgain) {
  const TemporaryFolder folder;
  app.get("/").handle([path = folder.write("a.txt", std::string(100'000, 'x'))] { return Response::file(path); });
  const TestResponse first = get();
  first.expect_status(200).expect_no_header("ETag");
  const std::string modified = first.header("Last-Modified").value_or("");
  const TestResponse second = get({{"If-Modified-Since", modified}});
  second.expect_status(304).expect_body("").expect_header("Last-Modified", modified).expect_no_header("Content-Type");
  get({{"If-Modified-Since", kDate}}).expect_status(200);
  get({{"If-Unmodified-Since", kDate}}).expect_status(412);
}

TEST_F(ETagTest, AFileWithATagOfItsOwnIsNotSentAgain) {
  const TemporaryFolder folder;
  app.get("/").handle(
      [path = folder.write("a.txt", "abc")] { return Response::file(path).set_header("ETag", "\"a\""); });
  get({{"If-None-Match", "\"a\""}}).expect_status(304);
  get({{"If-None-Match", "\"b\""}}).expect_body("abc");
}

}  // namespace
}  // namespace weir::middleware
