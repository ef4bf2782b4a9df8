// SPDX-License-Identifier: MIT
#include <middleware/access_log.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace weir::middleware {
namespace {

constexpr std::size_t kFieldsMax = 17;  // of which each is there once

// What one line says, with the texts that its fields point to.
class Line {
 public:
  Line(const base::TimePoint& started, const routing::Context& context, const http::Outcome& outcome)
      : started_(started), context_(context), outcome_(outcome) {}

  void add(AccessField field);
  std::span<const base::LogField> fields() const { return {reinterpret_cast<const base::LogField*>(room_), count_}; }

 private:
  template <class Value>
  void put(std::string_view key, Value value) {
    new (room_ + sizeof(base::LogField) * count_) base::LogField(key, value);
    ++count_;
  }
  // Left out where the request has none.
  void put_header(std::string_view key, std::string_view name) {
    if (const auto value = context_.header(name)) put(key, *value);
  }

  const base::TimePoint& started_;
  const routing::Context& context_;
  const http::Outcome& outcome_;
  std::string client_;
  std::string peer_;
  std::size_t count_ = 0;
  // LogField is a view and has no empty state; nothing needs to be destroyed.
  alignas(base::LogField) std::byte room_[sizeof(base::LogField) * kFieldsMax];
};

void Line::add(AccessField field) {
  const http::Request& request = context_.request();
  switch (field) {
    case AccessField::kMethod:
      return put("method", to_string(request.method()));
    case AccessField::kPath:
      return put("path", request.raw_path());
    case AccessField::kQuery:
      return put("query", request.raw_query());
    case AccessField::kRoute:
      return put("route", context_.route());
    case AccessField::kStatus:
      return put("status", outcome_.is_answered ? context_.status() : 0);
    case AccessField::kBytes:
      return put("bytes", outcome_.bytes);
    case AccessField::kDurationMs: {
      const auto duration = std::chrono::round<std::chrono::microseconds>(context_.clock().now() - started_);
      return put("duration_ms", static_cast<double>(duration.count()) / 1000);
    }
    case AccessField::kClient:
      client_ = context_.client();
      return put("client", std::string_view(client_));
    case AccessField::kPeer:
      peer_ = context_.peer();
      return put("peer", std::string_view(peer_));
    case AccessField::kScheme:
      return put("scheme", context_.scheme());
    case AccessField::kHost:
      return put("host", context_.host());
    case AccessField::kPrincipal:
      if (!context_.principal().empty()) put("principal", context_.principal());
      return;
    case AccessField::kUserAgent:
      return put_header("user_agent", "User-Agent");
    case AccessField::kReferer:
      return put_header("referer", "Referer");
    case AccessField::kRequestId:
      return put("request_id", context_.request_id());
    case AccessField::kTraceId:
      return put("trace_id", context_.traceparent().substr(3, 32));
    case AccessField::kEnd:
      return put("end", outcome_.is_complete() ? std::string_view("complete") : outcome_.reason);
  }
}

}  // namespace

AccessLog::AccessLog(AccessLogOptions options) : options_(std::move(options)) {
  std::vector<AccessField> sorted = options_.fields;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    throw std::invalid_argument("AccessLog: a field is there twice");
  }
}

void AccessLog::done(const base::TimePoint& started, routing::Context& context, const http::Outcome& outcome) const {
  base::Log& log = context.log();
  if (!log.enabled(options_.level)) return;
  const bool is_well = outcome.is_answered && outcome.is_complete() && context.status() < 500;
  const auto& quiet = options_.quiet_routes;
  if (is_well && std::find(quiet.begin(), quiet.end(), context.route()) != quiet.end()) return;
  Line line(started, context, outcome);
  for (const AccessField field : options_.fields) line.add(field);
  log.log_later(options_.level, "request", line.fields());
}

}  // namespace weir::middleware
