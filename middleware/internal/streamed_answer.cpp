// SPDX-License-Identifier: MIT
#include <middleware/internal/streamed_answer.hpp>

#include <weir/routing/routed_exchange.hpp>

namespace weir::middleware::internal {

bool is_streamed(routing::Context& context, const http::Response& response) {
  if (response.is_file() || !response.body().empty()) return false;
  const routing::Lanes::Lane* const lane = routing::RoutedExchange::of(context).lane;
  return lane != nullptr && lane->streams != nullptr;
}

}  // namespace weir::middleware::internal
