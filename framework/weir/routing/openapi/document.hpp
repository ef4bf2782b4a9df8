// SPDX-License-Identifier: MIT
// The OpenAPI 3.1 document of the routes of a service.
#pragma once

#include <weir/routing/route_table.hpp>

#include <string>

namespace weir::routing {

/// Looks, without writing the document, for what would keep it from being written: a security scheme that is not there,
/// two operations of one id.
/// Errors: throws SetupError.
void check_documentation(const Routes& routes);

enum class JsonLayout : unsigned char { kCompact, kIndented };

/// The document, as JSON: paths in the order in which they were declared, with what their handlers take and give back,
/// and with every status that the framework may answer in their place; named schemas in alphabetical order. The
/// framework's own routes and those that are hidden are left out.
///
/// - Where the paths of two routes differ in nothing but parameters' names or types, OpenAPI knows one path. It has the
///   names of the first route, and of two with the same method the first is described.
/// - Parameters Accept, Content-Type and Authorization are left out, as OpenAPI has other words for them.
///
/// Errors: throws SetupError where a route names a security scheme that is not there, two have the same operation id,
/// or
///         an `example` of a described type is not JSON.
/// Source: https://spec.openapis.org/oas/v3.1.0
std::string openapi_document(const Routes& routes, JsonLayout layout = JsonLayout::kCompact);

}  // namespace weir::routing
