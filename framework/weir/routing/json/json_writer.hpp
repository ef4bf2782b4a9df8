// SPDX-License-Identifier: MIT
// Described values to JSON text.
#pragma once

#include <weir/base/described/type_table.hpp>

#include <string>
#include <string_view>

namespace weir::routing {

/// Appends `value`, which is of `type`. Members in the order of the description; empty optionals are left out of
/// objects and null elsewhere. Invalid UTF-8 becomes U+FFFD, a number that JSON cannot write becomes null.
void append_json(std::string& out, const base::described::TypeTable& type, const void* value);

}  // namespace weir::routing
