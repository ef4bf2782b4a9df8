// SPDX-License-Identifier: MIT
#include <weir/routing/body_stream.hpp>

#include <weir/routing/routed_exchange.hpp>

namespace weir::routing {
namespace {

loop::Task<std::optional<std::string>> next_piece(RoutedExchange* exchange) {
  while (true) {
    std::string bytes = exchange->take_body();
    if (!bytes.empty()) co_return std::move(bytes);
    if (exchange->is_body_complete) co_return std::nullopt;
    co_await exchange->body_arrived;
  }
}

}  // namespace

BodyStream Extract<BodyStream>::from(Context& context) {
  return BodyStream(RoutedExchange::of(context));
}

loop::Task<std::optional<std::string>> BodyStream::read() const {
  return next_piece(exchange_);
}

}  // namespace weir::routing
