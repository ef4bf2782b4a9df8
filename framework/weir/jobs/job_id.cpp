// SPDX-License-Identifier: MIT
#include <weir/jobs/job_id.hpp>

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <utility>

namespace weir::jobs {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // no I, L, O, U
constexpr std::size_t kTextBytes = 26;                                    // of 5 bits; the first has 3
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i) {
    const auto digit = static_cast<unsigned char>(kDigits[i]);
    values[digit] = static_cast<std::uint8_t>(i);
    if (digit >= 'A') values[digit - 'A' + 'a'] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

// 42 bits of milliseconds last until the year 2109.
constexpr unsigned kPlaceBits = 21;

// Many with one call of the system, which costs as much as all else of an id.
std::uint64_t random_number() {
  thread_local std::array<std::uint64_t, 32> numbers{};  // 256 bytes: as many as are never cut short
  thread_local std::size_t left = 0;
  if (left == 0) {
    while (::getrandom(numbers.data(), sizeof numbers, 0) != static_cast<ssize_t>(sizeof numbers)) continue;
    left = numbers.size();
  }
  return std::exchange(numbers[--left], 0);
}

}  // namespace

std::string JobId::text() const {
  std::string text(kTextBytes, '0');
  std::uint64_t high = static_cast<std::uint64_t>(number);
  std::uint64_t low = secret;
  for (std::size_t i = kTextBytes; i-- > 0;) {
    text[i] = kDigits[low & 31U];
    low = low >> 5U | high << 59U;
    high >>= 5U;
  }
  return text;
}

std::optional<JobId> JobId::parse(std::string_view text) {
  if (text.size() != kTextBytes) return std::nullopt;
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (const char digit : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(digit)];
    if (value == kNoDigit || high >> 59U != 0) return std::nullopt;  // the latter: more than 128 bits
    high = high << 5U | low >> 59U;
    low = low << 5U | value;
  }
  const auto number = static_cast<std::int64_t>(high);
  if (number <= 0) return std::nullopt;
  return JobId{number, low};
}

// The place is chosen once, not for each millisecond: so two makers either never meet, or (once in 2^20 for a pair that
// makes one a millisecond) often, where they otherwise would meet now and then for sure.
JobIdMaker::JobIdMaker(const base::Clock& clock)
    : clock_(clock), place_(static_cast<std::int64_t>(random_number() >> (64U - kPlaceBits))) {}

JobId JobIdMaker::make() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(clock_.wall_now()).time_since_epoch().count();
  const std::int64_t first = now << kPlaceBits | place_;
  std::int64_t last = last_.load(std::memory_order_relaxed);
  std::int64_t next = 0;
  do {
    next = std::max(first, last + 1);
  } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
  return {next, random_number()};
}

}  // namespace weir::jobs
