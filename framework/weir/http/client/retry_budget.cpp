// SPDX-License-Identifier: MIT
#include <weir/http/client/retry_budget.hpp>

#include <cmath>
#include <stdexcept>

namespace weir::http {

void RetryBudget::check() const {
  const auto is_bound = [](double number) { return std::isfinite(number) && number >= 0; };
  if (!is_bound(ratio) || !is_bound(per_second)) {
    throw std::invalid_argument("a retry budget is a ratio and a number per second, neither of them below 0");
  }
}

}  // namespace weir::http
