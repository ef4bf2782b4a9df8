// SPDX-License-Identifier: MIT
#include <weir/routing/json/json_writer.hpp>

#include <tests/routing/json_fixture.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <unordered_map>

namespace weir::routing {
namespace {

using base::described::named;

// ---- single values ----

TEST(JsonWriterTest, EachKindIsWritten) {
  EXPECT_EQ(written(true), "true");
  EXPECT_EQ(written(false), "false");
  EXPECT_EQ(written(Color::kGreen), R"("green")");
  EXPECT_EQ(written(base::Uuid()), R"("00000000-0000-0000-0000-000000000000")");
  EXPECT_EQ(written(std::chrono::sys_seconds{}), R"("1970-01-01T00:00:00Z")");
  EXPECT_EQ(written(std::chrono::milliseconds(1500)), R"("PT1.5S")");
  EXPECT_EQ(written(std::vector{1, 2}), "[1,2]");
  EXPECT_EQ(written(std::array{1, 2}), "[1,2]");
  EXPECT_EQ(written(std::map<std::string, int>{{"b", 2}, {"a", 1}}), R"({"a":1,"b":2})");
  EXPECT_EQ(written(std::unordered_map<std::string, int>{{"a", 1}}), R"({"a":1})");
  EXPECT_EQ(written(Point{1, 2}), R"({"x":1,"y":2})");
  EXPECT_EQ(written(Pet{Dog{"Rex"}}), R"({"kind":"dog","name":"Rex"})");
}

template <class T>
void expect_bounds_written() {
  using Limits = std::numeric_limits<T>;
  EXPECT_EQ(written(Limits::max()), std::to_string(Limits::max()));
  EXPECT_EQ(written(Limits::min()), std::to_string(Limits::min()));
}

TEST(JsonWriterTest, IntegersAreExact) {
  expect_bounds_written<std::int8_t>();
  expect_bounds_written<std::int16_t>();
  expect_bounds_written<std::int32_t>();
  expect_bounds_written<std::int64_t>();
  expect_bounds_written<std::uint8_t>();
  expect_bounds_written<std::uint16_t>();
  expect_bounds_written<std::uint32_t>();
  expect_bounds_written<std::uint64_t>();
}

TEST(JsonWriterTest, RealsAreAsShortAsCanBe) {
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(0.1F), "0.1");
  EXPECT_EQ(written(1.0), "1");
  EXPECT_EQ(written(-0.0), "-0");
  EXPECT_EQ(written(1e300), "1e+300");
  EXPECT_EQ(written(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(written(std::numeric_limits<double>::denorm_min()), "5e-324");
}

// Decimals, their neighbours, and whatever bits there are: what is written is the number itself, and no longer than
// what the standard library writes, but for the dots and digits that an exponent would save.
TEST(JsonWriterTest, EachRealIsReadAsTheSame) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 100'000; ++round) {
    const double decimal = static_cast<double>(random() >> (random() % 64)) / std::pow(10, random() % 20);
    const double other = round % 3 == 0   ? std::bit_cast<double>(random())
                         : round % 3 == 1 ? std::nextafter(decimal, 1e300)
                                          : -decimal;
    for (const double number : {decimal, other}) {
      if (!std::isfinite(number)) continue;
      const std::string text = written(number);
      double again = 0;
      ASSERT_EQ(std::from_chars(text.data(), text.data() + text.size(), again).ptr, text.data() + text.size()) << text;
      ASSERT_EQ(std::bit_cast<std::uint64_t>(again), std::bit_cast<std::uint64_t>(number)) << text;
      std::array<char, 32> shortest;
      const auto size = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number).ptr - shortest.data();
      ASSERT_LE(text.size(), static_cast<std::size_t>(size) + 12) << text;
    }
  }
}

TEST(JsonWriterTest, WhatIsNoNumberIsNull) {
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(-std::numeric_limits<float>::infinity()), "null");
}

TEST(JsonWriterTest, TextIsEscaped) {
  EXPECT_EQ(written(std::string("a\"\\\n\x01/\u00e4")), "\"a\\\"\\\\\\n\\u0001/\u00e4\"");
  EXPECT_EQ(written(std::string("\xff")), "\"\ufffd\"");
  EXPECT_EQ(written(std::map<std::string, int>{{"\"\xff", 1}}), "{\"\\\"\ufffd\":1}");
}

TEST(JsonWriterTest, AnEnumWithoutANameIsNull) {
  EXPECT_EQ(written(static_cast<Color>(77)), "null");
}

// ---- what may be empty ----

struct Optional {
  std::optional<int> first;
  std::optional<std::string> second;
  std::optional<Point> third;
  static constexpr auto describe() {
    return fields(field<&Optional::first>(), field<&Optional::second>(), field<&Optional::third>());
  }
};

