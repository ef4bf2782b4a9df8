// SPDX-License-Identifier: MIT
// A whole connection without a socket: answers come in order, well framed, one for each request, the same for any cut
// of the input; and no schedule of pieces, full windows, passing time, FIN and reset breaks it.
//
// Input: a byte of options, three lengths of pieces, eight steps of a schedule, then the connection's bytes.
#include <tests/fuzz/wire_check.hpp>
#include <weir/base/clock.hpp>
#include <weir/http/connection_set.hpp>
#include <weir/net/memory_transport.hpp>
#include <weir/routing/group.hpp>
#include <weir/routing/routing_service.hpp>

namespace {

using weir::fuzz::require;
using weir::http::Exchange;

constexpr std::uint8_t kSmallLimits = 1;
constexpr std::uint8_t kDrains = 2;
constexpr std::uint8_t kHasDone = 4;

struct Counts {
  int before = 0;
  int after = 0;
  int done = 0;
} counts;  // one, because the routes are built once: that takes longer than serving a connection

// Each request that is entered is left once by each hook, whatever becomes of it.
struct Hooks {
  int before(weir::routing::Context&) const { return ++counts.before; }
  void after(int&, weir::routing::Context&, weir::http::Response& response) const {
    ++counts.after;
    response.set_header("X-After", "1");
  }
};
struct HooksWithDone : Hooks {
  void done(int& number, weir::routing::Context& context, const weir::http::Outcome&) const {
    require(number > 0 && number <= counts.before, "the state is still there");
    const std::string target(context.request().target());
    require(!target.empty() && (target.front() != '\0'), "the request is still there");
    ++counts.done;
  }
};

void declare_routes(weir::routing::RouteTable& table, bool has_done) {
  using weir::http::Response;
  using weir::routing::Context;
  weir::routing::Group app(table, table.root());
  if (has_done) {
    app.use(HooksWithDone{});
  } else {
    app.use(Hooks{});
  }
  app.get("/").handle([] { return Response::text("root"); });
  app.get("/a/{id}").handle([](Context& ctx) { return Response::text(ctx.path("id")); });
  app.get("/f/{rest...}").handle([](Context& ctx) { return Response::text(ctx.path("rest")); });
  app.get("/q").handle([](Context& ctx) {
    Response response = Response::text(ctx.cookie("c").value_or("none"));
    response.set_header("X-Reflect", ctx.query("v").value_or(""));
    return response;
  });
  app.get("/big").handle([] { return Response::text(std::string(20'000, 'x')); });
  app.post("/e").handle([](Context& ctx) { return Response::content(std::string(ctx.body()), "text/plain"); });
  app.post("/s").body_limit(4).handle([](Context& ctx) { return Response::text(std::to_string(ctx.body().size())); });
  app.put("/n").handle([] { return Response::no_content(); });
  app.del("/t").handle([]() -> Response { throw std::runtime_error("handler"); });
}

std::shared_ptr<const weir::routing::Routes> routes(bool has_done) {
  const auto build = [](bool with_done) {
    weir::routing::RouteTable table;
    declare_routes(table, with_done);
    return table.build();
  };
  static const auto kPlain = build(false);
  static const auto kWithDone = build(true);
  return has_done ? kWithDone : kPlain;
}

class OneOfEachMetric final : public weir::base::Metrics {
 public:
  weir::base::Counter& counter(weir::base::MetricId) override { return counter_; }
  weir::base::Gauge& gauge(weir::base::MetricId) override { return gauge_; }
  weir::base::Histogram& histogram(weir::base::MetricId, std::vector<double>) override { return histogram_; }

 private:
  weir::base::Counter counter_;
  weir::base::Gauge gauge_;
  weir::base::Histogram histogram_{{1.0}};
};

// Passes everything on and writes down which answers have to come.
class Recorder final : public weir::http::Service {
 public:
  explicit Recorder(weir::http::Service& inner) : inner_(inner) {}
  std::unique_ptr<Exchange> make_exchange(const weir::http::Limits& limits) override {
    return inner_.make_exchange(limits);
  }
  Verdict on_head(Exchange& exchange) noexcept override {
    is_head_.push_back(exchange.request().method() == weir::http::Method::kHead);
    const Verdict verdict = inner_.on_head(exchange);
    if (verdict == Verdict::kAnswered) ++answered_;
    return verdict;
  }
  Verdict on_ready(Exchange& exchange) noexcept override {
    ++answered_;
    return inner_.on_ready(exchange);
  }
  void on_refused(Exchange& exchange, const weir::http::Refusal& refusal) noexcept override {
    ++answered_;
    inner_.on_refused(exchange, refusal);
  }
  void on_done(Exchange& exchange, const weir::http::Outcome& outcome) noexcept override {
    inner_.on_done(exchange, outcome);
  }
  const std::vector<bool>& heads() const { return is_head_; }
  std::size_t answered() const { return answered_; }

 private:
  weir::http::Service& inner_;
  std::vector<bool> is_head_;
  std::size_t answered_ = 0;
};

// One connection on a loop of its own, whose time stands still.
class Server {
 public:
  explicit Server(std::uint8_t options)
      : limits_(make_limits(options)),
        has_done_((options & kHasDone) != 0),
        dispatcher_({.handlers = {}, .pools = {}, .clock = clock_, .log = log_, .metrics = metrics_}),
        lanes_({routes(has_done_), dispatcher_, limits_, metrics_}),
        service_({loop_, lanes_, limits_, log_, metrics_}),
        recorder_(service_),
        connections_({loop_, limits_, recorder_, log_, metrics_}) {
    counts = {};
    if ((options & kDrains) != 0) connections_.begin_drain(std::chrono::seconds(1));
    connections_.adopt(peer_.take_server_end());
  }
  ~Server() {
    peer_.reset();
    require(connections_.empty(), "a reset connection is gone");
    if (has_done_) require(counts.done == counts.before, "each request that was entered is told of its end, once");
    require(counts.after <= counts.before, "no request is answered twice");
  }

  void send(std::span<char> bytes) { peer_.send({bytes.data(), bytes.size()}); }
  void advance(std::chrono::milliseconds by) {
    clock_.advance(by);
    loop_.run_once();
  }
  // The client reads on until nothing moves any more, as a client that waits would.
  void read_everything() {
    std::size_t before = 0;
    do {
      before = received_.size();
      peer_.set_receive_window(SIZE_MAX);
      peer_.send("");
      take();
    } while (received_.size() != before);
  }
  void end_output() {
    peer_.end_output();
    take();
  }
  void take() { received_ += peer_.take_received(); }

  weir::net::MemoryPeer& peer() { return peer_; }
  const std::string& received() const { return received_; }
  const Recorder& recorder() const { return recorder_; }
  bool is_closed() const { return connections_.empty(); }

 private:
  static weir::http::Limits make_limits(std::uint8_t options) {
    weir::http::Limits limits;
    limits.pipelined_requests = 3;
    if ((options & kSmallLimits) == 0) return limits;
    limits.target_bytes = 64;
    limits.head_bytes = 512;
    limits.fields = 6;
    limits.body_bytes = 64;
    limits.chunk_extension_bytes = 16;
    limits.output_pause_bytes = 64;
    limits.linger_bytes = 128;
    return limits;
  }
  // One loop for all, because making one takes longer than serving a connection.
  struct Machine {
    weir::base::ManualClock clock;
    weir::loop::Loop loop{{.clock = &clock}};
  };
  static Machine& machine() {
    static Machine machine;
    return machine;
  }

  weir::base::ManualClock& clock_ = machine().clock;
  weir::loop::Loop& loop_ = machine().loop;
  weir::base::NullLog log_;
  OneOfEachMetric metrics_;
  weir::http::Limits limits_;
  bool has_done_;
  weir::exec::Dispatcher dispatcher_;
  weir::routing::Lanes lanes_;
  weir::routing::RoutingService service_;
  Recorder recorder_;
  weir::net::MemoryPeer peer_;
  weir::http::ConnectionSet connections_;
  std::string received_;
};

// The client sends everything, reads everything and ends its output.
std::string run_patiently(std::uint8_t options, std::string_view bytes, std::string_view lengths) {
  Server server(options);
  weir::fuzz::for_each_piece(bytes, weir::fuzz::as_lengths(lengths), [&server](std::span<char> piece) {
    server.send(piece);
    return !server.is_closed();
  });
  server.read_everything();
  server.end_output();
  require(server.is_closed(), "a connection whose input has ended closes", server.received());
  const std::size_t answers = weir::fuzz::count_answers(server.received(), server.recorder().heads(), true);
  const std::size_t routed = server.recorder().answered();
  require(answers == routed || answers == routed + 1, "each request has its answer, and one refusal may follow",
          std::to_string(routed), server.received());
  return server.received();
}

bool is_refused(std::string_view output) {
  return output.find("\r\nConnection: close\r\n") != std::string_view::npos &&
         output.find("application/problem+json") != std::string_view::npos;
}

// Which of two wrongs in a head is seen first may depend on the cut where one of them is a size; request_parser_fuzz
// has the exact rule.
bool is_size_near(std::uint8_t options, std::string_view bytes) {
  return (options & kSmallLimits) != 0 ? bytes.size() > 64
                                       : bytes.size() > 8192 || std::count(bytes.begin(), bytes.end(), '\n') > 100;
}

// Whatever can happen between two pieces.
void take_step(Server& server, std::uint8_t step) {
  const unsigned amount = step >> 3U;
  switch (step & 7U) {
    case 0:
      server.peer().set_receive_window(amount);
      break;
    case 1:
      server.peer().set_receive_window(std::size_t{amount} * 97);
      break;
    case 2:
      server.peer().set_receive_window(SIZE_MAX);
      break;
    case 3:
      server.advance(std::chrono::milliseconds(amount * 100));
      break;
    case 4:
      server.advance(std::chrono::seconds(amount * 5));
      break;
    case 5:
      server.take();
      break;
    case 6:
      if (amount == 31) server.end_output();
      break;
    default:
      if (amount == 31) server.peer().reset();
      break;
  }
  server.take();
}

void run_wildly(std::uint8_t options, std::string_view bytes, std::string_view lengths, std::string_view schedule) {
  Server server(options);
  std::size_t turn = 0;
  weir::fuzz::for_each_piece(bytes, weir::fuzz::as_lengths(lengths), [&](std::span<char> piece) {
    if (!schedule.empty()) take_step(server, static_cast<std::uint8_t>(schedule[turn++ % schedule.size()]));
    server.send(piece);
    return !server.is_closed();
  });
  server.take();
  server.read_everything();
  weir::fuzz::count_answers(server.received(), server.recorder().heads(), false);
  // Every deadline in a row: nothing may stay open for ever.
  for (int i = 0; i < 8 && !server.is_closed(); ++i) server.advance(std::chrono::minutes(30));
  require(server.is_closed(), "a silent connection closes in the end", server.received());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const std::uint8_t options = input.take_byte();
  const std::string_view lengths = input.take(3);
  const std::string_view schedule = input.take(8);
  const std::string whole = run_patiently(options, input.rest(), {});
  const std::string in_pieces = run_patiently(options, input.rest(), lengths);
  // While draining, what was read together with a request is answered, too: there the cut decides what is the last.
  const bool is_draining = (options & kDrains) != 0;
  const bool may_differ =
      is_draining || (is_size_near(options, input.rest()) && is_refused(whole) && is_refused(in_pieces));
  require(whole == in_pieces || may_differ, "any cut gives the same answers", whole, in_pieces);
  run_wildly(options, input.rest(), lengths, schedule);
  return 0;
}
