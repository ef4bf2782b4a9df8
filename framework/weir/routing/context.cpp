// SPDX-License-Identifier: MIT
#include <weir/routing/context.hpp>

#include <weir/base/random_id.hpp>
#include <weir/base/text.hpp>
#include <weir/exec/worker_pool.hpp>
#include <weir/http/client/loop_client.hpp>
#include <weir/routing/http_error.hpp>
#include <weir/routing/lanes.hpp>
#include <weir/routing/route.hpp>
#include <weir/routing/route_table.hpp>
#include <weir/routing/routed_exchange.hpp>
#include <weir/routing/routing_service.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

namespace weir::routing {
namespace {

constexpr std::size_t kTraceIdLength = 32;
constexpr std::size_t kSpanIdLength = 16;

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// An id of zeros alone is none.
bool is_id(std::string_view text) {
  return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// W3C Trace Context section 3.2: version, trace id, parent id, flags. A later version may say more behind these.
bool is_traceparent(std::string_view text) {
  constexpr std::size_t kLength = 55;
  const bool is_long_enough = text.size() == kLength || (text.size() > kLength && text[kLength] == '-');
  if (!is_long_enough || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  const std::string_view version = text.substr(0, 2);
  const bool is_version = is_lower_hex(version) && version != "ff" && (version != "00" || text.size() == kLength);
  return is_version && is_id(text.substr(3, kTraceIdLength)) && is_id(text.substr(36, kSpanIdLength)) &&
         is_lower_hex(text.substr(53, 2));
}

std::string next_traceparent(std::string_view received) {
  const bool is_valid = is_traceparent(received);
  const std::string fresh = base::random_id();
  const std::string trace_id(is_valid ? received.substr(3, kTraceIdLength) : std::string_view(fresh));
  const std::string flags(is_valid ? received.substr(53, 2) : "01");
  return "00-" + trace_id + "-" + base::random_id().substr(0, kSpanIdLength) + "-" + flags;
}

// Another one each time in this process, as a response may be kept and answered with again.
std::uint32_t next_transform_serial() {
  static std::atomic<std::uint32_t> last{0};
  const std::uint32_t serial = ++last;
  return serial != 0 ? serial : ++last;
}

}  // namespace

std::string_view Context::path(std::string_view name) const {
  const std::size_t index = route_ != nullptr ? route_->pattern.index_of(name) : std::string::npos;
  if (index == std::string::npos) {
    throw std::out_of_range("the route's pattern has no parameter {" + std::string(name) + "}");
  }
  const auto segments = request().segments();
  if (route_->pattern.segments[index].kind != SegmentKind::kRest || index + 1 == segments.size())
    return segments[index];
  if (is_rest_joined_) return rest_;  // without a write: two threads may ask, see share()
  is_rest_joined_ = true;
  rest_.clear();
  for (std::size_t i = index; i < segments.size(); ++i) {
    if (i != index) rest_ += '/';
    rest_ += segments[i];
  }
  return rest_;
}

std::optional<std::string> Context::query(std::string_view name) const {
  auto found = http::find_in_query(request().raw_query(), name);
  if (!found) throw HttpError(400, "The query has a malformed percent-escape.");
  return std::move(*found);
}

std::optional<std::string> Context::cookie(std::string_view name) const {
  const auto field = header("cookie");
  if (!field) return std::nullopt;
  const http::Parameters cookies = http::parse_cookies(*field);
  const auto value = cookies.find(name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

http::Parameters Context::form() const {
  constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
  std::string_view parameters = header("content-type").value_or("");
  if (!base::equals_ignoring_case(base::trim(base::take_until(parameters, ';')), kFormType)) {
    throw HttpError(415, "The content is no application/x-www-form-urlencoded.");
  }
  auto form = http::parse_form(body());
  if (!form) throw HttpError(400, "The form has a malformed percent-escape.");
  return std::move(*form);
}

const void* Context::state(const StateKey& key) const {
  return lanes_->routes().states().find(key);
}

std::string_view Context::keep(std::string text) const {
  return facts().kept.emplace_front(std::move(text));
}

void Context::attach_as(const void* key, std::shared_ptr<const void> value) {
  auto& attached = facts().attached;
  const auto known =
      std::find_if(attached.begin(), attached.end(), [key](const auto& one) { return one.first == key; });
  if (known != attached.end()) {
    known->second = std::move(value);
  } else {
    attached.emplace_back(key, std::move(value));
  }
}

const void* Context::find_attached(const void* key) const {
  if (!facts_) return nullptr;
  for (const auto& [known, value] : facts_->attached) {
    if (known == key) return value.get();
  }
  return nullptr;
}

void Context::count(const base::MetricId& id, std::uint64_t by) const {
  static_cast<const RoutedExchange&>(exchange_).service.count(id, by);
}

std::string_view Context::route() const {
  return route_ != nullptr ? std::string_view(route_->pattern.text) : "";
}

exec::OffloadTarget Context::offload_target(exec::Pool pool) const {
  return lanes_->offload_target(route_, pool, exchange_.deadline);
}

http::BoundClient Context::http() const {
  base::Metrics& metrics = static_cast<const RoutedExchange&>(exchange_).service.metrics();
  return {http::LoopClient::current(lanes_->routes().client_chain(), metrics), std::string(traceparent()),
          std::string(request_id()), deadline()};
}

void Context::set_origin(std::string client, std::string scheme, std::string host) {
  facts().client = std::move(client);
  facts().scheme = std::move(scheme);
  facts().host = std::move(host);
}

std::string_view Context::traceparent() const {
  std::string& own = facts().traceparent;
  if (own.empty()) own = next_traceparent(header("traceparent").value_or(""));
  return own;
}

void Context::lower_body_limit(std::uint64_t bytes) {
  exchange_.body_limit = std::min(exchange_.body_limit, bytes);
}

void Context::decode_content(std::unique_ptr<http::ContentDecoder> decoder) {
  RoutedExchange& exchange = static_cast<RoutedExchange&>(exchange_);
  const bool has_content = exchange.lane != nullptr && exchange.parser.has_body();
  if (!has_content || exchange.chain == nullptr || exchange.decoder) return;
  exchange.lane = &lanes_->decoding(*exchange.lane);
  exchange.decoder = std::move(decoder);
  exchange.has_coding = true;
}

void Context::transform_content(std::unique_ptr<http::BodyTransform> transform) {
  RoutedExchange& exchange = static_cast<RoutedExchange&>(exchange_);
  if (exchange.chain == nullptr) throw std::logic_error("content is transformed by an `after` hook");
  if (is_content_transformed()) throw std::logic_error("a response has one body transform");
  exchange.transform = std::move(transform);
  exchange.has_coding = true;
  exchange.transform_serial = next_transform_serial();
  exchange.response.set_transform_serial(exchange.transform_serial);
}

bool Context::is_content_transformed() const {
  const auto& exchange = static_cast<const RoutedExchange&>(exchange_);
  return exchange.transform && exchange.response.transform_serial() == exchange.transform_serial;
}

bool Context::is_answer_streamed() const {
  return static_cast<const RoutedExchange&>(exchange_).is_beginning_stream;
}

std::chrono::nanoseconds Context::queue_delay() const {
  const Lanes::Lane* const lane = static_cast<const RoutedExchange&>(exchange_).lane;
  const std::chrono::nanoseconds on_loop = clock_->now() - loop::Loop::current().now();
  return on_loop + (lane != nullptr && lane->pool != nullptr ? lane->pool->oldest_wait() : std::chrono::nanoseconds(0));
}

void Context::share() {
  request_id();
  traceparent();
  if (route_ == nullptr) return;
  const auto& segments = route_->pattern.segments;
  if (!segments.empty() && segments.back().kind == SegmentKind::kRest) path(segments.back().text);
}

std::string_view Context::request_id() const {
  if (request_id_.empty()) request_id_ = base::random_id();
  return request_id_;
}

}  // namespace weir::routing
