// SPDX-License-Identifier: MIT
#include <weir/http/client/bound_client.hpp>

#include <algorithm>
#include <utility>

namespace weir::http {

BoundClient::BoundClient(Client& client, std::string traceparent, std::string request_id, base::TimePoint deadline)
    : client_(&client), traceparent_(std::move(traceparent)), request_id_(std::move(request_id)), deadline_(deadline) {}

// None of these is a coroutine: what they return holds nothing of this object.
loop::Task<ClientResponse> BoundClient::send(ClientRequest request) const {
  return client_->send(bind(std::move(request)));
}

loop::Task<ClientResponse> BoundClient::get(std::string url) const {
  return send(ClientRequest(std::move(url)));
}

loop::Task<ClientResponse> BoundClient::post(std::string url, std::string body, std::string content_type) const {
  return send(ClientRequest::post(std::move(url), std::move(body), std::move(content_type)));
}

loop::Task<base::Result<ClientResponse>> BoundClient::try_send(ClientRequest request) const {
  return client_->try_send(bind(std::move(request)));
}

loop::Task<base::Result<ClientResponse>> BoundClient::try_get(std::string url) const {
  return try_send(ClientRequest(std::move(url)));
}

loop::Task<base::Result<ClientResponse>> BoundClient::try_post(std::string url, std::string body,
                                                               std::string content_type) const {
  return try_send(ClientRequest::post(std::move(url), std::move(body), std::move(content_type)));
}

ClientRequest BoundClient::bind(ClientRequest request) const {
  const auto add = [&request](const char* name, const std::string& value) {
    if (!value.empty() && !request.has_header(name)) request.headers.emplace_back(name, value);
  };
  add("traceparent", traceparent_);
  add("X-Request-Id", request_id_);
  request.deadline = std::min(request.deadline, deadline_);
  return request;
}

}  // namespace weir::http