TEST(JsonWriterTest, EmptyOptionalsAreLeftOutOfObjects) {
  EXPECT_EQ(written(Optional{}), "{}");
  EXPECT_EQ(written(Optional{1, {}, {}}), R"({"first":1})");
  EXPECT_EQ(written(Optional{{}, "", {}}), R"({"second":""})");
  EXPECT_EQ(written(Optional{{}, {}, Point{}}), R"({"third":{"x":0,"y":0}})");
}

TEST(JsonWriterTest, EmptyOptionalsAreNullElsewhere) {
  EXPECT_EQ(written(std::vector<std::optional<int>>{1, {}, 2, {}}), "[1,null,2,null]");
  EXPECT_EQ(written(std::map<std::string, std::optional<int>>{{"a", {}}}), R"({"a":null})");
  EXPECT_EQ(written(std::optional<int>()), "null");
}

struct Empty {
  static constexpr auto describe() { return fields(); }
};

TEST(JsonWriterTest, EmptyContainersAreWritten) {
  EXPECT_EQ(written(std::vector<int>()), "[]");
  EXPECT_EQ(written(std::map<std::string, int>()), "{}");
  EXPECT_EQ(written(Empty{}), "{}");
  EXPECT_EQ(written(std::vector<std::vector<int>>{{}, {}, {1}}), "[[],[],[1]]");
  EXPECT_EQ(written(std::vector<Optional>{{}, {1, {}, {}}}), R"([{},{"first":1}])");
  EXPECT_EQ(written(std::vector<std::string>{","}), R"([","])");
}

TEST(JsonWriterTest, AOneOfWithoutMembersHasItsDiscriminator) {
  using One = base::OneOf<"type", base::Tagged<"none", Empty>>;
  EXPECT_EQ(written(One{}), R"({"type":"none"})");
}

struct Renamed {
  int in = 1;
  int out = 2;
  static constexpr auto describe() {
    return fields(field<&Renamed::in>(named("Stra\u00dfe /~")), field<&Renamed::out>());
  }
};

TEST(JsonWriterTest, MembersHaveTheNamesThatTheyAreGiven) {
  EXPECT_EQ(written(Renamed{}), "{\"Stra\u00dfe /~\":1,\"out\":2}");
  EXPECT_EQ(rewritten<Renamed>("{\"out\":3,\"Stra\\u00dfe /~\":4}"), "{\"Stra\u00dfe /~\":4,\"out\":3}");
}

TEST(JsonWriterTest, TypesNestAsDeepAsTheyLike) {
  Tree tree;
  for (int level = 0; level < 100; ++level) tree = Tree{level, {tree}, {}};
  const std::string text = written(tree);
  EXPECT_TRUE(nlohmann::json::accept(text));
}

TEST(JsonWriterTest, WhatIsThereIsKept) {
  std::string out = "[1,";
  const std::vector<int> empty;
  append_json(out, Table<std::vector<int>>::kTable, &empty);
  EXPECT_EQ(out, "[1,[]");
}

// ---- both ways ----

/// All that a member can be.
struct All {
  bool flag = false;
  std::int8_t int8 = 0;
  std::int16_t int16 = 0;
  std::int32_t int32 = 0;
  std::int64_t int64 = 0;
  std::uint8_t uint8 = 0;
  std::uint16_t uint16 = 0;
  std::uint32_t uint32 = 0;
  std::uint64_t uint64 = 0;
  float real = 0;
  double twice = 0;
  std::string text;
  base::Uuid id;
  std::chrono::sys_time<std::chrono::nanoseconds> time;
  std::chrono::nanoseconds duration{};
  Color color{};
  std::optional<std::string> maybe;
  std::optional<Point> point;
  std::vector<std::optional<std::int16_t>> list;
  std::array<double, 3> triple{};
  std::map<std::string, std::vector<std::string>> map;
  std::unordered_map<std::string, Point> table;
  std::vector<Pet> pets;
  Tree tree;

  static constexpr auto describe() {
    return fields(field<&All::flag>(), field<&All::int8>(), field<&All::int16>(), field<&All::int32>(),
                  field<&All::int64>(), field<&All::uint8>(), field<&All::uint16>(), field<&All::uint32>(),
                  field<&All::uint64>(), field<&All::real>(), field<&All::twice>(), field<&All::text>(),
                  field<&All::id>(), field<&All::time>(), field<&All::duration>(), field<&All::color>(),
                  field<&All::maybe>(), field<&All::point>(), field<&All::list>(), field<&All::triple>(),
                  field<&All::map>(), field<&All::table>(), field<&All::pets>(), field<&All::tree>());
  }
};

