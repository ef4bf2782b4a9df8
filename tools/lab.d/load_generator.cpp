// SPDX-License-Identifier: MIT
// An open-loop load generator for a service on this machine; prints one JSON object.
//
//   load_generator --port N --class NAME,PATH,RATE[,fresh][,JSON] [--class ...] [--duration S] [--warmup S]
//                  [--timeout S] [--connections N] [--seed N]
//
// Arrivals are a Poisson process drawn in advance, so they do not slow down because the server does; latency counts
// from the intended start to the last byte of the answer. `fresh` gives each request of a class its own connection,
// JSON (an object) makes it a POST of that.
// The run is void when the generator itself was more than 5 ms late at the 99th percentile.
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "load.hpp"

namespace {

using lab::LoadOptions;
using lab::Nanoseconds;
using lab::RequestClass;

constexpr double kLatenessLimitMs = 5;

struct CommandLine {
  LoadOptions load{.warmup = 1'000'000'000, .duration = 5'000'000'000, .timeout = 10'000'000'000, .connections = 4000};
  std::vector<RequestClass> classes;
  std::uint64_t seed = 1;
};

template <typename Number>
Number number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument("not a number: " + std::string(text));
  }
  return value;
}

Nanoseconds seconds(std::string_view text) {
  return static_cast<Nanoseconds>(number<double>(text) * 1e9);
}

RequestClass request_class(std::string_view text) {
  RequestClass kind;
  if (const auto brace = text.find(",{"); brace != std::string_view::npos) {
    kind.content = text.substr(brace + 1);
    text = text.substr(0, brace);
  }
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    parts.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  if (parts.size() < 3 || parts.size() > 4 || (parts.size() == 4 && parts[3] != "fresh")) {
    throw std::invalid_argument("a class is NAME,PATH,RATE[,fresh][,JSON], not " + std::string(text));
  }
  kind.name = parts[0];
  kind.path = parts[1];
  kind.rate = number<double>(parts[2]);
  kind.fresh = parts.size() == 4;
  if (!(kind.rate > 0)) {
    throw std::invalid_argument("a rate is above 0");
  }
  return kind;
}

CommandLine parse(int argc, char** argv) {
  CommandLine line;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    if (i + 1 == argc) {
      throw std::invalid_argument("no value for " + std::string(option));
    }
    const std::string_view value = argv[i + 1];
    if (option == "--port") {
      line.load.port = number<int>(value);
    } else if (option == "--class") {
      line.classes.push_back(request_class(value));
    } else if (option == "--duration") {
      line.load.duration = seconds(value);
    } else if (option == "--warmup") {
      line.load.warmup = seconds(value);
    } else if (option == "--timeout") {
      line.load.timeout = seconds(value);
    } else if (option == "--connections") {
      line.load.connections = number<std::size_t>(value);
    } else if (option == "--seed") {
      line.seed = number<std::uint64_t>(value);
    } else {
      throw std::invalid_argument("unknown option " + std::string(option));
    }
  }
  if (line.load.port == 0 || line.classes.empty() || line.load.connections == 0) {
    throw std::invalid_argument("needs --port, at least one --class, and connections");
  }
  return line;
}

void raise_open_files(std::size_t connections) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < connections + 16) {
    throw std::runtime_error("may open " + std::to_string(limit.rlim_max) + " files, too few for --connections");
  }
}

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void write_class(std::ostream& out, RequestClass& kind, double duration_s) {
  out << "{\"name\":\"" << kind.name << "\",\"path\":\"" << kind.path << "\",\"rate\":" << kind.rate
      << ",\"planned\":" << kind.planned << ",\"sent\":" << kind.sent
      << ",\"completed\":" << kind.status_2xx + kind.status_503 + kind.status_other
      << ",\"status_2xx\":" << kind.status_2xx << ",\"status_503\":" << kind.status_503
      << ",\"status_other\":" << kind.status_other << ",\"good_ever\":" << kind.good_ever
      << ",\"refused\":" << kind.refused << ",\"reset\":" << kind.reset << ",\"timed_out\":" << kind.timed_out
      << ",\"malformed\":" << kind.malformed << ",\"goodput\":" << static_cast<double>(kind.good_in_window) / duration_s
      << ",\"latency\":";
  kind.good.write_json(out);
  out << ",\"shed_latency\":";
  kind.shed.write_json(out);
  out << ",\"other_latency\":";
  kind.other.write_json(out);
  out << '}';
}

void write_report(std::ostream& out, CommandLine& line, lab::Load& load) {
  const auto in_seconds = [](Nanoseconds time) { return static_cast<double>(time) / 1e9; };
  out.precision(10);
  out << "{\"started_s\":" << in_seconds(load.started_at()) << ",\"warmup_s\":" << in_seconds(line.load.warmup)
      << ",\"duration_s\":" << in_seconds(line.load.duration) << ",\"seed\":" << line.seed
      << ",\"connections_peak\":" << load.connections_peak()
      << ",\"waited_for_connection\":" << load.waited_for_connection() << ",\"generator_cpu_s\":" << own_cpu_seconds()
      << ",\"connect\":";
  load.connect_time.write_json(out);
  out << ",\"lateness\":";
  load.lateness.write_json(out);
  out << ",\"void\":" << (load.lateness.p99_ms() > kLatenessLimitMs ? "true" : "false") << ",\"classes\":[";
  for (std::size_t i = 0; i < line.classes.size(); ++i) {
    out << (i == 0 ? "" : ",");
    write_class(out, line.classes[i], in_seconds(line.load.duration));
  }
  out << "]}\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto line = parse(argc, argv);
    raise_open_files(line.load.connections);
    const auto schedule = lab::make_schedule(line.classes, line.load.warmup + line.load.duration, line.seed);
    lab::Load load(line.load, line.classes, schedule);
    load.run();
    write_report(std::cout, line, load);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load_generator: %s\n", error.what());
    return 1;
  }
}
