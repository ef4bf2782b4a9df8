// SPDX-License-Identifier: MIT
// expect: weir: a path parameter is there exactly once, or the route does not match
#include <weir/weir.hpp>

using MaybeId = weir::Path<"id", std::optional<int>>;

void declare(weir::App& app) {
  app.get("/{id}").handle([](MaybeId id) { return id->has_value() ? "" : "none"; });  // here
}
