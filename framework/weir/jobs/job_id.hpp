// SPDX-License-Identifier: MIT
// What a job is called: sortable by the time of its enqueueing, and not to be guessed.
#pragma once

#include <weir/base/clock.hpp>

#include <atomic>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::jobs {

/// A number that grows (milliseconds since 1970, then a counter), and 64 random bits: whoever has the text of an id may
/// ask for its job. 26 characters of Crockford's base 32, which sort like the ids.
///
/// Thread: immutable.
struct JobId {
  std::int64_t number = 0;  ///< Above 0; the key in a store.
  std::uint64_t secret = 0;

  std::string text() const;
  static std::optional<JobId> parse(std::string_view text);
  friend auto operator<=>(const JobId&, const JobId&) = default;
};

/// Makes ids that nobody else makes: each maker starts at a place of its own, of two million, within a millisecond. The
/// numbers grow even while the clock goes back.
///
/// Thread: any.
class JobIdMaker {
 public:
  explicit JobIdMaker(const base::Clock& clock);
  JobId make();

 private:
  const base::Clock& clock_;
  const std::int64_t place_;
  std::atomic<std::int64_t> last_{0};
};

}  // namespace weir::jobs
