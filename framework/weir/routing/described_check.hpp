// SPDX-License-Identifier: MIT
// What only a running program can find wrong with described types.
#pragma once

#include <weir/base/described/type_table.hpp>

#include <set>

namespace weir::routing {

/// Looks once at each type and at all types in it.
///
/// Thread: one, before serving.
class DescribedCheck {
 public:
  /// Errors: throws SetupError that names the member, for a pattern that is no regular expression.
  void look_at(const base::described::TypeTable& type);

 private:
  void look_at_fields(const base::described::TypeTable& type);

  std::set<const base::described::TypeTable*> seen_;
};

}  // namespace weir::routing
