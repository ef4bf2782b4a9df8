// SPDX-License-Identifier: MIT
// Handlers that answer or read in pieces.
#include <tests/model/handlers.hpp>

#include <weir/routing/body_stream.hpp>
#include <weir/routing/event_stream.hpp>
#include <weir/routing/stream_writer.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir::model {
namespace {

using namespace std::chrono_literals;
using loop::Task;
using routing::Context;

// The content of an answer, in four pieces with pauses between.
Task<void> write_pieces(Machine* machine, Context& ctx, routing::StreamWriter out, bool breaks) {
  const Call call(*machine, ctx);
  const std::string text = answer_of(call.id, static_cast<std::size_t>(query_number(ctx, "out")));
  const std::size_t piece = text.size() / 4 + 1;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    co_await out.write(text.substr(at, piece));
    call.check();
    co_await rest(machine, &ctx, call.duration());
    if (breaks) throw std::runtime_error("as told");
  }
}

Task<http::Response> read_pieces(Machine* machine, Context& ctx, routing::BodyStream in) {
  const Call call(*machine, ctx);
  std::string text;
  while (true) {
    const std::optional<std::string> piece = co_await in.read();
    if (!piece) break;
    text += *piece;
    call.check();
    co_await rest(machine, &ctx, std::min(call.duration(), 5ms));
  }
  if (text != content_of(call.id, static_cast<std::size_t>(query_number(ctx, "in")))) {
    machine->ledger.blame("the content of request " + std::to_string(call.id) + " was not read as it was sent");
  }
  co_return call.answer();
}

Task<void> send_events(Machine* machine, Context& ctx, routing::EventStream events) {
  const Call call(*machine, ctx);
  for (int i = 0; i < 5; ++i) {
    co_await events.send(routing::Event(std::to_string(call.id)));
    call.check();
    co_await rest(machine, &ctx, call.duration());
  }
}

}  // namespace

void declare_streams(routing::Group app, Machine& machine) {
  Machine* const m = &machine;
  app.get("/write/{id}").handle([m](Context& ctx, routing::StreamWriter out) {
    return write_pieces(m, ctx, out, false);
  });
  app.get("/write-break/{id}").handle([m](Context& ctx, routing::StreamWriter out) {
    return write_pieces(m, ctx, out, true);
  });
  app.post("/read/{id}").handle([m](Context& ctx, routing::BodyStream in) { return read_pieces(m, ctx, in); });
  app.get("/events/{id}").handle([m](Context& ctx, routing::EventStream events) {
    return send_events(m, ctx, std::move(events));
  });
}

}  // namespace weir::model
