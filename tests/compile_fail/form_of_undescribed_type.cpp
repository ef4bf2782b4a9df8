// SPDX-License-Identifier: MIT
// expect: weir: Form<T> needs a described type
#include <weir/weir.hpp>

struct Login {
  std::string user;
};

void declare(weir::App& app) {
  app.post("/login").handle([](weir::Form<Login> login) { return login->user; });  // here
}
