// SPDX-License-Identifier: MIT
// expect: weir: a handler's parameters are weir::Path, Query, Header, Cookie, Body, Form, Bytes, State,
#include <weir/weir.hpp>

void declare(weir::App& app) {
  app.get("/x").handle([](int id) { return weir::object({{"id", id}}); });  // here
}
