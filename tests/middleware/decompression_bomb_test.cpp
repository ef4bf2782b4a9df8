// SPDX-License-Identifier: MIT
// Content that is made to become more than there is room for.
#include <middleware/decompression.hpp>

#include <tests/middleware/codings.hpp>
#include <tests/routing/lane_fixture.hpp>

#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;
#ifdef __SANITIZE_THREAD__
constexpr std::size_t kDecodedPeak = 60 * kMiB;  // with the shadow of each byte
#else
constexpr std::size_t kDecodedPeak = 40 * kMiB;
#endif

/// How much more memory was resident at its peak, since this was made, than when it was made.
class PeakMemory {
 public:
  PeakMemory() {
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak begins anew
    before_ = peak();
  }
  std::size_t grown_bytes() const { return peak() - before_; }

 private:
  static std::size_t peak() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
      std::size_t kib = 0;
      if (word == "VmHWM:" && status >> kib) return kib << 10U;
    }
    ADD_FAILURE() << "the system does not tell";
    return 0;
  }
  std::size_t before_ = 0;
};

class BombTest : public LaneTest {
 protected:
  BombTest() {
    app.use(Decompression{});
    app.post("/").body_limit(kMiB).handle([](Context& context) { return std::to_string(context.body().size()); });
    app.post("/large").body_limit(100 * kMiB).handle([](Context& context) {
      return std::to_string(context.body().size());
    });
    app.post("/pieces").body_limit(100 * kMiB).handle([this](BodyStream body) -> Task<std::string> {
      while (true) {
        std::optional<std::string> piece = co_await body.read();
        if (!piece) break;
        in_pieces += piece->size();
      }
      co_return std::to_string(in_pieces);
    });
    start();
  }
  TestResponse post(std::string_view target, std::string_view content, std::string_view coding) {
    return client->post(target, content, {{"Content-Encoding", coding}});
  }

  std::size_t in_pieces = 0;
};

TEST_F(BombTest, AGzipOfZerosIsRefused) {
  const std::string bomb = gzip(std::string(64 * kMiB, '\0'));
  ASSERT_LT(bomb.size(), 100'000U);
  post("/", bomb, "gzip").expect_status(413);
  const PeakMemory memory;
  post("/large", bomb, "gzip").expect_status(413);
  post("/pieces", bomb, "gzip").expect_status(413);
  EXPECT_LT(memory.grown_bytes(), kDecodedPeak);
  EXPECT_LE(in_pieces, 100 * bomb.size());
}

TEST_F(BombTest, OthersOfZerosAreRefused) {
  const std::string zeros(64 * kMiB, '\0');
  for (const std::string_view target : {"/", "/large", "/pieces"}) {
    post(target, brotli(zeros), "br").expect_status(413);
    post(target, zstd(zeros), "zstd").expect_status(413);
    post(target, deflated(zeros, kZlibBits), "deflate").expect_status(413);
  }
}

TEST_F(BombTest, TheRatioCountsBeyond64KiB) {
  const std::string free(64 << 10, '\0');
  for (const std::string_view target : {"/", "/pieces"}) {
    post(target, zstd(free), "zstd").expect_status(200);  // some thousand times
    post(target, zstd(free + '\0'), "zstd").expect_status(413);
  }
}

TEST_F(BombTest, TheRatioIsThatOfTheOptions) {
  App strict_app{"test"};
  strict_app.use(Decompression{{.ratio_max = 3}});
  strict_app.post("/").handle([](Context& context) { return std::to_string(context.body().size()); });
  TestClient strict(strict_app);
  const std::string content = gzip(sample_text(500'000));
  ASSERT_GT(500'000, 3 * content.size());
  strict.post("/", content, {{"Content-Encoding", "gzip"}}).expect_status(413);
  post("/", content, "gzip").expect_status(200);
}

TEST_F(BombTest, ABombInABombIsDecodedOnce) {
  const std::string inner = gzip(std::string(10 * kMiB, '\0'));
  const std::string outer = gzip(inner);
  const TestResponse response = post("/", outer, "gzip");
  response.expect_status(200).expect_body(std::to_string(inner.size()));
  post("/", outer, "gzip, gzip").expect_status(415);
}

TEST_F(BombTest, ManyMembersAreCountedTogether) {
  std::string bomb;
  while (bomb.size() < 2'000) bomb += gzip(std::string(60'000, '\0'));
  post("/", bomb, "gzip").expect_status(413);
  std::string empty;
  while (empty.size() < 500'000) empty += gzip("");
  post("/", empty, "gzip").expect_status(200).expect_body("0");
}

TEST_F(BombTest, AZstdWindowAbove8MiBIsRefused) {
  const std::string content = noise(1'000);
  for (const std::string_view target : {"/", "/pieces"}) {
    post(target, zstd(content, 23, false), "zstd").expect_status(200);
    post(target, zstd(content, 24, false), "zstd").expect_status(400);
    post(target, zstd(content, 27, false), "zstd").expect_status(400);
  }
}

TEST_F(BombTest, AZstdFrameThatClaimsAHugeSizeIsRefused) {
  // Magic number; one segment with a size of 8 bytes: 2^40.
  const std::string header("\x28\xB5\x2F\xFD\xE0\x00\x00\x00\x00\x00\x01\x00\x00", 13);
  const PeakMemory memory;
  post("/", header + std::string(100, 'x'), "zstd").expect_status(400);
  post("/pieces", header + std::string(100, 'x'), "zstd").expect_status(400);
  EXPECT_LT(memory.grown_bytes(), 16 * kMiB);
}

TEST_F(BombTest, ALargeWindowOfBrotliIsRefused) {
  const std::string content = noise(1'000);
  for (const std::string_view target : {"/", "/pieces"}) {
    post(target, brotli(content, 5, 24), "br").expect_status(200);
    post(target, brotli(content, 5, 26, true), "br").expect_status(400);
  }
}

TEST_F(BombTest, AFewBytesThatClaimAHugeWindowTakeNoMemory) {
  const std::string zstd_start = zstd(noise(100), 23, false).substr(0, 40);
  const std::string brotli_start = brotli(noise(100), 5, 24).substr(0, 40);
  const PeakMemory memory;
  std::vector<TestClient::Connection> connections;
  for (int i = 0; i < 50; ++i) {
    const bool is_zstd = i % 2 == 0;
    connections.push_back(connect());
    connections.back().write(
        post_head("/pieces", 1'000, is_zstd ? "Content-Encoding: zstd\r\n" : "Content-Encoding: br\r\n") +
        (is_zstd ? zstd_start : brotli_start));
  }
  client->advance(std::chrono::milliseconds(1));
  EXPECT_LT(memory.grown_bytes(), 32 * kMiB);
}

TEST_F(BombTest, HonestContentMayBeLong) {
  std::string content;
  while (content.size() < 20 * kMiB) content += sample_text(kMiB);
  post("/pieces", gzip(content), "gzip").expect_status(200);
  EXPECT_EQ(in_pieces, content.size());
}

}  // namespace
}  // namespace weir::middleware
