// SPDX-License-Identifier: MIT
#include <weir/app/internal/jobs_command.hpp>

#include <weir/app/app.hpp>
#include <weir/app/internal/jobs_run.hpp>
#include <weir/base/text.hpp>
#include <weir/base/time_text.hpp>
#include <weir/db/connection.hpp>
#include <weir/jobs/job_view.hpp>
#include <weir/jobs/sqlite/sqlite_store.hpp>
#include <weir/jobs/store.hpp>
#include <weir/observe/metrics_registry.hpp>
#include <weir/routing/json/json_writer.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <vector>

namespace weir::app {
namespace {

constexpr const char* kHelp =
    "jobs list [state=STATE] [queue=NAME] [kind=KIND] [limit=N] [before=ID]   the newest first\n"
    "jobs show ID       one job, with its payload\n"
    "jobs cancel ID     end it, or ask it to stop\n"
    "jobs retry ID      run a job again that has ended\n"
    "jobs pause QUEUE   claim nothing more from it\n"
    "jobs resume QUEUE\n"
    "jobs stats         queues and workers\n"
    "jobs purge         remove now what is kept no longer\n"
    "jobs backup FILE   a copy of the store, while it is in use\n"
    "With --json as JSON. States: waiting scheduled retryable available running completed cancelled discarded.\n";

/// What was typed wrong.
struct Usage {
  std::string sentence;
};

std::string as_text(jobs::StoreTime time) {
  std::string text;
  base::append_time(text, time);
  return text;
}

template <class T>
std::string as_json(const T& value) {
  std::string json;
  routing::append_json(json, base::described::Table<T>::kTable, &value);
  return json;
}

// Columns as wide as their widest cell.
void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 2, ' ');
    }
    std::cout << line << '\n';
  }
}

class Operator {
 public:
  Operator(const Settings& settings, jobs::Store& store) : settings_(settings), store_(store) {}

  int list(std::span<const std::string> words);
  int show(const std::string& id);
  int cancel(const std::string& id);
  int retry(const std::string& id);
  int pause(const std::string& queue, bool is_paused);
  int stats();
  int purge();

 private:
  static jobs::JobId parse(const std::string& id) {
    const auto parsed = jobs::JobId::parse(id);
    if (!parsed) throw Usage{"'" + id + "' is not the id of a job"};
    return *parsed;
  }
  static int missing(const std::string& id) {
    std::cerr << "there is no job " << id << std::endl;
    return 1;
  }
  template <class W>
  W ask(W work) {
    return jobs::ask(store_, std::move(work));
  }

  const Settings& settings_;
  jobs::Store& store_;
};

jobs::JobState state_of(std::string_view name) {
  for (int state = 0; state < 8; ++state) {
    if (name_of(static_cast<jobs::JobState>(state)) == name) return static_cast<jobs::JobState>(state);
  }
  throw Usage{"there is no state '" + std::string(name) + "'"};
}

int Operator::list(std::span<const std::string> words) {
  jobs::List question;
  for (const std::string& word : words) {
    std::string_view value = word;
    const std::string_view key = base::take_until(value, '=');
    if (key == "state") {
      question.state = state_of(value);
    } else if (key == "queue") {
      question.queue = std::string(value);
    } else if (key == "kind") {
      question.kind = std::string(value);
    } else if (key == "before") {
      question.before = parse(std::string(value)).number;
    } else if (key == "limit") {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), question.limit);
      if (error != std::errc() || end != value.data() + value.size()) throw Usage{"limit is a number"};
    } else {
      throw Usage{"unknown filter '" + word + "'"};
    }
  }
  const jobs::List found = ask(std::move(question));
  std::vector<std::vector<std::string>> rows{{"ID", "KIND", "QUEUE", "STATE", "ATTEMPT", "CREATED", "ERROR"}};
  std::vector<jobs::JobView> views;
  for (const jobs::JobRecord& job : found.jobs) {
    views.push_back(view_of(job));
    rows.push_back({job.id.text(), job.kind, job.queue, std::string(name_of(job.state)),
                    std::to_string(job.attempt) + "/" + std::to_string(job.max_attempts), as_text(job.created),
                    job.error.substr(0, 60)});
  }
  if (settings_.prints_json) {
    std::cout << as_json(views) << std::endl;
  } else {
    print_table(rows);
  }
  return 0;
}

int Operator::show(const std::string& id) {
  jobs::Find question;
  question.id = parse(id);
  const jobs::Find found = ask(std::move(question));
  if (!found.found) return missing(id);
  const jobs::JobRecord& job = *found.found;
  if (settings_.prints_json) {
    std::cout << as_json(view_of(job)) << std::endl;
    return 0;
  }
  std::vector<std::vector<std::string>> rows{
      {"id", id},
      {"kind", job.kind},
      {"queue", job.queue},
      {"state", std::string(name_of(job.state))},
      {"attempt", std::to_string(job.attempt) + " of " + std::to_string(job.max_attempts)},
      {"created", as_text(job.created)}};
  if (job.finished) rows.push_back({"finished", as_text(*job.finished)});
  if (job.state == jobs::JobState::kScheduled || job.state == jobs::JobState::kRetryable) {
    rows.push_back({"due", as_text(job.run_at)});
  }
  if (job.crashes > 0) rows.push_back({"crashes", std::to_string(job.crashes)});
  if (!job.error.empty()) rows.push_back({"error", job.error});
  if (!job.result.empty()) rows.push_back({"result", job.result});
  rows.push_back({"payload", job.payload});
  print_table(rows);
  return 0;
}

