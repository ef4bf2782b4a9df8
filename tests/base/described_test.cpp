// SPDX-License-Identifier: MIT
#include <weir/base/described/table.hpp>

#include <gtest/gtest.h>

#include <string>

namespace elsewhere {

// A type of another library, described beside it.
struct Address {
  std::string street;
  int number = 0;
};
WEIR_DESCRIBE(Address, street, number);

}  // namespace elsewhere

namespace weir::base::described {

struct Outer {
  struct Inner {
    int a = 0;
    static constexpr auto describe() { return fields(field<&Inner::a>()); }
  };
};

template <class T, int kSize>
struct Template {
  T value{};
  static constexpr auto describe() { return fields(field<&Template::value>()); }
};

namespace {

enum class Level : unsigned char { kLow = 3, kHigh = 200 };
constexpr auto describe(const Level*) {
  return enumerators(enumerator<Level::kLow>("low"), enumerator<Level::kHigh>("high"));
}

struct Everything {
  bool flag = false;
  std::int8_t tiny = 0;
  long long large = 0;
  float real = 0;
  std::string text;
  Uuid id;
  Level level{};
  std::optional<int> maybe;
  std::vector<std::string> list;
  std::array<int, 3> triple{};
  std::map<std::string, int> map;
  std::unordered_map<std::string, Outer::Inner> table;
  elsewhere::Address address;
  Bounded<int, 1, 9> bounded{1};

  static constexpr auto describe() {
    return fields(field<&Everything::flag>(defaulted), field<&Everything::tiny>(range(-5, 5)),
                  field<&Everything::large>(), field<&Everything::real>(minimum(0.5), maximum(2)),
                  field<&Everything::text>(named("txt"), length(1, 20), pattern("^a"), summary("Words.")),
                  field<&Everything::id>(), field<&Everything::level>(), field<&Everything::maybe>(range(1, 9)),
                  field<&Everything::list>(items(1), unique), field<&Everything::triple>(),
                  field<&Everything::map>(items(0, 2)), field<&Everything::table>(), field<&Everything::address>(),
                  field<&Everything::bounded>(),
                  check<[](const Everything& all) { return all.flag; }>("the flag is set"));
  }
};

struct Tree {
  std::vector<Tree> children;
  std::map<std::string, std::vector<Tree>> named;
  static constexpr auto describe() { return fields(field<&Tree::children>(), field<&Tree::named>()); }
};

constexpr const ObjectTable& kEverything = *Table<Everything>::kTable.object;

const FieldTable& field_of(std::string_view name) {
  for (const FieldTable& field : kEverything.fields) {
    if (field.name == name) return field;
  }
  ADD_FAILURE() << name;
  return kEverything.fields[0];
}

TEST(DescribedTest, MembersAreInTheOrderOfTheDescription) {
  std::string names;
  for (const FieldTable& field : kEverything.fields) names.append(field.name).append(" ");
  EXPECT_EQ(names, "flag tiny large real txt id level maybe list triple map table address bounded ");
}

TEST(DescribedTest, EachTypeHasItsKind) {
  EXPECT_EQ(field_of("flag").type->kind, Kind::kBool);
  EXPECT_EQ(field_of("tiny").type->kind, Kind::kInt8);
  EXPECT_EQ(field_of("large").type->kind, Kind::kInt64);
  EXPECT_EQ(field_of("real").type->kind, Kind::kFloat);
  EXPECT_EQ(field_of("txt").type->kind, Kind::kString);
  EXPECT_EQ(field_of("id").type->kind, Kind::kText);
  EXPECT_EQ(field_of("level").type->kind, Kind::kEnum);
  EXPECT_EQ(field_of("maybe").type->kind, Kind::kOptional);
  EXPECT_EQ(field_of("maybe").type->optional->inner->kind, Kind::kInt32);
  EXPECT_EQ(field_of("list").type->kind, Kind::kList);
  EXPECT_EQ(field_of("triple").type->list->fixed_size, 3U);
  EXPECT_EQ(field_of("map").type->kind, Kind::kMap);
  EXPECT_EQ(field_of("table").type->map->value->kind, Kind::kObject);
  EXPECT_EQ(field_of("bounded").type->kind, Kind::kInt32);
  static_assert(Table<std::uint8_t>::kTable.kind == Kind::kUint8 && Table<std::int16_t>::kTable.kind == Kind::kInt16 &&
                Table<std::uint16_t>::kTable.kind == Kind::kUint16 &&
                Table<std::uint32_t>::kTable.kind == Kind::kUint32 &&
                Table<unsigned long long>::kTable.kind == Kind::kUint64 && Table<double>::kTable.kind == Kind::kDouble);
}

TEST(DescribedTest, WhatIsOptionalOrDefaultedIsNotRequired) {
  std::string optional;
  for (const FieldTable& field : kEverything.fields) {
    if (!field.is_required) optional.append(field.name).append(" ");
  }
  EXPECT_EQ(optional, "flag maybe ");
}

TEST(DescribedTest, RulesStayInTheirOrder) {
  const auto rules = field_of("txt").rules;
  ASSERT_EQ(rules.size(), 4U);
  EXPECT_EQ(rules[1].kind, Rule::Kind::kLength);
  EXPECT_EQ(rules[1].max_count, 20U);
  EXPECT_EQ(rules[2].text, "^a");
  EXPECT_EQ(rules[3].text, "Words.");
}

TEST(DescribedTest, ARangeIsTwoRules) {
  const auto rules = field_of("tiny").rules;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].kind, Rule::Kind::kMinimum);
  EXPECT_EQ(rules[0].number.whole, -5);
  EXPECT_EQ(rules[1].kind, Rule::Kind::kMaximum);
  EXPECT_EQ(rules[1].number.whole, 5);
}

