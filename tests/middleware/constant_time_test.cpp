// SPDX-License-Identifier: MIT
#include <middleware/internal/constant_time.hpp>

#include <middleware/internal/secret_index.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::middleware::internal {
namespace {

std::string hex_of(const Digest& digest) {
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4U];
    hex += "0123456789abcdef"[byte & 15U];
  }
  return hex;
}

TEST(ConstantTimeTest, DigestsAreThoseOfTheStandard) {
  EXPECT_EQ(hex_of(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(ConstantTimeTest, ADigestIsReadFromItsHexadecimalDigits) {
  const Digest digest = sha256("abc");
  EXPECT_EQ(parse_digest(hex_of(digest)), digest);
  EXPECT_EQ(parse_digest(hex_of(digest).substr(1)), std::nullopt);
  EXPECT_EQ(parse_digest(hex_of(digest) + "0"), std::nullopt);
  EXPECT_EQ(parse_digest("g" + hex_of(digest).substr(1)), std::nullopt);
}

TEST(ConstantTimeTest, ADigestDiffersByAnyOfItsBytes) {
  const Digest digest = sha256("abc");
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Digest other = digest;
    other[i] ^= 1U;
    EXPECT_FALSE(equal_digests(digest, other)) << i;
  }
}

TEST(SecretIndexTest, ASecretsOwnerIsFound) {
  SecretIndex index;
  EXPECT_TRUE(index.add(sha256("one"), "ann"));
  EXPECT_TRUE(index.add(sha256("two"), "bob"));
  ASSERT_NE(index.find(sha256("two")), nullptr);
  EXPECT_EQ(*index.find(sha256("two")), "bob");
  EXPECT_EQ(index.find(sha256("three")), nullptr);
}

TEST(SecretIndexTest, ASecretHasOneOwner) {
  SecretIndex index;
  EXPECT_TRUE(index.add(sha256("one"), "ann"));
  EXPECT_FALSE(index.add(sha256("one"), "bob"));
  EXPECT_EQ(*index.find(sha256("one")), "ann");
  EXPECT_EQ(index.size(), 1U);
}

TEST(SecretIndexTest, ADigestsNeighboursAreNotFound) {
  SecretIndex index;
  const Digest digest = sha256("one");
  index.add(digest, "ann");
  for (std::size_t i = 0; i < digest.size(); ++i) {
    Digest other = digest;
    other[i] ^= 1U;
    EXPECT_EQ(index.find(other), nullptr) << i;
  }
}

TEST(SecretIndexTest, ACopyFindsTheSame) {
  SecretIndex index;
  index.add(sha256("one"), "ann");
  const SecretIndex copy = index;
  ASSERT_NE(copy.find(sha256("one")), nullptr);
}

}  // namespace
}  // namespace weir::middleware::internal
