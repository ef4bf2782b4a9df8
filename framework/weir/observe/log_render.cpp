// SPDX-License-Identifier: MIT
#include <weir/observe/log_render.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <variant>

namespace weir::observe {
namespace {

constexpr std::array<std::string_view, 5> kLevelNames{"debug", "info", "warn", "error", "off"};

// A number or truth value; JSON has no infinity and nothing that is not a number.
class Scalar {
 public:
  explicit Scalar(bool value) { copy(value ? "true" : "false"); }
  explicit Scalar(std::int64_t value) { print(value); }
  explicit Scalar(std::uint64_t value) { print(value); }
  explicit Scalar(double value) {
    if (std::isfinite(value)) {
      if (!print_thousandths(value)) print(value);
      return;
    }
    copy(std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
  }
  std::string_view text() const { return {digits_.data(), size_}; }

 private:
  void copy(std::string_view text) { size_ = text.copy(digits_.data(), digits_.size()); }
  // Times are logged in milliseconds to the microsecond: what needs no more digits is printed without the search for
  // the shortest text. Returns false where it needs more.
  bool print_thousandths(double value) {
    constexpr double kMax = 1e12;
    if (!(value >= 0 && value < kMax)) return false;
    const auto thousandths = static_cast<std::int64_t>(std::llround(value * 1000));
    if (static_cast<double>(thousandths) / 1000 != value) return false;
    print(thousandths / 1000);
    auto rest = thousandths % 1000;
    if (rest == 0) return true;
    digits_[size_++] = '.';
    for (std::int64_t unit = 100; rest > 0; unit /= 10) {
      digits_[size_++] = static_cast<char>('0' + rest / unit);
      rest %= unit;
    }
    return true;
  }
  template <class Number>
  void print(Number number) {
    const auto written = std::to_chars(digits_.data(), digits_.data() + digits_.size(), number);
    size_ = static_cast<std::size_t>(written.ptr - digits_.data());
  }
  std::array<char, 32> digits_{};
  std::size_t size_ = 0;
};

template <class AppendText>
void append_value(LogLine& line, const base::LogField::Value& value, AppendText append_text) {
  const auto visitor = [&line, append_text](const auto& alternative) {
    if constexpr (std::is_same_v<std::decay_t<decltype(alternative)>, std::string_view>) {
      std::invoke(append_text, line, alternative);
    } else {
      line.append(Scalar(alternative).text());
    }
  };
  std::visit(visitor, value);
}

void append_number(LogLine& line, long long number, std::size_t width) {
  std::array<char, 20> digits{};
  for (std::size_t i = width; i-- > 0; number /= 10) digits[i] = static_cast<char>('0' + number % 10);
  line.append({digits.data(), width});
}

void append_date(LogLine& line, base::WallTime time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  append_number(line, static_cast<int>(date.year()), 4);
  line.append("-");
  append_number(line, static_cast<unsigned>(date.month()), 2);
  line.append("-");
  append_number(line, static_cast<unsigned>(date.day()), 2);
}

void append_time_of_day(LogLine& line, base::WallTime time) {
  const auto in_day = std::chrono::floor<std::chrono::milliseconds>(time) - std::chrono::floor<std::chrono::days>(time);
  const std::chrono::hh_mm_ss parts(in_day);
  append_number(line, parts.hours().count(), 2);
  line.append(":");
  append_number(line, parts.minutes().count(), 2);
  line.append(":");
  append_number(line, parts.seconds().count(), 2);
  line.append(".");
  append_number(line, parts.subseconds().count(), 3);
}

// "2026-01-31T12:59:59." and three digits. All but those are kept from one line to the next.
void append_timestamp(LogLine& line, base::WallTime time) {
  struct Second {
    base::WallTime begin = base::WallTime::min();
    std::array<char, 20> text{};
  };
  thread_local Second second;
  const auto begin = std::chrono::floor<std::chrono::seconds>(time);
  if (begin != second.begin) {
    LogLine fresh;
    append_date(fresh, time);
    fresh.append("T");
    append_time_of_day(fresh, time);
    fresh.text().copy(second.text.data(), second.text.size());
    second.begin = begin;
  }
  line.append({second.text.data(), second.text.size()});
  append_number(line, std::chrono::floor<std::chrono::milliseconds>(time - begin).count(), 3);
}

void append_json_field(LogLine& line, const base::LogField& field) {
  const std::size_t start = line.size();
  line.append(",\"");
  line.append_escaped(field.key);
  line.append("\":");
  const std::size_t value_start = line.size();
  if (!line.is_full()) append_value(line, field.value, &LogLine::append_quoted);
  // A text may be cut; a key without any of its value may not stay.
  if (line.is_full() && line.size() <= value_start) line.rewind(start);
}

bool is_plain_word(std::string_view text) {
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '='; };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_plain);
}

void append_word(LogLine& line, std::string_view text) {
  if (is_plain_word(text)) return line.append_some(text);
  line.append_quoted(text);
}

void append_human_level(LogLine& line, base::LogLevel level, bool is_coloured) {
  constexpr std::array<std::string_view, 5> kColours{"\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m", ""};
  const auto index = static_cast<std::size_t>(level);
  constexpr std::string_view kPadding = "      ";
  if (is_coloured) line.append(kColours[index]);
  line.append(kLevelNames[index]);
  if (is_coloured) line.append("\x1b[0m");
  line.append(kPadding.substr(kLevelNames[index].size()));
}

}  // namespace

void render_json(LogLine& line, const LogEvent& event) {
  line.append("{\"ts\":\"");
  append_timestamp(line, event.time);
  line.append("Z\",\"level\":\"");
  line.append(kLevelNames[static_cast<std::size_t>(event.level)]);
  line.append("\",\"event\":");
  line.append_quoted(event.event);
  if (!event.service.empty()) append_json_field(line, {"service", event.service});
  for (const base::LogField& field : event.fields) {
    if (line.is_full()) break;
    append_json_field(line, field);
  }
  if (line.is_full()) line.append_closing(",\"truncated\":true");
  line.append_closing("}\n");
}

void render_human(LogLine& line, const LogEvent& event, HumanStyle style) {
  append_time_of_day(line, event.time + style.utc_offset);
  line.append(" ");
  append_human_level(line, event.level, style.is_coloured);
  append_word(line, event.event);
  for (const base::LogField& field : event.fields) {
    if (line.is_full()) break;
    line.append(" ");
    append_word(line, field.key);
    line.append("=");
    append_value(line, field.value, append_word);
  }
  line.append_closing(line.is_full() ? " (truncated)\n" : "\n");
}

}  // namespace weir::observe
