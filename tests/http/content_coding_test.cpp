// SPDX-License-Identifier: MIT
#include <weir/http/content_coding.hpp>

#include <weir/http/request_parser.hpp>

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace weir::http {
namespace {

constexpr std::array<std::string_view, 3> kOffered{"zstd", "br", "gzip"};

std::string chosen(std::initializer_list<std::string> fields) {
  std::string bytes = "GET / HTTP/1.1\r\nHost: test\r\n";
  for (const std::string& field : fields) bytes += "Accept-Encoding: " + field + "\r\n";
  bytes += "\r\n";
  const Limits limits;
  RequestParser parser(limits);
  EXPECT_EQ(parser.parse({bytes.data(), bytes.size()}).step, RequestParser::Step::kComplete);
  return std::string(choose_coding(parser.request(), kOffered));
}

TEST(ContentCodingTest, HighestWeightWins) {
  EXPECT_EQ(chosen({"gzip"}), "gzip");
  EXPECT_EQ(chosen({"gzip;q=0.8, br;q=0.9"}), "br");
  EXPECT_EQ(chosen({"gzip;q=1.0, br;q=0.999"}), "gzip");
  EXPECT_EQ(chosen({"GZIP ; Q=0.5"}), "gzip");
  EXPECT_EQ(chosen({"x-gzip"}), "gzip");
}

TEST(ContentCodingTest, OfEqualOnesTheFirstOfferedIsChosen) {
  EXPECT_EQ(chosen({"gzip, deflate, br, zstd"}), "zstd");
  EXPECT_EQ(chosen({"gzip, br"}), "br");
}

TEST(ContentCodingTest, StarStandsForThoseThatAreNotNamed) {
  EXPECT_EQ(chosen({"*"}), "zstd");
  EXPECT_EQ(chosen({"zstd;q=0, *"}), "br");
  EXPECT_EQ(chosen({"gzip;q=0.1, *;q=0"}), "gzip");
}

TEST(ContentCodingTest, NoneIsChosenWhereNoneIsWanted) {
  EXPECT_EQ(chosen({}), "");
  EXPECT_EQ(chosen({""}), "");
  EXPECT_EQ(chosen({"deflate, compress"}), "");
  EXPECT_EQ(chosen({"gzip;q=0"}), "");
  EXPECT_EQ(chosen({"*;q=0"}), "");
  EXPECT_EQ(chosen({"Identity, gzip;q=0.5"}), "");
  EXPECT_EQ(chosen({"identity;q=0.5, gzip;q=0.6"}), "gzip");
}

TEST(ContentCodingTest, FieldsAreOneList) {
  EXPECT_EQ(chosen({"deflate", "gzip"}), "gzip");
  EXPECT_EQ(chosen({"gzip", "br;q=0.5"}), "gzip");
}

TEST(ContentCodingTest, WhatIsNoWeightIsZero) {
  for (const char* const weight : {"2", "1.001", "-1", "0.1234", "abc", "", "1.", ".5", "0,5"}) {
    const bool is_fine = std::string(weight) == "1.";
    EXPECT_EQ(chosen({std::string("gzip;q=") + weight}), is_fine ? "gzip" : "") << weight;
  }
}

}  // namespace
}  // namespace weir::http
