// SPDX-License-Identifier: MIT
#include <weir/routing/json/json_reader.hpp>

#include <tests/routing/json_fixture.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <limits>
#include <unordered_map>

namespace weir::routing {
namespace {

using base::described::check;
using base::described::items;
using base::described::length;
using base::described::pattern;
using base::described::range;

// ---- each kind ----

TEST(JsonReaderTest, EachKindIsRead) {
  EXPECT_EQ(read<bool>("true").value, true);
  EXPECT_EQ(read<bool>(" false\n").value, false);
  EXPECT_EQ(read<float>("0.1").value, 0.1F);
  EXPECT_EQ(read<double>("-1.5e3").value, -1500.0);
  EXPECT_EQ(read<std::string>(R"("a\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00")").value, "a\"\\/\b\f\n\r\t\u00e4\U0001F600");
  EXPECT_EQ(read<base::Uuid>(R"("f81d4fae-7dec-11d0-a765-00a0c91e6bf6")").value.bytes[0], 0xf8);
  EXPECT_EQ(read<std::chrono::seconds>(R"("PT1M30S")").value, std::chrono::seconds(90));
  EXPECT_EQ(read<Color>(R"("green")").value, Color::kGreen);
  EXPECT_EQ(read<std::optional<int>>("null").value, std::nullopt);
  EXPECT_EQ(read<std::optional<int>>("7").value, 7);
  EXPECT_EQ(read<std::vector<int>>("[ 1 , 2 ]").value, (std::vector{1, 2}));
  EXPECT_EQ(read<std::vector<int>>("[]").value, std::vector<int>());
  EXPECT_EQ((read<std::array<int, 2>>("[1,2]").value), (std::array{1, 2}));
  EXPECT_EQ((read<std::map<std::string, int>>(R"({"b":2,"a":1})").value),
            (std::map<std::string, int>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ((read<std::unordered_map<std::string, int>>(R"({"a":1})").value.at("a")), 1);
  EXPECT_EQ(read<Point>(R"({"x":1,"y":2})").value, (Point{1, 2}));
  EXPECT_EQ(std::get<Dog>(read<Pet>(R"({"kind":"dog","name":"Rex"})").value.value), Dog{"Rex"});
}

// As an integration for documents of another library would make it.
struct Document {
  static bool parse(std::string_view json, void* target) {
    auto& document = *static_cast<nlohmann::json*>(target);
    document = nlohmann::json::parse(json, nullptr, false);
    return !document.is_discarded();
  }
  static void write(const void* value, std::string& out) { out += static_cast<const nlohmann::json*>(value)->dump(); }
  static constexpr base::described::DocumentTable kDocument{&parse, &write};
  static constexpr TypeTable kTable{
      .kind = base::described::Kind::kDocument, .name = {}, .rules = {}, .document = &kDocument};
};

TEST(JsonReaderTest, ADocumentGetsItsTextAsItIs) {
  for (const std::string_view text : {R"({"a":[1,2.50,"\u0061"],"b":{}})", "[[],[1]]", "7", "null", "\"x\"", "true"}) {
    nlohmann::json document;
    Failures failures;
    ASSERT_TRUE(read_json(text, Document::kTable, &document, failures)) << text << summary_of(failures);
    EXPECT_EQ(document, nlohmann::json::parse(text));
  }
}

TEST(JsonReaderTest, BrokenSyntaxInADocumentIsRefused) {
  for (const std::string_view text : {R"({"a":[1,2})", "[1,]", "tru", "01", R"({"a":1}})", "[1] 2"}) {
    nlohmann::json document;
    Failures failures;
    EXPECT_FALSE(read_json(text, Document::kTable, &document, failures)) << text;
    EXPECT_EQ(failures.status(), 400) << text;
  }
}

// ---- numbers ----

template <class T>
class JsonIntegerTest : public testing::Test {};
using Integers = testing::Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                                std::uint32_t, std::uint64_t>;
TYPED_TEST_SUITE(JsonIntegerTest, Integers);

// The decimal number one further from zero.
std::string one_more(std::string digits) {
  for (auto at = digits.rbegin(); at != digits.rend() && *at != '-'; ++at) {
    if (*at != '9') return ++*at, digits;
    *at = '0';
  }
  return digits;  // none of the bounds is all nines
}

TYPED_TEST(JsonIntegerTest, TheBoundsAreReadAndNothingBeyond) {
  using Limits = std::numeric_limits<TypeParam>;
  const std::string max = std::to_string(Limits::max());
  const std::string min = std::to_string(Limits::min());
  const std::string below = min == "0" ? "-1" : one_more(min);
  for (const char* const tail : {"", ".0", "e0", ".000E+00", "0e-1"}) {
    EXPECT_EQ(read<TypeParam>(max + tail).value, Limits::max()) << tail;
    EXPECT_EQ(read<TypeParam>(min + tail).value, Limits::min()) << tail;
    EXPECT_EQ(refusal_of<TypeParam>(one_more(max) + tail), "range ") << one_more(max) << tail;
    EXPECT_EQ(refusal_of<TypeParam>(below + tail), "range ") << below << tail;
  }
}

TYPED_TEST(JsonIntegerTest, WhatIsFarTooLargeIsOutOfRange) {
  for (const std::string& text : {std::string("1e400"), std::string("-1e400"), std::string("1e99999999999999999999"),
                                  "9" + std::string(1000, '0'), std::string("-18446744073709551616")}) {
    EXPECT_EQ(refusal_of<TypeParam>(text), "range ") << text;
  }
}

TYPED_TEST(JsonIntegerTest, AFractionIsNoInteger) {
  for (const char* const text : {"1.5", "-0.5", "1e-1", "1e-400", "0.00000000000000000000000000001"}) {
    EXPECT_EQ(refusal_of<TypeParam>(text), "type ") << text;
  }
}

TYPED_TEST(JsonIntegerTest, AnIntegerMayBeWrittenInAnyWay) {
  for (const auto& [text, value] :
       std::vector<std::pair<std::string, int>>{{"1.0", 1},
                                                {"1e2", 100},
                                                {"0.5e1", 5},
                                                {"100E-2", 1},
                                                {"-0", 0},
                                                {"-0.0", 0},
                                                {"0e999999", 0},
                                                {"12e+0", 12},
                                                {"0.000000000000000000000000000007e30", 7},
                                                {"7" + std::string(500, '0') + "e-500", 7}}) {
    const Reading<TypeParam> reading = read<TypeParam>(text);
    EXPECT_EQ(summary_of(reading.failures), "") << text;
    EXPECT_EQ(reading.value, value) << text;
  }
}

TEST(JsonReaderTest, IntegersAreExactBeyondWhatADoubleHolds) {
  EXPECT_EQ(read<std::int64_t>("9007199254740993.0").value, 9007199254740993);
  EXPECT_EQ(read<std::int64_t>("9.223372036854775807e18").value, INT64_MAX);
  EXPECT_EQ(read<std::uint64_t>("1e19").value, 10000000000000000000U);
}

TEST(JsonReaderTest, ARealThatIsTooLargeIsOutOfRange) {
  EXPECT_EQ(refusal_of<double>("1e400"), "range ");
  EXPECT_EQ(refusal_of<double>("-1e400"), "range ");
  EXPECT_EQ(refusal_of<double>("9" + std::string(400, '0')), "range ");
  EXPECT_EQ(refusal_of<float>("1e39"), "range ");
  EXPECT_EQ(read<double>("1.7976931348623157e308").value, std::numeric_limits<double>::max());
}

TEST(JsonReaderTest, ARealThatIsTooSmallIsZero) {
  EXPECT_EQ(read<double>("1e-400").value, 0.0);
  EXPECT_EQ(read<double>("5e-324").value, std::numeric_limits<double>::denorm_min());
}

TEST(JsonReaderTest, AMinusBeforeZeroIsKeptInReals) {
  EXPECT_TRUE(std::signbit(read<double>("-0").value));
}

// ---- members ----

struct Order {
  std::string title;
  int count = 1;
  std::optional<std::string> note;
  std::vector<Point> points;
  static constexpr auto describe() {
    return fields(field<&Order::title>(length(1, 5)), field<&Order::count>(defaulted, range(1, 9)),
                  field<&Order::note>(length(2)), field<&Order::points>(defaulted, items(0, 2)),
                  check<[](const Order& order) { return order.count != 7; }>("count is not 7"));
  }
};

TEST(JsonReaderTest, MembersMayComeInAnyOrder) {
  EXPECT_EQ(rewritten<Order>(R"({"points":[{"y":2,"x":1}],"note":"no","title":"a","count":3})"),
            R"({"title":"a","count":3,"note":"no","points":[{"x":1,"y":2}]})");
}

TEST(JsonReaderTest, AMemberMayBeSpelledWithEscapes) {
  EXPECT_EQ(rewritten<Order>(R"({"t\u0069tle":"a","\u0063ount":3})"), R"({"title":"a","count":3,"points":[]})");
}

TEST(JsonReaderTest, OptionalAndDefaultedMembersMayBeMissing) {
  EXPECT_EQ(rewritten<Order>(R"({"title":"a"})"), R"({"title":"a","count":1,"points":[]})");
}

TEST(JsonReaderTest, NullIsForOptionalsOnly) {
  EXPECT_EQ(refusal_of<Order>(R"({"title":"a","note":null})"), "");
  EXPECT_EQ(refusal_of<Order>(R"({"title":null,"count":null,"points":null})"),
            "type /title, type /count, type /points");
}

TEST(JsonReaderTest, EachMissingMemberIsNamed) {
  EXPECT_EQ(refusal_of<Point>("{}"), "required /x, required /y");
  EXPECT_EQ(refusal_of<Order>(R"({"title":"a","points":[{"x":1}]})"), "required /points/0/y");
}

TEST(JsonReaderTest, EachUnknownMemberIsNamed) {
  EXPECT_EQ(refusal_of<Point>(R"({"x":1,"z":{"a":[1,{}],"b":null},"y":2,"Y":"\u0061"})"), "unknown /z, unknown /Y");
}

TEST(JsonReaderTest, PointersEscapeTildeAndSlash) {
  EXPECT_EQ(refusal_of<Point>(R"({"x":1,"y":2,"a~/b":1,"":1})"), "unknown /a~0~1b, unknown /");
  EXPECT_EQ((refusal_of<std::map<std::string, std::vector<int>>>(R"({"~1/":[1,"x"]})")), "type /~01~1/1");
}

TEST(JsonReaderTest, ADuplicateKeyIsBrokenSyntax) {
  EXPECT_EQ(refusal_of<Point>(R"({"x":1,"y":2,"x":3})"), "syntax @13");
  EXPECT_EQ(refusal_of<Point>(R"({"x":1,"\u0078":3,"y":2})"), "syntax @7");
  EXPECT_EQ(refusal_of<Point>(R"({"\u0078":1,"x":3,"y":2})"), "syntax @12");
  EXPECT_EQ(refusal_of<Point>(R"({"y":1,"x":3,"y":2})"), "syntax @13");
}

TEST(JsonReaderTest, ADuplicateKeyInAMapIsBrokenSyntax) {
  using Map = std::map<std::string, int>;
  EXPECT_EQ(refusal_of<Map>(R"({"a":1,"b":2,"a":3})"), "syntax @13");
  EXPECT_EQ(refusal_of<Map>(R"({"a":1,"\u0061":3})"), "syntax @7");
  EXPECT_EQ(refusal_of<Map>(R"({"a":1,"A":3,"":4})"), "");
}

TEST(JsonReaderTest, AllFailuresAreFoundAtOnce) {
  EXPECT_EQ(
      refusal_of<Order>(R"({"title":"","count":10,"note":"x","points":[{"x":1.5,"y":"a"},7,{"x":1,"y":2,"z":3}]})"),
      "length /title, maximum /count, length /note, type /points/0/x, type /points/0/y, type /points/1, "
      "unknown /points/2/z");
}

TEST(JsonReaderTest, AWholeObjectIsCheckedOnlyWhenItsMembersAreRight) {
  EXPECT_EQ(refusal_of<Order>(R"({"title":"a","count":7})"), "check ");
  EXPECT_EQ(refusal_of<Order>(R"({"title":"","count":7})"), "length /title");
  EXPECT_EQ(refusal_of<Order>(R"({"count":7})"), "required /title");
}

TEST(JsonReaderTest, AListIsCheckedOnlyWhenItsItemsAreRight) {
  const char* const three = R"({"title":"a","points":[{"x":1,"y":1},{"x":1,"y":1},{"x":1,"y":1}]})";
  EXPECT_EQ(refusal_of<Order>(three), "items /points");
  EXPECT_EQ(refusal_of<Order>(R"({"title":"a","points":[1,{"x":1,"y":1},{"x":1,"y":1}]})"), "type /points/0");
}

struct Ticket {
  base::Uuid id;
  static constexpr auto describe() { return fields(field<&Ticket::id>(pattern("^0"))); }
};

TEST(JsonReaderTest, RulesHoldForWhatReadsItselfFromText) {
  EXPECT_EQ(refusal_of<Ticket>(R"({"id":"f81d4fae-7dec-11d0-a765-00a0c91e6bf6"})"), "pattern /id");
  EXPECT_EQ(refusal_of<Ticket>(R"({"id":"081d4fae-7dec-11d0-a765-00a0c91e6bf6"})"), "");
  EXPECT_EQ(refusal_of<Ticket>(R"({"id":"081d4fae"})"), "format /id");
}

TEST(JsonReaderTest, OfManyFailuresFiftyAreKeptAndAllCounted) {
  const Failures failures = read<std::vector<int>>("[" + repeated("\"x\",", 50) + "\"x\"]").failures;
  EXPECT_EQ(failures.count(), 51U);
  ASSERT_EQ(failures.kept().size(), 50U);
  EXPECT_EQ(failures.kept().back().where, "/49");
}

TEST(JsonReaderTest, BrokenSyntaxIsTheOnlyFailure) {
  EXPECT_EQ(refusal_of<std::vector<int>>("[" + repeated("\"x\",", 60) + "}"), "syntax @241");
}

// ---- types against values ----

struct Value {
  std::string_view json;
  std::string_view type;  // of JSON
};
constexpr std::array kValues{
    Value{"null", "null"},      Value{"true", "bool"},  Value{"1", "integer"},
    Value{"1.5", "real"},       Value{"\"x\"", "text"}, Value{"[]", "list"},
    Value{"[1,[],{}]", "list"}, Value{"{}", "object"},  Value{R"({"a":[1],"b":{}})", "object"}};

// Each value that is not of a type which is `taken` has exactly one failure.
template <class T>
void expect_one_failure(std::string_view taken, std::string_view rule) {
  for (const Value& value : kValues) {
    if (taken.find(value.type) != std::string_view::npos) continue;
    const Failures failures = read<Holder<T>>("{\"value\":" + std::string(value.json) + "}").failures;
    EXPECT_EQ(summary_of(failures), std::string(rule) + " /value") << value.json << " for a " << taken;
  }
}

TEST(JsonReaderTest, AValueOfAnotherTypeHasExactlyOneFailure) {
  expect_one_failure<bool>("bool", "type");
  expect_one_failure<std::int8_t>("integer", "type");
  expect_one_failure<std::int16_t>("integer", "type");
  expect_one_failure<std::int32_t>("integer", "type");
  expect_one_failure<std::int64_t>("integer", "type");
  expect_one_failure<std::uint8_t>("integer", "type");
  expect_one_failure<std::uint16_t>("integer", "type");
  expect_one_failure<std::uint32_t>("integer", "type");
  expect_one_failure<std::uint64_t>("integer", "type");
  expect_one_failure<float>("integer real", "type");
  expect_one_failure<double>("integer real", "type");
  expect_one_failure<std::string>("text", "type");
  expect_one_failure<base::Uuid>("text", "type");
  expect_one_failure<Color>("text", "type");
  expect_one_failure<std::optional<int>>("null integer", "type");
  expect_one_failure<std::optional<Point>>("null object", "type");
  expect_one_failure<std::vector<int>>("list", "type");
  expect_one_failure<std::array<int, 3>>("list", "type");
  expect_one_failure<std::map<std::string, int>>("object", "type");
  expect_one_failure<Point>("object", "type");
  expect_one_failure<Pet>("object", "type");
}

TEST(JsonReaderTest, TextThatIsNoneOfTheTypeHasExactlyOneFailure) {
  EXPECT_EQ(refusal_of<Holder<base::Uuid>>(R"({"value":"x"})"), "format /value");
  EXPECT_EQ(refusal_of<Holder<Color>>(R"({"value":"blue"})"), "enum /value");
}

TEST(JsonReaderTest, AnArrayHasItsSize) {
  EXPECT_EQ((refusal_of<std::array<int, 2>>("[1]")), "items ");
  EXPECT_EQ((refusal_of<std::array<int, 2>>("[1,2,3,[],{}]")), "items ");
  EXPECT_EQ((refusal_of<std::array<int, 2>>("[1,2,3}")), "syntax @6");
}

// Names and sentences of users may have quotes in them.
enum class Odd { kQuote };
constexpr auto describe(const Odd*) {
  return enumerators(enumerator<Odd::kQuote>("a\"b\\"));
}

TEST(JsonReaderTest, TheBoundsOfAFailureAreJson) {
  for (const std::string_view text : {"\"x\"", "7"}) {
    const Failures failures = read<Odd>(text).failures;
    EXPECT_TRUE(nlohmann::json::accept("{" + failures.kept().front().bounds + "}")) << failures.kept().front().bounds;
  }
}

// ---- OneOf ----

TEST(JsonReaderTest, ADiscriminatorMayStandAnywhere) {
  using Cats = Holder<Pet>;
  EXPECT_EQ(rewritten<Pet>(R"({"kind":"cat","lives":7})"), R"({"kind":"cat","lives":7})");
  EXPECT_EQ(rewritten<Pet>(R"({"lives":7,"kind":"cat"})"), R"({"kind":"cat","lives":7})");
  EXPECT_EQ(rewritten<Cats>(R"({"value":{"name":"[{","kind":"dog"}})"), R"({"value":{"kind":"dog","name":"[{"}})");
  EXPECT_EQ(rewritten<Pet>(R"({"k\u0069nd":"c\u0061t"})"), R"({"kind":"cat","lives":9})");
}

TEST(JsonReaderTest, ADiscriminatorIsRequired) {
  EXPECT_EQ(refusal_of<Pet>("{}"), "required /kind");
  EXPECT_EQ(refusal_of<Holder<Pet>>(R"({"value":{"lives":"x"}})"), "required /value/kind");
}

TEST(JsonReaderTest, ADiscriminatorThatNamesNoneIsRefused) {
  for (const char* const tag : {"\"cow\"", "\"\"", "7", "null", "[1,{}]", "{\"a\":1}", "\"Cat\""}) {
    EXPECT_EQ(refusal_of<Pet>("{\"lives\":1,\"kind\":" + std::string(tag) + ",\"x\":1}"), "enum /kind") << tag;
  }
}

TEST(JsonReaderTest, ADiscriminatorStandsOnce) {
  EXPECT_EQ(refusal_of<Pet>(R"({"kind":"cat","kind":"cat"})"), "syntax @14");
  EXPECT_EQ(refusal_of<Pet>(R"({"kind":"cat","\u006bind":"dog"})"), "syntax @14");
}

TEST(JsonReaderTest, MembersOfOneOfAreThoseOfItsAlternative) {
  EXPECT_EQ(refusal_of<Pet>(R"({"kind":"dog","lives":1})"), "unknown /lives, required /name");
}

TEST(JsonReaderTest, SyntaxIsSeenWhereNoAlternativeFits) {
  EXPECT_EQ(refusal_of<Pet>(R"({"kind":"cow","a":[1}})"), "syntax @20");
  EXPECT_EQ(refusal_of<Pet>(R"({"\q":1})"), "syntax @1");
  EXPECT_EQ(refusal_of<Pet>(R"({"kind":"\q"})"), "syntax @8");
}

// Decoded twice it would not fit into the parser's buffer.
TEST(JsonReaderTest, ADiscriminatorMayBeLong) {
  for (const std::size_t size : {100U, 10'000U, 200'000U}) {
    EXPECT_EQ(refusal_of<Pet>("{\"kind\":\"" + std::string(size, 'x') + "\"}"), "enum /kind");
    EXPECT_EQ(refusal_of<Pet>("{\"kind\":\"" + repeated("\\u0061", size) + "\"}"), "enum /kind");
    EXPECT_EQ(refusal_of<Pet>("{\"" + repeated("\\n", size) + "\":1}"), "required /kind");
  }
}

// ---- bounds ----

TEST(JsonReaderTest, SixtyFourLevelsAreRead) {
  EXPECT_EQ(refusal_of<Tree>(repeated("{\"sub\":[", 32) + repeated("]}", 32)), "");
  EXPECT_EQ(refusal_of<Tree>(repeated("{\"sub\":[", 32) + "{}" + repeated("]}", 32)), "syntax @256");
  EXPECT_EQ(refusal_of<Tree>(repeated("{\"named\":{\"\":", 31) + "{\"named\":{}}" + repeated("}}", 31)), "");
  EXPECT_EQ(refusal_of<Tree>(repeated("{\"named\":{\"\":", 32) + "{}" + repeated("}}", 32)), "syntax @416");
}

TEST(JsonReaderTest, WhatIsNotWantedIsNoDeeperEither) {
  const auto nested = [](std::size_t levels) {
    return "{\"x\":" + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  EXPECT_EQ(refusal_of<Tree>(nested(64)), "unknown /x");
  EXPECT_EQ(refusal_of<Tree>(nested(65)), "syntax @68");
  EXPECT_EQ(refusal_of<int>(std::string(64, '[') + std::string(64, ']')), "type ");
  EXPECT_EQ(refusal_of<int>(std::string(65, '[') + std::string(65, ']')), "syntax @64");
  EXPECT_EQ(refusal_of<Pet>(nested(65)), "syntax @68");
}

TEST(JsonReaderTest, ADeepDocumentIsRefusedAtOnce) {
  const std::size_t size = 1 << 20;
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& text :
       {std::string(size, '['), repeated("{\"a\":", size / 5), repeated("{\"sub\":[", size / 8),
        "{\"kind\":\"cow\",\"x\":" + std::string(size, '[')}) {
    EXPECT_EQ(refusal_of<Tree>(text).substr(0, 6), "syntax");
    EXPECT_EQ(refusal_of<std::vector<int>>(text).substr(0, 6), "syntax");
    EXPECT_EQ(refusal_of<Pet>(text).substr(0, 6), "syntax");
    EXPECT_EQ(refusal_of<int>(text).substr(0, 6), "syntax");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

// ---- a reader within a reader ----

/// A point in a string of JSON.
struct Packed {
  Point point;
};

}  // namespace
}  // namespace weir::routing

template <>
struct weir::base::FromText<weir::routing::Packed> {
  static bool parse(std::string_view text, weir::routing::Packed& out) {
    weir::routing::Failures failures;
    return weir::routing::read_json(text, described::Table<weir::routing::Point>::kTable, &out.point, failures);
  }
  static void write(const weir::routing::Packed& value, std::string& out) {
    weir::routing::append_json(out, described::Table<weir::routing::Point>::kTable, &value.point);
  }
};

namespace weir::routing {
namespace {

TEST(JsonReaderTest, AReaderMayReadWithinAReader) {
  const std::string text = R"(["{\"x\":1,\"y\":2}","{\"x\":3,\"y\":4}"])";
  EXPECT_EQ(rewritten<std::vector<Packed>>(text), text);
  EXPECT_EQ(refusal_of<std::vector<Packed>>(R"(["{\"x\":1,\"y\":2}","{\"x\":3,\"y\":}"])"), "format /1");
}

}  // namespace
}  // namespace weir::routing
