// SPDX-License-Identifier: MIT
#include <weir/http/request.hpp>

#include <weir/base/text.hpp>

namespace weir::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (std::size_t i = 0; i < field_count_; ++i) {
    if (base::equals_ignoring_case(text(fields_[i].name), name)) return text(fields_[i].value);
  }
  return std::nullopt;
}

}  // namespace weir::http
