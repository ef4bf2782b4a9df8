// SPDX-License-Identifier: MIT
#include <weir/routing/body_stream.hpp>

#include <weir/routing/routed_exchange.hpp>

namespace weir::routing {
BodyStream Extract<BodyStream>::from(Context& context) {
  return BodyStream(RoutedExchange::of(context));
}

loop::Task<std::optional<std::string>> BodyStream::read() const {
  return exchange_->read_piece();
}

}  // namespace weir::routing
