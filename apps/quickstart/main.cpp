// SPDX-License-Identifier: MIT
// The service of the README.
#include <middleware/access_log.hpp>
#include <middleware/request_id.hpp>
#include <weir/weir.hpp>

#include <cstdint>
#include <string>

namespace {

// How many primes there are up to `limit`, by trial division: enough work to notice, little enough to wait for.
int count_primes(int limit) {
  int count = 0;
  for (int candidate = 2; candidate <= limit; ++candidate) {
    bool is_prime = true;
    for (int divisor = 2; divisor * divisor <= candidate && is_prime; ++divisor) is_prime = candidate % divisor != 0;
    if (is_prime) ++count;
  }
  return count;
}

weir::JsonText primes(weir::Context& ctx) {
  const int limit = std::stoi(std::string(ctx.path("limit")).substr(0, 9));
  if (limit < 0 || limit > 100'000) throw weir::HttpError(422, "limit is between 0 and 100000");
  return weir::object({{"limit", limit}, {"primes", count_primes(limit)}});
}

}  // namespace

int main(int argc, char** argv) {
  weir::App app{"quickstart", "0.1.0"};
  app.use(weir::middleware::RequestId{});
  app.use(weir::middleware::AccessLog{});

  app.get("/").handle([] { return "Weir is running. Try /hello/world\n"; });
  app.get("/hello/{name}").handle([](weir::Context& ctx) { return weir::object({{"hello", ctx.path("name")}}); });
  app.get("/primes/{limit:int}").handle(primes);
  app.post("/echo").handle(
      [](weir::Context& ctx) { return weir::Response::content(std::string(ctx.body()), "application/octet-stream"); });

  return app.main(argc, argv);
}
