// SPDX-License-Identifier: MIT
#include <weir/http/percent.hpp>

#include <weir/base/text.hpp>

namespace weir::http {

bool append_percent_decoded(std::string_view text, std::string& out) {
  const std::size_t size_before = out.size();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? base::hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? base::hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0 || (high == 0 && low == 0)) {
      out.resize(size_before);
      return false;
    }
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return true;
}

}  // namespace weir::http
