// SPDX-License-Identifier: MIT
// Which answers are coded, and what they say of it.
#include <middleware/compression.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <tests/middleware/codings.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {
namespace {

constexpr std::string_view kAll = "gzip, deflate, br, zstd";
constexpr std::size_t kMinBytes = 1024;

const std::string& text() {
  static const std::string kText = sample_text(3000);
  return kText;
}

/// One request for an answer; coded with what the client accepts.
TestResponse get(const Response& answer, std::string_view accepted = kAll, const CompressionOptions& options = {}) {
  App app{"test"};
  app.use(Compression{options});
  app.get("/").handle([&answer] { return answer; });
  TestClient client(app);
  return accepted.empty() ? client.get("/") : client.get("/", {{"Accept-Encoding", accepted}});
}

void expect_untouched(const TestResponse& response, std::string_view body) {
  response.expect_no_header("Content-Encoding").expect_body(body);
}

Response text_with(std::string_view name, std::string_view value) {
  return Response::text(text()).set_header(name, value);
}

// ---- what is coded ----

TEST(CompressionTest, TextIsCodedAndSaysSo) {
  const TestResponse response = get(Response::text(text()));
  response.expect_status(200).expect_header("Content-Encoding", "zstd").expect_header("Vary", "Accept-Encoding");
  response.expect_header("Content-Length", std::to_string(response.body.size()));
  EXPECT_LT(response.body.size(), text().size() / 2);
  EXPECT_EQ(unzstded(response.body), text());
}

TEST(CompressionTest, ListedTypesAreCoded) {
  for (const std::string_view type :
       {"text/html; charset=utf-8", "TEXT/CSS", "application/json", "application/ld+json", "image/svg+xml",
        "application/javascript", "application/wasm", "application/problem+JSON;x=y", "text/event-stream"}) {
    get(Response::content(text(), type)).expect_header("Content-Encoding", "zstd");
  }
}

TEST(CompressionTest, OtherTypesAreLeftAloneAndDoNotVary) {
  for (const std::string_view type : {"image/png", "video/mp4", "application/zip", "application/octet-stream",
                                      "application/jsonx", "textual/plain", "application/pdf", "font/woff2"}) {
    const TestResponse response = get(Response::content(text(), type));
    expect_untouched(response, text());
    response.expect_no_header("Vary");
  }
}

TEST(CompressionTest, ContentWithoutATypeIsLeftAlone) {
  expect_untouched(get(Response().body(text())), text());
}

TEST(CompressionTest, ShortContentIsLeftAloneAndDoesNotVary) {
  const TestResponse below = get(Response::text(sample_text(kMinBytes - 1)));
  expect_untouched(below, sample_text(kMinBytes - 1));
  below.expect_no_header("Vary");
  get(Response::text(sample_text(kMinBytes))).expect_header("Content-Encoding", "zstd");
}

TEST(CompressionTest, AnEmptyAnswerIsLeftAloneWhateverTheBound) {
  expect_untouched(get(Response::text(""), kAll, {.min_bytes = 0}), "");
  get(Response::text("a"), kAll, {.min_bytes = 0}).expect_header("Content-Encoding", "zstd");
}

TEST(CompressionTest, LongErrorsAreCoded) {
  const TestResponse response = get(problem(422, text()));
  response.expect_status(422).expect_header("Content-Encoding", "zstd");
  EXPECT_NE(unzstded(response.body).find("Unprocessable"), std::string::npos);
  get(Response::text(text()).status(503)).expect_header("Content-Encoding", "zstd");
}

TEST(CompressionTest, AnswersThatAreAPartAreLeftAlone) {
  expect_untouched(get(text_with("Content-Range", "bytes 0-2999/5000").status(206)), text());
}

TEST(CompressionTest, AnswersWithoutContentAreLeftAlone) {
  get(Response(204)).expect_no_header("Content-Encoding").expect_no_header("Vary");
  get(Response::text(text()).status(205)).expect_no_header("Content-Encoding");
  get(Response(303)).expect_no_header("Content-Encoding").expect_no_header("Vary");
}

TEST(CompressionTest, WhatIsCodedAlreadyIsLeftAlone) {
  const TestResponse response = get(text_with("Content-Encoding", "br"));
  response.expect_header("Content-Encoding", "br").expect_body(text()).expect_no_header("Vary");
}

TEST(CompressionTest, WhatHasADigestIsLeftAlone) {
  expect_untouched(get(text_with("Content-Digest", "sha-256=:AA==:")), text());
  expect_untouched(get(text_with("repr-digest", "sha-256=:AA==:")), text());
}

TEST(CompressionTest, NoTransformIsHeeded) {
  const TestResponse response = get(text_with("Cache-Control", "max-age=60, No-Transform"));
  expect_untouched(response, text());
  response.expect_no_header("Vary");
  get(text_with("Cache-Control", "max-age=60")).expect_header("Content-Encoding", "zstd");
}

TEST(CompressionTest, AHeadHasTheFieldsOfTheGet) {
  App app{"test"};
  app.use(Compression{});
  app.get("/").handle([] { return Response::text(text()).set_header("ETag", "\"a\""); });
  TestClient client(app);
  const TestResponse get = client.get("/", {{"Accept-Encoding", kAll}});
  client.head("/", {{"Accept-Encoding", kAll}})
      .expect_body("")
      .expect_header("Content-Encoding", "zstd")
      .expect_header("Content-Length", std::to_string(get.body.size()))
      .expect_header("Vary", "Accept-Encoding")
      .expect_header("ETag", "W/\"a\"");
}

TEST(CompressionTest, IfItIsUsedTwiceTheInnerOneCounts) {
  App app{"test"};
  app.use(Compression{}).use(Compression{{.codings = {"gzip"}}});
  app.get("/").handle([] { return text(); });
  const TestResponse response = TestClient(app).get("/", {{"Accept-Encoding", kAll}});
  response.expect_header("Content-Encoding", "gzip");
  EXPECT_EQ(decoded("gzip", response.body), text());
}

TEST(CompressionTest, TheSameTextIsCodedAgainAndAgain) {
  App app{"test"};
  app.use(Compression{});
  app.get("/").handle([] { return text(); });
  TestClient client(app);
  for (int round = 0; round < 20; ++round) {
    for (const std::string_view coding : {"gzip", "br", "zstd"}) {
      const TestResponse response = client.get("/", {{"Accept-Encoding", coding}});
      EXPECT_EQ(decoded(coding, response.body), text());
    }
  }
}

TEST(CompressionTest, ContentOfAllSizesComesBackAsItWas) {
  for (const std::string_view coding : {"gzip", "br", "zstd"}) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{16'384}, std::size_t{16'385},
                                   std::size_t{65'536}, std::size_t{300'000}, std::size_t{3'000'000}}) {
      const TestResponse easy = get(Response::text(sample_text(size)), coding, {.min_bytes = 1});
      EXPECT_TRUE(decoded(coding, easy.body) == sample_text(size)) << coding << size;
      const TestResponse hard = get(Response::text(noise(size)), coding, {.min_bytes = 1});
      EXPECT_TRUE(decoded(coding, hard.body) == noise(size)) << coding << size;
    }
  }
}

