// SPDX-License-Identifier: MIT
#include <weir/routing/json/internal/tokens.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace weir::routing::internal {
namespace {

bool is_blank_or_structure(char c) {
  return std::string_view(" \t\r\n,]}").find(c) != std::string_view::npos;
}

}  // namespace

bool take_number(std::string_view token, NumberText& number) {
  std::size_t at = 0;
  const auto take = [&](char c) { return at < token.size() && token[at] == c && (++at, true); };
  const auto take_digits = [&](const auto& use) {
    const std::size_t begin = at;
    for (; at < token.size() && token[at] >= '0' && token[at] <= '9'; ++at) use(token[at]);
    return at - begin;
  };
  const auto add = [&](char digit) { number.digits += digit; };
  number.is_negative = take('-');
  if (!take('0') && take_digits(add) == 0) return false;
  if (take('.')) {
    number.fraction_digits = static_cast<std::int64_t>(take_digits(add));
    if (number.fraction_digits == 0) return false;
  }
  if (take('e') || take('E')) {
    constexpr std::int64_t kMax = 1'000'000'000'000;  // there are never as many digits
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    const auto grow = [&](char digit) { number.exponent = std::min(kMax, number.exponent * 10 + (digit - '0')); };
    if (take_digits(grow) == 0) return false;
    if (is_negative) number.exponent = -number.exponent;
  }
  return at == token.size() || is_blank_or_structure(token[at]);
}

bool is_number_token(std::string_view token) {
  NumberText ignored;
  return take_number(token, ignored);
}

bool whole_of(NumberText number, std::uint64_t& magnitude, bool& is_beyond) {
  std::int64_t zeros = number.exponent - number.fraction_digits;
  for (; !number.digits.empty() && number.digits.back() == '0'; ++zeros) number.digits.pop_back();
  magnitude = 0;
  is_beyond = false;
  if (number.digits.find_first_not_of('0') == std::string::npos) return true;
  if (zeros < 0) return false;
  const auto append = [&](std::uint64_t digit) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    is_beyond = is_beyond || magnitude > (kMax - digit) / 10;
    magnitude = is_beyond ? kMax : magnitude * 10 + digit;
  };
  for (const char digit : number.digits) append(static_cast<std::uint64_t>(digit - '0'));
  for (; zeros > 0 && !is_beyond; --zeros) append(0);
  return true;
}

bool is_literal_token(std::string_view token, std::string_view literal) {
  if (!token.starts_with(literal)) return false;
  return token.size() == literal.size() || is_blank_or_structure(token[literal.size()]);
}

}  // namespace weir::routing::internal
