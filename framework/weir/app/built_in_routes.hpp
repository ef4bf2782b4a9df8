// SPDX-License-Identifier: MIT
// The routes that every service has without declaring them.
#pragma once

#include <weir/jobs/job.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/route_table.hpp>

#include <atomic>
#include <memory>

namespace weir::app {

/// /healthz (200 while the loop turns) and /readyz (200 between start and drain, else 503). An app that declares one of
/// them itself keeps its own.
void add_health_routes(routing::RouteTable& table, std::shared_ptr<const std::atomic<bool>> is_ready);

/// A service writes its OpenAPI document before it serves; a test, which may make thousands of clients, when asked.
enum class DocumentRendering : unsigned char { kNow, kWhenAsked };

/// The routes of `table` with, where these paths are free, /openapi.json, which is their OpenAPI document as it is now,
/// and /docs, a page that shows it.
/// Errors: throws SetupError, as RouteTable::build and routing::check_documentation do, and when it is written at once
///         routing::openapi_document.
std::shared_ptr<const routing::Routes> build_documented(const routing::RouteTable& table, DocumentRendering rendering);

/// The admin listener's routes: /metrics in Prometheus text format 0.0.4, /healthz, and, where the app has jobs, those
/// of jobs::add_operator_routes. Ownership: borrows `metrics`, which must outlive the routes.
std::shared_ptr<const routing::Routes> make_admin_routes(const observe::MetricsRegistry& metrics,
                                                         const jobs::JobTable& jobs);

}  // namespace weir::app
