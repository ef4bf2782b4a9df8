// SPDX-License-Identifier: MIT
// The benchmark's routes on cpp-httplib, a peer for tools/bench http. JSON is echoed without being parsed.
//
//   httplib_peer PORT
#include <httplib.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: httplib_peer PORT\n");
    return 2;
  }
  httplib::Server server;
  // A thread holds a connection for as long as it is kept alive: more threads than the load has connections.
  server.new_task_queue = [] { return new httplib::ThreadPool(72); };
  server.set_keep_alive_max_count(1'000'000'000);
  server.set_tcp_nodelay(true);
  server.Get("/plaintext", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("Hello, World!", "text/plain; charset=utf-8");
  });
  server.Get("/json", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(R"({"message":"Hello, World!"})", "application/json");
  });
  server.Get(R"(/users/([^/]+))", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(R"({"id":")" + request.matches[1].str() + R"("})", "application/json");
  });
  const auto echo = [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.body, request.get_header_value("Content-Type"));
  };
  server.Post("/echo", echo);
  server.Post("/json", echo);
  return server.listen("127.0.0.1", std::atoi(argv[1])) ? 0 : 1;
}
