// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/client_core.hpp>

#include <weir/base/check.hpp>
#include <weir/http/client/internal/redirect.hpp>
#include <weir/http/client/internal/request_check.hpp>
#include <weir/http/client/internal/target.hpp>
#include <weir/http/client/internal/transfer.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace weir::http::internal {

base::TimePoint deadline_of(const ClientRequest& request, base::TimePoint now) {
  const bool is_bounded = request.timeout < base::TimePoint::max() - now;
  return std::min(request.deadline, is_bounded ? now + request.timeout : base::TimePoint::max());
}

ClientCore::ClientCore(loop::Loop& loop, ClientOptions options)
    : loop_(loop),
      options_(std::move(options)),
      multi_(loop, *this, {options_.connections_max, options_.host_connections_max, options_.idle_connections_max}),
      queue_({options_.connections_max, options_.host_connections_max, options_.waiting_max}) {}

loop::Task<ClientResponse> ClientCore::send(ClientRequest request) {
  WEIR_CHECK(loop_.in_loop_thread());
  Target target = parse_target(request.url);
  check_request(request, target);
  const base::TimePoint deadline = deadline_of(request, loop_.clock().now());
  for (unsigned redirects = 0;; ++redirects) {
    Transfer transfer(*this, request, target, deadline, redirects == 0);
    ClientResponse response = co_await transfer;
    if (request.redirects_max == 0 || !is_redirect(response)) co_return std::move(response);
    if (redirects == request.redirects_max) {
      throw ClientError(ClientErrorCode::kTooManyRedirects,
                        target.authority + ": redirects once more than the " + std::to_string(redirects) + " allowed");
    }
    follow(response, request, target);
  }
}

void ClientCore::on_done(CURL* easy, CURLcode result) noexcept {
  Transfer::of(easy).on_done(result);
}

}  // namespace weir::http::internal
