// SPDX-License-Identifier: MIT
#include <weir/http/content_coding.hpp>

#include <weir/base/text.hpp>

#include <algorithm>

namespace weir::http {
namespace {

constexpr int kWeightMax = 1000;

struct Coding {
  std::string_view name;
  int weight = kWeightMax;
};

// "gzip;q=0.8". Other parameters than q mean nothing here.
Coding parse_coding(std::string_view element) {
  Coding coding{base::trim(base::take_until(element, ';'))};
  while (!element.empty()) {
    std::string_view value = base::take_until(element, ';');
    const std::string_view name = base::trim(base::take_until(value, '='));
    if (base::equals_ignoring_case(name, "q")) coding.weight = parse_weight(base::trim(value)).value_or(0);
  }
  return coding;
}

struct Weights {
  std::optional<int> by_name;
  std::optional<int> by_star;
};

// What the fields, which together are one list, say of `name`.
Weights weights_of(const Request& request, std::string_view name) {
  Weights weights;
  for (std::size_t i = 0; i < request.field_count(); ++i) {
    if (!base::equals_ignoring_case(request.field(i).name, "Accept-Encoding")) continue;
    for (std::string_view rest = request.field(i).value; !rest.empty();) {
      const Coding coding = parse_coding(base::take_until(rest, ','));
      const bool is_alias = name == "gzip" && base::equals_ignoring_case(coding.name, "x-gzip");
      if (is_alias || base::equals_ignoring_case(coding.name, name)) weights.by_name = coding.weight;
      if (coding.name == "*") weights.by_star = coding.weight;
    }
  }
  return weights;
}

}  // namespace

std::optional<int> parse_weight(std::string_view text) {
  const bool is_weight = !text.empty() && text.size() <= 5 && (text[0] == '0' || text[0] == '1') &&
                         (text.size() == 1 || text[1] == '.') &&
                         text.find_first_not_of("0123456789", 2) == std::string_view::npos;
  if (!is_weight) return std::nullopt;
  int weight = (text[0] - '0') * kWeightMax;
  int unit = kWeightMax / 10;
  for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
    weight += (digit - '0') * unit;
    unit /= 10;
  }
  return weight <= kWeightMax ? std::optional(weight) : std::nullopt;
}

std::string_view choose_coding(const Request& request, std::span<const std::string_view> offered) {
  if (!request.header("Accept-Encoding")) return "";
  std::string_view best;
  int best_weight = 0;
  for (const std::string_view coding : offered) {
    const Weights weights = weights_of(request, coding);
    const int weight = weights.by_name.value_or(weights.by_star.value_or(0));
    if (weight <= best_weight) continue;
    best = coding;
    best_weight = weight;
  }
  // Identity that is not named is acceptable, but no more than that.
  return weights_of(request, "identity").by_name.value_or(0) > best_weight ? "" : best;
}

}  // namespace weir::http
