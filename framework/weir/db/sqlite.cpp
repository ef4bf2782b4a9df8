// SPDX-License-Identifier: MIT
#include <weir/db/sqlite.hpp>

#include <weir/base/check.hpp>
#include <weir/base/clock.hpp>
#include <weir/db/internal/file_claim.hpp>
#include <weir/db/internal/readers.hpp>
#include <weir/db/internal/writer.hpp>

#include <future>

namespace weir::db {

Sqlite::Sqlite(Options options, base::Log& log, base::Metrics& metrics)
    : options_(std::move(options)), log_(log), claim_(std::make_unique<internal::FileClaim>(options_.path)) {
  Connection::Options connection{.path = options_.path, .is_read_only = false, .vfs = options_.vfs};
  writer_ = std::make_unique<internal::Writer>(internal::Writer::Parts{.connection = connection,
                                                                       .gate_path = options_.path + "-gate",
                                                                       .reserve_bytes = options_.reserve_bytes,
                                                                       .log_bytes_alarm = options_.log_bytes_alarm,
                                                                       .log = log,
                                                                       .metrics = metrics});
  connection.is_read_only = true;
  readers_ = std::make_unique<internal::Readers>(connection, options_.readers, options_.reads_waiting_max,
                                                 options_.read_time_max);
}

Sqlite::~Sqlite() = default;

void Sqlite::submit(Write& write) {
  writer_->submit(write);
}

bool Sqlite::try_submit(Write& write) {
  return writer_->try_submit(write);
}

void Sqlite::submit_new(std::unique_ptr<UserWrite> write) {
  if (!writer_->try_submit(*write)) throw DatabaseError(ErrorKind::kBusy, "too many writes wait for the disk");
  static_cast<void>(write.release());  // until settled
}

bool Sqlite::try_read(base::UniqueFunction<void(Connection&)> read) {
  return readers_->try_submit(std::move(read));
}

void Sqlite::submit_read(base::UniqueFunction<void(Connection&)> read) {
  if (!try_read(std::move(read))) throw DatabaseError(ErrorKind::kBusy, "too many reads wait");
}

void Sqlite::UserWrite::apply(Connection& connection) {
  struct Guard {
    Guard(Connection& guarded, base::TimePoint deadline) : connection(guarded) { connection.guard(deadline); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { connection.lift_guard(); }
    Connection& connection;
  };
  const base::Clock& clock = base::SystemClock::instance();
  const base::TimePoint begin = clock.now();
  {
    const Guard guard(connection, begin + sqlite_.options_.transact_time_max);
    run(connection);
  }
  const auto took = clock.now() - begin;
  if (took <= sqlite_.options_.transact_time_max) return;
  sqlite_.log_.warn("db.transact_slow",
                    {{"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
}

void Sqlite::UserWrite::settled(Settlement settlement, std::exception_ptr failure) noexcept {
  const std::unique_ptr<UserWrite> self(this);
  WEIR_CHECK((settlement == Settlement::kCommitted) == (failure == nullptr));
  end(std::move(failure));
}

Query Sqlite::start(Connection& connection, std::string_view sql, const std::vector<Value>& parameters) {
  std::vector<BoundValue> values;
  values.reserve(parameters.size());
  for (const Value& value : parameters) values.push_back(bound(value));
  return connection.start(sql, values);
}

loop::Task<Rows> Sqlite::read_rows(std::string sql, std::vector<Value> parameters) {
  auto work = [sql = std::move(sql), parameters = std::move(parameters)](Connection& connection) {
    Query query = start(connection, sql, parameters);
    return take_rows(query);
  };
  return read(std::move(work));
}

void Sqlite::transact_and_wait(base::UniqueFunction<void(Connection&)> function) {
  class Waited final : public Write {
   public:
    explicit Waited(base::UniqueFunction<void(Connection&)>& body) : Write(Traits{}), function(body) {}
    void apply(Connection& connection) override { function(connection); }
    void settled(Settlement, std::exception_ptr failure) noexcept override {
      auto own = std::move(done);  // whoever waits destroys this object at once
      failure ? own.set_exception(std::move(failure)) : own.set_value();
    }
    base::UniqueFunction<void(Connection&)>& function;
    std::promise<void> done;
  };
  Waited write(function);
  auto done = write.done.get_future();
  submit(write);
  done.get();
}

void Sqlite::read_and_wait(base::UniqueFunction<void(Connection&)> function) {
  std::promise<void> done;
  auto is_done = done.get_future();
  submit_read([&function, done = std::move(done)](Connection& connection) mutable {
    try {
      function(connection);
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  is_done.get();
}

}  // namespace weir::db
