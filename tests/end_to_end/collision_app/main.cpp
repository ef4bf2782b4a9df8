// SPDX-License-Identifier: MIT
// Declares two routes that match the same requests, or a bad pattern: it must say so and not start.
#include <weir/weir.hpp>

#include <cstdlib>

int main(int argc, char** argv) {
  weir::App app{"collision"};
  app.get("/users/{id}").handle([] { return "first"; });
  if (std::getenv("BAD_PATTERN") != nullptr) {
    app.get("/users/{id").handle([] { return "never"; });
  } else {
    app.get("/users/{name}").handle([] { return "second"; });
  }
  return app.main(argc, argv);
}
