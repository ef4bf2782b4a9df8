// SPDX-License-Identifier: MIT
#include <weir/base/units.hpp>

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace weir::base {
namespace {

struct Unit {
  std::string_view suffix;
  std::uint64_t factor;
};

// Largest first: formatting takes the first that divides.
constexpr std::array<Unit, 7> kByteUnits{{{"GiB", 1_GiB},
                                          {"MiB", 1_MiB},
                                          {"KiB", 1_KiB},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"kB", 1'000},
                                          {"B", 1}}};
constexpr std::array<Unit, 4> kTimeUnits{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

struct Number {
  std::uint64_t value;
  std::string_view suffix;
};

std::optional<Number> split_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc()) return std::nullopt;
  return Number{value, text.substr(static_cast<std::size_t>(end - text.data()))};
}

template <std::size_t kCount>
std::optional<std::uint64_t> scale(const Number& number, const std::array<Unit, kCount>& units, std::uint64_t limit) {
  for (const Unit& unit : units) {
    if (unit.suffix != number.suffix) continue;
    if (number.value > limit / unit.factor) return std::nullopt;
    return number.value * unit.factor;
  }
  return std::nullopt;
}

Error bad(std::string_view text, std::string_view expected) {
  return {ErrorCode::kInvalidArgument, "'" + std::string(text) + "' is not " + std::string(expected)};
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
  auto number = split_number(text);
  if (number && number->suffix.empty()) number->suffix = "B";
  const auto bytes =
      number ? scale(*number, kByteUnits, std::numeric_limits<std::uint64_t>::max()) : std::optional<std::uint64_t>();
  if (!bytes) return bad(text, "a size (examples: 512, 64KiB, 1MiB)");
  return *bytes;
}

std::string format_bytes(std::uint64_t bytes) {
  for (const Unit& unit : kByteUnits) {
    const bool is_binary = unit.suffix.size() == 3;
    if (is_binary && bytes != 0 && bytes % unit.factor == 0) {
      return std::to_string(bytes / unit.factor) + std::string(unit.suffix);
    }
  }
  return std::to_string(bytes);
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto number = split_number(text);
  if (number && number->suffix.empty() && number->value == 0) number->suffix = "ms";
  // A hundred years: far beyond any sensible bound, and far from overflowing nanoseconds.
  constexpr std::uint64_t kLimitMs = 100ULL * 365 * 24 * 3'600'000;
  const auto count = number ? scale(*number, kTimeUnits, kLimitMs) : std::optional<std::uint64_t>();
  if (!count) return bad(text, "a duration (examples: 250ms, 10s, 5m, 1h)");
  return std::chrono::milliseconds(*count);
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  for (const Unit& unit : kTimeUnits) {
    if (count != 0 && count % unit.factor == 0) return std::to_string(count / unit.factor) + std::string(unit.suffix);
  }
  return std::to_string(count) + "ms";
}

}  // namespace weir::base
