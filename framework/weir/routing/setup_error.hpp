// SPDX-License-Identifier: MIT
// What stops a service before it serves.
#pragma once

#include <stdexcept>

namespace weir::routing {

/// What is wrong with what was declared, for the person who starts the program.
class SetupError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace weir::routing
