// SPDX-License-Identifier: MIT
#include <weir/http/client/loop_client.hpp>

namespace weir::http {

Client& LoopClient::client_of(const std::shared_ptr<const ClientChain>& chain) {
  for (const auto& [known, client] : clients_) {
    if (known == chain) return *client;
  }
  return *clients_.emplace_back(chain, std::make_unique<Client>(loop_, ClientOptions(), *chain)).second;
}

}  // namespace weir::http
