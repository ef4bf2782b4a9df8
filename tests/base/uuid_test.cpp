// SPDX-License-Identifier: MIT
#include <weir/base/uuid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace weir::base {
namespace {

constexpr std::string_view kText = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";  // RFC 9562 section 4
constexpr Uuid kUuid{{0xf8, 0x1d, 0x4f, 0xae, 0x7d, 0xec, 0x11, 0xd0, 0xa7, 0x65, 0x00, 0xa0, 0xc9, 0x1e, 0x6b, 0xf6}};

Uuid uuid_of(std::string_view text) {
  Uuid uuid;
  EXPECT_TRUE(Uuid::parse(text, uuid)) << text;
  return uuid;
}

bool is_uuid(std::string_view text) {
  Uuid uuid = kUuid;
  const bool is_read = Uuid::parse(text, uuid);
  EXPECT_TRUE(is_read || uuid == kUuid) << "a refusal changed the result: " << text;
  return is_read;
}

TEST(UuidTest, TheBytesAreInTheOrderOfTheText) {
  EXPECT_EQ(uuid_of(kText), kUuid);
  EXPECT_EQ(kUuid.to_string(), kText);
}

TEST(UuidTest, EitherCaseIsReadAndLowerCaseWritten) {
  EXPECT_EQ(uuid_of("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"), kUuid);
  EXPECT_EQ(uuid_of("f81D4fAE-7deC-11d0-A765-00a0c91E6bf6").to_string(), kText);
}

TEST(UuidTest, ANewOneIsNil) {
  EXPECT_EQ(Uuid().to_string(), "00000000-0000-0000-0000-000000000000");
  EXPECT_EQ(uuid_of("00000000-0000-0000-0000-000000000000"), Uuid());
}

TEST(UuidTest, VersionAndVariantAreNotLookedAt) {
  EXPECT_TRUE(is_uuid("ffffffff-ffff-ffff-ffff-ffffffffffff"));
  EXPECT_TRUE(is_uuid("12345678-1234-0234-1234-123456789abc"));
}

TEST(UuidTest, OtherLengthsAreRefused) {
  std::string text(kText);
  EXPECT_FALSE(is_uuid(""));
  EXPECT_FALSE(is_uuid(text + "0"));
  EXPECT_FALSE(is_uuid(text + std::string(1, '\0')));
  for (; !text.empty(); text.pop_back()) EXPECT_EQ(is_uuid(text), text == kText) << text;
}

TEST(UuidTest, OtherFormsAreRefused) {
  for (const char* const text :
       {"{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "f81d4fae7dec11d0a76500a0c91e6bf6", "f81d4fae7-dec-11d0-a765-00a0c91e6bf6",
        "f81d4fa-e7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a76500a0c91e-6bf6",
        " f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae-7dec-11d0-a765-00a0c91e6bf "}) {
    EXPECT_FALSE(is_uuid(text)) << text;
  }
}

TEST(UuidTest, AtEveryPlaceOnlyADigitOrTheDashIsRead) {
  for (std::size_t place = 0; place < kText.size(); ++place) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(kText);
      text[place] = static_cast<char>(byte);
      const std::string_view allowed = kText[place] == '-' ? "-" : "0123456789abcdefABCDEF";
      EXPECT_EQ(is_uuid(text), allowed.find(text[place]) != std::string_view::npos) << place << " " << byte;
    }
  }
}

TEST(UuidTest, TheyAreOrderedAsTheirTextsAre) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    Uuid a;
    Uuid b;
    for (auto& byte : a.bytes) byte = static_cast<std::uint8_t>(random() % 3);
    for (auto& byte : b.bytes) byte = static_cast<std::uint8_t>(random() % 3);
    ASSERT_EQ(a < b, a.to_string() < b.to_string()) << a.to_string() << " " << b.to_string();
    ASSERT_EQ(a == b, a.to_string() == b.to_string());
  }
}

TEST(UuidTest, ParseReadsWhatToStringWrites) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 4000; ++round) {
    Uuid uuid;
    std::generate(uuid.bytes.begin(), uuid.bytes.end(), [&random] { return static_cast<std::uint8_t>(random()); });
    ASSERT_EQ(uuid_of(uuid.to_string()), uuid);
  }
}

}  // namespace
}  // namespace weir::base
