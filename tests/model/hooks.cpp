// SPDX-License-Identifier: MIT
// The middleware of the model's service: counts what it hears, request by request.
#include <tests/model/handlers.hpp>

#include <weir/exec/offload.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace weir::model {
namespace {

using http::Response;
using routing::Context;

// The state of a hook, which has to live from `before` to `done`. The one without a machine is for the library, where a
// hook answers.
struct Seen {
  Seen() = default;
  Seen(Machine& machine, int id_in) : id(id_in), frame(machine.ledger) {}
  int id = 0;
  std::optional<Ledger::Frame> frame;
};

class OuterHooks {
 public:
  explicit OuterHooks(Machine& machine) : machine_(&machine) {}

  Seen before(Context& ctx) const {
    const int id = id_of(ctx);
    ++machine_->ledger.entries[id].outer.before;
    return {*machine_, id};
  }
  void after(Seen& seen, Context& ctx, Response& response) const {
    check(seen, ctx);
    Entry& entry = machine_->ledger.entries[seen.id];
    ++entry.outer.after;
    entry.status = response.status();
    response.set_header("X-Id", std::to_string(seen.id));
  }

 protected:
  void check(const Seen& seen, Context& ctx) const {
    if (seen.id != id_of(ctx)) machine_->ledger.blame("the state of a hook went to another request");
  }
  Machine* machine_;
};

class OuterHooksWithDone : public OuterHooks {
 public:
  using OuterHooks::OuterHooks;
  void done(Seen& seen, Context& ctx, const http::Outcome& outcome) const {
    check(seen, ctx);
    Entry& entry = machine_->ledger.entries[seen.id];
    ++entry.outer.done;
    entry.is_complete = outcome.is_complete();
    entry.was_answered = outcome.is_answered;
  }
};

// Does what the field X-Hook says: pass, wait, answer, throw, offload.
class InnerHooks {
 public:
  explicit InnerHooks(Machine& machine) : machine_(&machine) {}

  loop::Task<std::variant<Seen, Response>> before(Context& ctx) const { return decide(machine_, ctx); }
  void after(Seen& seen, Context& ctx, Response&) const { ++counts(seen, ctx).after; }
  void done(Seen& seen, Context& ctx, const http::Outcome&) const { ++counts(seen, ctx).done; }

 private:
  static int nothing() { return 0; }
  static loop::Task<std::variant<Seen, Response>> decide(Machine* machine, Context& ctx) {
    const Ledger::Frame frame(machine->ledger);
    const int id = id_of(ctx);
    const std::string order(ctx.header("X-Hook").value_or("pass"));
    if (order == "wait") co_await rest(machine, &ctx, std::chrono::milliseconds(query_number(ctx, "ms")));
    if (order == "throw") throw std::runtime_error("as told");
    if (order == "offload") {
      const int result = co_await ctx.offload(machine->cpu(), nothing);
      if (result != 0) machine->ledger.blame("an offloaded step gave the wrong result");
    }
    if (id != id_of(ctx)) machine->ledger.blame("the head of a request changed under its hook");
    ++machine->ledger.entries[id].inner.before;
    if (order == "answer") co_return std::variant<Seen, Response>(std::in_place_index<1>, Response(401));
    co_return std::variant<Seen, Response>(std::in_place_index<0>, *machine, id);
  }
  HookCounts& counts(const Seen& seen, Context& ctx) const {
    const int id = id_of(ctx);
    // A hook that answered has left no state.
    if (seen.id != id && seen.id != 0) machine_->ledger.blame("the state of a hook went to another request");
    return machine_->ledger.entries[id].inner;
  }
  Machine* machine_;
};

}  // namespace

void declare_hooks(routing::Group& app, Machine& machine) {
  if (machine.setup.has_done) {
    app.use(OuterHooksWithDone(machine));
  } else {
    app.use(OuterHooks(machine));
  }
}

void declare_inner_hooks(routing::Group& group, Machine& machine) {
  group.use(InnerHooks(machine));
}

}  // namespace weir::model
