// SPDX-License-Identifier: MIT
// The hooks and handlers of the model's service.
#include <tests/model/handlers.hpp>

#include <weir/loop/async_semaphore.hpp>
#include <weir/loop/when_all.hpp>
#include <weir/loop/when_any.hpp>
#include <weir/loop/with_timeout.hpp>
#include <weir/routing/http_error.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace weir::model {
namespace {

using namespace std::chrono_literals;
using http::Response;
using loop::Task;
using routing::Context;

int number_of(std::string_view text) {
  int value = 0;
  for (const char digit : text) value = value * 10 + (digit - '0');
  return value;
}

}  // namespace

int id_of(const Context& ctx) {
  return number_of(ctx.header("X-Id").value_or("0"));
}

int query_number(const Context& ctx, std::string_view name) {
  return number_of(ctx.query(name).value_or("0"));
}

Call::Call(Machine& machine_in, Context& ctx_in)
    : machine(machine_in), ctx(ctx_in), id(id_of(ctx)), frame_(machine.ledger) {
  check();
}

// What a request says must stay the same for as long as its handler lives, whatever becomes of its connection.
void Call::check() const {
  const bool is_head_right = id_of(ctx) == id && number_of(ctx.path("id")) == id;
  if (!is_head_right) machine.ledger.blame("the head of request " + std::to_string(id) + " changed under its handler");
}

void Call::check_content() const {
  check();
  if (ctx.body() != content_of(id, static_cast<std::size_t>(query_number(ctx, "in")))) {
    machine.ledger.blame("the content of request " + std::to_string(id) + " changed under its handler: " +
                         std::string(ctx.route()) + ", " + std::to_string(ctx.body().size()) + " bytes of " +
                         std::string(ctx.query("in").value_or("")) + (ctx.is_stop_requested() ? ", stopped" : ""));
  }
}

Response Call::answer() const {
  check();
  return Response::text(answer_of(id, static_cast<std::size_t>(query_number(ctx, "out"))));
}

std::chrono::milliseconds Call::duration() const {
  return std::chrono::milliseconds(query_number(ctx, "ms"));
}

Task<void> rest(Machine* machine, const Context* ctx, std::chrono::milliseconds duration) {
  const Ledger::Frame frame(machine->ledger);
  const base::TimePoint wake = machine->clock.now() + duration;
  std::optional<Parking::Sleeper> sleeper;
  if (loop::Loop::find_current() != &machine->loop) {
    sleeper.emplace(machine->parking, std::max(wake, machine->clock.now() + 1ms), [machine, ctx] {
      return ctx->is_stop_requested() || machine->clock.now() - 20ms > ctx->deadline();
    });
  }
  co_await ctx->sleep(duration);
  if (machine->clock.now() < wake) machine->ledger.blame("a sleep was too short");
}

