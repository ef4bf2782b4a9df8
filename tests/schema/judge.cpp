// SPDX-License-Identifier: MIT
// What the reader of described types says of JSON, for a second opinion by another validator.
//
//   schema_judge schemas    a line for each type: its name, a tab, its JSON Schema
//   schema_judge read       lines of NAME, tab, JSON; answers each with "ok", or a status and the places that
//                         are wrong, as JSON strings with tabs between
#include <weir/base/json_string.hpp>
#include <weir/routing/json/json_reader.hpp>
#include <weir/routing/json/json_writer.hpp>
#include <weir/routing/openapi/schema.hpp>
#include <weir/weir.hpp>

#include <array>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

enum class Color { kRed, kGreen, kBlue };
constexpr auto describe(const Color*) {
  return weir::enumerators(weir::enumerator<Color::kRed>("red"), weir::enumerator<Color::kGreen>("green"),
                           weir::enumerator<Color::kBlue>("blue"));
}

struct Numbers {
  std::int8_t tiny = 0;
  std::uint16_t small = 0;
  int plain = 0;
  std::int64_t wide = 0;
  std::uint64_t huge = 0;
  float half = 0;
  double real = 1;
  bool flag = false;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Numbers::tiny>(), weir::field<&Numbers::small>(weir::multiple_of(5)),
                        weir::field<&Numbers::plain>(weir::range(-10, 10)),
                        weir::field<&Numbers::wide>(weir::minimum(-1'000'000), weir::maximum(1'000'000)),
                        weir::field<&Numbers::huge>(weir::maximum(1'000'000'000'000)),
                        weir::field<&Numbers::half>(weir::range(-0.5, 0.5)),
                        weir::field<&Numbers::real>(weir::minimum(0.25), weir::defaulted),
                        weir::field<&Numbers::flag>());
  }
};

struct Texts {
  std::string any;
  std::string bounded;
  std::string code;
  std::optional<std::string> maybe;
  Color color = Color::kRed;
  std::optional<Color> second;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Texts::any>(), weir::field<&Texts::bounded>(weir::length(2, 5)),
                        weir::field<&Texts::code>(weir::pattern("^[A-Z]{2}-[0-9]{3}$"), weir::example("\"AB-123\"")),
                        weir::field<&Texts::maybe>(weir::length(1, 3)), weir::field<&Texts::color>(),
                        weir::field<&Texts::second>(weir::named("second-color")));
  }
};

struct Lists {
  std::vector<int> some;
  std::vector<std::string> unique;
  std::array<double, 2> pair{};
  std::map<std::string, int> counts;
  std::vector<std::optional<int>> holes;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Lists::some>(weir::items(1, 4)), weir::field<&Lists::unique>(weir::unique),
                        weir::field<&Lists::pair>(), weir::field<&Lists::counts>(weir::items(0, 2)),
                        weir::field<&Lists::holes>(weir::defaulted));
  }
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Tree::name>(weir::length(1, 8)), weir::field<&Tree::children>(weir::items(0, 3)));
  }
};

struct Cat {
  int lives = 9;
  static constexpr auto describe() { return weir::fields(weir::field<&Cat::lives>(weir::range(0, 9))); }
};
struct Dog {
  std::string name;
  std::optional<double> weight;
  static constexpr auto describe() { return weir::fields(weir::field<&Dog::name>(), weir::field<&Dog::weight>()); }
};
struct Owner {
  weir::OneOf<"kind", weir::Tagged<"cat", Cat>, weir::Tagged<"dog", Dog>> pet;
  std::vector<weir::OneOf<"kind", weir::Tagged<"cat", Cat>, weir::Tagged<"dog", Dog>>> others;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Owner::pet>(), weir::field<&Owner::others>(weir::defaulted, weir::items(0, 2)));
  }
};

struct All {
  Numbers numbers;
  std::optional<Texts> texts;
  std::map<std::string, Lists> lists;
  Tree tree;
  Owner owner;
};
WEIR_DESCRIBE(All, numbers, texts, lists, tree, owner);

std::string judge(const weir::base::described::TypeTable& type, void* target, const std::string& json) {
  weir::Failures failures;
  if (weir::routing::read_json(json, type, target, failures)) return "ok";
  std::string verdict = std::to_string(failures.status());
  for (const auto& failure : failures.kept()) {
    verdict += '\t';
    weir::base::append_json_string(verdict, failure.where);  // a name may hold anything
  }
  return verdict;
}

struct Judged {
  std::string schema;
  std::function<std::string(const std::string&)> read;
};

template <class T>
Judged judged() {
  return {weir::routing::json_schema<T>(), [](const std::string& json) {
            T value{};
            const std::string verdict = judge(weir::base::described::Table<T>::kTable, &value, json);
            if (verdict != "ok") return verdict;
            // What was read and is written again has to be as good as it was.
            std::string text;
            weir::routing::append_json(text, weir::base::described::Table<T>::kTable, &value);
            T again{};
            return judge(weir::base::described::Table<T>::kTable, &again, text);
          }};
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, Judged> types{{"Numbers", judged<Numbers>()}, {"Texts", judged<Texts>()},
                                            {"Lists", judged<Lists>()},     {"Tree", judged<Tree>()},
                                            {"Owner", judged<Owner>()},     {"All", judged<All>()}};
  if (argc == 2 && std::string(argv[1]) == "schemas") {
    for (const auto& [name, type] : types) std::cout << name << '\t' << type.schema << '\n';
    return 0;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    std::cout << types.at(line.substr(0, tab)).read(line.substr(tab + 1)) << '\n';
  }
  return 0;
}
