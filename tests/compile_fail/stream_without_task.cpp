// SPDX-License-Identifier: MIT
// expect: weir: content in pieces (BodyStream, StreamWriter, EventStream) needs a handler that returns a
#include <weir/weir.hpp>

int main() {
  weir::App app{"test"};
  app.get("/").handle([](weir::StreamWriter) {});  // here
}
