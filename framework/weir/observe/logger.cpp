// SPDX-License-Identifier: MIT
#include <weir/observe/logger.hpp>

#include <weir/base/check.hpp>
#include <weir/base/thread.hpp>
#include <weir/loop/loop.hpp>
#include <weir/observe/log_render.hpp>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <unistd.h>
#include <array>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

namespace weir::observe {
namespace {

// Of one loop's turn.
constexpr std::size_t kBatchBytes = 16 << 10;
static_assert(LogLine::kCapacity <= kBatchBytes);

// Between two writes: gathers lines, so that under load neither side pays a system call for each.
constexpr std::chrono::milliseconds kGatherTime{5};

class CallbackSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit CallbackSink(LogSink callback) : callback_(std::move(callback)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    callback_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

 private:
  LogSink callback_;
};

spdlog::sink_ptr make_sink(std::variant<std::FILE*, LogSink> output) {
  if (auto* callback = std::get_if<LogSink>(&output)) return std::make_shared<CallbackSink>(std::move(*callback));
  // spdlog's mutex for the console is the process's: two loggers on one file do not mix their lines.
  using FileSink = spdlog::sinks::stdout_sink_base<spdlog::details::console_mutex>;
  return std::make_shared<FileSink>(std::get<std::FILE*>(output));
}

bool is_terminal(const std::variant<std::FILE*, LogSink>& output) {
  const auto* file = std::get_if<std::FILE*>(&output);
  WEIR_CHECK(file == nullptr || *file != nullptr);
  return file != nullptr && ::isatty(::fileno(*file)) == 1;
}

// Read once: asking for it with each line would take the C library's lock on the time zone.
std::chrono::seconds utc_offset_of(base::WallTime time) {
  const std::time_t seconds = base::WallTime::clock::to_time_t(time);
  std::tm local{};
  return std::chrono::seconds(::localtime_r(&seconds, &local) == nullptr ? 0 : local.tm_gmtoff);
}

}  // namespace

// Invariant: pending_ holds at most queue_bytes + reserve_bytes, which both buffers can take without growing.
class Logger::Writer {
 public:
  explicit Writer(LoggerOptions options);

  /// Writes everything and ends the thread. Last: what is pushed after it is dropped.
  void close();

  void render(LogLine& line, const LogEvent& event) const;
  /// One or more whole lines.
  void push(base::LogLevel level, std::string_view lines) noexcept;
  bool flush_until(std::chrono::steady_clock::time_point limit);
  std::uint64_t dropped() const;
  base::WallTime now() const { return options_.clock->wall_now(); }
  std::string_view name() const { return options_.name; }

 private:
  void append(std::string_view lines, std::size_t room_bytes) noexcept;
  void run();
  void write_out(std::uint64_t dropped);

  LoggerOptions options_;
  HumanStyle style_;
  spdlog::logger spdlog_;
  std::string writing_;  // The logger's thread only.

  mutable std::mutex mutex_;
  std::condition_variable wake_;   // For the logger's thread.
  std::condition_variable wrote_;  // For flush.
  std::string pending_;
  std::uint64_t pushed_bytes_ = 0;
  std::uint64_t written_bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t dropped_told_ = 0;
  bool is_waiting_ = false;  // The thread sleeps until it is woken.
  bool is_urgent_ = false;   // No gathering now.
  bool is_stopping_ = false;
  std::thread thread_;
};

Logger::Writer::Writer(LoggerOptions options)
    : options_(std::move(options)), spdlog_(options_.name, make_sink(options_.output)) {
  WEIR_CHECK(options_.queue_bytes > 0 && options_.clock != nullptr);
  if (options_.format == LogFormat::kAuto) {
    options_.format = is_terminal(options_.output) ? LogFormat::kHuman : LogFormat::kJson;
  }
  style_ = {is_terminal(options_.output), utc_offset_of(now())};
  spdlog_.set_level(spdlog::level::trace);
  spdlog_.set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, ""));
  pending_.reserve(options_.queue_bytes + options_.reserve_bytes);
  writing_.reserve(options_.queue_bytes + options_.reserve_bytes);
  thread_ = base::start_thread("weir-log", [this] { run(); });
}

void Logger::Writer::close() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Logger::Writer::render(LogLine& line, const LogEvent& event) const {
  if (options_.format == LogFormat::kHuman) return render_human(line, event, style_);
  render_json(line, event);
}

// With the mutex held. Of several lines that do not fit, as many as do.
void Logger::Writer::append(std::string_view lines, std::size_t room_bytes) noexcept {
  while (!lines.empty()) {
    const bool do_all_fit = pending_.size() + lines.size() <= room_bytes;
    const std::string_view part = do_all_fit ? lines : lines.substr(0, lines.find('\n') + 1);
    if (pending_.size() + part.size() <= room_bytes) {
      pending_ += part;
      pushed_bytes_ += part.size();
    } else {
      ++dropped_;
      if (options_.dropped_lines != nullptr) options_.dropped_lines->add();
    }
    lines.remove_prefix(part.size());
  }
}

