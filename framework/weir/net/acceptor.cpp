// SPDX-License-Identifier: MIT
#include <weir/net/acceptor.hpp>

#include <algorithm>
#include <utility>

namespace weir::net {
namespace {

// UniqueFunction needs a movable callable; a Descriptor makes this one close the socket if it is dropped.
struct Adoption {
  ConnectionSink* sink;
  Descriptor socket;
  SocketKind kind;
  void operator()() { sink->adopt(std::move(socket), kind); }
};

}  // namespace

Acceptor::Acceptor(std::uint64_t connections_max, base::Metrics& metrics)
    : connections_max_(static_cast<std::int64_t>(connections_max)),
      connections_(metrics.gauge({"weir_connections", "Open connections."})) {}

ConnectionSink& Acceptor::choose(ConnectionSink& own, Spread spread) const {
  if (spread == Spread::kOwnLoop || sinks_.empty()) return own;
  return **std::min_element(sinks_.begin(), sinks_.end(), [](const ConnectionSink* a, const ConnectionSink* b) {
    return a->open_connections() < b->open_connections();
  });
}

void Acceptor::admit(ConnectionSink& own, Spread spread, Descriptor socket, SocketKind kind) {
  if (connections_.value() >= connections_max_ && !own.close_oldest_idle()) {
    return own.refuse(std::move(socket), kind);
  }
  connections_.add(1);
  ConnectionSink& sink = choose(own, spread);
  sink.assign();
  if (&sink == &own) return own.adopt(std::move(socket), kind);
  if (sink.loop().try_post(Adoption{&sink, std::move(socket), kind})) return;
  sink.unassign();  // that loop is saturated: the connection is closed, which the loop has counted
  release();
}

}  // namespace weir::net
