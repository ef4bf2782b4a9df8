// SPDX-License-Identifier: MIT
// The service that tools/bench measures: each route does as little as its kind allows.
#include "jobs.hpp"
#include "order.hpp"

#include <middleware/access_log.hpp>
#include <middleware/compression.hpp>
#include <middleware/static_files.hpp>
#include <weir/json.hpp>
#include <weir/weir.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace {

using namespace std::chrono_literals;

// A query parameter as a number within bounds; 422 where it is none.
std::uint64_t number(const weir::Context& ctx, std::string_view name, std::uint64_t fallback, std::uint64_t max) {
  const std::string text = ctx.query(name).value_or(std::to_string(fallback));
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value > max) {
    throw weir::HttpError(422, std::string(name) + " is a number from 0 to " + std::to_string(max));
  }
  return value;
}

// On purpose the slow way: some 5 ms for n = 30.
std::uint64_t fibonacci(std::uint64_t n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

weir::JsonText fib(weir::Context& ctx) {
  const std::uint64_t n = number(ctx, "n", 30, 40);
  return weir::object({{"n", n}, {"fib", fibonacci(n)}});
}

weir::JsonText block(weir::Context& ctx) {
  const std::uint64_t ms = number(ctx, "ms", 50, 60'000);
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  return weir::object({{"blocked_ms", ms}});
}

weir::Task<weir::JsonText> slow(weir::Context& ctx) {
  const std::uint64_t ms = number(ctx, "ms", 50, 60'000);
  co_await ctx.sleep(std::chrono::milliseconds(ms));
  co_return weir::object({{"slept_ms", ms}});
}

weir::Task<void> stream(weir::StreamWriter out, weir::Context& ctx) {
  const std::uint64_t kib = number(ctx, "kb", 64, 1 << 20);
  const std::string piece(16 << 10, 'x');
  for (std::uint64_t left = kib << 10; left > 0;) {
    const std::uint64_t size = std::min<std::uint64_t>(left, piece.size());
    co_await out.write(piece.substr(0, size));
    left -= size;
  }
}

weir::Task<void> events(weir::EventStream out, weir::Context& ctx) {
  const std::uint64_t count = number(ctx, "n", 10, 1'000'000);
  const std::uint64_t ms = number(ctx, "ms", 100, 60'000);
  for (std::uint64_t n = 0; n < count; ++n) {
    const std::string text = std::to_string(n);
    co_await out.send(weir::Event(text).id(text));
    if (ms > 0) co_await ctx.sleep(std::chrono::milliseconds(ms));
  }
}

weir::Response echo(weir::Context& ctx) {
  weir::Response response;
  response.body(ctx.body());
  response.set_header("Content-Type", ctx.header("content-type").value_or("application/octet-stream"));
  return response;
}

// No check of its own: what may not stand in a header is the framework's to refuse.
weir::Response reflect(weir::Context& ctx) {
  weir::Response response = weir::Response::text("reflected\n");
  response.set_header("X-Reflect", ctx.query("v").value_or(""));
  return response;
}

// JSON of at least that many KiB that does not repeat itself, the same at each start.
std::string records(std::uint64_t kib) {
  std::string json = "[";
  std::uint64_t random = 1;
  while (json.size() < kib << 10) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    json += (json.size() > 1 ? ",{\"id\":" : "{\"id\":") + std::to_string(json.size()) + ",\"name\":\"user-" +
            std::to_string(random >> 44) + "\",\"is_active\":" + (random >> 63 != 0 ? "true" : "false") +
            ",\"score\":" + std::to_string(random >> 33 & 0xffff) + "}";
  }
  return json + "]";
}

void add_compressed(weir::App& app) {
  auto group = app.group("/compressed");
  group.use(weir::middleware::Compression{});
  auto texts = std::make_shared<std::map<std::uint64_t, std::string>>();
  for (const std::uint64_t kib : {1, 8, 64, 512}) texts->emplace(kib, records(kib));
  group.get("").handle([texts](weir::Context& ctx) {
    const auto found = texts->find(number(ctx, "kb", 64, 512));
    if (found == texts->end()) throw weir::HttpError(422, "kb is 1, 8, 64 or 512");
    return weir::Response::json_text(found->second);
  });
}

// Middleware that does nothing but be called.
template <int kNumber>
struct Hooks {
  int before(weir::Context&) const { return kNumber; }
  void after(int&, weir::Context&, weir::Response&) const {}
};

// Takes `--static DIR` out of the arguments, which are the framework's otherwise; null without it.
const char* take_static(int& argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::string_view(argv[i]) != "--static") continue;
    const char* const directory = argv[i + 1];
    std::copy(argv + i + 2, argv + argc + 1, argv + i);
    argc -= 2;
    return directory;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  weir::App app{"benchmark"};
  app.get("/plaintext").handle([] { return "Hello, World!"; });
  app.get("/json").handle([] { return weir::object({{"message", "Hello, World!"}}); });
  app.get("/task").handle([]() -> weir::Task<weir::JsonText> {  // the same as a coroutine
    co_return weir::object({{"message", "Hello, World!"}});
  });
  app.get("/users/{id}").handle([](weir::Context& ctx) { return weir::object({{"id", ctx.path("id")}}); });
  app.get("/logged").use(weir::middleware::AccessLog{}).handle([] { return "Hello, World!"; });
  app.get("/hooks").use(Hooks<1>{}).use(Hooks<2>{}).use(Hooks<3>{}).use(Hooks<4>{}).use(Hooks<5>{}).handle([] {
    return "Hello, World!";
  });
  app.post("/echo").handle(echo);
  app.post("/json").handle([](nlohmann::json document) { return document; });
  app.post("/order").handle([](weir::Body<benchmark::Order> order) { return std::move(*order); });  // typed
  app.get("/nocontent").handle([] {});
  app.get("/reflect").handle(reflect);
  app.get("/query").handle([](weir::Context& ctx) { return ctx.query("q").value_or(""); });

  const weir::Pool cpu = app.pool("cpu");
  const weir::Pool blocking = app.pool("blocking", {.workers = 16, .queue = 256});
  app.get("/fib").on(cpu).handle(fib);
  app.get("/fib-inline").handle(fib);
  app.get("/block").on(blocking).handle(block);
  app.get("/slow").handle(slow);
  app.get("/offload").handle([cpu](weir::Context& ctx) -> weir::Task<weir::JsonText> {
    const std::uint64_t n = number(ctx, "n", 0, 40);
    const std::uint64_t result = co_await ctx.offload(cpu, fibonacci, n);
    co_return weir::object({{"n", n}, {"fib", result}});
  });
  app.post("/upload").on(cpu).body_limit(16 << 20).handle([](weir::Context& ctx) {
    return weir::object({{"bytes", ctx.body().size()}});
  });
  app.get("/stream").handle(stream);
  app.get("/events").handle(events);
  benchmark::add_jobs(app);
  add_compressed(app);
  if (const char* const directory = take_static(argc, argv)) {
    try {
      app.get("/static/{path...}").handle(weir::middleware::StaticFiles(directory));
    } catch (const weir::FileError& error) {
      std::fprintf(stderr, "benchmark: --static: %s\n", error.what());
      return 1;
    }
  }
  return app.main(argc, argv);
}
