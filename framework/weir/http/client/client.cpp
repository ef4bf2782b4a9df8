// SPDX-License-Identifier: MIT
#include <weir/http/client/client.hpp>

#include <weir/http/client/internal/active_chain.hpp>
#include <weir/http/client/internal/client_core.hpp>

#include <utility>

namespace weir::http {

Client::Client(loop::Loop& loop, ClientOptions options, const ClientChain& chain)
    : metrics_(options.metrics), core_(std::make_unique<internal::ClientCore>(loop, std::move(options))) {
  if (!chain.empty()) append(chain);
}

Client::~Client() = default;

void Client::append(const ClientChain& chain) {
  if (chain_) {
    chain_->append(chain);
  } else {
    chain_ = std::make_unique<internal::ActiveChain>(*core_, chain, metrics_);
  }
}

// No coroutine: without a middleware there is the one of the core alone.
loop::Task<ClientResponse> Client::send(ClientRequest request) {
  return chain_ ? chain_->send(std::move(request)) : core_->send(std::move(request));
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