void Logger::Writer::push(base::LogLevel level, std::string_view lines) noexcept {
  const bool is_grave = level >= base::LogLevel::kWarn;
  std::unique_lock lock(mutex_);
  if (is_stopping_) return;  // the counter of dropped lines may have gone, too
  append(lines, options_.queue_bytes + (is_grave ? options_.reserve_bytes : 0));
  const bool was_urgent = std::exchange(is_urgent_, is_urgent_ || is_grave);
  const bool is_asleep = std::exchange(is_waiting_, false) || was_urgent != is_urgent_;
  lock.unlock();
  if (is_asleep) wake_.notify_one();
}

bool Logger::Writer::flush_until(std::chrono::steady_clock::time_point limit) {
  std::unique_lock lock(mutex_);
  const std::uint64_t target = pushed_bytes_;
  is_urgent_ = true;
  wake_.notify_one();
  return wrote_.wait_until(lock, limit, [this, target] { return written_bytes_ >= target; });
}

std::uint64_t Logger::Writer::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

void Logger::Writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    is_waiting_ = true;
    wake_.wait(lock, [this] { return !pending_.empty() || dropped_ != dropped_told_ || is_stopping_; });
    is_waiting_ = false;
    is_urgent_ = false;
    if (pending_.empty() && dropped_ == dropped_told_) return;
    pending_.swap(writing_);
    const std::uint64_t target = pushed_bytes_;
    const std::uint64_t dropped = dropped_ - std::exchange(dropped_told_, dropped_);
    lock.unlock();
    write_out(dropped);
    lock.lock();
    written_bytes_ = target;
    wrote_.notify_all();
    wake_.wait_for(lock, kGatherTime, [this] { return is_urgent_ || is_stopping_; });
  }
}

void Logger::Writer::write_out(std::uint64_t dropped) {
  if (dropped > 0) {
    LogLine line;
    const std::array<base::LogField, 1> fields{base::LogField("count", dropped)};
    render(line, {now(), base::LogLevel::kWarn, "log.dropped", fields, name()});
    writing_ += line.text();
  }
  spdlog_.log(spdlog::level::info, spdlog::string_view_t(writing_.data(), writing_.size()));
  writing_.clear();
}

// The lines of one loop's turn on their way to the queue.
class Logger::Batch final : public loop::LoopExtension, private loop::Completion {
 public:
  explicit Batch(loop::Loop& loop) : Completion(loop::kCallback), loop_(loop) { lines_.reserve(kBatchBytes); }

  void add(const std::shared_ptr<Writer>& to, std::string_view line) noexcept {
    const bool is_other = to_.owner_before(to) || to.owner_before(to_);
    if (is_other || lines_.size() + line.size() > kBatchBytes) hand_over();
    if (is_other) to_ = to;
    lines_ += line;
    if (!std::exchange(is_due_, true)) loop_.complete(*this);
  }

 private:
  void on_loop() noexcept override {
    is_due_ = false;
    hand_over();
  }
  void hand_over() noexcept {
    const std::shared_ptr<Writer> writer = to_.lock();
    if (writer && !lines_.empty()) writer->push(base::LogLevel::kInfo, lines_);
    lines_.clear();
  }

  loop::Loop& loop_;
  std::weak_ptr<Writer> to_;  // whose lines these are
  std::string lines_;
  bool is_due_ = false;
};

Logger::Logger(LoggerOptions options) {
  set_level(options.level);
  writer_ = std::make_shared<Writer>(std::move(options));
}

// Not left to the last owner, which may be a loop at the end of its turn.
Logger::~Logger() {
  writer_->close();
}

void Logger::flush() {
  while (!flush_within(std::chrono::hours(1))) {
  }
}

bool Logger::flush_within(std::chrono::milliseconds limit) {
  return writer_->flush_until(std::chrono::steady_clock::now() + limit);
}

std::uint64_t Logger::dropped() const {
  return writer_->dropped();
}

void Logger::write(base::LogLevel level, std::string_view event, std::span<const base::LogField> fields) noexcept {
  LogLine line;
  writer_->render(line, {writer_->now(), level, event, fields, writer_->name()});
  writer_->push(level, line.text());
}

void Logger::write_later(base::LogLevel level, std::string_view event,
                         std::span<const base::LogField> fields) noexcept {
  loop::Loop* const loop = loop::Loop::find_current();
  if (loop == nullptr || level >= base::LogLevel::kWarn) return write(level, event, fields);
  LogLine line;
  writer_->render(line, {writer_->now(), level, event, fields, writer_->name()});
  try {
    loop->extension<Batch>().add(writer_, line.text());
  } catch (...) {  // no memory for a batch
    writer_->push(level, line.text());
  }
}

}  // namespace weir::observe