namespace {

// ---- handlers that do not wait ----

Response plain(Machine& machine, Context& ctx) {
  return Call(machine, ctx).answer();
}

Response echo(Machine& machine, Context& ctx) {
  const Call call(machine, ctx);
  call.check_content();
  return call.answer();
}

Response fail(Machine& machine, Context& ctx) {
  const Call call(machine, ctx);
  throw std::runtime_error("as told");
}

Response refuse(Machine& machine, Context& ctx) {
  const Call call(machine, ctx);
  throw routing::HttpError(409, "as told");
}

// ---- handlers that hold a worker ----

Response block(Machine& machine, Context& ctx) {
  const Call call(machine, ctx);
  machine.parking.hold(ctx.stop_token());
  return call.answer();
}

Response hold(Machine& machine, Context& ctx) {
  const Call call(machine, ctx);
  machine.parking.hold({});
  return call.answer();
}

// ---- coroutines ----

Task<Response> ready(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  co_return call.answer();
}

Task<Response> sleep(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  co_await rest(machine, &ctx, call.duration());
  co_return call.answer();
}

Task<Response> echo_later(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  co_await rest(machine, &ctx, call.duration());
  call.check_content();
  co_return call.answer();
}

Task<int> depth(Machine* machine, const Context* ctx, int levels) {
  const Ledger::Frame frame(machine->ledger);
  co_await rest(machine, ctx, 1ms);
  if (levels == 0) co_return 0;
  const int below = co_await depth(machine, ctx, levels - 1);
  co_return below + 1;
}

Task<Response> nest(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  const int levels = co_await depth(machine, &ctx, 3);
  if (levels != 3) machine->ledger.blame("nested tasks gave the wrong result");
  co_await loop::when_all(rest(machine, &ctx, call.duration()), rest(machine, &ctx, 3ms));
  co_return call.answer();
}

Task<Response> race(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  const auto first = co_await loop::when_any(rest(machine, &ctx, call.duration()), rest(machine, &ctx, 10ms));
  if (first.index() > 1) machine->ledger.blame("when_any gave the wrong result");
  const bool is_in_time = co_await loop::try_with_timeout(10ms, rest(machine, &ctx, call.duration()));
  if (!is_in_time && call.duration() < 10ms) machine->ledger.blame("a timeout was too early");
  co_return call.answer();
}

Task<Response> fail_later(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  co_await rest(machine, &ctx, call.duration());
  throw std::runtime_error("as told");
}

// Does not want to hear of the end, and answers all the same.
Task<Response> ignore_stop(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  try {
    co_await rest(machine, &ctx, call.duration());
  } catch (const loop::Cancelled&) {
    call.check();
  }
  co_return call.answer();
}

Task<Response> take_turns(Machine* machine, Context& ctx, loop::AsyncSemaphore* semaphore) {
  const Call call(*machine, ctx);
  const auto permit = co_await semaphore->acquire();
  co_await rest(machine, &ctx, call.duration());
  co_return call.answer();
}

// ---- steps on a worker ----

int add_on_worker(Machine* machine, int left, int right) {
  const Ledger::Frame frame(machine->ledger);
  return left + right;
}
int block_worker(Machine* machine, std::stop_token stop) {
  const Ledger::Frame frame(machine->ledger);
  machine->parking.hold(stop);
  return 0;
}
int fail_on_worker(Machine* machine) {
  const Ledger::Frame frame(machine->ledger);
  throw std::runtime_error("as told");
}

Task<Response> offload(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  const int sum = co_await ctx.offload(machine->cpu(), add_on_worker, machine, call.id, 1);
  if (sum != call.id + 1) machine->ledger.blame("an offloaded step gave the wrong result");
  co_await rest(machine, &ctx, call.duration());
  const int more = co_await ctx.offload(machine->cpu(), add_on_worker, machine, sum, 1);
  if (more != call.id + 2) machine->ledger.blame("an offloaded step gave the wrong result");
  co_return call.answer();
}

Task<Response> offload_block(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  const int nothing = co_await ctx.offload(machine->cpu(), block_worker, machine, ctx.stop_token());
  call.check();
  if (nothing != 0) machine->ledger.blame("an offloaded step gave the wrong result");
  co_return call.answer();
}

Task<Response> offload_hold(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  const int nothing = co_await ctx.offload(machine->cpu(), block_worker, machine, std::stop_token());
  call.check();
  if (nothing != 0) machine->ledger.blame("an offloaded step gave the wrong result");
  co_return call.answer();
}

Task<Response> offload_fail(Machine* machine, Context& ctx) {
  const Call call(*machine, ctx);
  const int never = co_await ctx.offload(machine->cpu(), fail_on_worker, machine);
  machine->ledger.blame("an offloaded step that throws gave " + std::to_string(never));
  co_return call.answer();
}

template <class F>
auto bind(Machine& machine, F f) {
  return [m = &machine, f](Context& ctx) { return f(*m, ctx); };
}
template <class F>
auto bind_task(Machine& machine, F f) {
  return [m = &machine, f](Context& ctx) { return f(m, ctx); };
}

}  // namespace

