// SPDX-License-Identifier: MIT
// JSON into described types: what is read is JSON to another parser too, and writing and reading it again changes
// nothing; what is refused is refused for a reason.
//
// Input: a digit that chooses the type, then the text.
#include <tests/fuzz/pieces.hpp>
#include <weir/base/described/table.hpp>
#include <weir/routing/json/json_reader.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace weir::base::described;
using nlohmann::json;
using weir::fuzz::require;
using weir::routing::Failure;
using weir::routing::Failures;

enum class Color { kRed, kGreen };
constexpr auto describe(const Color*) {
  return enumerators(enumerator<Color::kRed>("red"), enumerator<Color::kGreen>("a \"green\""));
}

struct Tree {
  int n = 0;
  std::vector<Tree> sub;
  std::map<std::string, Tree> named;
  static constexpr auto describe() {
    return fields(field<&Tree::n>(defaulted, multiple_of(3)), field<&Tree::sub>(defaulted, unique),
                  field<&Tree::named>(defaulted));
  }
};

struct Cat {
  std::uint8_t lives = 9;
  static constexpr auto describe() { return fields(field<&Cat::lives>(defaulted)); }
};
struct Dog {
  std::string name;
  Color color{};
  static constexpr auto describe() {
    return fields(field<&Dog::name>(length(1, 3)), field<&Dog::color>(named("col\u00f6r~/"), defaulted));
  }
};
using Pet = weir::base::OneOf<"kind", weir::base::Tagged<"cat", Cat>, weir::base::Tagged<"dog", Dog>>;

struct All {
  bool flag = false;
  std::int8_t small = 0;
  std::int64_t large = 0;
  std::uint64_t positive = 0;
  float real = 0;
  double twice = 0;
  weir::base::Uuid id;
  std::chrono::sys_time<std::chrono::nanoseconds> time;
  std::chrono::milliseconds duration{};
  std::optional<std::string> text;
  std::vector<std::optional<Pet>> pets;
  std::array<double, 2> pair{};
  std::map<std::string, int> counts;
  std::optional<Tree> tree;
  static constexpr auto describe() {
    return fields(field<&All::flag>(defaulted), field<&All::small>(defaulted),
                  field<&All::large>(defaulted, minimum(-7)), field<&All::positive>(defaulted),
                  field<&All::real>(defaulted), field<&All::twice>(defaulted), field<&All::id>(defaulted),
                  field<&All::time>(defaulted), field<&All::duration>(defaulted), field<&All::text>(pattern("^a*\"?")),
                  field<&All::pets>(defaulted, items(0, 3)), field<&All::pair>(defaulted),
                  field<&All::counts>(defaulted), field<&All::tree>(),
                  check<[](const All& all) { return all.large != 7; }>("it is not \"7\""));
  }
};

// What nlohmann takes for JSON, and we for more than it is.
struct Reference {
  bool is_json = false;
  bool has_more = false;  // the same key twice, more than 64 levels, NUL, a byte order mark
};

Reference reference_of(std::string_view text) {
  Reference reference;
  reference.has_more = text.find('\0') != std::string_view::npos || text.starts_with("\xef\xbb\xbf");
  std::vector<std::set<std::string>> keys;
  const auto look = [&](int depth, json::parse_event_t event, json& value) {
    using Step = json::parse_event_t;
    if ((event == Step::object_start || event == Step::array_start) && depth >= 64) reference.has_more = true;
    if (event == Step::object_start) keys.emplace_back();
    if (event == Step::object_end) keys.pop_back();
    if (event == Step::key && !keys.back().insert(value.get<std::string>()).second) reference.has_more = true;
    return true;
  };
  try {
    const json ignored = json::parse(text, look);
    reference.is_json = true;
  } catch (const json::out_of_range&) {  // a number that no double holds: JSON all the same, maybe
    reference.is_json = true;
    reference.has_more = true;
  } catch (const json::exception&) {
  }
  return reference;
}

template <class T>
std::string written(const T& value) {
  std::string text;
  weir::routing::append_json(text, Table<T>::kTable, &value);
  return text;
}

template <class T>
void check_text(std::string_view text) {
  T value{};
  Failures failures;
  const bool is_read = weir::routing::read_json(text, Table<T>::kTable, &value, failures);
  const Reference reference = reference_of(text);
  require(is_read == failures.empty(), "what is refused has a failure", text);
  const bool is_broken = !is_read && failures.status() == 400;
  require(reference.is_json || is_broken, "what is no JSON is refused as that", text);
  require(!is_broken || !reference.is_json || reference.has_more, "what is JSON is not refused as that", text);
  for (const Failure& failure : failures.kept()) {
    require(json::accept("{" + failure.bounds + "}"), "bounds are JSON", text, failure.bounds);
    require(failure.where.empty() || failure.where.front() == '/', "a place is a pointer", text, failure.where);
    require(!failure.rule.empty() && !failure.detail.empty(), "a failure has words", text);
  }
  if (!is_read) return;
  const std::string once = written(value);
  T again{};
  require(weir::routing::read_json(once, Table<T>::kTable, &again, failures), "what is written is read", text, once);
  require(written(again) == once, "writing and reading again changes nothing", text, once);
  require(json::accept(once), "what is written is JSON", text, once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      check_text<All>(text);
      break;
    case 1:
      check_text<Tree>(text);
      break;
    case 2:
      check_text<std::vector<Pet>>(text);
      break;
    case 3:
      check_text<std::map<std::string, std::vector<double>>>(text);
      break;
    default:
      check_text<std::optional<std::int32_t>>(text);
      break;
  }
  return 0;
}
