// SPDX-License-Identifier: MIT
#include <middleware/internal/base64.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::middleware::internal {
namespace {

// RFC 4648 section 10.
TEST(Base64Test, TheVectorsOfTheStandardAreDecoded) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
}

TEST(Base64Test, EveryByteCanBeDecoded) {
  EXPECT_EQ(decode_base64("AP+A"), std::string("\x00\xff\x80", 3));
  EXPECT_EQ(decode_base64("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(decode_base64url("-_-_"), "\xfb\xff\xbf");
}

TEST(Base64Test, MissingAndSurplusPaddingIsRefused) {
  for (const char* const text : {"Zg", "Zg=", "Zm8", "Zm9vYg=", "=",
                                 "==", "===", "====", "Zg===", "Zm9v====", "Z===", "Zg==Zg==", "Z=g=", "=Zg="}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

TEST(Base64Test, UnusedBitsAreZero) {
  EXPECT_EQ(decode_base64("Zh=="), std::nullopt);
  EXPECT_EQ(decode_base64("Zm9="), std::nullopt);
  EXPECT_EQ(decode_base64url("Zh"), std::nullopt);
  EXPECT_EQ(decode_base64url("Zm9"), std::nullopt);
}

TEST(Base64Test, OtherCharactersAreRefused) {
  for (const char* const text : {"Zm 9", "Zm\n9", "Zm9-", "Zm9_", "Zm9.", "Zm\xc3\xa4", "Zm9%"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(decode_base64(std::string_view("Zm9\0", 4)), std::nullopt);
  for (const char* const text : {"Zm9+", "Zm9/", "Zm 9", "Zm\t9", " Zm9", "Zm9 "}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
}

TEST(Base64Test, ForUrlsThereIsNoPadding) {
  EXPECT_EQ(decode_base64url("Zg"), "f");
  EXPECT_EQ(decode_base64url("Zm8"), "fo");
  EXPECT_EQ(decode_base64url("Zm9v"), "foo");
  EXPECT_EQ(decode_base64url(""), "");
  for (const char* const text : {"Zg==", "Zm8=", "Z", "Zm9vY"}) {
    EXPECT_EQ(decode_base64url(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace weir::middleware::internal
