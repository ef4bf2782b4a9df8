// SPDX-License-Identifier: MIT
#include <middleware/internal/address_range.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weir::middleware::internal {
namespace {

std::string address_text(std::string_view text) {
  const auto address = Address::parse(text);
  return address ? address->text() : "none";
}

std::string node_text(std::string_view text) {
  const auto node = parse_node(text);
  return node ? node->text() : "none";
}

bool contains(std::string_view range_text, std::string_view address_text) {
  const auto range = AddressRange::parse(range_text);
  const auto address = Address::parse(address_text);
  EXPECT_TRUE(range && address) << range_text << " " << address_text;
  return range && address && range->contains(*address);
}

TEST(AddressTest, AnAddressIsWrittenInOneWay) {
  EXPECT_EQ(address_text("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_text("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(address_text("::"), "::");
}

TEST(AddressTest, AMappedAddressIsTheIpv4One) {
  EXPECT_EQ(address_text("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_text("::FFFF:c000:201"), "192.0.2.1");
  EXPECT_EQ(address_text("::192.0.2.1"), "::192.0.2.1");  // compatible, which is something else
}

TEST(AddressTest, AnythingElseIsNone) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, " 192.0.2.1"sv, "192.0.2.1 "sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.01"sv, "0xC0.0.2.1"sv,
        "3221225985"sv, "192.0.2.1.5"sv, "192.0.2.1:80"sv, "[::1]"sv, "::1%eth0"sv, ":::1"sv, "1:2:3:4:5:6:7:8:9"sv,
        "g::1"sv, "192.0.2.1\0"sv, "192.0.2.1\0.evil.org"sv, "localhost"sv, "*"sv}) {
    EXPECT_EQ(address_text(text), "none") << text;
  }
  EXPECT_EQ(address_text(std::string(10'000, '1')), "none");
}

TEST(AddressRangeTest, ItHasBothItsEndsAndNothingBeyond) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.0.0.0"));
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "9.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
}

TEST(AddressRangeTest, ItMayEndWithinAByte) {
  EXPECT_TRUE(contains("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(contains("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(contains("192.0.2.128/31", "192.0.2.129"));
  EXPECT_FALSE(contains("192.0.2.128/31", "192.0.2.130"));
  EXPECT_TRUE(contains("fc00::/7", "fdff::1"));
  EXPECT_FALSE(contains("fc00::/7", "fe00::1"));
}

TEST(AddressRangeTest, OneAddressIsARange) {
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.2"));
  EXPECT_TRUE(contains("192.0.2.1/32", "192.0.2.1"));
  EXPECT_TRUE(contains("2001:db8::1/128", "2001:db8::1"));
  EXPECT_FALSE(contains("2001:db8::1", "2001:db8::2"));
}

TEST(AddressRangeTest, MappedAddressesAreInIpv4RangesAlone) {
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(contains("::/0", "10.1.2.3"));
  EXPECT_FALSE(contains("::/1", "::ffff:10.1.2.3"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::10.1.2.3"));
}

TEST(AddressRangeTest, WhatIsNoRangeIsRefused) {
  for (const char* const text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8",
                                 "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0/8", "10.*", "::/129",
                                 "::1%lo/128", "10.0.0.0/4294967304", "unix"}) {
    EXPECT_FALSE(AddressRange::parse(text)) << text;
  }
}

TEST(AddressRangeTest, BitsBehindThePrefixAreRefused) {
  EXPECT_FALSE(AddressRange::parse("10.0.0.1/8"));
  EXPECT_FALSE(AddressRange::parse("10.0.0.1/31"));
  EXPECT_TRUE(AddressRange::parse("10.0.0.2/31"));
  EXPECT_FALSE(AddressRange::parse("fd00::1/8"));
  EXPECT_FALSE(AddressRange::parse("::ffff:0:0/90"));
}

TEST(AddressRangeTest, EverythingIsAllOfAKind) {
  EXPECT_TRUE(AddressRange::parse("0.0.0.0/0")->is_everything());
  EXPECT_TRUE(AddressRange::parse("::/0")->is_everything());
  EXPECT_TRUE(AddressRange::parse("::ffff:0:0/96")->is_everything());
  EXPECT_FALSE(AddressRange::parse("0.0.0.0/1")->is_everything());
  EXPECT_FALSE(AddressRange::parse("::/1")->is_everything());
}

TEST(NodeTest, ItIsReadAsItIsWritten) {
  for (const char* const text :
       {"192.0.2.1", "192.0.2.1:4711", "192.0.2.1:0", "192.0.2.1:65535", "[2001:db8::1]", "[2001:db8::1]:4711"}) {
    EXPECT_EQ(node_text(text), text);
  }
}

TEST(NodeTest, AMappedOneIsTheIpv4One) {
  EXPECT_EQ(node_text("[::ffff:192.0.2.1]:80"), "192.0.2.1:80");
}

TEST(NodeTest, AnObfuscatedPortIsUnknown) {
  EXPECT_EQ(node_text("192.0.2.1:_a.B-9_"), "192.0.2.1");
  EXPECT_EQ(node_text("[2001:db8::1]:_x"), "[2001:db8::1]");
}

TEST(NodeTest, AnythingElseIsNone) {
  for (const char* const text : {"",
                                 ":",
                                 ":80",
                                 "192.0.2.1:",
                                 "192.0.2.1:65536",
                                 "192.0.2.1:-1",
                                 "192.0.2.1:+1",
                                 "192.0.2.1: 1",
                                 "192.0.2.1:8x",
                                 "192.0.2.1:_",
                                 "192.0.2.1:_a b",
                                 "192.0.2.1:80:80",
                                 "2001:db8::1",
                                 "[2001:db8::1",
                                 "2001:db8::1]",
                                 "[]",
                                 "[]:1",
                                 "[192.0.2.1]",
                                 "[::1]x",
                                 "[::1]80",
                                 "[[::1]]",
                                 "unknown",
                                 "_hidden",
                                 "localhost:80",
                                 "memory",
                                 "unix"}) {
    EXPECT_EQ(node_text(text), "none") << text;
  }
}

TEST(AddressTest, NetworkHasZerosBehindItsBits) {
  const Address address = Address::parse("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff").value();
  EXPECT_EQ(address.network(128).text(), address.text());
  EXPECT_EQ(address.network(64).text(), "2001:db8:ffff:ffff::");
  EXPECT_EQ(address.network(33).text(), "2001:db8:8000::");
  EXPECT_EQ(address.network(1).text(), "::");
  EXPECT_EQ(Address::parse("192.0.2.1")->network(1).text(), "192.0.2.1");
}

TEST(AddressTest, BytesTellAddressesApart) {
  const Address v4 = Address::parse("192.0.2.1").value();
  const Address mapped = Address::parse("::ffff:192.0.2.1").value();
  EXPECT_EQ(v4.bytes(), mapped.bytes());
  EXPECT_NE(v4.bytes(), Address::parse("192.0.2.2")->bytes());
}

}  // namespace
}  // namespace weir::middleware::internal
