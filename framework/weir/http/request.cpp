// SPDX-License-Identifier: MIT
#include <weir/http/request.hpp>

#include <weir/base/text.hpp>

namespace weir::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const FieldSpan& field : fields_) {
    if (base::equals_ignoring_case(text(field.name), name)) return text(field.value);
  }
  return std::nullopt;
}

}  // namespace weir::http
