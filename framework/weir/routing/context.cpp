// SPDX-License-Identifier: MIT
#include <weir/routing/context.hpp>

#include <weir/base/random_id.hpp>
#include <weir/base/text.hpp>
#include <weir/routing/http_error.hpp>
#include <weir/routing/lanes.hpp>
#include <weir/routing/route.hpp>

#include <stdexcept>
#include <utility>

namespace weir::routing {

std::string_view Context::path(std::string_view name) const {
  const std::size_t index = route_ != nullptr ? route_->pattern.index_of(name) : std::string::npos;
  if (index == std::string::npos) {
    throw std::out_of_range("the route's pattern has no parameter {" + std::string(name) + "}");
  }
  const auto segments = request().segments();
  if (route_->pattern.segments[index].kind != SegmentKind::kRest || index + 1 == segments.size())
    return segments[index];
  if (std::exchange(is_rest_joined_, true)) return rest_;
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

std::string_view Context::route() const {
  return route_ != nullptr ? std::string_view(route_->pattern.text) : "";
}

exec::OffloadTarget Context::offload_target(exec::Pool pool) const {
  return lanes_->offload_target(*route_, pool, exchange_.deadline);
}

void Context::share() {
  request_id();
  if (route_ == nullptr) return;
  const auto& segments = route_->pattern.segments;
  if (!segments.empty() && segments.back().kind == SegmentKind::kRest) path(segments.back().text);
}

std::string_view Context::request_id() const {
  if (request_id_.empty()) request_id_ = base::random_id();
  return request_id_;
}

}  // namespace weir::routing