TEST(DescribedTest, ABoundedNumberHasItsRulesWhereverItStands) {
  const auto rules = field_of("bounded").type->rules;
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].number.whole, 1);
  EXPECT_EQ(rules[1].number.whole, 9);
}

TEST(DescribedTest, ABoundIsWholeOrReal) {
  EXPECT_FALSE(Number(7).is_real);
  EXPECT_EQ(Number(-7).whole, -7);
  EXPECT_TRUE(Number(0.5).is_real);
  EXPECT_EQ(Number(std::uint64_t{INT64_MAX}).beyond, 0U);
  EXPECT_EQ(Number(UINT64_MAX).whole, INT64_MAX);
  EXPECT_EQ(Number(UINT64_MAX).beyond, UINT64_MAX);
}

TEST(DescribedTest, AMemberIsReached) {
  Everything all;
  *static_cast<std::string*>(field_of("txt").get(&all)) = "b";
  EXPECT_EQ(all.text, "b");
}

TEST(DescribedTest, NamesOfTypesAreWithoutTheirNamespaces) {
  EXPECT_EQ(Table<Everything>::kTable.name, "Everything");
  EXPECT_EQ(Table<elsewhere::Address>::kTable.name, "Address");
  EXPECT_EQ(Table<Outer::Inner>::kTable.name, "Inner");
  EXPECT_EQ(Table<Level>::kTable.name, "Level");
  EXPECT_TRUE((Table<Template<std::string, 3>>::kTable.name.starts_with("Template<")))
      << Table<Template<std::string, 3>>::kTable.name;
  EXPECT_EQ((Table<Template<int, 3>>::kTable.object->fields[0].name), "value");
}

TEST(DescribedTest, AnEnumHasItsNamesAndValues) {
  const EnumTable& table = *Table<Level>::kTable.enumeration;
  ASSERT_EQ(table.enumerators.size(), 2U);
  EXPECT_EQ(table.enumerators[1].name, "high");
  Level level{};
  table.set(&level, table.enumerators[1].value);
  EXPECT_EQ(level, Level::kHigh);
  EXPECT_EQ(table.get(&level), 200);
}

