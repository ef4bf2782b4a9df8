// SPDX-License-Identifier: MIT
// The log interface that every floor reports through: events with keys. observe/ implements it.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

namespace weir::base {

/// error: a person must act; warn: degraded but handled; info: lifecycle; debug: per request.
enum class LogLevel : unsigned char { kDebug, kInfo, kWarn, kError, kOff };

/// One key with its value. Views live as long as the call that they are passed to.
struct LogField {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  LogField(std::string_view field_key, std::string_view text) : key(field_key), value(text) {}
  LogField(std::string_view field_key, const char* text) : key(field_key), value(std::string_view(text)) {}
  LogField(std::string_view field_key, bool flag) : key(field_key), value(flag) {}
  LogField(std::string_view field_key, std::signed_integral auto number)
      : key(field_key), value(static_cast<std::int64_t>(number)) {}
  LogField(std::string_view field_key, std::unsigned_integral auto number)
    requires(!std::same_as<decltype(number), bool>)
      : key(field_key), value(static_cast<std::uint64_t>(number)) {}
  LogField(std::string_view field_key, std::floating_point auto number)
      : key(field_key), value(static_cast<double>(number)) {}

  std::string_view key;
  Value value;
};

/// Takes events: `log.info("listener.open", {{"port", port}})`.
///
/// Thread: any; an implementation never makes a loop wait and never throws.
class Log {
 public:
  using Fields = std::initializer_list<LogField>;

  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  bool enabled(LogLevel level) const noexcept { return level >= level_.load(std::memory_order_relaxed); }
  LogLevel level() const noexcept { return level_.load(std::memory_order_relaxed); }
  void set_level(LogLevel level) noexcept { level_.store(level, std::memory_order_relaxed); }

  void debug(std::string_view event, Fields fields = {}) { log(LogLevel::kDebug, event, fields); }
  void info(std::string_view event, Fields fields = {}) { log(LogLevel::kInfo, event, fields); }
  void warn(std::string_view event, Fields fields = {}) { log(LogLevel::kWarn, event, fields); }
  void error(std::string_view event, Fields fields = {}) { log(LogLevel::kError, event, fields); }
  void log(LogLevel level, std::string_view event, std::span<const LogField> fields) {
    if (enabled(level)) write(level, event, fields);
  }
  /// The same for what comes with every request and is never urgent: the line may wait for the end of the loop's turn,
  /// and so come after a later one of another kind.
  void log_later(LogLevel level, std::string_view event, std::span<const LogField> fields) {
    if (enabled(level)) write_later(level, event, fields);
  }

 protected:
  /// Called for enabled levels only. The views end with the call.
  virtual void write(LogLevel level, std::string_view event, std::span<const LogField> fields) noexcept = 0;
  virtual void write_later(LogLevel level, std::string_view event, std::span<const LogField> fields) noexcept {
    write(level, event, fields);
  }

 private:
  std::atomic<LogLevel> level_{LogLevel::kInfo};
};

/// Drops everything.
class NullLog final : public Log {
 public:
  NullLog() { set_level(LogLevel::kOff); }

 protected:
  void write(LogLevel, std::string_view, std::span<const LogField>) noexcept override {}
};

}  // namespace weir::base
