// SPDX-License-Identifier: MIT
#include <weir/loop/read_only_file.hpp>

#include <weir/base/check.hpp>
#include <weir/loop/internal/blocking_work.hpp>
#include <weir/loop/internal/posix_file.hpp>
#include <weir/loop/loop.hpp>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace weir::loop {
namespace {

constexpr std::size_t kSendBytes = 1 << 20;  // how far it goes between two looks at the stop
constexpr std::size_t kNextBytes = 16 << 10;

class SharedRead final : public internal::BlockingWork {
 public:
  SharedRead(int descriptor, const std::string& path, std::span<char> into, std::uint64_t offset)
      : BlockingWork(Loop::current()), descriptor_(descriptor), path_(path), into_(into), offset_(offset) {}
  std::size_t count = 0;

 private:
  void run() override { count = internal::read_fully(descriptor_, into_, offset_, path_); }
  int descriptor_;
  const std::string& path_;
  std::span<char> into_;
  std::uint64_t offset_;
};

struct Part {
  std::uint64_t offset;
  std::uint64_t bytes;
};

class Send final : public internal::BlockingWork {
 public:
  // A descriptor of its own: the connection may close meanwhile, and its number be another's by then.
  Send(const ReadOnlyFile& file, int descriptor, int socket, Part part, std::string& next)
      : BlockingWork(Loop::current()),
        file_(file),
        descriptor_(descriptor),
        socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)),
        part_(part),
        next_(next) {}
  std::uint64_t sent = 0;

 private:
  // Whatever it ends with shows on the socket, where its owner writes the rest.
  void run() override {
    send();
    if (is_stopped()) return;
    next_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(part_.bytes - sent, kNextBytes)));
    next_.resize(internal::read_fully(descriptor_, next_, part_.offset + sent, file_.path()));
  }
  void send() {
    auto offset = static_cast<off_t>(part_.offset);
    while (sent < part_.bytes && !is_stopped()) {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(part_.bytes - sent, kSendBytes));
      const ssize_t count = ::sendfile(socket_.number(), descriptor_, &offset, step);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return;
      sent += static_cast<std::uint64_t>(count);
    }
  }
  const ReadOnlyFile& file_;
  int descriptor_;
  internal::Descriptor socket_;
  Part part_;
  std::string& next_;
};

Task<std::size_t> read_from(std::shared_ptr<const ReadOnlyFile> file, int descriptor, std::span<char> into,
                            std::uint64_t offset) {
  SharedRead work(descriptor, file->path(), into, offset);
  co_await work;
  co_return work.count;
}

Task<std::uint64_t> send_from(std::shared_ptr<const ReadOnlyFile> file, int descriptor, int socket, Part part,
                              std::string* next) {
  Send work(*file, descriptor, socket, part, *next);
  co_await work;
  co_return work.sent;
}

}  // namespace

// The last close of a file that was deleted meanwhile gives its blocks back, which takes time.
ReadOnlyFile::~ReadOnlyFile() {
  Loop* const loop = Loop::find_current();
  if (loop == nullptr) {
    ::close(descriptor_);
    return;
  }
  const auto closed = [](uv_fs_t* uv) noexcept {
    uv_fs_req_cleanup(uv);
    delete uv;
  };
  WEIR_CHECK(uv_fs_close(loop->native(), std::make_unique<uv_fs_t>().release(), descriptor_, closed) == 0);
}

Task<std::size_t> ReadOnlyFile::read_at(std::span<char> into, std::uint64_t offset) const {
  return read_from(shared_from_this(), descriptor_, into, offset);
}

Task<std::uint64_t> ReadOnlyFile::send_to(int socket, std::uint64_t offset, std::uint64_t bytes,
                                          std::string* next) const {
  return send_from(shared_from_this(), descriptor_, socket, {offset, bytes}, next);
}

}  // namespace weir::loop
