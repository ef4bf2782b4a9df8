// SPDX-License-Identifier: MIT
// Requests with coded content, on each way to a handler.
#include <middleware/decompression.hpp>

#include <weir/json.hpp>

#include <tests/middleware/codings.hpp>
#include <tests/routing/lane_fixture.hpp>

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

using testing::HasSubstr;

std::string coded(std::string_view coding, std::string_view text) {
  if (coding == "deflate") return deflated(text, kZlibBits);
  if (coding == "br") return brotli(text);
  if (coding == "zstd") return zstd(text);
  return gzip(text);
}

class DecompressionTest : public LaneTest {
 protected:
  /// Routes that answer with the content they see.
  void add_routes() {
    app.post("/inline").handle([](Context& context) { return std::string(context.body()); });
    app.post("/pool").on(cpu).handle([](Context& context) { return std::string(context.body()); });
    app.post("/async").handle([](Context& context) -> Task<std::string> { co_return std::string(context.body()); });
    app.post("/pieces").handle([](BodyStream body) -> Task<std::string> {
      std::string all;
      while (true) {
        std::optional<std::string> piece = co_await body.read();
        if (!piece) break;
        all += *piece;
      }
      co_return std::move(all);
    });
    app.post("/json").handle([](nlohmann::json document) { return document; });
  }
  void start_with(const DecompressionOptions& options = {}) {
    app.use(Decompression{options});
    add_routes();
    start();
  }
  TestResponse post(std::string_view target, std::string_view content, std::string_view coding) {
    return client->post(target, content, {{"Content-Encoding", coding}});
  }
};

struct Way {
  const char* target;
  const char* coding;
};

class DecompressionWayTest : public DecompressionTest, public testing::WithParamInterface<Way> {
 protected:
  DecompressionWayTest() { start_with(); }
  TestResponse send(std::string_view content) { return post(GetParam().target, content, GetParam().coding); }
  static std::string coded_text(std::string_view text) { return coded(GetParam().coding, text); }
};

