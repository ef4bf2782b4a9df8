// SPDX-License-Identifier: MIT
#include <weir/loop/file.hpp>

#include <weir/base/check.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/internal/blocking_work.hpp>
#include <weir/loop/internal/file_state.hpp>
#include <weir/loop/internal/posix_file.hpp>
#include <weir/loop/loop.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace weir::loop {
namespace {

int flags_of(FileMode mode) {
  switch (mode) {
    case FileMode::kRead:
      return O_RDONLY;
    case FileMode::kWrite:
      return O_WRONLY | O_CREAT | O_TRUNC;
    case FileMode::kReadWrite:
      return O_RDWR | O_CREAT;
  }
  return O_RDONLY;
}

// One call on an open file.
template <class State>
class Call : public internal::BlockingWork {
 public:
  explicit Call(State& state) : BlockingWork(state.loop), state_(state) {
    WEIR_CHECK(state.descriptor >= 0);
    ++state_.calls_in_flight;
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override { --state_.calls_in_flight; }

 protected:
  State& state_;
};

template <class State>
class ReadCall final : public Call<State> {
 public:
  ReadCall(State& state, std::span<char> into, std::uint64_t offset)
      : Call<State>(state), into_(into), offset_(offset) {}
  std::size_t count = 0;

 private:
  void run() override { count = internal::read_fully(this->state_.descriptor, into_, offset_, this->state_.path); }
  std::span<char> into_;
  std::uint64_t offset_;
};

template <class State>
class WriteCall final : public Call<State> {
 public:
  WriteCall(State& state, std::span<const char> bytes, std::uint64_t offset)
      : Call<State>(state), bytes_(bytes), offset_(offset) {}

 private:
  void run() override { internal::write_fully(this->state_.descriptor, bytes_, offset_, this->state_.path); }
  std::span<const char> bytes_;
  std::uint64_t offset_;
};

template <class State>
class SizeCall final : public Call<State> {
 public:
  explicit SizeCall(State& state) : Call<State>(state) {}
  std::uint64_t size = 0;

 private:
  void run() override {
    struct stat status {};
    if (fstat(this->state_.descriptor, &status) != 0) internal::throw_errno("look at", this->state_.path);
    size = static_cast<std::uint64_t>(status.st_size);
  }
};

template <class State>
class SyncCall final : public Call<State> {
 public:
  explicit SyncCall(State& state) : Call<State>(state) {}

 private:
  void run() override {
    if (fsync(this->state_.descriptor) != 0) internal::throw_errno("sync", this->state_.path);
  }
};

template <class State>
class CloseCall final : public Call<State> {
 public:
  explicit CloseCall(State& state) : Call<State>(state) {}

 private:
  void run() override {
    // Linux has closed it even where this reports an error.
    if (::close(std::exchange(this->state_.descriptor, -1)) != 0 && errno != EINTR) {
      internal::throw_errno("close", this->state_.path);
    }
  }
};

// Coroutines of the state rather than of the File, which may move meanwhile.
template <class State>
Task<std::size_t> read_from(State* state, std::span<char> into, std::uint64_t offset) {
  ReadCall<State> call(*state, into, offset);
  co_await call;
  co_return call.count;
}

template <class State>
Task<void> write_to(State* state, std::span<const char> bytes, std::uint64_t offset) {
  WriteCall<State> call(*state, bytes, offset);
  co_await call;
}

template <class State>
Task<std::uint64_t> size_of(State* state) {
  SizeCall<State> call(*state);
  co_await call;
  co_return call.size;
}

template <class State>
Task<void> sync_of(State* state) {
  SyncCall<State> call(*state);
  co_await call;
}

template <class State>
Task<void> close_of(std::unique_ptr<State> state) {
  CloseCall<State> call(*state);
  co_await call;
}

}  // namespace

File::State::~State() {
  WEIR_CHECK(calls_in_flight == 0);
  if (descriptor < 0) return;
  WEIR_CHECK(loop.in_loop_thread());
  const auto closed = [](uv_fs_t* uv) noexcept {
    uv_fs_req_cleanup(uv);
    delete uv;
  };
  WEIR_CHECK(uv_fs_close(loop.native(), closing.release(), descriptor, closed) == 0);
}

void File::State::open(FileMode mode) {
  struct stat found {};
  descriptor = internal::open_regular(path, flags_of(mode), found);
  status = internal::to_status(found);
}

File::File(std::unique_ptr<State> state) : state_(std::move(state)) {}
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
File::~File() = default;

Task<std::size_t> File::read_at(std::span<char> into, std::uint64_t offset) const {
  WEIR_CHECK(state_ != nullptr);
  return read_from(state_.get(), into, offset);
}
Task<void> File::write_at(std::span<const char> bytes, std::uint64_t offset) {
  WEIR_CHECK(state_ != nullptr);
  return write_to(state_.get(), bytes, offset);
}
Task<std::uint64_t> File::size() const {
  WEIR_CHECK(state_ != nullptr);
  return size_of(state_.get());
}
Task<void> File::sync() {
  WEIR_CHECK(state_ != nullptr);
  return sync_of(state_.get());
}
Task<void> File::close() {
  WEIR_CHECK(state_ != nullptr && state_->calls_in_flight == 0);
  return close_of(std::move(state_));
}

const FileStatus& File::status_when_opened() const {
  WEIR_CHECK(state_ != nullptr);
  return state_->status;
}
const std::string& File::path() const {
  WEIR_CHECK(state_ != nullptr);
  return state_->path;
}

}  // namespace weir::loop
