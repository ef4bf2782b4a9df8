// SPDX-License-Identifier: MIT
#include <weir/app/internal/bind_settings.hpp>

#include <initializer_list>
#include <string>

namespace weir::app {
namespace {

using std::chrono::milliseconds;

Choices<std::string> by_name(std::initializer_list<const char*> names) {
  Choices<std::string> choices;
  for (const char* const name : names) choices.emplace_back(name, name);
  return choices;
}

Choices<exec::Pattern> patterns() {
  Choices<exec::Pattern> choices;
  for (std::size_t i = 0; i < exec::kPatternNames.size(); ++i) {
    choices.emplace_back(std::string(exec::kPatternNames[i]), static_cast<exec::Pattern>(i));
  }
  return choices;
}

void bind_limits(Config& config, http::Limits& limits) {
  config.begin_section("Limits on what a peer sends");
  config.bytes("limits.head_bytes", limits.head_bytes, "Request line and fields together; 431 above.")
      .min(256)
      .max(1 << 24);
  config.bytes("limits.target_bytes", limits.target_bytes, "Request target; 414 above.").min(16).max(1 << 24);
  config.count("limits.fields", limits.fields, "Number of fields; 431 above.").min(1).max(10'000);
  config.bytes("limits.body_bytes", limits.body_bytes, "Content of a request; 413 above.");
  config.bytes("limits.spool_bytes", limits.spool_bytes, "Content beyond this goes to a temporary file.");
  config.bytes("limits.buffered_bytes", limits.buffered_bytes,
               "All that is kept for peers; beyond, content waits. 0 is a quarter of the memory there is.");
  config.bytes("limits.chunk_extension_bytes", limits.chunk_extension_bytes,
               "Chunk extensions of a message; 400 above.");
  config.count("limits.pipelined_requests", limits.pipelined_requests, "Requests answered before output is sent.")
      .min(1);
  config.bytes("limits.output_pause_bytes", limits.output_pause_bytes, "Unsent output that pauses reading.").min(1);
  config.bytes("limits.linger_bytes", limits.linger_bytes, "Input drained after an early refusal.");
  config
      .bytes("limits.stream_pause_bytes", limits.stream_pause_bytes, "Unsent output that makes a stream's writer wait.")
      .min(1);
  config.count("limits.in_flight", limits.in_flight, "Suspended handlers of a route; 503 above.").min(1);
  config.count("limits.streams", limits.streams, "Requests read or answered in pieces; 503 above.").min(1);
  config.flag("limits.disconnect_probe", limits.disconnect_probe,
              "Whether a client that half-closed is asked by a 102 if it still listens.");
  config.begin_section("Time limits");
  config.duration("limits.handler_timeout", limits.handler_timeout, "For a queued or suspended handler; then 504.")
      .min(milliseconds(1));
  config.duration("limits.header_timeout", limits.header_timeout, "From a request's first byte to the end of its head.")
      .min(milliseconds(1));
  config.duration("limits.body_grace", limits.body_grace, "Before the rate of a body counts.");
  config.count("limits.body_bytes_per_second", limits.body_bytes_per_second, "Mean rate that a body must keep.").min(1);
  config.duration("limits.body_stall_timeout", limits.body_stall_timeout, "Longest pause within a body.")
      .min(milliseconds(1));
  config.duration("limits.body_wait", limits.body_wait, "For room among the buffered bytes; then 503.");
  config.duration("limits.idle_timeout", limits.idle_timeout, "Between requests of a connection.").min(milliseconds(1));
  config.duration("limits.write_timeout", limits.write_timeout, "Without the peer taking a byte.").min(milliseconds(1));
  config.duration("limits.linger_timeout", limits.linger_timeout, "For a peer to close after a refusal.");
}

}  // namespace

void bind_settings(Config& config, Settings& settings) {
  config.text("host", settings.host, "Address to listen on: 127.0.0.1, 0.0.0.0, ::, ...");
  config.count("port", settings.port, "Port to listen on; 0 lets the system choose.");
  config.text("unix", settings.unix_path, "Path of a Unix socket to listen on instead.");
  config.count("loops", settings.loops, "Event loops; 0 is one per available core.").max(256);
  config.choice("log.level", settings.log_level, by_name({"debug", "info", "warn", "error", "off"}),
                "The least serious lines to write.");
  config.choice("log.format", settings.log_format, by_name({"json", "human", "auto"}),
                "How lines look; auto is human on a terminal, else json.");
  config.begin_section("Execution");
  config.choice("pattern", settings.pattern, patterns(),
                "Where handlers run: event-driven is what the routes say, the others are one of the classic patterns.");
  config.count("workers", settings.handlers.workers, "Workers of the pattern worker-pool; 0 is one per available core.")
      .max(4'096);
  config.count("queue", settings.handlers.queue, "Requests that wait for a worker under single-worker and worker-pool.")
      .min(1);
  config.duration("watchdog.stall", settings.watchdog_stall,
                  "What holds a loop for longer is logged; 0 is off, as is the default under single-threaded.");
  config.begin_section("Jobs");
  config.text("data", settings.data, "Folder of the store of jobs; made, for its owner alone, when there are some.");
  config.flag("jobs.run", settings.runs_jobs, "Whether serve runs jobs itself; else worker processes do.");
  config.count("jobs.workers", settings.job_workers, "Threads for jobs; 0 is one per available core.").max(4'096);
  config.text("queues", settings.job_queues, "What to run, and how many at a time: reports=4,mail=1; all when empty.");
  config.flag("json", settings.prints_json, "Whether the command jobs prints JSON.");
  config.duration("jobs.lease", settings.job_lease, "A worker that is silent for longer is taken for dead.")
      .min(milliseconds(100));
  config.duration("jobs.beat", settings.job_beat, "How often a worker prolongs its lease.").min(milliseconds(10));
  config.begin_section("Admin listener");
  config.flag("admin.enabled", settings.has_admin, "Whether there is one: /metrics.");
  config.text("admin.host", settings.admin_host, "Its address; loopback unless told otherwise.");
  config.count("admin.port", settings.admin_port, "Its port; 0 is the port after --port, if that is free.");
  config.begin_section("Documentation");
  config.flag("openapi.enabled", settings.has_openapi, "Whether there are /openapi.json and /docs.");
  config.begin_section("Connections and shutdown");
  config.count("connections", settings.connections, "Open connections; clamped below the descriptor limit.").min(1);
  config.count("backlog", settings.backlog, "Connections that wait in the kernel.").min(1);
  config.duration("drain.delay", settings.drain_delay, "Not ready, but still listening: for balancers to notice.");
  config.duration("drain.idle", settings.drain_idle, "For a last request on an idle connection.");
  config.duration("drain.timeout", settings.drain_timeout, "Then what is left is cut and the exit code is 1.");
  bind_limits(config, settings.limits);
}

}  // namespace weir::app
