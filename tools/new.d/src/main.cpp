// Wires the service together; what it does is in routes.cpp.
#include "routes.hpp"

#include <weir/weir.hpp>

int main(int argc, char** argv) {
  weir::App app{"my-service", SERVICE_VERSION};
  my_service::declare_routes(app);
  return app.main(argc, argv);
}
