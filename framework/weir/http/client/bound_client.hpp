// SPDX-License-Identifier: MIT
// A client on behalf of one request: its trace goes along, its deadline holds.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/client/client.hpp>

#include <string>

namespace weir::http {

/// Sends like `Client`, for work that some request asked for. Headers that the request sets itself are left alone.
///
/// Thread:    that of `client`.
/// Ownership: borrows `client`; a value otherwise, which may go before the tasks that it made.
/// Cancel, Errors: as Client.
/// Source:    W3C Trace Context for `traceparent`.
class BoundClient {
 public:
  /// An empty `traceparent` or `request_id` is not sent; a deadline of TimePoint::max() bounds nothing.
  BoundClient(Client& client, std::string traceparent, std::string request_id, base::TimePoint deadline);

  loop::Task<ClientResponse> send(ClientRequest request) const;
  loop::Task<ClientResponse> get(std::string url) const;
  loop::Task<ClientResponse> post(std::string url, std::string body, std::string content_type) const;

  loop::Task<base::Result<ClientResponse>> try_send(ClientRequest request) const;
  loop::Task<base::Result<ClientResponse>> try_get(std::string url) const;
  loop::Task<base::Result<ClientResponse>> try_post(std::string url, std::string body, std::string content_type) const;

 private:
  ClientRequest bind(ClientRequest request) const;

  Client* client_;
  std::string traceparent_;
  std::string request_id_;
  base::TimePoint deadline_;
};

}  // namespace weir::http
