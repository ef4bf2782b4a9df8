// SPDX-License-Identifier: MIT
// JSON text to described values.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/routing/failures.hpp>

#include <string_view>

namespace weir::routing {

/// How deep arrays and objects may be nested.
inline constexpr int kJsonDepthMax = 64;

/// Reads `text` into `target`, a new object of `type`, and checks its rules.
///
/// Returns false, with all that is wrong in `failures`, when it is not JSON (then only that, with the place in the
/// text; status 400) or not what the type says (422). A number is an integer where its value is one: 1.0, 1e2.
/// Refused besides: duplicate keys, members that are not described, invalid UTF-8, a nesting of more than 64 levels,
/// anything behind the value.
///
/// Thread: any; memory for the work is kept per thread, up to 64 KiB of text.
/// Source: RFC 8259.
[[nodiscard]] bool read_json(std::string_view text, const base::described::TypeTable& type, void* target,
                             Failures& failures);

}  // namespace weir::routing
