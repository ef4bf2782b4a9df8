// SPDX-License-Identifier: MIT
// Numbers, times, durations and UUIDs in text: exactly those that a plain reference takes, and writing and reading
// again changes nothing.
//
// Input: a digit that chooses the type, then the text.
#include <tests/fuzz/pieces.hpp>
#include <weir/base/from_text.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace {

using namespace std::chrono;
using weir::base::FromText;
using weir::fuzz::require;

// Digits that fit, as wide arithmetic sees them.
template <class T>
std::optional<T> whole_number(std::string_view text) {
  const bool is_negative = std::signed_integral<T> && text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  __extension__ using Wide = __int128;
  Wide value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min<Wide>(value * 10 + (c - '0'), Wide(1) << 70);
  }
  if (is_negative) value = -value;
  if (value < Wide(std::numeric_limits<T>::min()) || value > Wide(std::numeric_limits<T>::max())) return std::nullopt;
  return static_cast<T>(value);
}

template <class T>
void check_whole_number(std::string_view text) {
  T value{};
  const std::optional<T> expected = whole_number<T>(text);
  require(FromText<T>::parse(text, value) == expected.has_value(), "the same numbers as the reference", text);
  require(!expected || value == *expected, "the same value as the reference", text);
}

void check_real(std::string_view text) {
  double value = 0;
  if (!FromText<double>::parse(text, value)) return;
  const std::string ended(text);
  char* end = nullptr;
  const double expected = std::strtod(ended.c_str(), &end);
  require(end == ended.c_str() + ended.size() && std::isfinite(value), "what is read is a whole, finite number", text);
  require(value == expected, "the same value as the C library's", text);
}

template <class Value>
void check_text(std::string_view text) {
  Value value{};
  if (!FromText<Value>::parse(text, value)) return;
  std::string written;
  FromText<Value>::write(value, written);
  Value again{};
  require(FromText<Value>::parse(written, again) && again == value, "what is written is read again", text, written);
  std::string twice;
  FromText<Value>::write(again, twice);
  require(twice == written, "there is one way to write it", written, twice);
}

void check_time(std::string_view text) {
  sys_time<nanoseconds> time{};
  require(!weir::base::parse_time(text, time) || weir::base::is_date_time(text), "a time is a date-time", text);
  sys_time<seconds> cut{};
  if (!FromText<sys_time<seconds>>::parse(text, cut)) return;
  require(cut <= time && time - cut < seconds(1), "what is finer is cut off, towards the past", text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 8) {
    case 0:
      check_whole_number<std::int8_t>(text);
      check_whole_number<std::uint16_t>(text);
      break;
    case 1:
      check_whole_number<std::int64_t>(text);
      break;
    case 2:
      check_whole_number<std::uint64_t>(text);
      break;
    case 3:
      check_real(text);
      break;
    case 4:
      check_text<sys_time<nanoseconds>>(text);
      check_time(text);
      break;
    case 5:
      check_text<sys_time<days>>(text);
      break;
    case 6:
      check_text<milliseconds>(text);
      check_text<nanoseconds>(text);
      break;
    default:
      check_text<weir::base::Uuid>(text);
      break;
  }
  return 0;
}
