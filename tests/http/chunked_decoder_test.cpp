// SPDX-License-Identifier: MIT
#include <weir/http/chunked_decoder.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

struct Outcome {
  std::string body;
  std::size_t consumed = 0;
  bool is_complete = false;
  int refusal = 0;
  bool operator==(const Outcome&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Outcome& outcome) {
  return out << "body '" << outcome.body << "' consumed " << outcome.consumed
             << (outcome.is_complete ? " complete" : " incomplete") << " refusal " << outcome.refusal;
}

struct Bounds {
  Limits limits;
  std::uint64_t body_bytes_max = 1000;
};

// Feeds pieces of `piece` bytes.
Outcome decode(std::string_view bytes, std::size_t piece = std::string::npos, const Bounds& bounds = {}) {
  ChunkedDecoder decoder;
  decoder.begin(bounds.limits, bounds.body_bytes_max);
  Outcome outcome;
  while (!bytes.empty() && !outcome.is_complete && outcome.refusal == 0) {
    const std::string_view part = bytes.substr(0, piece);
    const auto progress = decoder.decode({part.data(), part.size()}, outcome.body);
    bytes.remove_prefix(progress.consumed);
    outcome.consumed += progress.consumed;
    outcome.is_complete = progress.is_complete;
    if (progress.refusal) outcome.refusal = progress.refusal->status;
  }
  return outcome;
}

void expect_body(std::string_view bytes, std::string_view body) {
  for (const std::size_t piece : {std::string::npos, std::size_t{1}, std::size_t{3}}) {
    const Outcome outcome = decode(bytes, piece);
    EXPECT_TRUE(outcome.is_complete) << bytes << ": " << outcome;
    EXPECT_EQ(outcome.body, body) << bytes;
    EXPECT_EQ(outcome.consumed, bytes.size()) << bytes;
  }
}

void expect_refused(std::string_view bytes, int status = 400) {
  for (const std::size_t piece : {std::string::npos, std::size_t{1}}) {
    EXPECT_EQ(decode(bytes, piece).refusal, status) << bytes;
  }
}

TEST(ChunkedDecoderTest, ChunksArePutTogether) {
  expect_body("0\r\n\r\n", "");
  expect_body("5\r\nhello\r\n0\r\n\r\n", "hello");
  expect_body("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello!");
}

TEST(ChunkedDecoderTest, SizesAreHexadecimalOfEitherCase) {
  expect_body("a\r\n0123456789\r\n0\r\n\r\n", "0123456789");
  expect_body("A\r\n0123456789\r\n0\r\n\r\n", "0123456789");
  expect_body("010\r\n0123456789abcdef\r\n0\r\n\r\n", "0123456789abcdef");
}

TEST(ChunkedDecoderTest, DataMayHoldAnyBytes) {
  const std::string data("\0\r\n0\r\n\r\n\xff", 9);
  expect_body("9\r\n" + data + "\r\n0\r\n\r\n", data);
}

TEST(ChunkedDecoderTest, WhatFollowsTheEndIsNotConsumed) {
  const Outcome outcome = decode("1\r\na\r\n0\r\n\r\nGET /");
  EXPECT_TRUE(outcome.is_complete);
  EXPECT_EQ(outcome.consumed, 11U);
}

TEST(ChunkedDecoderTest, UnfinishedFramingIsNotComplete) {
  for (const char* const bytes : {"5", "5\r", "5\r\n", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", "0\r\n\r"}) {
    const Outcome outcome = decode(bytes);
    EXPECT_FALSE(outcome.is_complete) << bytes;
    EXPECT_EQ(outcome.refusal, 0) << bytes;
  }
}

TEST(ChunkedDecoderTest, ValidExtensionsAreSkipped) {
  for (const char* const extension : {";a", ";a=b", ";a=\"b\"", ";a=\"\"", "; a", " ;a", "\t; \ta = b",
                                      ";a;b=c;d=\"e\"", ";a=\"\\\"\\\\\"", ";a=\" ;\t\"", ";a ;b", ";a=\"x\" ;b"}) {
    expect_body("1" + std::string(extension) + "\r\nx\r\n0" + std::string(extension) + "\r\n\r\n", "x");
  }
}

TEST(ChunkedDecoderTest, MalformedExtensionsAreRefused) {
  for (const char* const extension :
       {";", "; ", ";=b", ";a=", ";a=\"b", ";a=b c", ";a b", ";a==b", ";a=\"b\"c", ";a=\"\x01\"", ";\x7f", "x", " x",
        " ", ";a ", ";a=\"\\\x01\"", ";a\n", ";a=b\n", ",a"}) {
    expect_refused("1" + std::string(extension) + "\r\nx\r\n0\r\n\r\n");
  }
}

TEST(ChunkedDecoderTest, MalformedSizesAreRefused) {
  for (const char* const size : {"", "g", "-1", "+1", "0x1", " 1", ";a", "1\n", "1 \r", "\r"}) {
    expect_refused(std::string(size) + "\r\nx\r\n0\r\n\r\n");
  }
}

TEST(ChunkedDecoderTest, SixteenSizeDigitsAreReadAndSeventeenRefused) {
  expect_body("0000000000000001\r\nx\r\n0000000000000000\r\n\r\n", "x");
  expect_refused("00000000000000001\r\nx\r\n0\r\n\r\n");
  expect_refused("ffffffffffffffff\r\n", 413);
}

TEST(ChunkedDecoderTest, LineEndsAreExactlyCrlf) {
  for (const char* const bytes :
       {"1\nx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n", "1\r\nx\r0\r\n\r\n", "1\r\nxy\r\n", "1\r\nx\r\n0\n\r\n",
        "1\r\nx\r\n0\r\n\n", "1\r\nx\r\n0\r\n\rX", "1\rx\r\n", "1\r\nx\r\n\r\n0\r\n\r\n"}) {
    expect_refused(bytes);
  }
}

TEST(ChunkedDecoderTest, TrailersAreCheckedAndDropped) {
  expect_body("1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\n", "x");
  for (const char* const trailer :
       {"A\r\n", "A : b\r\n", ": b\r\n", " A: b\r\n", "A: b\r\n c\r\n", "A: b\n", "A: \x01\r\n", "A\x80: b\r\n"}) {
    expect_refused("0\r\n" + std::string(trailer) + "\r\n");
  }
}

TEST(ChunkedDecoderTest, ABodyAtItsLimitIsTakenAndOneByteMoreRefused) {
  Bounds bounds;
  bounds.body_bytes_max = 4;
  EXPECT_EQ(decode("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", 100, bounds).body, "abcd");
  EXPECT_EQ(decode("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 100, bounds).refusal, 413);
  EXPECT_EQ(decode("5\r\n", 100, bounds).refusal, 413);
}

TEST(ChunkedDecoderTest, ExtensionsOfAllChunksTogetherAreBounded) {
  Bounds bounds;
  bounds.limits.chunk_extension_bytes = 4;
  EXPECT_TRUE(decode("1;a\r\nx\r\n0;a\r\n\r\n", 100, bounds).is_complete);
  EXPECT_EQ(decode("1;a\r\nx\r\n0;ab\r\n\r\n", 100, bounds).refusal, 400);
  EXPECT_EQ(decode("1;abcd\r\n", 100, bounds).refusal, 400);
}

TEST(ChunkedDecoderTest, TrailerFieldsAreBounded) {
  Bounds bounds;
  bounds.limits.fields = 2;
  EXPECT_TRUE(decode("0\r\na: 1\r\nb: 2\r\n\r\n", 100, bounds).is_complete);
  EXPECT_EQ(decode("0\r\na: 1\r\nb: 2\r\nc: 3\r\n\r\n", 100, bounds).refusal, 431);
}

TEST(ChunkedDecoderTest, TrailerBytesAreBounded) {
  Bounds bounds;
  bounds.limits.head_bytes = 8;  // "a: 1" and both line ends
  EXPECT_TRUE(decode("0\r\na: 1\r\n\r\n", 100, bounds).is_complete);
  EXPECT_EQ(decode("0\r\na: 12\r\n\r\n", 100, bounds).refusal, 431);
}

TEST(ChunkedDecoderTest, BeginForgetsTheBodyBefore) {
  const Limits limits;
  ChunkedDecoder decoder;
  std::string body;
  decoder.begin(limits, 10);
  const std::string_view unfinished = "5;a\r\nhel";
  decoder.decode({unfinished.data(), unfinished.size()}, body);
  body.clear();
  decoder.begin(limits, 10);
  const std::string_view whole = "2\r\nhi\r\n0\r\n\r\n";
  EXPECT_TRUE(decoder.decode({whole.data(), whole.size()}, body).is_complete);
  EXPECT_EQ(body, "hi");
}

}  // namespace
}  // namespace weir::http