int Operator::cancel(const std::string& id) {
  using Answer = jobs::Cancel::Answer;
  jobs::Cancel question;
  question.id = parse(id);
  const Answer answer = ask(question).answer;
  if (answer == Answer::kNotFound) return missing(id);
  if (answer == Answer::kFinalAlready) {
    std::cerr << "it has ended already" << std::endl;
    return 1;
  }
  std::cout << (answer == Answer::kMarked ? "it runs, and was asked to stop" : "cancelled") << std::endl;
  return 0;
}

int Operator::retry(const std::string& id) {
  using Answer = jobs::Retry::Answer;
  jobs::Retry question;
  question.id = parse(id);
  const Answer answer = ask(question).answer;
  if (answer == Answer::kNotFound) return missing(id);
  if (answer != Answer::kAvailable) {
    std::cerr << (answer == Answer::kTaken ? "another job has its unique key now" : "it has not ended") << std::endl;
    return 1;
  }
  std::cout << "available" << std::endl;
  return 0;
}

int Operator::pause(const std::string& queue, bool is_paused) {
  jobs::Pause question;
  question.queue = queue;
  question.is_paused = is_paused;
  ask(std::move(question));
  std::cout << queue << (is_paused ? " is paused" : " is no longer paused") << std::endl;
  return 0;
}

int Operator::stats() {
  const jobs::Stats stats = ask(jobs::Stats());
  std::vector<std::vector<std::string>> rows{{"QUEUE", "WAITING", "SCHEDULED", "RETRYABLE", "AVAILABLE", "RUNNING",
                                              "COMPLETED", "CANCELLED", "DISCARDED", ""}};
  for (const auto& queue : stats.queues) {
    std::vector<std::string> row{queue.name};
    for (const std::size_t count : queue.count) row.push_back(std::to_string(count));
    row.push_back(queue.is_paused ? "paused" : "");
    rows.push_back(std::move(row));
  }
  if (settings_.prints_json) {
    std::string json = "{\"queues\":[";
    for (const auto& queue : stats.queues) {
      if (json.back() != '[') json += ',';
      json +=
          "{\"name\":" + as_json(queue.name) + ",\"is_paused\":" + (queue.is_paused ? "true" : "false") + ",\"jobs\":{";
      for (int state = 0; state < 8; ++state) {
        json += (state > 0 ? ",\"" : "\"") + std::string(name_of(static_cast<jobs::JobState>(state))) +
                "\":" + std::to_string(queue.count[state]);
      }
      json += "}}";
    }
    std::cout << json << "],\"workers\":" << stats.workers.size() << "}" << std::endl;
    return 0;
  }
  print_table(rows);
  std::vector<std::vector<std::string>> workers{{"WORKER", "HOST", "PROCESS", "RUNNING", "LEASE"}};
  for (const auto& worker : stats.workers) {
    workers.push_back({std::to_string(worker.number), worker.host, std::to_string(worker.process),
                       std::to_string(worker.running),
                       worker.is_dead ? "dead" : std::to_string(worker.lease_left.count()) + " ms left"});
  }
  std::cout << '\n';
  print_table(workers);
  return 0;
}

int Operator::purge() {
  std::size_t purged = 0;
  for (;;) {
    const jobs::Purge purge = ask(jobs::Purge());
    purged += purge.purged;
    if (purge.purged < purge.limit) break;
  }
  std::cout << purged << " removed" << std::endl;
  return 0;
}

int act(const Settings& settings, jobs::Store& store, std::span<const std::string> words) {
  Operator acting(settings, store);
  const std::string& action = words.front();
  const auto rest = words.subspan(1);
  if (action == "list") return acting.list(rest);
  if ((action == "stats" || action == "purge") && rest.empty()) {
    return action == "stats" ? acting.stats() : acting.purge();
  }
  const bool is_of_one = action == "show" || action == "cancel" || action == "retry" || action == "pause" ||
                         action == "resume" || action == "backup";
  if (!is_of_one) throw Usage{"unknown action '" + action + "'"};
  if (rest.size() != 1) throw Usage{action + " takes one argument"};
  if (action == "show") return acting.show(rest.front());
  if (action == "cancel") return acting.cancel(rest.front());
  if (action == "retry") return acting.retry(rest.front());
  return acting.pause(rest.front(), action == "pause");
}

}  // namespace

int run_jobs_command(const Settings& settings, const jobs::JobTable& table, const std::string& name,
                     std::span<const std::string> arguments) {
  if (arguments.empty() || arguments.front() == "help") {
    (arguments.empty() ? std::cerr : std::cout) << kHelp << std::flush;
    return arguments.empty() ? 2 : 0;
  }
  const std::string path = JobsRun::path_of(settings, name);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    throw StartError("there is no store of jobs at " + path + "; say where: --data");
  try {
    if (arguments.front() == "backup" && arguments.size() == 2) {
      jobs::SqliteStore::back_up(path, arguments[1]);
      std::cout << "written to " << arguments[1] << std::endl;
      return 0;
    }
    base::NullLog log;
    observe::MetricsRegistry metrics;
    JobsRun run(settings, table, name, log, metrics);
    return act(settings, run.store(), arguments);
  } catch (const Usage& usage) {
    std::cerr << name << ": jobs: " << usage.sentence << "; see `" << name << " jobs help`" << std::endl;
    return 2;
  }
}

}  // namespace weir::app
