// SPDX-License-Identifier: MIT
#include <weir/routing/form_reader.hpp>

#include <tests/routing/json_fixture.hpp>

#include <array>
#include <chrono>

namespace weir::routing {
namespace {

using base::described::check;
using base::described::items;
using base::described::length;
using base::described::named;
using base::described::range;
using base::described::unique;

struct Login {
  std::string user;
  int age = 18;
  std::optional<int> weight;
  std::optional<std::string> note;
  std::vector<std::string> roles;
  bool is_new = false;
  Color color{};
  static constexpr auto describe() {
    return fields(field<&Login::user>(length(1, 5)), field<&Login::age>(defaulted, range(1, 150)),
                  field<&Login::weight>(range(1, 500)), field<&Login::note>(),
                  field<&Login::roles>(items(0, 2), unique), field<&Login::is_new>(named("new"), defaulted),
                  field<&Login::color>(defaulted),
                  check<[](const Login& login) { return login.user != "root"; }>("the user is not root"));
  }
};

template <class T>
Reading<T> read_form(std::string_view text) {
  Reading<T> reading;
  read_form_text(text, Table<T>::kTable, &reading.value, reading.failures);
  for (const Failure& failure : reading.failures.kept()) EXPECT_EQ(failure.place, Place::kForm);
  return reading;
}

/// As JSON, or what is wrong.
template <class T = Login>
std::string outcome(std::string_view text) {
  const Reading<T> reading = read_form<T>(text);
  return reading.failures.empty() ? written(reading.value) : summary_of(reading.failures);
}

TEST(FormReaderTest, EachMemberIsRead) {
  EXPECT_EQ(outcome("user=me&age=7&weight=80&note=x&roles=a&roles=b&new=true&color=green"),
            R"({"user":"me","age":7,"weight":80,"note":"x","roles":["a","b"],"new":true,"color":"green"})");
}

TEST(FormReaderTest, WhatIsNotRequiredMayBeMissing) {
  EXPECT_EQ(outcome("user=me"), R"({"user":"me","age":18,"roles":[],"new":false,"color":"red"})");
}

TEST(FormReaderTest, NamesAndValuesAreDecoded) {
  EXPECT_EQ(read_form<Login>("%75ser=a+%2B%20b").value.user, "a + b");
  EXPECT_EQ(read_form<Login>("user=%C3%A4%e2%82%ac").value.user, "\u00e4\u20ac");
}

TEST(FormReaderTest, AnEmptyValueOfAnOptionalIsNone) {
  const Login login = read_form<Login>("user=me&weight=&note=").value;
  EXPECT_EQ(login.weight, std::nullopt);
  EXPECT_EQ(login.note, "");
}

TEST(FormReaderTest, AnEmptyValueOfANumberIsWrong) {
  EXPECT_EQ(outcome("user=me&age="), "type age");
}

TEST(FormReaderTest, AllFailuresAreFoundAtOnce) {
  EXPECT_EQ(outcome("age=x&weight=501&roles=a&roles=a&roles=b&new=yes&color=blue&other=1"),
            "type age, maximum weight, type new, type color, unknown other, required user, items roles, unique roles");
}

TEST(FormReaderTest, ASingleValueStandsOnce) {
  EXPECT_EQ(outcome("user=a&user=b"), "repeated user");
}

TEST(FormReaderTest, AWholeObjectIsCheckedOnlyWhenItsMembersAreRight) {
  EXPECT_EQ(outcome("user=root"), "check ");
  EXPECT_EQ(outcome("user=root&age=0"), "minimum age");
}

TEST(FormReaderTest, AnEarlierFailureDoesNotHideTheCheck) {
  Login login;
  Failures failures;
  failures.add({Place::kPath, "id", "type", "It has to be an integer.", {}});
  read_form_text("user=root", Table<Login>::kTable, &login, failures);
  EXPECT_EQ(summary_of(failures), "type id, check ");
}

TEST(FormReaderTest, BrokenEscapesAreBrokenSyntax) {
  for (const std::string_view text : {"user=%", "user=%4", "user=%zz", "us%er=x", "user=me&x=%", "user=%00", "%00=a"}) {
    EXPECT_EQ(read_form<Login>(text).failures.status(), 400) << text;
    EXPECT_EQ(read_form<Login>(text).failures.count(), 1U) << text;
  }
  EXPECT_EQ(read_form<Login>(std::string_view("user=a\0b", 8)).failures.status(), 400);
}

TEST(FormReaderTest, InvalidUtf8IsBrokenSyntax) {
  for (const std::string_view text :
       {"user=%ff", "user=\xff", "user=%c3", "user=%ed%a0%80", "%ff=a", "user=a&x=\xc3"}) {
    EXPECT_EQ(read_form<Login>(text).failures.status(), 400) << text;
    EXPECT_EQ(read_form<Login>(text).failures.count(), 1U) << text;
  }
}

TEST(FormReaderTest, AnEmptyFormHasNothing) {
  EXPECT_EQ(outcome(""), "required user");
  EXPECT_EQ(outcome("&&"), "required user");
  EXPECT_EQ(outcome("="), "unknown , required user");
}

struct Lists {
  std::vector<std::optional<int>> numbers;
  std::array<int, 2> pair{};
  std::vector<base::Bounded<int, 1, 9>> digits;
  static constexpr auto describe() {
    return fields(field<&Lists::numbers>(), field<&Lists::pair>(), field<&Lists::digits>());
  }
};

TEST(FormReaderTest, ItemsHaveTheirOwnRules) {
  EXPECT_EQ(outcome<Lists>("digits=1&digits=10&pair=1&pair=2"), "maximum digits");
  EXPECT_EQ(outcome<Lists>("numbers=1&numbers=&numbers=3&pair=1&pair=2"),
            R"({"numbers":[1,null,3],"pair":[1,2],"digits":[]})");
}

TEST(FormReaderTest, AnArrayHasItsSize) {
  EXPECT_EQ(outcome<Lists>("pair=1&pair=2&pair=3"), "items pair");
  EXPECT_EQ(outcome<Lists>("pair=1"), "items pair");
  EXPECT_EQ(outcome<Lists>(""), "items pair");
}

// ---- single values ----

template <class T>
std::string scalar(std::string_view text) {
  T value{};
  return read_scalar(text, Table<T>::kTable, &value) ? written(value) : "refused";
}

TEST(FormReaderTest, EachKindOfAValueIsRead) {
  EXPECT_EQ(scalar<bool>("true"), "true");
  EXPECT_EQ(scalar<std::int8_t>("-128"), "-128");
  EXPECT_EQ(scalar<std::int8_t>("128"), "refused");
  EXPECT_EQ(scalar<std::int16_t>("-32768"), "-32768");
  EXPECT_EQ(scalar<std::int32_t>("2147483647"), "2147483647");
  EXPECT_EQ(scalar<std::int64_t>("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(scalar<std::uint8_t>("255"), "255");
  EXPECT_EQ(scalar<std::uint16_t>("65536"), "refused");
  EXPECT_EQ(scalar<std::uint32_t>("-1"), "refused");
  EXPECT_EQ(scalar<std::uint64_t>("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(scalar<float>("0.1"), "0.1");
  EXPECT_EQ(scalar<double>("nan"), "refused");
  EXPECT_EQ(scalar<std::string>(" "), "\" \"");
  EXPECT_EQ(scalar<std::chrono::minutes>("PT2H"), "\"PT2H\"");
  EXPECT_EQ(scalar<Color>("green"), "\"green\"");
}

TEST(FormReaderTest, WhatIsNoSingleValueIsRefused) {
  EXPECT_EQ(scalar<std::vector<int>>("1"), "refused");
  EXPECT_EQ(scalar<Point>("1"), "refused");
}

}  // namespace
}  // namespace weir::routing
