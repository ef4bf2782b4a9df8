// SPDX-License-Identifier: MIT
#include "tests/db/fault_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::db {
namespace {

constexpr std::size_t kSectorBytes = 512;

struct Change {
  std::size_t at = 0;
  std::string bytes;
  bool is_truncation = false;
};

void write_at(std::string& content, std::size_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(at));
}
void make(std::string& content, const Change& change) {
  if (change.is_truncation) {
    content.resize(std::min(change.at, content.size()));
  } else {
    write_at(content, change.at, change.bytes);
  }
}

struct FileState {
  std::string synced;
  std::vector<Change> pending;
  std::int64_t size = 0;
};

std::string lose_power(const FileState& file, std::mt19937& random) {
  std::string content = file.synced;
  if (random() % 2 == 0) {  // a part that ends within a write
    const std::size_t kept = random() % (file.pending.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) make(content, file.pending[i]);
    if (kept == file.pending.size() || file.pending[kept].is_truncation) return content;
    const Change& torn = file.pending[kept];
    write_at(content, torn.at, std::string_view(torn.bytes).substr(0, random() % torn.bytes.size()));
    return content;
  }
  for (const Change& change : file.pending) {  // any sectors
    if (change.is_truncation) {
      if (random() % 2 == 0) make(content, change);
      continue;
    }
    for (std::size_t at = 0; at < change.bytes.size();) {
      const std::size_t length = std::min(kSectorBytes - (change.at + at) % kSectorBytes, change.bytes.size() - at);
      if (random() % 2 == 0) write_at(content, change.at + at, std::string_view(change.bytes).substr(at, length));
      at += length;
    }
  }
  return content;
}

}  // namespace

struct FaultVfs::Native {
  struct File {
    sqlite3_file base;  // what SQLite sees
    Native* owner;
    std::shared_ptr<FileState>* state;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File& file_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static sqlite3_file* real_of(sqlite3_file* file) { return file_of(file).real(); }
  static Native& native_of(sqlite3_vfs* vfs) { return *static_cast<Native*>(vfs->pAppData); }

  /// Counts an operation; the fault that it meets.
  std::optional<Fault> begin_operation() {
    std::function<void()> call;
    std::optional<Fault> met;
    {
      const std::lock_guard lock(mutex);
      const std::size_t at = ++operations;
      if (at == call_at) call = std::exchange(call_then, nullptr);
      if (fail_from != 0 && (lasts == Lasts::kOnce ? at == fail_from : at >= fail_from)) {
        ++failures;
        met = fault;
      }
    }
    if (call) call();
    return met;
  }

  static int write(sqlite3_file* handle, const void* data, int amount, sqlite3_int64 at) {
    File& file = file_of(handle);
    const auto met = file.owner->begin_operation();
    const std::lock_guard lock(file.owner->mutex);
    FileState& state = **file.state;
    const std::int64_t growth = std::max<std::int64_t>(at + amount - state.size, 0);
    const bool has_room = !file.owner->room || growth <= *file.owner->room;
    const int done = met || !has_room ? amount / 2 : amount;
    if (done > 0 && (met || has_room)) {
      const int code = file.real()->pMethods->xWrite(file.real(), data, done, at);
      if (code != SQLITE_OK) return code;
      state.pending.push_back(
          {static_cast<std::size_t>(at), {static_cast<const char*>(data), static_cast<std::size_t>(done)}});
      state.size = std::max<std::int64_t>(state.size, at + done);
    }
    if (met) return *met == Fault::kIo ? SQLITE_IOERR_WRITE : SQLITE_FULL;
    if (!has_room) return SQLITE_FULL;
    if (file.owner->room) *file.owner->room -= growth;
    return SQLITE_OK;
  }
  static int truncate(sqlite3_file* handle, sqlite3_int64 size) {
    File& file = file_of(handle);
    if (file.owner->begin_operation()) return SQLITE_IOERR_TRUNCATE;
    const std::lock_guard lock(file.owner->mutex);
    FileState& state = **file.state;
    if (const int code = file.real()->pMethods->xTruncate(file.real(), size); code != SQLITE_OK) return code;
    if (file.owner->room) *file.owner->room += std::max<std::int64_t>(state.size - size, 0);
    state.pending.push_back({static_cast<std::size_t>(size), {}, true});
    state.size = size;
    return SQLITE_OK;
  }
  static int sync(sqlite3_file* handle, int) {
    File& file = file_of(handle);
    if (file.owner->begin_operation()) return SQLITE_IOERR_FSYNC;
    const std::lock_guard lock(file.owner->mutex);
    FileState& state = **file.state;
    for (const Change& change : std::exchange(state.pending, {})) make(state.synced, change);
    ++file.owner->syncs;
    return SQLITE_OK;
  }
  static int close(sqlite3_file* handle) {
    File& file = file_of(handle);
    const int code = file.real()->pMethods->xClose(file.real());
    const std::lock_guard lock(file.owner->mutex);
    delete std::exchange(file.state, nullptr);
    return code;
  }

