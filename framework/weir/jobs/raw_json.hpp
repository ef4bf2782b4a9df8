// SPDX-License-Identifier: MIT
// JSON that passes through as it is.
#pragma once

#include <weir/base/described/table.hpp>

#include <string>
#include <string_view>

namespace weir::jobs {

/// A value of whatever shape, as text: a result that only its reader knows.
struct RawJson {
  std::string text;
};

}  // namespace weir::jobs

template <>
struct weir::base::described::Table<weir::jobs::RawJson> {
  static bool parse(std::string_view text, void* target) {
    static_cast<weir::jobs::RawJson*>(target)->text = text;
    return true;
  }
  static void write(const void* value, std::string& out) {
    out += static_cast<const weir::jobs::RawJson*>(value)->text;
  }
  static constexpr DocumentTable kDocument{&parse, &write};
  static constexpr TypeTable kTable{.kind = Kind::kDocument, .name = {}, .rules = {}, .document = &kDocument};
};
