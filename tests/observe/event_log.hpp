// SPDX-License-Identifier: MIT
// A log that tests read.
#pragma once

#include <weir/base/log.hpp>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

namespace weir::observe {

/// Keeps all lines.
///
/// Thread: any.
class EventLog final : public base::Log {
 public:
  struct Line {
    std::string event;
    std::map<std::string, std::string> fields;
  };

  std::vector<Line> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// Waits for a line of that name; false when it does not come.
  bool wait_for(std::string_view event) {
    constexpr std::chrono::seconds kPatience{15};  // bounds a failure only
    std::unique_lock lock(mutex_);
    return written_.wait_for(lock, kPatience, [this, event] {
      for (const Line& line : lines_) {
        if (line.event == event) return true;
      }
      return false;
    });
  }

 protected:
  void write(base::LogLevel, std::string_view event, std::span<const base::LogField> fields) noexcept override {
    Line line{std::string(event), {}};
    for (const base::LogField& field : fields) line.fields[std::string(field.key)] = text_of(field.value);
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    written_.notify_all();
  }

 private:
  static std::string text_of(const base::LogField::Value& value) {
    return std::visit(
        [](const auto& held) {
          if constexpr (std::is_same_v<decltype(held), const std::string_view&>) {
            return std::string(held);
          } else {
            return std::to_string(held);
          }
        },
        value);
  }

  mutable std::mutex mutex_;
  std::condition_variable written_;
  std::vector<Line> lines_;
};

}  // namespace weir::observe
