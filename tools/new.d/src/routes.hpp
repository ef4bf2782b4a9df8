// The routes of the service.
#pragma once

#include <weir/weir.hpp>

namespace my_service {

void declare_routes(weir::App& app);

}  // namespace my_service
