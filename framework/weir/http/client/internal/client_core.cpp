// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/client_core.hpp>

#include <weir/http/client/internal/transfer.hpp>

#include <utility>

namespace weir::http::internal {

ClientCore::ClientCore(loop::Loop& loop, ClientOptions options)
    : loop_(loop),
      options_(std::move(options)),
      multi_(loop, *this, {options_.connections_max, options_.host_connections_max, options_.idle_connections_max}),
      queue_({options_.connections_max, options_.host_connections_max, options_.waiting_max}) {}

void ClientCore::on_done(CURL* easy, CURLcode result) noexcept {
  Transfer::of(easy).on_done(result);
}

}  // namespace weir::http::internal
