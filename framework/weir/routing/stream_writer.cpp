// SPDX-License-Identifier: MIT
#include <weir/routing/stream_writer.hpp>

#include <weir/base/check.hpp>
#include <weir/routing/routed_exchange.hpp>
#include <weir/routing/routing_service.hpp>

#include <utility>

namespace weir::routing {

StreamWriter Extract<StreamWriter>::from(Context& context) {
  return StreamWriter(RoutedExchange::of(context));
}

http::Response& StreamWriter::head() {
  WEIR_CHECK(!exchange_->is_stream_begun);
  return exchange_->response;
}

void StreamWriter::set_length(std::uint64_t bytes) {
  WEIR_CHECK(!exchange_->is_stream_begun);
  exchange_->stream_length = bytes;
}

void StreamWriter::begin() {
  if (!exchange_->is_stream_begun && !exchange_->service.begin_stream(*exchange_)) throw loop::Cancelled();
}

loop::Task<void> StreamWriter::write(std::string bytes) const {
  return exchange_->write_piece(std::move(bytes));
}

}  // namespace weir::routing