TEST(DescribedTest, ACheckSeesTheWholeObject) {
  ASSERT_EQ(kEverything.checks.size(), 1U);
  EXPECT_EQ(kEverything.checks[0].text, "the flag is set");
  Everything all;
  EXPECT_FALSE(kEverything.checks[0].holds(&all));
  all.flag = true;
  EXPECT_TRUE(kEverything.checks[0].holds(&all));
}

TEST(DescribedTest, ANewObjectShowsTheDefaults) {
  int seen = 0;
  kEverything.with_new(&seen, [](void* context, const void* object) {
    *static_cast<int*>(context) = static_cast<const Everything*>(object)->bounded;
  });
  EXPECT_EQ(seen, 1);
}

TEST(DescribedTest, ATypeMayHoldItself) {
  const TypeTable& table = Table<Tree>::kTable;
  EXPECT_EQ(table.object->fields[0].type->list->item, &table);
  EXPECT_EQ(table.object->fields[1].type->map->value->list->item, &table);
}

TEST(DescribedTest, ListsGrowAndArraysDoNot) {
  std::vector<int> list{1, 2};
  const ListTable& vector = *Table<std::vector<int>>::kTable.list;
  vector.clear(&list);
  *static_cast<int*>(vector.append(&list, 0)) = 7;
  EXPECT_EQ(list, std::vector{7});
  EXPECT_EQ(vector.size(&list), 1U);
  std::array<int, 2> pair{};
  const ListTable& array = *Table<std::array<int, 2>>::kTable.list;
  EXPECT_EQ(array.append(&pair, 1), &pair[1]);
  EXPECT_EQ(array.append(&pair, 2), nullptr);
}

TEST(DescribedTest, AMapTakesAKeyOnce) {
  std::map<std::string, int> map;
  const MapTable& table = *Table<std::map<std::string, int>>::kTable.map;
  EXPECT_NE(table.insert(&map, "a"), nullptr);
  EXPECT_EQ(table.insert(&map, "a"), nullptr);
  EXPECT_EQ(table.size(&map), 1U);
}

using Pet = OneOf<"kind", Tagged<"inner", Outer::Inner>, Tagged<"address", elsewhere::Address>>;

TEST(DescribedTest, AOneOfHoldsTheAlternativeThatIsAskedFor) {
  const OneOfTable& table = *Table<Pet>::kTable.one_of;
  EXPECT_EQ(table.discriminator, "kind");
  EXPECT_EQ(table.alternatives[1].tag, "address");
  Pet pet;
  static_cast<elsewhere::Address*>(table.emplace(&pet, 1))->number = 7;
  EXPECT_EQ(table.index(&pet), 1U);
  EXPECT_EQ(std::get<elsewhere::Address>(pet.value).number, 7);
  EXPECT_EQ(table.get(&pet), &std::get<elsewhere::Address>(pet.value));
}

// What can be described, and what cannot.
static_assert(HasTable<int> && HasTable<std::string> && HasTable<Level> && HasTable<Everything> && HasTable<Pet>);
static_assert(HasTable<std::optional<std::vector<std::map<std::string, elsewhere::Address>>>>);
static_assert(HasTable<std::chrono::sys_seconds> && HasTable<std::chrono::minutes>);
static_assert(!HasTable<char> && !HasTable<std::string_view> && !HasTable<int*> && !HasTable<std::vector<bool>> &&
              !HasTable<std::map<int, int>> && !HasTable<const char*> && !HasTable<long double>);
static_assert(shape_of<std::optional<int>>() == Shape::kNumber && shape_of<Uuid>() == Shape::kText &&
              shape_of<Level>() == Shape::kOther);

}  // namespace
}  // namespace weir::base::described
