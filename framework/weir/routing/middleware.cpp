// SPDX-License-Identifier: MIT
#include <weir/routing/middleware.hpp>

namespace weir::routing::detail {

// "... type_name() [with T = weir::middleware::AccessLog; ...]" (g++), "... [T = ...]" (clang).
std::string short_type_name(std::string_view pretty_function) {
  const std::size_t begin = pretty_function.find("T = ");
  if (begin == std::string_view::npos) return "middleware";
  std::string_view name = pretty_function.substr(begin + 4);
  name = name.substr(0, name.find_first_of(";]<"));
  const std::size_t colons = name.rfind("::");
  return std::string(colons == std::string_view::npos ? name : name.substr(colons + 2));
}

}  // namespace weir::routing::detail
