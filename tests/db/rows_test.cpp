// SPDX-License-Identifier: MIT
#include <weir/db/rows.hpp>

#include "tests/db/temporary_database.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace weir::db {
namespace {

using base::described::defaulted;
using base::described::enumerator;
using base::described::enumerators;
using base::described::field;
using base::described::fields;
using base::described::named;

enum class Level : unsigned char { kLow = 3, kHigh = 200 };
constexpr auto describe(const Level*) {
  return enumerators(enumerator<Level::kLow>("low"), enumerator<Level::kHigh>("high"));
}

struct Note {
  std::int64_t id = 0;
  std::string title;
  static constexpr auto describe() { return fields(field<&Note::id>(), field<&Note::title>(named("text"))); }
};

template <class T>
struct One {
  T value{};
  static constexpr auto describe() { return fields(field<&One::value>()); }
};

template <class T>
struct OneDefaulted {
  T value{9};
  static constexpr auto describe() { return fields(field<&OneDefaulted::value>(defaulted)); }
};

class RowsTest : public testing::Test {
 protected:
  template <class T>
  std::vector<T> rows(const char* sql) {
    Query query = connection.query(sql);
    return take_rows_as<T>(query);
  }
  /// Of one row, with a column "value".
  template <class T>
  T read(const char* sql) {
    return rows<One<T>>(sql).at(0).value;
  }
  template <class T>
  std::string refusal(const char* sql) {
    try {
      read<T>(sql);
      return "none";
    } catch (const DatabaseError& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kStatement);
      return error.what();
    }
  }

  Connection connection{{.path = ":memory:"}};
};

TEST_F(RowsTest, TakesNamesAndValues) {
  Query query = connection.query("SELECT 1 AS a, 'x' AS b UNION ALL SELECT NULL, 2.5");
  const Rows rows = take_rows(query);
  EXPECT_EQ(rows.names(), (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], (std::vector<Value>{std::int64_t{1}, "x"}));
  EXPECT_EQ(rows[1], (std::vector<Value>{Value(), 2.5}));
}

TEST_F(RowsTest, NoRowsStillHaveNames) {
  Query query = connection.query("SELECT 1 AS a WHERE 0");
  const Rows rows = take_rows(query);
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(rows.names(), std::vector<std::string>{"a"});
}

TEST_F(RowsTest, MembersComeFromTheColumnsOfTheirNamesInAnyOrder) {
  const auto notes = rows<Note>("SELECT 'first' AS text, 'more' AS other, 1 AS id");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].id, 1);
  EXPECT_EQ(notes[0].title, "first");
}

TEST_F(RowsTest, NumbersOfAllSizesAtTheirLimits) {
  EXPECT_EQ(read<std::int8_t>("SELECT -128 AS value"), -128);
  EXPECT_EQ(read<std::uint8_t>("SELECT 255 AS value"), 255);
  EXPECT_EQ(read<std::int16_t>("SELECT -32768 AS value"), -32'768);
  EXPECT_EQ(read<std::uint16_t>("SELECT 65535 AS value"), 65'535);
  EXPECT_EQ(read<std::int32_t>("SELECT -2147483648 AS value"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(read<std::uint32_t>("SELECT 4294967295 AS value"), 4'294'967'295U);
  EXPECT_EQ(read<std::int64_t>("SELECT 9223372036854775807 AS value"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read<std::uint64_t>("SELECT 9223372036854775807 AS value"), std::uint64_t{9'223'372'036'854'775'807});
}

TEST_F(RowsTest, OtherTypesAreRead) {
  EXPECT_TRUE(read<bool>("SELECT 1 AS value"));
  EXPECT_EQ(read<float>("SELECT 0.5 AS value"), 0.5F);
  EXPECT_EQ(read<double>("SELECT 3 AS value"), 3.0);
  EXPECT_EQ(read<std::string>("SELECT 'x' AS value"), "x");
  EXPECT_EQ(read<Level>("SELECT 'high' AS value"), Level::kHigh);
  EXPECT_EQ(read<base::Uuid>("SELECT '00000000-0000-4000-8000-00000000000a' AS value").to_string(),
            "00000000-0000-4000-8000-00000000000a");
}

TEST_F(RowsTest, ANullLeavesAnOptionalEmpty) {
  EXPECT_EQ(read<std::optional<int>>("SELECT NULL AS value"), std::nullopt);
  EXPECT_EQ(read<std::optional<int>>("SELECT 4 AS value"), 4);
}

TEST_F(RowsTest, AnAbsentColumnLeavesWhatIsNotRequired) {
  EXPECT_EQ(rows<OneDefaulted<int>>("SELECT 1 AS other").at(0).value, 9);
  EXPECT_EQ(read<std::optional<int>>("SELECT 1 AS other"), std::nullopt);
}

TEST_F(RowsTest, ARequiredMemberWithoutColumnIsRefused) {
  EXPECT_EQ(refusal<int>("SELECT 1 AS other"), "column value: there is no such column");
}

TEST_F(RowsTest, ARequiredMemberWithoutValueIsRefused) {
  EXPECT_EQ(refusal<int>("SELECT NULL AS value"), "column value: it is null");
}

TEST_F(RowsTest, ANumberThatIsTooLargeIsRefused) {
  EXPECT_EQ(refusal<std::int8_t>("SELECT 128 AS value"), "column value: the number is too large for its member");
  EXPECT_NE(refusal<std::uint64_t>("SELECT -1 AS value"), "none");
}

TEST_F(RowsTest, AValueOfAnotherTypeIsRefused) {
  EXPECT_EQ(refusal<int>("SELECT 'seven' AS value"), "column value: it is no whole number");
  EXPECT_EQ(refusal<int>("SELECT 1.5 AS value"), "column value: it is no whole number");
  EXPECT_EQ(refusal<bool>("SELECT 'true' AS value"), "column value: it is no whole number");
  EXPECT_EQ(refusal<double>("SELECT 'seven' AS value"), "column value: it is no number");
  EXPECT_EQ(refusal<std::string>("SELECT 7 AS value"), "column value: it is no text");
  EXPECT_EQ(refusal<std::optional<int>>("SELECT x'00' AS value"), "column value: it is no whole number");
}

TEST_F(RowsTest, ANameOutsideTheEnumerationIsRefused) {
  EXPECT_EQ(refusal<Level>("SELECT 'middle' AS value"), "column value: it is none of the names of its type");
}

TEST_F(RowsTest, ATextThatDoesNotParseIsRefused) {
  EXPECT_NE(refusal<base::Uuid>("SELECT 'no uuid' AS value"), "none");
}

TEST_F(RowsTest, ListsAndObjectsAreOfNoColumnsType) {
  EXPECT_EQ(refusal<std::vector<int>>("SELECT '[1]' AS value"), "column value: a column has no lists, maps or objects");
  EXPECT_NE(refusal<Note>("SELECT '{}' AS value"), "none");
}

TEST_F(RowsTest, AnErrorOfALaterRowIsThrown) {
  EXPECT_EQ(kind_thrown([&] { rows<One<int>>("SELECT 1 AS value UNION ALL SELECT NULL"); }), ErrorKind::kStatement);
}

}  // namespace
}  // namespace weir::db
