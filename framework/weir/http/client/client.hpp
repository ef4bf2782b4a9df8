// SPDX-License-Identifier: MIT
// The HTTP client of one event loop.
#pragma once

#include <weir/base/error.hpp>
#include <weir/base/metrics.hpp>
#include <weir/http/client/client_error.hpp>
#include <weir/http/client/client_middleware.hpp>
#include <weir/http/client/client_request.hpp>
#include <weir/http/client/client_response.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/task.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace weir::http {

namespace internal {
class ActiveChain;
class ClientCore;
}  // namespace internal

/// Bounds of one client, and whom it trusts.
struct ClientOptions {
  std::size_t connections_max = 256;      ///< Requests under way at once; more wait.
  std::size_t host_connections_max = 64;  ///< The same, to one scheme, host and port.
  std::size_t idle_connections_max = 64;  ///< Kept for the next request; one at least.
  std::size_t waiting_max = 1024;         ///< Requests that wait for a connection; more are kRefused.
  bool use_environment_proxies = false;   ///< http_proxy, https_proxy, no_proxy.
  std::string ca_file{};                  ///< Certificates to trust, as PEM, instead of the system's.
  base::Metrics* metrics = nullptr;       ///< Where its middleware counts, if anywhere; outlives it.
};

/// Sends requests to other services while its loop goes on: HTTP/1.1, or HTTP/2 where a TLS server offers it.
///
/// Connections are kept and used again. A kept one that the server closes before the first byte of its answer is
/// replaced and the request sent once more, whatever its method: let a POST that must not run twice carry a key.
/// Certificates are verified. Neither cookies nor ~/.netrc are looked at.
///
/// What happens around a request, be it retries, is the middleware's: see ClientChain. Without any it costs nothing.
///
/// Thread:    loop thread only.
/// Ownership: borrows `loop`, which outlives it. Outlives its tasks (checked); closes its connections when it goes.
/// Cancel:    the transfer ends at once and its connection is closed; Cancelled is thrown.
/// Errors:    `send`, `get` and `post` throw ClientError where there is no answer; an answer of any status is one.
/// Their
///            `try_` twins return it. The constructor throws std::runtime_error where libcurl cannot start.
/// Source:    RFC 9110 section 15.4 for what a redirect does to the method.
class Client {
 public:
  explicit Client(loop::Loop& loop, ClientOptions options = {}, const ClientChain& chain = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Puts a middleware around all requests, inside those that are there. While none is under way (checked). A
  /// RetryBudget other than the default one comes with the chain of the constructor.
  template <class M>
  Client& use(M middleware) {
    append(ClientChain().use(std::move(middleware)));
    return *this;
  }

  loop::Task<ClientResponse> send(ClientRequest request);
  loop::Task<ClientResponse> get(std::string url);
  loop::Task<ClientResponse> post(std::string url, std::string body, std::string content_type);

  loop::Task<base::Result<ClientResponse>> try_send(ClientRequest request);
  loop::Task<base::Result<ClientResponse>> try_get(std::string url);
  loop::Task<base::Result<ClientResponse>> try_post(std::string url, std::string body, std::string content_type);

 private:
  void append(const ClientChain& chain);

  base::Metrics* metrics_;
  std::unique_ptr<internal::ClientCore> core_;
  std::unique_ptr<internal::ActiveChain> chain_;  // null without a middleware; goes first
};

}  // namespace weir::http
