// SPDX-License-Identifier: MIT
#include <weir/http/client/client.hpp>

#include <weir/base/check.hpp>
#include <weir/http/client/internal/client_core.hpp>
#include <weir/http/client/internal/redirect.hpp>
#include <weir/http/client/internal/request_check.hpp>
#include <weir/http/client/internal/target.hpp>
#include <weir/http/client/internal/transfer.hpp>

#include <algorithm>
#include <utility>

namespace weir::http {
namespace {

base::TimePoint deadline_of(const ClientRequest& request, base::TimePoint now) {
  const bool is_bounded = request.timeout < base::TimePoint::max() - now;
  return std::min(request.deadline, is_bounded ? now + request.timeout : base::TimePoint::max());
}

}  // namespace

Client::Client(loop::Loop& loop, ClientOptions options)
    : core_(std::make_unique<internal::ClientCore>(loop, std::move(options))) {}

Client::~Client() = default;

loop::Task<ClientResponse> Client::send(ClientRequest request) {
  internal::ClientCore& core = *core_;
  WEIR_CHECK(core.loop().in_loop_thread());
  internal::Target target = internal::parse_target(request.url);
  internal::check_request(request, target);
  const base::TimePoint deadline = deadline_of(request, core.loop().clock().now());
  for (unsigned redirects = 0;; ++redirects) {
    internal::Transfer transfer(core, request, target, deadline);
    ClientResponse response = co_await transfer;
    if (request.redirects_max == 0 || !internal::is_redirect(response)) co_return std::move(response);
    if (redirects == request.redirects_max) {
      throw ClientError(ClientErrorCode::kTooManyRedirects,
                        target.authority + ": redirects once more than the " + std::to_string(redirects) + " allowed");
    }
    internal::follow(response, request, target);
  }
}

loop::Task<ClientResponse> Client::get(std::string url) {
  return send(ClientRequest(std::move(url)));
}

loop::Task<ClientResponse> Client::post(std::string url, std::string body, std::string content_type) {
  return send(ClientRequest::post(std::move(url), std::move(body), std::move(content_type)));
}

loop::Task<base::Result<ClientResponse>> Client::try_send(ClientRequest request) {
  try {
    ClientResponse response = co_await send(std::move(request));
    co_return std::move(response);
  } catch (const ClientError& error) {
    co_return error.to_error();
  }
}

loop::Task<base::Result<ClientResponse>> Client::try_get(std::string url) {
  return try_send(ClientRequest(std::move(url)));
}

loop::Task<base::Result<ClientResponse>> Client::try_post(std::string url, std::string body, std::string content_type) {
  return try_send(ClientRequest::post(std::move(url), std::move(body), std::move(content_type)));
}

}  // namespace weir::http
