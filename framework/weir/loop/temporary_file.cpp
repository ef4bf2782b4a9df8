// SPDX-License-Identifier: MIT
#include <weir/loop/temporary_file.hpp>

#include <weir/base/check.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/internal/posix_file.hpp>
#include <weir/loop/loop.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

namespace weir::loop {
namespace {

std::string temporary_folder() {
  const char* const folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

int open_nameless(const std::string& folder) {
  const int number = ::open(folder.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  const bool is_unknown = number < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL);
  if (!is_unknown) return number;
  std::string name = folder + "/weir-XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

}  // namespace

struct TemporaryFile::State {
  State(Loop& loop_in, TemporaryFileEvents& events_in)
      : loop(loop_in), events(&events_in), folder(temporary_folder()) {}

  void start(uv_work_cb work, uv_after_work_cb after) {
    uv.data = this;
    WEIR_CHECK(uv_queue_work(loop.native(), &uv, work, after) == 0);
  }

  // On a thread of libuv's pool.
  void append() noexcept {
    try {
      if (descriptor < 0) descriptor = open_nameless(folder);
      if (descriptor < 0) internal::throw_errno("make a temporary file in", folder);
      internal::write_fully(descriptor, pending, size, folder);
      size += pending.size();
    } catch (const FileError& failure) {
      error = failure.to_error();
    } catch (const std::exception& failure) {
      error = base::Error(base::ErrorCode::kExhausted, failure.what());
    }
    std::string().swap(pending);
  }

  // The last of a file's names is this descriptor or mapping: giving it back takes long where the file is.
  void close() noexcept {
    if (mapping != nullptr) ::munmap(mapping, size);
    if (descriptor >= 0) ::close(descriptor);
  }

  void end() {
    if (mapping == nullptr && descriptor < 0) {
      delete this;
      return;
    }
    start([](uv_work_t* work) noexcept { static_cast<State*>(work->data)->close(); },
          [](uv_work_t* work, int) noexcept { delete static_cast<State*>(work->data); });
  }

  Loop& loop;
  TemporaryFileEvents* events;  // null once nobody listens
  const std::string folder;
  uv_work_t uv{};
  std::string pending;
  std::uint64_t size = 0;
  int descriptor = -1;
  void* mapping = nullptr;
  std::optional<base::Error> error;
  bool is_working = false;
};

TemporaryFile::TemporaryFile(Loop& loop, TemporaryFileEvents& events) : state_(new State(loop, events)) {}

TemporaryFile::~TemporaryFile() {
  WEIR_CHECK(state_->loop.in_loop_thread());
  state_->events = nullptr;
  if (!state_->is_working) state_->end();
}

void TemporaryFile::write(std::string bytes) {
  State& state = *state_;
  WEIR_CHECK(state.loop.in_loop_thread() && !state.is_working && state.mapping == nullptr);
  state.pending = std::move(bytes);
  state.is_working = true;
  state.start([](uv_work_t* work) noexcept { static_cast<State*>(work->data)->append(); },
              [](uv_work_t* work, int) noexcept {
                State& ended = *static_cast<State*>(work->data);
                ended.is_working = false;
                if (ended.events == nullptr) return ended.end();
                const std::optional<base::Error> error = std::exchange(ended.error, std::nullopt);
                ended.events->on_written(error ? &*error : nullptr);
              });
}

bool TemporaryFile::is_writing() const {
  return state_->is_working;
}

base::Result<std::string_view> TemporaryFile::map() {
  State& state = *state_;
  WEIR_CHECK(!state.is_working && state.mapping == nullptr && state.descriptor >= 0 && state.size > 0);
  void* const mapping = ::mmap(nullptr, state.size, PROT_READ, MAP_SHARED, state.descriptor, 0);
  if (mapping == MAP_FAILED) return base::Error::from_errno(errno, "map a temporary file");
  state.mapping = mapping;
  ::close(std::exchange(state.descriptor, -1));  // not the last reference: the mapping keeps the file
  return std::string_view(static_cast<const char*>(mapping), state.size);
}

}  // namespace weir::loop
