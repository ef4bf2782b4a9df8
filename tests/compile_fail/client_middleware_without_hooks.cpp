// SPDX-License-Identifier: MIT
// expect: weir: a middleware of the client has before(ClientRequest&), or Task<ClientResponse>
#include <weir/weir.hpp>

struct Timing {
  void after(weir::ClientResponse&) const {}
};

void declare(weir::App& app) {
  app.http_client().use(Timing{});
}