void declare_routes(routing::Group app, Machine& m) {
  declare_hooks(app, m);
  app.get("/inline/{id}").handle(bind(m, plain));
  app.post("/echo/{id}").handle(bind(m, echo));
  app.post("/small-echo/{id}").body_limit(1000).handle(bind(m, echo));
  app.get("/throw/{id}").handle(bind(m, fail));
  app.get("/refuse/{id}").handle(bind(m, refuse));

  app.get("/pool/{id}").on(m.cpu()).handle(bind(m, plain));
  app.post("/pool-echo/{id}").on(m.cpu()).handle(bind(m, echo));
  app.post("/small-pool-echo/{id}").on(m.cpu()).body_limit(1000).handle(bind(m, echo));
  app.get("/pool-throw/{id}").on(m.cpu()).handle(bind(m, fail));
  app.get("/block/{id}").on(m.cpu()).handle(bind(m, block));
  app.get("/hold/{id}").on(m.cpu()).handle(bind(m, hold));
  app.get("/hasty-block/{id}").on(m.cpu()).timeout(50ms).handle(bind(m, block));
  app.get("/hasty-hold/{id}").on(m.cpu()).timeout(50ms).handle(bind(m, hold));
  app.get("/driven/{id}").on(m.cpu()).handle(bind_task(m, sleep));
  app.get("/hasty-driven/{id}").on(m.cpu()).timeout(50ms).handle(bind_task(m, sleep));

  app.get("/ready/{id}").handle(bind_task(m, ready));
  app.get("/sleep/{id}").handle(bind_task(m, sleep));
  app.get("/hasty-sleep/{id}").timeout(50ms).handle(bind_task(m, sleep));
  app.get("/narrow/{id}").in_flight(1).handle(bind_task(m, sleep));
  app.get("/nest/{id}").handle(bind_task(m, nest));
  app.get("/hasty-nest/{id}").timeout(50ms).handle(bind_task(m, nest));
  app.get("/race/{id}").handle(bind_task(m, race));
  app.get("/async-throw/{id}").handle(bind_task(m, fail_later));
  app.get("/ignore-stop/{id}").timeout(50ms).handle(bind_task(m, ignore_stop));
  app.post("/async-echo/{id}").handle(bind_task(m, echo_later));
  if (m.setup.pattern == exec::Pattern::kEventDriven) {
    const auto semaphore = std::make_shared<loop::AsyncSemaphore>(1);
    app.get("/turns/{id}").timeout(50ms).handle([m = &m, semaphore](Context& ctx) {
      return take_turns(m, ctx, semaphore.get());
    });
  } else {
    app.get("/turns/{id}").timeout(50ms).handle(bind_task(m, sleep));
  }

  app.get("/offload/{id}").handle(bind_task(m, offload));
  app.get("/hasty-offload/{id}").timeout(50ms).handle(bind_task(m, offload));
  app.get("/offload-block/{id}").handle(bind_task(m, offload_block));
  app.get("/hasty-offload-block/{id}").timeout(50ms).handle(bind_task(m, offload_block));
  app.get("/hasty-offload-hold/{id}").timeout(50ms).handle(bind_task(m, offload_hold));
  app.get("/offload-throw/{id}").handle(bind_task(m, offload_fail));

  routing::Group hooked = app.group("/hooked");
  declare_inner_hooks(hooked, m);
  hooked.get("/inline/{id}").handle(bind(m, plain));
  hooked.post("/echo/{id}").handle(bind(m, echo));
  hooked.get("/pool/{id}").on(m.cpu()).handle(bind(m, plain));
  hooked.post("/pool-echo/{id}").on(m.cpu()).handle(bind(m, echo));
  hooked.get("/block/{id}").on(m.cpu()).timeout(50ms).handle(bind(m, block));
  hooked.get("/sleep/{id}").handle(bind_task(m, sleep));
  hooked.get("/hasty-sleep/{id}").timeout(50ms).handle(bind_task(m, sleep));
  hooked.post("/async-echo/{id}").handle(bind_task(m, echo_later));
  hooked.get("/offload/{id}").handle(bind_task(m, offload));
  declare_streams(app, m);
}

}  // namespace weir::model
