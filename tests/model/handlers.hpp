// SPDX-License-Identifier: MIT
// What the handlers of the model's service share.
#pragma once

#include <tests/model/kinds.hpp>
#include <tests/model/machine.hpp>
#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/context.hpp>

#include <chrono>
#include <string_view>

namespace weir::model {

int id_of(const routing::Context& ctx);
int query_number(const routing::Context& ctx, std::string_view name);

/// One call of a handler; lives in its frame.
struct Call {
  Call(Machine& machine_in, routing::Context& ctx_in);
  Call(const Call&) = delete;

  /// That the request still says what it said.
  void check() const;
  void check_content() const;
  http::Response answer() const;
  /// `ms` of the query.
  std::chrono::milliseconds duration() const;

  Machine& machine;
  routing::Context& ctx;
  const int id;

 private:
  Ledger::Frame frame_;
};

/// Sleeps, on the loop or on a worker that drives the coroutine.
loop::Task<void> rest(Machine* machine, const routing::Context* ctx, std::chrono::milliseconds duration);

/// The hooks around all routes, and those that wait.
void declare_hooks(routing::Group& app, Machine& machine);
void declare_inner_hooks(routing::Group& group, Machine& machine);

}  // namespace weir::model
