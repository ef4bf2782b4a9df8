// SPDX-License-Identifier: MIT
#include <weir/http/connection_set.hpp>

#include <weir/base/check.hpp>
#include <weir/base/inline.hpp>
#include <weir/http/connection.hpp>
#include <weir/net/stream_transport.hpp>

#include <utility>

namespace weir::http {

ConnectionSet::ConnectionSet(Parts parts)
    : parts_(parts),
      gate_(parts.loop, parts.limits, parts.budget),
      hangups_(parts.loop),
      date_line_(parts.loop.clock()),
      output_bytes_(parts.metrics.gauge({"weir_output_bytes", "Output that peers have not taken yet."})),
      orphaned_(parts.metrics.gauge({"weir_orphaned_requests", "Requests whose handler outlives their connection."})) {}

ConnectionSet::~ConnectionSet() {
  abort_all();
  WEIR_CHECK(orphans_.empty());  // whoever destroys this has let them end
  while (pool_ != nullptr) take_exchange();
}

void ConnectionSet::adopt(net::Descriptor socket, net::SocketKind kind) {
  auto transport = net::make_stream_transport(parts_.loop, std::move(socket), kind, &hangups_);
  if (transport) return serve(std::move(*transport), true);
  parts_.log.warn("connection.failed", {{"error", transport.error().message()}});
  unassign();
  if (acceptor_ != nullptr) acceptor_->release();
}

void ConnectionSet::adopt(std::unique_ptr<net::Transport> transport) {
  serve(std::move(transport), false);
}

void ConnectionSet::serve(std::unique_ptr<net::Transport> transport, bool is_admitted) {
  auto connection = std::make_unique<Connection>(*this, std::move(transport), is_admitted);
  link_last(*connection);
  connection.release()->start();  // the list owns it now
}

void ConnectionSet::refuse(net::Descriptor socket, net::SocketKind kind) {
  if (refusals_ >= kRefusalsMax) return count_rejected("connections");  // closes the socket
  auto transport = net::make_stream_transport(parts_.loop, std::move(socket), kind, &hangups_);
  if (!transport) return count_rejected("connections");
  auto connection = std::make_unique<Connection>(*this, std::move(*transport), false);
  connection->is_refusal_ = true;
  ++refusals_;
  link_last(*connection);
  connection.release()->refuse();
}

bool ConnectionSet::close_oldest_idle() {
  std::size_t looked_at = 0;
  for (Connection* connection = first_; connection != nullptr; connection = connection->next_) {
    if (++looked_at > kEvictionLookMax) return false;  // a crowd of busy ones must not cost each newcomer a long walk
    if (!connection->is_idle()) continue;
    count_rejected("evicted");
    connection->abort("evicted");
    remove(*connection);
    return true;
  }
  return false;
}

void ConnectionSet::begin_drain(std::chrono::milliseconds idle) {
  is_draining_ = true;
  drain_idle_ = idle;
  for (Connection* connection = first_; connection != nullptr; connection = connection->next_)
    connection->begin_drain();
}

void ConnectionSet::when_empty(std::function<void()> callback) {
  if (empty()) return callback();
  when_empty_ = std::move(callback);
}

std::size_t ConnectionSet::abort_all() {
  when_empty_ = nullptr;
  std::size_t cut = 0;
  while (first_ != nullptr) {
    if (first_->abort("shutdown")) ++cut;
    remove(*first_);
  }
  return cut;
}

void ConnectionSet::link_last(Connection& connection) {
  connection.previous_ = last_;
  connection.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = &connection;
  last_ = &connection;
}

void ConnectionSet::unlink(Connection& connection) {
  (connection.previous_ != nullptr ? connection.previous_->next_ : first_) = connection.next_;
  (connection.next_ != nullptr ? connection.next_->previous_ : last_) = connection.previous_;
}

void ConnectionSet::move_last(Connection& connection) {
  connection.touched_ = now_;
  if (last_ == &connection) return;
  unlink(connection);
  link_last(connection);
}

void ConnectionSet::remove(Connection& connection) {
  unlink(connection);
  const std::unique_ptr<Connection> owned(&connection);
  if (owned->exchange_) {
    Exchange& exchange = *owned->exchange_;
    if (exchange.gate_wait_.is_waiting) gate_.leave(exchange);
    if (exchange.is_away) {
      exchange.leave_connection();
      parts_.service.on_abandoned(exchange);
    }
    exchange.connection_ = nullptr;
    recycle(std::move(owned->exchange_));
  }
  if (owned->is_refusal_) --refusals_;
  output_bytes_.add(-static_cast<std::int64_t>(owned->queued_bytes_));
  count_buffered(-static_cast<std::int64_t>(owned->queued_bytes_));
  owned->drop_unparsed();
  if (owned->is_admitted_) {
    unassign();
    if (acceptor_ != nullptr) acceptor_->release();
  }
  if (empty() && when_empty_) std::exchange(when_empty_, nullptr)();
}

std::unique_ptr<Exchange> ConnectionSet::take_exchange() {
  if (pool_ == nullptr) {
    auto exchange = parts_.service.make_exchange(parts_.limits);
    exchange->set_ = this;
    exchange->parser.set_budget(parts_.budget);
    return exchange;
  }
  --pooled_;
  return std::unique_ptr<Exchange>(std::exchange(pool_, pool_->next_in_pool));
}

WEIR_HOT_INLINE void ConnectionSet::recycle(std::unique_ptr<Exchange> exchange) {
  if (exchange->is_held_ || exchange->is_resume_due_) return keep_orphan(std::move(exchange));
  if (exchange->is_begun) exchange->reset();
  if (pooled_ >= kPooledExchangesMax) return;
  ++pooled_;
  exchange->next_in_pool = pool_;
  pool_ = exchange.release();
}

void ConnectionSet::keep_orphan(std::unique_ptr<Exchange> exchange) {
  exchange->is_orphan_ = true;
  exchange->transport = nullptr;
  exchange->orphan_index_ = orphans_.size();
  orphans_.push_back(std::move(exchange));
  orphaned_.add(1);
}

void ConnectionSet::end_orphan(Exchange& exchange) {
  const std::size_t index = exchange.orphan_index_;
  std::unique_ptr<Exchange> owned = std::move(orphans_[index]);
  WEIR_CHECK(owned.get() == &exchange);
  orphans_[index] = std::move(orphans_.back());
  if (orphans_[index]) orphans_[index]->orphan_index_ = index;
  orphans_.pop_back();
  orphaned_.add(-1);
  exchange.is_orphan_ = false;
  recycle(std::move(owned));
  if (empty() && when_empty_) std::exchange(when_empty_, nullptr)();
}

void ConnectionSet::count_rejected(std::string_view reason) {
  base::Counter*& counter = rejected_[reason];
  if (counter == nullptr) {
    counter = &parts_.metrics.counter({"weir_rejected_total",
                                       "Requests and connections refused or cut, by reason.",
                                       {{"reason", std::string(reason)}}});
  }
  counter->add();
}

void ConnectionSet::report_refusal(const Refusal& refusal, const net::Transport& transport) {
  count_rejected(refusal.reason);
  const base::TimePoint now = parts_.loop.now();
  if (now - log_second_ >= std::chrono::seconds(1)) {
    log_second_ = now;
    logs_in_second_ = 0;
  }
  if (logs_in_second_++ >= kRefusalLogsPerSecond) return;
  parts_.log.info("request.refused",
                  {{"status", refusal.status}, {"reason", refusal.reason}, {"peer", transport.peer()}});
}

}  // namespace weir::http