TEST(CompressionTest, EachLevelWorks) {
  const std::string body = sample_text(50'000);
  for (int level = 0; level <= 19; ++level) {
    const CompressionOptions options{
        .gzip_level = std::clamp(level, 1, 9), .brotli_level = std::min(level, 9), .zstd_level = std::max(level, 1)};
    for (const std::string_view coding : {"gzip", "br", "zstd"}) {
      EXPECT_TRUE(decoded(coding, get(Response::text(body), coding, options).body) == body) << coding << level;
    }
  }
}

// ---- what the client accepts ----

TEST(CompressionTest, TheHighestWeightWins) {
  get(Response::text(text()), "zstd;q=0.5, gzip;q=0.8, br;q=0.1").expect_header("Content-Encoding", "gzip");
  get(Response::text(text()), "gzip;q=0.8, br;q=0.9").expect_header("Content-Encoding", "br");
}

TEST(CompressionTest, OfEqualWeightsTheOptionsDecide) {
  const CompressionOptions options{.codings = {"gzip", "br"}};
  get(Response::text(text()), kAll, options).expect_header("Content-Encoding", "gzip");
}

TEST(CompressionTest, WhoAcceptsNoneGetsThePlainTextThatVaries) {
  for (const std::string_view accepted : {"", "identity", "deflate", "zstd;q=0, br;q=0", "gzip;q=2", "*;q=0"}) {
    const TestResponse response = get(Response::text(text()), accepted);
    expect_untouched(response, text());
    response.expect_header("Vary", "Accept-Encoding");
  }
}

TEST(CompressionTest, CodingsThatAreNotOfferedAreNotUsed) {
  expect_untouched(get(Response::text(text()), "br, zstd", {.codings = {"gzip"}}), text());
}

TEST(CompressionTest, VaryIsAddedToWhatIsThere) {
  const TestResponse response = get(text_with("Vary", "Origin"));
  std::vector<std::string> values;
  for (const auto& [name, value] : response.headers) {
    if (name == "Vary") values.push_back(value);
  }
  EXPECT_EQ(values, (std::vector<std::string>{"Origin", "Accept-Encoding"}));
}

// ---- validators ----

TEST(CompressionTest, AStrongETagBecomesWeakWhereItIsCoded) {
  get(text_with("ETag", "\"a\"")).expect_header("ETag", "W/\"a\"");
  get(text_with("ETag", "W/\"a\"")).expect_header("ETag", "W/\"a\"");
  get(text_with("ETag", "\"a\""), "identity").expect_header("ETag", "\"a\"");
}

TEST(CompressionTest, ANotModifiedHasTheETagAndTheVaryOfTheAnswer) {
  const Response not_modified = Response(304).set_header("ETag", "\"a\"");
  get(not_modified).expect_header("ETag", "W/\"a\"").expect_header("Vary", "Accept-Encoding");
  get(not_modified, "identity").expect_header("ETag", "\"a\"").expect_header("Vary", "Accept-Encoding");
  get(not_modified).expect_no_header("Content-Encoding");
}

TEST(CompressionTest, ANotModifiedOfAnotherTypeIsLeftAlone) {
  const Response image = Response(304).set_header("ETag", "\"a\"").set_header("Content-Type", "image/png");
  get(image).expect_header("ETag", "\"a\"").expect_no_header("Vary");
}

TEST(CompressionTest, RangesOfWhatIsCodedAreNotOffered) {
  get(text_with("Accept-Ranges", "bytes")).expect_no_header("Accept-Ranges");
  get(text_with("Accept-Ranges", "bytes"), "identity").expect_header("Accept-Ranges", "bytes");
}

// ---- options ----

TEST(CompressionTest, TypesAreThoseOfTheOptions) {
  const CompressionOptions options{.types = {"application/*", "+zip", "image/png"}};
  get(Response::content(text(), "application/x"), kAll, options).expect_header("Content-Encoding", "zstd");
  get(Response::content(text(), "a/b+zip"), kAll, options).expect_header("Content-Encoding", "zstd");
  get(Response::content(text(), "image/png"), kAll, options).expect_header("Content-Encoding", "zstd");
  expect_untouched(get(Response::text(text()), kAll, options), text());
}

void expect_refused(const CompressionOptions& options) {
  EXPECT_THROW(Compression{options}, std::invalid_argument);
}

TEST(CompressionTest, MistakesInTheOptionsAreRefused) {
  expect_refused({.codings = {}});
  expect_refused({.codings = {"deflate"}});
  expect_refused({.codings = {"gzip", "gzip"}});
  expect_refused({.gzip_level = 0});
  expect_refused({.gzip_level = 10});
  expect_refused({.brotli_level = -1});
  expect_refused({.brotli_level = 10});
  expect_refused({.zstd_level = 0});
  expect_refused({.zstd_level = 20});
  for (const std::string_view type :
       {"", "text", "text/", "/plain", "*", "text/a b", "+", "text/plain; charset=utf-8"}) {
    expect_refused({.types = {std::string(type)}});
  }
}

}  // namespace
}  // namespace weir::middleware
