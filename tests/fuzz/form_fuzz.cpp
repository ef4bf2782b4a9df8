// SPDX-License-Identifier: MIT
// Forms into described types: broken framing is 400 and nothing else is, what is refused is refused for a reason, and
// the order of the names does not matter to what is read.
//
// Input: the form.
#include <tests/fuzz/pieces.hpp>
#include <weir/base/described/table.hpp>
#include <weir/base/utf8.hpp>
#include <weir/http/parameters.hpp>
#include <weir/routing/form_reader.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <vector>

namespace {

using namespace weir::base::described;
using weir::fuzz::percent_encode_all;
using weir::fuzz::require;
using weir::http::Parameters;
using weir::routing::Failures;

enum class Color { kRed, kGreen };
constexpr auto describe(const Color*) {
  return enumerators(enumerator<Color::kRed>("red"), enumerator<Color::kGreen>("green"));
}

struct Order {
  std::string name;
  int count = 1;
  std::optional<double> price;
  std::vector<std::uint8_t> sizes;
  std::vector<std::string> notes;
  Color color{};
  bool gift = false;
  static constexpr auto describe() {
    return fields(field<&Order::name>(length(1, 8)), field<&Order::count>(defaulted, range(1, 99)),
                  field<&Order::price>(minimum(0)), field<&Order::sizes>(defaulted, items(0, 3), unique),
                  field<&Order::notes>(defaulted), field<&Order::color>(defaulted), field<&Order::gift>(defaulted));
  }
};

// Of the values of one name the order counts, so names go one after the other.
std::string sorted(const Parameters& form) {
  std::vector<std::pair<std::string, std::string>> pairs(form.begin(), form.end());
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (const auto& [name, value] : pairs)
    text += (text.empty() ? "" : "&") + percent_encode_all(name) + '=' + percent_encode_all(value);
  return text;
}

std::string read(std::string_view text, Failures& failures) {
  Order order;
  weir::routing::read_form_text(text, Table<Order>::kTable, &order, failures);
  std::string json;
  if (failures.empty()) weir::routing::append_json(json, Table<Order>::kTable, &order);
  return json;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Failures failures;
  const std::string order = read(text, failures);
  const std::optional<Parameters> form = weir::http::parse_form(text);
  require(form || (!failures.empty() && failures.status() == 400), "broken framing is 400", text);
  for (const auto& failure : failures.kept()) {
    require(nlohmann::json::accept("{" + failure.bounds + "}"), "bounds are JSON", text, failure.bounds);
    require(!failure.rule.empty() && !failure.detail.empty(), "a failure has words", text);
  }
  if (!form) return 0;
  Failures again;
  const std::string reordered = sorted(*form);
  require(read(reordered, again) == order, "the order of names does not matter", text, reordered);
  require(again.empty() == failures.empty(), "nor does it to what is refused", text, reordered);
  if (failures.empty()) require(nlohmann::json::accept(order), "what is read can be written", text, order);
  return 0;
}
