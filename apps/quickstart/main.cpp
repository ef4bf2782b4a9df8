// SPDX-License-Identifier: MIT
// The service of the README.
#include "routes.hpp"

#include <middleware/access_log.hpp>
#include <middleware/request_id.hpp>
#include <weir/weir.hpp>

int main(int argc, char** argv) {
  weir::App app{"quickstart", "0.1.0"};
  app.use(weir::middleware::RequestId{});
  app.use(weir::middleware::AccessLog{});
  quickstart::declare_routes(app);
  return app.main(argc, argv);
}