  static const sqlite3_io_methods& methods() {
    static const sqlite3_io_methods table = [] {
      sqlite3_io_methods all{};
      all.iVersion = 2;  // no memory maps
      all.xClose = &Native::close;
      all.xWrite = &Native::write;
      all.xTruncate = &Native::truncate;
      all.xSync = &Native::sync;
      all.xRead = [](sqlite3_file* file, void* to, int amount, sqlite3_int64 at) {
        return real_of(file)->pMethods->xRead(real_of(file), to, amount, at);
      };
      all.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
        return real_of(file)->pMethods->xFileSize(real_of(file), size);
      };
      all.xLock = [](sqlite3_file* file, int kind) { return real_of(file)->pMethods->xLock(real_of(file), kind); };
      all.xUnlock = [](sqlite3_file* file, int kind) { return real_of(file)->pMethods->xUnlock(real_of(file), kind); };
      all.xCheckReservedLock = [](sqlite3_file* file, int* out) {
        return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
      };
      all.xFileControl = [](sqlite3_file* file, int what, void* with) {
        return real_of(file)->pMethods->xFileControl(real_of(file), what, with);
      };
      all.xSectorSize = [](sqlite3_file* file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); };
      all.xDeviceCharacteristics = [](sqlite3_file* file) {
        return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
      };
      all.xShmMap = [](sqlite3_file* file, int page, int size, int extend, void volatile** out) {
        return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
      };
      all.xShmLock = [](sqlite3_file* file, int offset, int count, int flags) {
        return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
      };
      all.xShmBarrier = [](sqlite3_file* file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); };
      all.xShmUnmap = [](sqlite3_file* file, int with_delete) {
        return real_of(file)->pMethods->xShmUnmap(real_of(file), with_delete);
      };
      return all;
    }();
    return table;
  }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* handle, int flags, int* out_flags) {
    Native& native = native_of(vfs);
    File& file = file_of(handle);
    file.base.pMethods = nullptr;
    const int code = native.real->xOpen(native.real, path, file.real(), flags, out_flags);
    if (code != SQLITE_OK) return code;
    const std::lock_guard lock(native.mutex);
    std::shared_ptr<FileState> state = std::make_shared<FileState>();
    if (path != nullptr) {
      std::shared_ptr<FileState>& known = native.files[path];
      if (!known) {
        known = state;
        sqlite3_int64 size = 0;
        file.real()->pMethods->xFileSize(file.real(), &size);
        state->size = size;
        state->synced.resize(static_cast<std::size_t>(size));
        file.real()->pMethods->xRead(file.real(), state->synced.data(), static_cast<int>(size), 0);
      }
      state = known;
    }
    file.base.pMethods = &methods();
    file.owner = &native;
    file.state = new std::shared_ptr<FileState>(std::move(state));
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    Native& native = native_of(vfs);
    const std::lock_guard lock(native.mutex);
    native.files.erase(path);
    return native.real->xDelete(native.real, path, sync_folder);
  }

  sqlite3_vfs* real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs vfs = *real;
  mutable std::mutex mutex;  // guards the rest
  std::map<std::string, std::shared_ptr<FileState>> files;
  std::size_t operations = 0;
  std::size_t syncs = 0;
  std::size_t failures = 0;
  std::size_t fail_from = 0;  // 0: never
  Fault fault = Fault::kIo;
  Lasts lasts = Lasts::kOnce;
  std::optional<std::int64_t> room;
  std::size_t call_at = 0;
  std::function<void()> call_then;
};

FaultVfs::FaultVfs() : native_(std::make_unique<Native>()) {
  static std::atomic<int> count{0};
  name_ = "fault-" + std::to_string(++count);
  sqlite3_vfs& vfs = native_->vfs;
  vfs.szOsFile = static_cast<int>(sizeof(Native::File)) + native_->real->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = name_.c_str();
  vfs.pAppData = native_.get();
  vfs.xOpen = &Native::open;
  vfs.xDelete = &Native::remove;
  sqlite3_vfs_register(&vfs, 0);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&native_->vfs);
}

std::size_t FaultVfs::syncs() const {
  const std::lock_guard lock(native_->mutex);
  return native_->syncs;
}
std::size_t FaultVfs::operations() const {
  const std::lock_guard lock(native_->mutex);
  return native_->operations;
}
std::size_t FaultVfs::failures() const {
  const std::lock_guard lock(native_->mutex);
  return native_->failures;
}

void FaultVfs::fail_at(std::size_t nth, Fault fault, Lasts lasts) {
  const std::lock_guard lock(native_->mutex);
  native_->fail_from = native_->operations + nth;
  native_->fault = fault;
  native_->lasts = lasts;
}
void FaultVfs::heal() {
  const std::lock_guard lock(native_->mutex);
  native_->fail_from = 0;
  native_->room.reset();
}
void FaultVfs::set_room(std::optional<std::int64_t> bytes) {
  const std::lock_guard lock(native_->mutex);
  native_->room = bytes;
}
void FaultVfs::call_at(std::size_t nth, std::function<void()> function) {
  const std::lock_guard lock(native_->mutex);
  native_->call_at = native_->operations + nth;
  native_->call_then = std::move(function);
}

FaultVfs::Image FaultVfs::after_power_loss(std::uint32_t seed) const {
  std::mt19937 random(seed);
  const std::lock_guard lock(native_->mutex);
  Image image;
  for (const auto& [path, state] : native_->files) {
    image[path] = seed == 0 ? state->synced : lose_power(*state, random);
  }
  return image;
}

void FaultVfs::restore(const Image& image, const std::string& from, const std::string& to) {
  for (const char* const suffix : {"", "-wal", "-shm", "-journal"}) {
    std::filesystem::remove(to + suffix);
    const auto found = image.find(from + suffix);
    if (found != image.end()) std::ofstream(to + suffix, std::ios::binary | std::ios::trunc) << found->second;
  }
}

}  // namespace weir::db
