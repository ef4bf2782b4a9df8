// SPDX-License-Identifier: MIT
#include <middleware/rate_limit.hpp>

#include <weir/http/problem.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace weir::middleware {
namespace {

using std::chrono::ceil;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kFillTimeMax = internal::RateTable::kFillTimeMax;
// Up to here a whole number of nanoseconds between two tokens is at most a thousandth too long.
constexpr nanoseconds kIntervalMin{1000};
constexpr std::size_t kKeysMax = std::size_t{1} << 24U;
constexpr std::size_t kNameLengthMax = 64;
// RFC 9651 section 3.3.1: an Integer has at most 15 digits.
constexpr std::uint64_t kFieldIntegerMax = 999'999'999'999'999;

void require(bool condition, std::string_view sentence) {
  if (!condition) throw std::invalid_argument("RateLimit: " + std::string(sentence));
}

// RFC 9651 section 3.3.3, without what would have to be escaped.
bool is_plain(char c) {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

internal::RateTable::Bucket bucket_of(const RateLimitOptions& options) {
  require(options.requests > 0, "`requests` is 0, which would refuse everything: leave the route out instead");
  require(options.per > nanoseconds::zero(), "`per` must be longer than nothing");
  require(options.per <= kFillTimeMax, "`per` is longer than ten years");
  const std::uint64_t burst = options.burst > 0 ? options.burst : options.requests;
  const auto per_ns = static_cast<std::uint64_t>(options.per.count());
  // Rounded up: never more than was asked for.
  const std::uint64_t interval_ns = per_ns / options.requests + (per_ns % options.requests > 0 ? 1 : 0);
  require(interval_ns >= static_cast<std::uint64_t>(kIntervalMin.count()),
          "more than 1,000,000 requests per second limit nothing");
  require(burst <= static_cast<std::uint64_t>(kFillTimeMax.count()) / interval_ns,
          "`burst` is so large that it takes more than ten years to earn it");
  return {nanoseconds(interval_ns), burst};
}

std::size_t keys_of(const RateLimitOptions& options) {
  require(options.max_keys > 0, "`max_keys` is 0: at least one key must be told from others");
  require(options.max_keys <= kKeysMax, "`max_keys` is above 16,777,216, which would take half a gigabyte");
  return options.max_keys;
}

std::string quoted(const std::string& name) {
  require(!name.empty() && name.size() <= kNameLengthMax && std::all_of(name.begin(), name.end(), is_plain),
          "`name` is 1 to 64 printable ASCII characters without quotes and backslashes");
  return '"' + name + '"';
}

// What the draft calls a quota and its window, which is whole seconds.
std::string policy_field(const RateLimitOptions& options) {
  using Seconds = std::chrono::duration<long double>;
  const long double per_seconds = Seconds(options.per).count();
  const auto requests = static_cast<long double>(options.requests);
  const auto quota = static_cast<long double>(std::max(options.requests, options.burst));
  const long double window = std::max(1.0L, std::ceil(quota * per_seconds / requests));
  const long double earned = std::max(1.0L, std::floor(window * requests / per_seconds));
  const auto whole_quota = static_cast<std::uint64_t>(std::min(earned, static_cast<long double>(kFieldIntegerMax)));
  return quoted(options.name) + ";q=" + std::to_string(whole_quota) +
         ";w=" + std::to_string(static_cast<std::uint64_t>(window));
}

std::uint64_t whole_seconds(nanoseconds wait) {
  return static_cast<std::uint64_t>(std::max(ceil<seconds>(wait), seconds(1)).count());
}

}  // namespace

RateLimit::RateLimit(RateLimitOptions options)
    : key_(std::move(options.key)),
      shared_(std::make_shared<Shared>(bucket_of(options), keys_of(options), options.name)) {
  state_prefix_ = quoted(options.name) + ";r=";
  if (options.has_fields) policy_field_ = policy_field(options);
}

std::variant<RateLimit::Counted, http::Response> RateLimit::before(routing::Context& context) const {
  const auto key = key_.of(context);
  if (!key) return Counted{};
  const internal::RateDecision decision = shared_->table.take(*key, context.clock().now());
  if (decision.is_admitted) return Counted{true, decision};
  shared_->refused.fetch_add(1, std::memory_order_relaxed);
  context.count(shared_->refused_id);
  http::Response response = http::problem(429, "Too many requests: try again later.");
  response.set_header("Retry-After", std::to_string(whole_seconds(decision.next)));
  add_fields(decision, response);
  return response;
}

void RateLimit::after(const Counted& counted, routing::Context&, http::Response& response) const {
  if (counted.is_counted) add_fields(counted.decision, response);
}

void RateLimit::add_fields(const internal::RateDecision& decision, http::Response& response) const {
  if (policy_field_.empty()) return;
  constexpr std::string_view kWait = ";t=";
  std::array<char, kNameLengthMax + 64> text;  // the prefix and two numbers of up to 20 digits
  char* const end = text.data() + text.size();
  char* at = std::copy(state_prefix_.begin(), state_prefix_.end(), text.data());
  at = std::to_chars(at, end, decision.remaining).ptr;
  at = std::copy(kWait.begin(), kWait.end(), at);
  at = std::to_chars(at, end, whole_seconds(decision.next)).ptr;
  // Added, not set: another limit of the chain has its own, and both fields are lists.
  response.add_header("RateLimit-Policy", policy_field_);
  response.add_header("RateLimit", std::string_view(text.data(), static_cast<std::size_t>(at - text.data())));
}

}  // namespace weir::middleware
