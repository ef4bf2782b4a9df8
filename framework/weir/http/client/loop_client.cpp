// SPDX-License-Identifier: MIT
#include <weir/http/client/loop_client.hpp>

namespace weir::http {

Client& LoopClient::client_of(const std::shared_ptr<const ClientChain>& chain, base::Metrics& metrics) {
  for (const auto& [known, client] : clients_) {
    if (known == chain) return *client;
  }
  ClientOptions options;
  options.metrics = &metrics;
  return *clients_.emplace_back(chain, std::make_unique<Client>(loop_, std::move(options), *chain)).second;
}

}  // namespace weir::http