TEST_P(DecompressionWayTest, ContentOfAllSizesIsDecoded) {
  for (const std::size_t size : {0, 1, 5'000, 65'536, 65'537, 1'000'000}) {
    const TestResponse response = send(coded_text(sample_text(size)));
    EXPECT_EQ(response.status, 200);
    EXPECT_TRUE(response.body == sample_text(size)) << size;
  }
  EXPECT_TRUE(send(coded_text(noise(100'000))).body == noise(100'000));
}

TEST_P(DecompressionWayTest, ContentThatComesByteByByteIsDecoded) {
  const std::string content = coded_text("some content, some content");
  auto connection = connect();
  connection.write(
      post_head(GetParam().target, content.size(), "Content-Encoding: " + std::string(GetParam().coding) + "\r\n"));
  for (const char c : content) connection.write(std::string(1, c));
  EXPECT_EQ(connection.read_answer().body, "some content, some content");
}

TEST_P(DecompressionWayTest, ContentThatIsCutShortIsRefused) {
  for (const std::size_t size : {100, 20'000}) {
    const std::string content = coded_text(noise(size));
    for (const std::size_t kept : {std::size_t{1}, std::size_t{5}, content.size() / 2, content.size() - 1}) {
      const TestResponse response = send(content.substr(0, kept));
      EXPECT_EQ(response.status, 400) << size << " " << kept;
      EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
    }
  }
}

TEST_P(DecompressionWayTest, ContentThatIsFollowedBySomethingElseIsRefused) {
  EXPECT_EQ(send(coded_text("abc") + "x").status, 400);
  EXPECT_EQ(send(coded_text("abc") + std::string(20'000, '\0')).status, 400);
}

TEST_P(DecompressionWayTest, WhatIsNotOfThatCodingIsRefused) {
  EXPECT_EQ(send("{\"plain\": true, \"as\": \"can be\"}").status, 400);
  EXPECT_EQ(send(noise(50'000)).status, 400);
}

TEST_P(DecompressionWayTest, AFlippedBitNeverEndsTheService) {
  const std::string content = coded_text(sample_text(3'000));
  for (std::size_t at = 0; at < content.size(); at += content.size() / 60 + 1) {
    std::string bad = content;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const int status = send(bad).status;
    EXPECT_TRUE(status == 200 || status == 400 || status == 413) << at << " " << status;
  }
  EXPECT_EQ(send(coded_text("abc")).body, "abc");
}

TEST_P(DecompressionWayTest, TheLimitHoldsForWhatWasDecoded) {
  constexpr std::size_t kLimit = 1 << 20;
  EXPECT_EQ(send(coded_text(sample_text(kLimit))).status, 200);
  EXPECT_EQ(send(coded_text(sample_text(kLimit + 1))).status, 413);
}

std::string name_of_way(const testing::TestParamInfo<Way>& info) {
  return std::string(info.param.target + 1) + "_" + info.param.coding;
}

INSTANTIATE_TEST_SUITE_P(Ways, DecompressionWayTest,
                         testing::Values(Way{"/inline", "gzip"}, Way{"/inline", "deflate"}, Way{"/inline", "br"},
                                         Way{"/inline", "zstd"}, Way{"/pool", "gzip"}, Way{"/pool", "zstd"},
                                         Way{"/async", "gzip"}, Way{"/async", "br"}, Way{"/pieces", "gzip"},
                                         Way{"/pieces", "deflate"}, Way{"/pieces", "br"}, Way{"/pieces", "zstd"}),
                         name_of_way);

// ---- the field ----

TEST_F(DecompressionTest, NamesAreComparedWithoutCaseAndAliasesCount) {
  start_with();
  for (const std::string_view name : {"GZIP", "x-gzip", "X-GZip", "identity, gzip", ", gzip ,"}) {
    EXPECT_EQ(post("/inline", gzip("abc"), name).body, "abc") << name;
  }
}

TEST_F(DecompressionTest, IdentityAndNoCodingPass) {
  start_with();
  EXPECT_EQ(post("/inline", "abc", "identity").body, "abc");
  EXPECT_EQ(post("/inline", "abc", "").body, "abc");
  EXPECT_EQ(client->post("/inline", "abc").body, "abc");
}

TEST_F(DecompressionTest, UnknownCodingsAreRefusedWithTheKnownOnes) {
  start_with();
  for (const std::string_view name : {"compress", "gzip;q=1", "aes128gcm", "*", "dcb"}) {
    const TestResponse response = post("/inline", "abc", name);
    response.expect_status(415).expect_header("Accept-Encoding", "gzip, deflate, br, zstd");
    EXPECT_EQ(response.body.find(name), std::string::npos);
  }
}

TEST_F(DecompressionTest, SeveralCodingsAreRefused) {
  start_with();
  for (const std::string_view names : {"gzip, gzip", "deflate, br", "gzip,identity,zstd"}) {
    post("/inline", gzip(gzip("abc")), names).expect_status(415);
  }
  client->post("/inline", gzip(gzip("abc")), {{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}})
      .expect_status(415);
}

TEST_F(DecompressionTest, CodingsThatAreNotAmongTheOptionsAreRefused) {
  start_with({.codings = {"zstd", "gzip"}});
  EXPECT_EQ(post("/inline", gzip("abc"), "gzip").body, "abc");
  post("/inline", brotli("abc"), "br").expect_status(415).expect_header("Accept-Encoding", "zstd, gzip");
}

TEST_F(DecompressionTest, WhereThereIsNoRouteThatIsTheAnswer) {
  start_with();
  post("/nowhere", "abc", "compress").expect_status(404);
  post("/nowhere", "abc", "gzip").expect_status(404);
}

TEST_F(DecompressionTest, ARequestWithoutContentPasses) {
  start_with();
  EXPECT_EQ(client->send("POST", "/inline", "", {{"Content-Encoding", "gzip"}}).status, 200);
}

TEST_F(DecompressionTest, RawDeflateIsRefused) {
  start_with();
  post("/inline", deflated("abc", kRawBits), "deflate").expect_status(400);
}

TEST_F(DecompressionTest, SeveralMembersAreOneContent) {
  start_with();
  for (const std::string_view target : {"/inline", "/pieces"}) {
    EXPECT_EQ(post(target, gzip("abc") + gzip("") + gzip("def"), "gzip").body, "abcdef");
    EXPECT_EQ(post(target, zstd("abc") + zstd("def"), "zstd").body, "abcdef");
    EXPECT_EQ(post(target, gzip("abc") + gzip("def").substr(0, 9), "gzip").status, 400);
  }
}

TEST_F(DecompressionTest, JsonIsReadFromWhatWasDecoded) {
  start_with();
  EXPECT_EQ(post("/json", gzip("{\"a\":1}"), "gzip").body, "{\"a\":1}");
  std::string numbers = "[0";
  for (std::uint64_t n = 1; n < 50'000; ++n) numbers += "," + std::to_string(n * n % 9973);
  numbers += "]";
  EXPECT_EQ(post("/json", zstd(numbers), "zstd").body, numbers);
  EXPECT_EQ(post("/json", gzip("[1"), "gzip").status, 400);
}

TEST_F(DecompressionTest, TheCodedContentHasTheLimitToo) {
  app.settings().limits.body_bytes = 1'000;
  start_with();
  post("/inline", gzip(noise(1'100)), "gzip").expect_status(413);
}

TEST_F(DecompressionTest, ALimitThatAHookLowersLaterHolds) {
  struct Lowering {
    void before(Context& context) const { context.lower_body_limit(100); }
  };
  app.use(Decompression{}).use(Lowering{});
  add_routes();
  start();
  EXPECT_EQ(post("/inline", gzip(std::string(100, 'x')), "gzip").status, 200);
  EXPECT_EQ(post("/inline", gzip(std::string(101, 'x')), "gzip").status, 413);
}

TEST_F(DecompressionTest, UsedTwiceItDecodesOnce) {
  app.use(Decompression{}).use(Decompression{});
  add_routes();
  start();
  EXPECT_EQ(post("/inline", gzip(gzip("abc")), "gzip").body, gzip("abc"));
}

TEST_F(DecompressionTest, MistakesInTheOptionsAreRefused) {
  EXPECT_THROW(Decompression({.codings = {}}), std::invalid_argument);
  EXPECT_THROW(Decompression({.codings = {"identity"}}), std::invalid_argument);
  EXPECT_THROW(Decompression({.codings = {"br", "br"}}), std::invalid_argument);
  EXPECT_THROW(Decompression({.ratio_max = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace weir::middleware
