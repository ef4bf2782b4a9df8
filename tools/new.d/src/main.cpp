// Wires the service together; what it does is in routes.cpp.
#include "routes.hpp"

#include <middleware/access_log.hpp>
#include <middleware/request_id.hpp>
#include <middleware/security_headers.hpp>
#include <weir/weir.hpp>

int main(int argc, char** argv) {
  weir::App app{"my-service", SERVICE_VERSION};
  app.use(weir::middleware::RequestId{});
  app.use(weir::middleware::AccessLog{});
  app.use(weir::middleware::SecurityHeaders{});
  my_service::declare_routes(app);
  return app.main(argc, argv);
}
