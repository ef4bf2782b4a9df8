// SPDX-License-Identifier: MIT
// Where stores live in tests, a home for each kind.
#pragma once

#include "store_conformance.hpp"

#include <weir/db/sqlite.hpp>
#include <weir/jobs/memory_store.hpp>
#include <weir/jobs/sqlite/sqlite_store.hpp>
#include <weir/observe/metrics_registry.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <stdlib.h>

namespace weir::jobs {

class MemoryHome final : public StoreHome {
 public:
  std::unique_ptr<Store> open(const base::ManualClock& clock) override { return std::make_unique<MemoryStore>(clock); }
  bool outlives_store() const override { return false; }
};

/// A file of its own, which goes with the test.
class SqliteHome final : public StoreHome {
 public:
  /// `vfs`: SQLite's own when empty.
  explicit SqliteHome(std::string vfs = {}) : vfs_(std::move(vfs)) {
    std::string folder = (std::filesystem::temp_directory_path() / "weir-store-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("no folder for the store");
    folder_ = folder;
  }
  SqliteHome(const SqliteHome&) = delete;
  SqliteHome& operator=(const SqliteHome&) = delete;
  ~SqliteHome() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Store> open(const base::ManualClock& clock) override {
    return std::make_unique<StoreWithFile>(options(), clock);
  }
  bool outlives_store() const override { return true; }
  std::string path() const { return (folder_ / "jobs.db").string(); }

 private:
  class StoreWithFile final : public Store {
   public:
    StoreWithFile(db::Sqlite::Options options, const base::Clock& clock)
        : file_(std::move(options), log_, metrics_), store_(file_, clock) {}
    void submit(Operation& operation) override { store_.submit(operation); }
    void on_change(std::function<void()> changed) override { store_.on_change(std::move(changed)); }

   private:
    base::NullLog log_;
    observe::MetricsRegistry metrics_;
    db::Sqlite file_;
    SqliteStore store_;
  };

  /// Without a reserve: the disk of the machine that tests may be nearly full.
  db::Sqlite::Options options() const {
    db::Sqlite::Options all(path());
    all.reserve_bytes = 0;
    all.vfs = vfs_;
    return all;
  }

  std::filesystem::path folder_;
  std::string vfs_;
};

template <class Home>
StoreKind kind_of(const std::string& name) {
  return {name, []() -> std::unique_ptr<StoreHome> { return std::make_unique<Home>(); }};
}

inline StoreKind memory_kind() {
  return kind_of<MemoryHome>("Memory");
}
inline StoreKind sqlite_kind() {
  return kind_of<SqliteHome>("Sqlite");
}

}  // namespace weir::jobs
