// SPDX-License-Identifier: MIT
// expect: weir: a middleware of the client is copied: each event loop has one of its own
#include <weir/weir.hpp>

#include <memory>

struct Signs {
  std::unique_ptr<int> key;
  void before(weir::ClientRequest&) const {}
};

void declare(weir::App& app) {
  app.http_client().use(Signs{});
}
