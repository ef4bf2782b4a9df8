// SPDX-License-Identifier: MIT
#include <weir/routing/openapi/schema.hpp>

#include <weir/weir.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weir {

struct Isbn {
  std::string text;
};
template <>
struct base::FromText<Isbn> {
  static bool parse(std::string_view text, Isbn& out) {
    out.text = text;
    return true;
  }
  static void write(const Isbn& value, std::string& out) { out += value.text; }
  static constexpr const char* kExpected = "an ISBN";
};

namespace {

using routing::json_schema;
using Json = nlohmann::ordered_json;

template <class T>
Json schema_of() {
  return Json::parse(json_schema<T>());
}
// Without "$schema".
template <class T>
std::string plain_schema_of() {
  Json schema = schema_of<T>();
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  schema.erase("$schema");
  return schema.dump();
}
// The member `value` of a described type T.
template <class T>
std::string member_of() {
  const Json schema = schema_of<T>();
  return schema["$defs"][schema["$ref"].get<std::string>().substr(8)]["properties"]["value"].dump();
}

enum class Color { kRed, kBlue };
[[maybe_unused]] constexpr auto describe(const Color*) {
  return enumerators(enumerator<Color::kRed>("red"), enumerator<Color::kBlue>("blue"));
}

// ---- kinds ----

TEST(JsonSchemaTest, NumbersHaveTheFormatOfTheirTypesAndSmallOnesTheirBounds) {
  EXPECT_EQ(plain_schema_of<bool>(), R"({"type":"boolean"})");
  EXPECT_EQ(plain_schema_of<std::int8_t>(), R"({"type":"integer","format":"int8","minimum":-128,"maximum":127})");
  EXPECT_EQ(plain_schema_of<int>(), R"({"type":"integer","format":"int32"})");
  EXPECT_EQ(plain_schema_of<std::uint64_t>(), R"({"type":"integer","format":"uint64","minimum":0})");
  EXPECT_EQ(plain_schema_of<double>(), R"({"type":"number","format":"double"})");
  EXPECT_EQ(plain_schema_of<float>(), R"({"type":"number","format":"float"})");
}

TEST(JsonSchemaTest, TextHasTheFormatOfItsType) {
  EXPECT_EQ(plain_schema_of<std::string>(), R"({"type":"string"})");
  EXPECT_EQ(plain_schema_of<Uuid>(), R"({"type":"string","format":"uuid"})");
  EXPECT_EQ(plain_schema_of<std::chrono::sys_seconds>(), R"({"type":"string","format":"date-time"})");
  EXPECT_EQ(plain_schema_of<std::chrono::milliseconds>(), R"({"type":"string","format":"duration"})");
}

TEST(JsonSchemaTest, TextWithoutAFormatIsPutIntoWords) {
  EXPECT_EQ(plain_schema_of<Isbn>(), R"({"type":"string","description":"an ISBN"})");
}

TEST(JsonSchemaTest, AnEnumIsNamed) {
  EXPECT_EQ(plain_schema_of<Color>(),
            R"({"$ref":"#/$defs/Color","$defs":{"Color":{"type":"string","enum":["red","blue"]}}})");
}

TEST(JsonSchemaTest, ListsAndMaps) {
  EXPECT_EQ(plain_schema_of<std::vector<std::string>>(), R"({"type":"array","items":{"type":"string"}})");
  EXPECT_EQ((plain_schema_of<std::array<double, 3>>()),
            R"({"type":"array","items":{"type":"number","format":"double"},"minItems":3,"maxItems":3})");
  EXPECT_EQ((plain_schema_of<std::map<std::string, bool>>()),
            R"({"type":"object","additionalProperties":{"type":"boolean"}})");
}

TEST(JsonSchemaTest, AnOptionalMayBeNull) {
  EXPECT_EQ(plain_schema_of<std::optional<std::string>>(), R"({"type":["string","null"]})");
  EXPECT_EQ(schema_of<std::optional<Color>>()["anyOf"].dump(), R"([{"$ref":"#/$defs/Color"},{"type":"null"}])");
  EXPECT_EQ(plain_schema_of<std::vector<std::optional<bool>>>(),
            R"({"type":"array","items":{"type":["boolean","null"]}})");
}

struct Point {
  int x = 0;
  std::optional<std::string> label;
  static constexpr auto describe() { return fields(field<&Point::x>(named("X")), field<&Point::label>()); }
};

TEST(JsonSchemaTest, AnObjectHasItsMembersInOrderAndNoOthers) {
  EXPECT_EQ(plain_schema_of<Point>(),
            R"({"$ref":"#/$defs/Point","$defs":{"Point":{"type":"object","properties":{)"
            R"("X":{"type":"integer","format":"int32"},)"
            R"("label":{"type":["string","null"]}},"required":["X"],"additionalProperties":false}}})");
}

struct Cat {
  bool purrs = true;
};
WEIR_DESCRIBE(Cat, purrs);
struct Dog {
  int barks = 0;
};
WEIR_DESCRIBE(Dog, barks);
using Pet = OneOf<"kind", Tagged<"cat", Cat>, Tagged<"dog", Dog>>;

TEST(JsonSchemaTest, AlternativesAreToldApartByTheirDiscriminator) {
  const Json schema = schema_of<Pet>();
  EXPECT_EQ(schema["oneOf"].dump(), R"([{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"}])");
  EXPECT_EQ(schema["discriminator"].dump(),
            R"({"propertyName":"kind","mapping":{"cat":"#/$defs/Cat","dog":"#/$defs/Dog"}})");
  EXPECT_EQ(schema["$defs"]["Cat"].dump(),
            R"({"type":"object","properties":{"kind":{"type":"string","const":"cat"},"purrs":{"type":"boolean"}},)"
            R"("required":["kind","purrs"],"additionalProperties":false})");
}

TEST(JsonSchemaTest, AnOptionalOfAlternativesMayBeNull) {
  EXPECT_EQ(schema_of<std::optional<Pet>>()["anyOf"][1].dump(), R"({"type":"null"})");
}

struct Kennel {
  Pet guard;
  Dog spare;
};
WEIR_DESCRIBE(Kennel, guard, spare);

TEST(JsonSchemaTest, ATypeAloneAndAsAnAlternativeAreTwo) {
  const Json schemas = schema_of<Kennel>()["$defs"];
  EXPECT_TRUE(schemas["Dog"]["properties"].contains("kind"));
  EXPECT_EQ(schemas["Kennel"]["properties"]["spare"]["$ref"], "#/$defs/Dog2");
  EXPECT_FALSE(schemas["Dog2"]["properties"].contains("kind"));
}

struct Node {
  std::string name;
  std::vector<Node> children;
};
WEIR_DESCRIBE(Node, name, children);

TEST(JsonSchemaTest, ATypeMayHoldItself) {
  const Json schema = schema_of<Node>();
  EXPECT_EQ(schema["$defs"].size(), 1U);
  EXPECT_EQ(schema["$defs"]["Node"]["properties"]["children"]["items"]["$ref"], "#/$defs/Node");
}

namespace billing {
struct Point {
  double amount = 0;
};
WEIR_DESCRIBE(Point, amount);
}  // namespace billing

struct TwoPoints {
  Point first;
  billing::Point second;
};
WEIR_DESCRIBE(TwoPoints, first, second);

TEST(JsonSchemaTest, TwoTypesOfOneNameGetANumber) {
  const Json schemas = schema_of<TwoPoints>()["$defs"];
  EXPECT_EQ(schemas["TwoPoints"]["properties"]["first"]["$ref"], "#/$defs/Point");
  EXPECT_EQ(schemas["TwoPoints"]["properties"]["second"]["$ref"], "#/$defs/Point2");
  EXPECT_TRUE(schemas["Point2"]["properties"].contains("amount"));
}

template <class T>
struct Page {
  std::vector<T> items;
  static constexpr auto describe() { return fields(field<&Page::items>()); }
};

TEST(JsonSchemaTest, ATemplateIsNamedWithItsArguments) {
  EXPECT_EQ(schema_of<Page<billing::Point>>()["$ref"], "#/$defs/Page_Point");
}

// ---- rules ----

struct Texts {
  std::string value;
  static constexpr auto describe() {
    return fields(field<&Texts::value>(length(2, 8), pattern("^a"), pattern("z$"), format("email"), summary("Words."),
                                       example("\"a@z\""), example("\"b@z\""), deprecated));
  }
};

TEST(JsonSchemaTest, RulesOfText) {
  EXPECT_EQ(member_of<Texts>(),
            R"({"type":"string","minLength":2,"maxLength":8,"pattern":"^a","allOf":[{"pattern":"z$"}],)"
            R"("format":"email","description":"Words.","examples":["a@z","b@z"],"deprecated":true})");
}

struct AtMost {
  std::optional<std::string> value;
  static constexpr auto describe() { return fields(field<&AtMost::value>(length(0, 8))); }
};

TEST(JsonSchemaTest, RulesOfAnOptionalAreThoseOfItsValue) {
  EXPECT_EQ(member_of<AtMost>(), R"({"type":["string","null"],"maxLength":8})");
}

struct Whole {
  std::uint64_t value = 0;
  static constexpr auto describe() { return fields(field<&Whole::value>(range(5, 100), multiple_of(5))); }
};
struct Real {
  double value = 0;
  static constexpr auto describe() { return fields(field<&Real::value>(minimum(0.5))); }
};
struct Huge {
  std::uint64_t value = 0;
  static constexpr auto describe() { return fields(field<&Huge::value>(maximum(UINT64_MAX - 1))); }
};
struct Narrow {
  std::int8_t value = 0;
  static constexpr auto describe() { return fields(field<&Narrow::value>(maximum(1000))); }
};

TEST(JsonSchemaTest, OfTwoBoundsTheNarrowerCounts) {
  EXPECT_EQ(member_of<Whole>(), R"({"type":"integer","format":"uint64","minimum":5,"maximum":100,"multipleOf":5})");
  EXPECT_EQ(member_of<Real>(), R"({"type":"number","format":"double","minimum":0.5})");
  EXPECT_EQ(member_of<Huge>(), R"({"type":"integer","format":"uint64","minimum":0,"maximum":18446744073709551614})");
  EXPECT_EQ(member_of<Narrow>(), R"({"type":"integer","format":"int8","minimum":-128,"maximum":127})");
}

TEST(JsonSchemaTest, ABoundedNumberBringsItsBounds) {
  EXPECT_EQ((plain_schema_of<Bounded<int, 1, 100>>()),
            R"({"type":"integer","format":"int32","minimum":1,"maximum":100})");
}

struct Lists {
  std::vector<int> value;
  static constexpr auto describe() { return fields(field<&Lists::value>(items(1, 5), unique)); }
};
struct Maps {
  std::map<std::string, bool> value;
  static constexpr auto describe() { return fields(field<&Maps::value>(items(0, 5))); }
};

TEST(JsonSchemaTest, RulesOfListsAndMaps) {
  const Json list = Json::parse(member_of<Lists>());
  EXPECT_EQ(list["minItems"], 1);
  EXPECT_EQ(list["maxItems"], 5);
  EXPECT_EQ(list["uniqueItems"], true);
  EXPECT_EQ(member_of<Maps>(), R"({"type":"object","additionalProperties":{"type":"boolean"},"maxProperties":5})");
}

struct Defaults {
  int pages = 20;
  Color color = Color::kBlue;
  std::vector<std::string> tags = {"new"};
  std::optional<int> limit = 7;
  std::optional<int> none;
  std::chrono::milliseconds wait{1500};
  Point origin{3, {}};
  int required = 1;
  static constexpr auto describe() {
    return fields(field<&Defaults::pages>(defaulted), field<&Defaults::color>(defaulted),
                  field<&Defaults::tags>(defaulted), field<&Defaults::limit>(), field<&Defaults::none>(),
                  field<&Defaults::wait>(defaulted), field<&Defaults::origin>(defaulted), field<&Defaults::required>());
  }
};

TEST(JsonSchemaTest, ADefaultIsWhatANewObjectHas) {
  const Json schema = schema_of<Defaults>()["$defs"]["Defaults"];
  const Json& members = schema["properties"];
  EXPECT_EQ(members["pages"]["default"], 20);
  EXPECT_EQ(members["color"].dump(), R"({"$ref":"#/$defs/Color","default":"blue"})");
  EXPECT_EQ(members["tags"]["default"].dump(), R"(["new"])");
  EXPECT_EQ(members["limit"]["default"], 7);
  EXPECT_FALSE(members["none"].contains("default"));
  EXPECT_EQ(members["wait"]["default"], "PT1.5S");
  EXPECT_EQ(members["origin"]["default"].dump(), R"({"X":3})");
  EXPECT_FALSE(members["required"].contains("default"));
  EXPECT_EQ(schema["required"].dump(), R"(["required"])");
}

struct Stay {
  int from = 0;
  int to = 0;
  static constexpr auto describe() {
    return fields(field<&Stay::from>(), field<&Stay::to>(),
                  check<[](const Stay& stay) { return stay.from < stay.to; }>("from is before to"),
                  check<[](const Stay& stay) { return stay.to < 100; }>("to is near"));
  }
};

TEST(JsonSchemaTest, ChecksArePutIntoWords) {
  EXPECT_EQ(schema_of<Stay>()["$defs"]["Stay"]["description"],
            "It has to hold that from is before to, and that to is near.");
}

struct BadExample {
  std::string value;
  static constexpr auto describe() { return fields(field<&BadExample::value>(example("blue"))); }
};

TEST(JsonSchemaTest, AnExampleThatIsNoJsonIsRefused) {
  try {
    json_schema<BadExample>();
    FAIL();
  } catch (const SetupError& error) {
    EXPECT_STREQ(error.what(), "the example of BadExample.value is not JSON: blue (text is in quotes there)");
  }
}

}  // namespace
}  // namespace weir
