// SPDX-License-Identifier: MIT
// JSON Schema 2020-12 of described types.
#pragma once

#include <weir/base/described/table.hpp>

#include <string>

namespace weir::routing {

/// The schema of what is read as, and written from, a value of `type`, as compact JSON text that stands alone: objects
/// and enums are in its "$defs".
///
/// It says all that the reader checks, but for
/// - conditions on whole objects, which are only put into words;
/// - bounds of numbers of 32 and 64 bits: the formats "int32", "uint64" ... of the OpenAPI format registry say these;
/// - patterns where RE2 has syntax that JSON Schema has not: they stand there as they are.
///
/// Errors: throws SetupError for an `example` that is not JSON.
/// Source: https://json-schema.org/draft/2020-12
std::string json_schema(const base::described::TypeTable& type);

/// `json_schema<Report>()`
template <base::described::HasTable T>
std::string json_schema() {
  return json_schema(base::described::Table<T>::kTable);
}

}  // namespace weir::routing