bool equal(const Pet& a, const Pet& b) {
  return a.value == b.value;
}
bool equal(const All& a, const All& b) {
  const bool has_equal_numbers = a.flag == b.flag && a.int8 == b.int8 && a.int16 == b.int16 && a.int32 == b.int32 &&
                                 a.int64 == b.int64 && a.uint8 == b.uint8 && a.uint16 == b.uint16 &&
                                 a.uint32 == b.uint32 && a.uint64 == b.uint64 && a.real == b.real && a.twice == b.twice;
  const bool has_equal_others = a.text == b.text && a.id == b.id && a.time == b.time && a.duration == b.duration &&
                                a.color == b.color && a.maybe == b.maybe && a.point == b.point && a.list == b.list &&
                                a.triple == b.triple && a.map == b.map && a.table == b.table && a.tree == b.tree;
  return has_equal_numbers && has_equal_others &&
         std::equal(a.pets.begin(), a.pets.end(), b.pets.begin(), b.pets.end(),
                    [](const Pet& one, const Pet& other) { return equal(one, other); });
}

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  All all() {
    All out;
    out.flag = below(2) == 0;
    out.int8 = integer<std::int8_t>();
    out.int16 = integer<std::int16_t>();
    out.int32 = integer<std::int32_t>();
    out.int64 = integer<std::int64_t>();
    out.uint8 = integer<std::uint8_t>();
    out.uint16 = integer<std::uint16_t>();
    out.uint32 = integer<std::uint32_t>();
    out.uint64 = integer<std::uint64_t>();
    out.real = real<float, std::uint32_t>();
    out.twice = real<double, std::uint64_t>();
    out.text = text();
    for (auto& byte : out.id.bytes) byte = integer<std::uint8_t>();
    out.time = std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(integer<std::int64_t>()));
    out.duration = std::chrono::nanoseconds(std::max(integer<std::int64_t>(), -INT64_MAX));
    out.color = below(2) == 0 ? Color::kRed : Color::kGreen;
    if (below(2) == 0) out.maybe = text();
    if (below(2) == 0) out.point = point();
    for (auto left = below(4); left > 0; --left) {
      out.list.push_back(below(3) == 0 ? std::nullopt : std::optional(integer<std::int16_t>()));
    }
    for (double& number : out.triple) number = real<double, std::uint64_t>();
    for (auto left = below(4); left > 0; --left) out.map[text()] = std::vector<std::string>(below(3), text());
    for (auto left = below(4); left > 0; --left) out.table[text()] = point();
    for (auto left = below(4); left > 0; --left) {
      out.pets.push_back(below(2) == 0 ? Pet{Cat{integer<int>()}} : Pet{Dog{text()}});
    }
    out.tree = tree(4);
    return out;
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  template <class T>
  T integer() {
    using Limits = std::numeric_limits<T>;
    switch (below(8)) {
      case 0:
        return Limits::max();
      case 1:
        return Limits::min();
      default:
        return static_cast<T>(random_() >> below(64));
    }
  }
  template <class T, class Bits>
  T real() {
    for (;;) {
      const T number = std::bit_cast<T>(static_cast<Bits>(random_()));
      if (std::isfinite(number)) return below(3) == 0 ? static_cast<T>(below(1000)) / 8 : number;
    }
  }
  std::string text() {
    static constexpr std::array<std::string_view, 10> kPieces{"a", "\"",     "\\",     "\n",         "\x01",
                                                              "/", "\u00e4", "\u20ac", "\U0001F600", "plain text"};
    std::string out;
    for (auto left = below(12); left > 0; --left) out += kPieces[below(kPieces.size())];
    if (below(20) == 0) out += '\0';
    return out;
  }
  Point point() { return {integer<int>(), integer<int>()}; }
  Tree tree(std::size_t levels) {
    Tree out{integer<int>(), {}, {}};
    if (levels == 0) return out;
    for (auto left = below(3); left > 0; --left) out.sub.push_back(tree(levels - 1));
    if (below(3) == 0) out.named[text()] = tree(levels - 1);
    return out;
  }

  std::mt19937_64 random_;
};

TEST(JsonWriterTest, WhatIsWrittenIsReadAsTheSame) {
  Generator generator(1);
  for (int round = 0; round < 3000; ++round) {
    const All all = generator.all();
    const std::string text = written(all);
    const Reading<All> again = read<All>(text);
    ASSERT_EQ(summary_of(again.failures), "") << text;
    ASSERT_TRUE(equal(again.value, all)) << text << "\n" << written(again.value);
  }
}

TEST(JsonWriterTest, AnotherParserReadsTheSame) {
  Generator generator(2);
  for (int round = 0; round < 300; ++round) {
    const std::string text = written(generator.all());
    const auto document = nlohmann::json::parse(text, nullptr, false);
    ASSERT_FALSE(document.is_discarded()) << text;
    // Its members are sorted, its numbers and escapes written in another way.
    ASSERT_EQ(nlohmann::json::parse(rewritten<All>(document.dump())), document) << text;
  }
}

// A parser that is confused by one cut or changed byte would read beyond, or forget to say no.
TEST(JsonWriterTest, ADamagedTextIsReadOrRefusedCleanly) {
  Generator generator(3);
  std::mt19937 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string text = written(generator.all());
    if (round % 2 == 0)
      text.resize(random() % text.size());
    else
      text[random() % text.size()] = "\"\\{}[],:0x\x80 "[random() % 12];
    const Reading<All> reading = read<All>(text);
    if (reading.failures.status() == 400) continue;
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  }
}

}  // namespace
}  // namespace weir::routing
