// SPDX-License-Identifier: MIT
#include <tests/model/run.hpp>

#include <tests/model/client.hpp>
#include <tests/model/machine.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace weir::model {
namespace {

using namespace std::chrono_literals;

Setup draw_setup(Random& random) {
  Setup setup;
  setup.pattern = random.one_of({exec::Pattern::kEventDriven, exec::Pattern::kEventDriven, exec::Pattern::kEventDriven,
                                 exec::Pattern::kEventDriven, exec::Pattern::kEventDriven, exec::Pattern::kEventDriven,
                                 exec::Pattern::kWorkerPool, exec::Pattern::kSingleWorker});
  setup.pool.workers = setup.pattern == exec::Pattern::kSingleWorker ? 1 : static_cast<unsigned>(1 + random.pick(2));
  setup.pool.queue = random.one_of<std::size_t>({1, 2, 4, 16});
  setup.pool.max_wait = random.one_of({30ms, 1'000ms, 10'000ms});
  setup.limits.in_flight = random.one_of<std::uint64_t>({1, 2, 8});
  setup.limits.handler_timeout = random.one_of({300ms, 2'000ms, 30'000ms});
  setup.limits.output_pause_bytes = random.one_of<std::uint64_t>({1'000, 64 << 10});
  setup.limits.pipelined_requests = random.one_of<std::uint64_t>({2, 64});
  setup.limits.disconnect_probe = random.chance(80);
  setup.has_done = random.chance(70);
  return setup;
}

std::string describe(const Setup& setup) {
  return std::string(to_string(setup.pattern)) + ", workers " + std::to_string(setup.pool.workers) + ", queue " +
         std::to_string(setup.pool.queue) + ", max_wait " + std::to_string(setup.pool.max_wait.count()) +
         ", in_flight " + std::to_string(setup.limits.in_flight) + ", handler_timeout " +
         std::to_string(setup.limits.handler_timeout.count()) + ", output_pause " +
         std::to_string(setup.limits.output_pause_bytes) + ", pipelined " +
         std::to_string(setup.limits.pipelined_requests) + (setup.has_done ? ", done" : "") +
         (setup.limits.disconnect_probe ? ", probe" : "");
}

class Run {
 public:
  Run(std::uint64_t seed, Tally& tally)
      : random_(seed), tally_(tally), machine_(draw_setup(random_)), is_orderly_(random_.chance(50)) {
    machine_.set_every_turn([this] {
      for (const auto& client : clients_) client->poke();
    });
  }

  std::string play() {
    const std::size_t steps = 20 + random_.pick(60);
    for (std::size_t i = 1 + random_.pick(4); i > 0; --i) connect();
    for (std::size_t i = 0; i < steps && is_well(); ++i) {
      step();
      pause();
    }
    end();
    if (is_well()) check_end();
    count();
    if (fault_.empty()) return "";
    const std::string report = fault_ + "\n" + describe(machine_.setup) + "\nsteps:" + history_;
    // At once: what was left behind may end the process in a destructor.
    std::fprintf(stderr, "%s\n", report.c_str());
    return report;
  }

 private:
  bool is_well() {
    if (fault_.empty()) fault_ = machine_.ledger.fault();
    return fault_.empty();
  }
  void fail(const std::string& what) {
    if (fault_.empty()) fault_ = what;
  }
  void note(const std::string& what) { history_ += " " + what; }
  Client* pick_client() { return clients_[random_.pick(clients_.size())].get(); }

  void connect() {
    if (clients_.size() >= 12) return;
    note("connect");
    clients_.push_back(std::make_unique<Client>(machine_, random_, [this](const std::string& what) { fail(what); }));
  }

  void step();
  void send(Client& client);
  void advance(std::chrono::milliseconds by);
  void pause();
  void collect();
  void end();
  void drain();
  void abort();
  void wait_for_the_end();
  void check_end();
  void check_hooks(const Entry& entry, int id);
  void count();

  Random random_;
  Tally& tally_;
  Machine machine_;
  const bool is_orderly_;  // lets everything come to rest between two steps
  std::vector<std::unique_ptr<Client>> clients_;
  std::string fault_;
  std::string history_;
  int last_id_ = 0;
  bool is_empty_told_ = false;
};

void Run::step() {
  Client& client = *pick_client();
  switch (random_.pick(40)) {
    case 0:
      note("reset");
      return machine_.on_loop([&client] { client.reset(); });
    case 1:
      note("fin");
      return machine_.on_loop([&client] { client.end_output(); });
    case 2: {
      const std::size_t bytes = random_.one_of<std::size_t>({0, 50, 1'000, 20'000, SIZE_MAX, SIZE_MAX, SIZE_MAX});
      note("window");
      return machine_.on_loop([&client, bytes] { client.set_window(bytes); });
    }
    case 3:
      return connect();
    case 4:
    case 5:
    case 6:
    case 7:
      note("release");
      machine_.parking.release(random_.pick(8));
      return;
    case 8:
    case 9:
    case 10:
    case 11:
    case 12:
    case 13:
      return advance(random_.one_of({1ms, 5ms, 16ms, 30ms, 60ms, 60ms, 100ms, 300ms, 2'500ms}));
    case 14:
      if (random_.chance(20)) advance(random_.one_of({6'000ms, 11'000ms, 31'000ms, 80'000ms}));
      return;
    default:
      return send(client);
  }
}

void Run::send(Client& client) {
  if (!client.is_open()) {
    if (random_.chance(30)) connect();
    return;
  }
  if (!client.has_unsent() || random_.chance(30)) {
    std::size_t count = random_.chance(25) ? 1 + random_.pick(5) : 1;
    while (count-- > 0 && client.outstanding() < 8) client.compose(++last_id_);
  }
  const bool is_whole = random_.chance(85);
  const std::size_t bytes = is_whole ? SIZE_MAX : 1 + random_.pick(random_.one_of({20, 200, 30'000}));
  note("send" + std::to_string(last_id_) + (is_whole ? "" : "/" + std::to_string(bytes)));
  machine_.on_loop([&client, bytes] { client.send(bytes); });
}

void Run::advance(std::chrono::milliseconds by) {
  note("+" + std::to_string(by.count()));
  machine_.clock.advance(by);
  if (random_.chance(70)) machine_.turn();
}

void Run::pause() {
  if (is_orderly_) {
    machine_.settle();
  } else {
    for (std::size_t turns = random_.pick(4); turns > 0; --turns) machine_.turn();
  }
  collect();
}

void Run::collect() {
  machine_.on_loop([this] {
    for (const auto& client : clients_) client->take();
  });
  for (const auto& client : clients_) client->collect();
}

// ---- the end ----

void Run::end() {
  if (random_.chance(60)) {
    drain();
    if (random_.chance(30)) abort();
  } else {
    abort();
  }
  wait_for_the_end();
}

void Run::drain() {
  note("drain");
  machine_.on_loop([this] { machine_.connections().begin_drain(1'000ms); });
  const std::size_t steps = random_.pick(10);
  for (std::size_t i = 0; i < steps && is_well(); ++i) {
    step();
    pause();
  }
}

void Run::abort() {
  note("abort");
  machine_.on_loop([this] { machine_.abort(); });
  pause();
}

void Run::wait_for_the_end() {
  machine_.on_loop([this] {
    machine_.connections().when_empty([this] {
      is_empty_told_ = true;
      if (machine_.ledger.frames_alive() != 0) machine_.ledger.blame("a handler outlives all requests");
    });
  });
  note("open");
  machine_.parking.open();
  if (random_.chance(10)) {
    note("stop-pools");
    machine_.stop_pools();
  }
  for (const auto& client : clients_) {
    machine_.on_loop([&client] { client->set_window(SIZE_MAX); });
    if (random_.chance(70)) machine_.on_loop([&client] { client->send(SIZE_MAX); });
  }
  if (!machine_.connections().is_draining()) {
    machine_.on_loop([this] { machine_.connections().begin_drain(1'000ms); });
  }
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  for (int i = 0; !machine_.connections().empty() && std::chrono::steady_clock::now() < give_up; ++i) {
    machine_.settle();
    collect();
    if (i > 300) machine_.loop.run_for_event(1ms);  // by now it is real threads that it waits for
    machine_.clock.advance(500ms);
  }
  machine_.settle();
}

void Run::check_end() {
  collect();
  for (const auto& client : clients_) client->check_end();
  if (!is_well()) return;
  if (!machine_.connections().empty()) {
    std::string text = "left: " + std::to_string(machine_.metrics.sum("weir_orphaned_requests")) + " orphans, " +
                       std::to_string(machine_.ledger.frames_alive()) + " frames, " +
                       std::to_string(machine_.metrics.sum("weir_in_flight")) + " in flight";
    for (const auto& client : clients_) text += "\n" + client->describe();
    return fail(text);
  }
  if (!is_empty_told_) return fail("nobody was told that all is empty");
  if (machine_.ledger.frames_alive() != 0) return fail("handlers are left");
  for (const char* const gauge :
       {"weir_in_flight", "weir_orphaned_requests", "weir_output_bytes", "weir_pool_queue_depth", "weir_streams"}) {
    if (machine_.metrics.sum(gauge) != 0) return fail(std::string(gauge) + " is not 0 at the end");
  }
  std::int64_t answers = 0;
  for (const auto& [id, entry] : machine_.ledger.entries) {
    check_hooks(entry, id);
    answers += entry.outer.after;
  }
  const auto counted = machine_.metrics.sum("weir_requests_total");
  if (counted != answers) fail(std::to_string(counted) + " answers counted, " + std::to_string(answers) + " made");
}

void Run::check_hooks(const Entry& entry, int id) {
  const auto require = [&](bool is_true, const std::string& what) {
    if (!is_true) fail("request " + std::to_string(id) + ": " + what);
  };
  require(entry.outer.before == 1, "the hooks were entered more than once");
  require(entry.outer.after <= 1, "it was answered more than once");
  require(entry.inner.before <= 1, "the inner hook was entered more than once");
  require(entry.inner.after <= entry.inner.before && entry.inner.done == entry.inner.before,
          "each hook that returned hears of the end, once");
  require(entry.inner.before == 0 || entry.inner.after == entry.outer.after, "all hooks see the answer");
  if (machine_.setup.has_done) {
    require(entry.outer.done == 1, "`done` came " + std::to_string(entry.outer.done) + " times");
    require(entry.was_answered == (entry.outer.after == 1), "`done` was told whether there was an answer");
  }
  for (const auto& client : clients_) {
    for (const Sent& sent : client->requests()) {
      if (sent.id != id) continue;
      require(!sent.is_answered || entry.outer.after == 1, "it has an answer that no hook saw");
      // The answer to HEAD is whole with its head, whatever becomes of the stream that it stands for.
      const bool is_head_only = sent.kind->is_stream && sent.is_head;
      if (machine_.setup.has_done && !is_head_only) {
        require(sent.is_answered == entry.is_complete, std::string("`done` heard that it was ") +
                                                           (entry.is_complete ? "" : "not ") + "complete\n" +
                                                           client->describe());
      }
    }
  }
}

void Run::count() {
  tally_.requests += machine_.ledger.entries.size();
  for (const auto& [id, entry] : machine_.ledger.entries) {
    if (entry.outer.after == 0) continue;
    ++tally_.answered[entry.status / 100];
    if (entry.status == 503) ++tally_.busy;
    if (entry.status == 504) ++tally_.late;
  }
  tally_.frames += static_cast<std::uint64_t>(machine_.ledger.frames_made());
}

}  // namespace

std::string run(std::uint64_t seed, Tally& tally) {
  Run one(seed, tally);
  return one.play();
}

}  // namespace weir::model
