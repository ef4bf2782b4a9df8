// SPDX-License-Identifier: MIT
// Names with values to described objects.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/routing/failures.hpp>

#include <string_view>

namespace weir::routing {

/// Reads application/x-www-form-urlencoded `text` into `target`, a new object of `type`, and checks its rules. Members
/// are single values, optionals of them, or lists of them for a name that occurs several times; an empty value of an
/// optional that is no text is none. Adds to `failures` what is wrong: malformed escapes 400, the rest 422.
void read_form_text(std::string_view text, const base::described::TypeTable& type, void* target, Failures& failures);

/// Reads one value, of a type that is no list, map or object; false when `text` is none.
[[nodiscard]] bool read_scalar(std::string_view text, const base::described::TypeTable& type, void* target);

}  // namespace weir::routing
