// SPDX-License-Identifier: MIT
#include <weir/loop/directory.hpp>

#include <weir/loop/file_error.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// A folder "inside" with a file and what may lead astray; beside it what must not be reached.
class DirectoryTest : public CoroutineTest {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "weir-directory-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
    fs::create_directories(folder / "inside" / "sub");
    std::ofstream(folder / "secret") << "secret";
    std::ofstream(folder / "inside" / "file") << "0123456789";
    std::ofstream(folder / "inside" / "sub" / "deep") << "deep";
    fs::create_symlink(folder / "secret", folder / "inside" / "link");
    fs::create_symlink("file", folder / "inside" / "near");
    fs::create_directory_symlink(folder, folder / "inside" / "up");
    ASSERT_EQ(mkfifo((folder / "inside" / "fifo").c_str(), 0600), 0);
  }
  void TearDown() override { fs::remove_all(folder); }

  void run(Task<void> task) {
    spawn(std::move(task));
    while (scope.running() > 0) loop.run_for_event(100ms);
  }
  Task<void> open(const Directory* directory, std::string path) {
    try {
      file = co_await directory->open(std::move(path));
      error = 0;
    } catch (const FileError& failure) {
      error = failure.code().value();
    }
  }
  /// 0, or the error of opening `path` in "inside".
  int error_of(const std::string& path) {
    const Directory directory((folder / "inside").string());
    error = -1;
    run(open(&directory, path));
    return error;
  }

  fs::path folder;
  std::shared_ptr<const ReadOnlyFile> file;
  int error = -1;
};

TEST_F(DirectoryTest, FileBeneathIsOpened) {
  EXPECT_EQ(error_of("file"), 0);
  EXPECT_EQ(file->status().size, 10U);
  EXPECT_EQ(file->path(), "file");
  EXPECT_EQ(error_of("sub/deep"), 0);
}

TEST_F(DirectoryTest, NothingElseIs) {
  EXPECT_EQ(error_of("missing"), ENOENT);
  EXPECT_EQ(error_of("sub"), EISDIR);
  EXPECT_EQ(error_of("file/deep"), ENOTDIR);
  EXPECT_EQ(error_of("link"), ELOOP);
  EXPECT_EQ(error_of("near"), ELOOP);
  EXPECT_EQ(error_of("up/secret"), ELOOP);
  EXPECT_EQ(error_of("../secret"), EXDEV);
  EXPECT_EQ(error_of((folder / "secret").string()), EXDEV);
  EXPECT_EQ(error_of("fifo"), EINVAL);
  EXPECT_EQ(error_of(std::string("file\0x", 6)), EINVAL);
}

TEST_F(DirectoryTest, BothWaysToOpenAgree) {
  const int directory = ::open((folder / "inside").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  for (const char* const path : {"file", "sub/deep", "./file", "sub/./deep", "missing", "missing/deep", "file/deep",
                                 "link", "near", "up/secret", "../secret", "sub/../../secret", "/etc/passwd", "up"}) {
    errno = 0;
    const int at_once = detail::open_beneath(directory, path);
    const int error_at_once = at_once < 0 ? errno : 0;
    const int by_segments = detail::open_beneath_by_segments(directory, path);
    const int error_by_segments = by_segments < 0 ? errno : 0;
    EXPECT_EQ(at_once < 0, by_segments < 0) << path << " " << error_at_once << " " << error_by_segments;
    if (at_once >= 0) ::close(at_once);
    if (by_segments >= 0) ::close(by_segments);
  }
  ::close(directory);
}

TEST_F(DirectoryTest, DirectoryThatIsMovedStaysTheSame) {
  const Directory directory((folder / "inside").string());
  fs::rename(folder / "inside", folder / "elsewhere");
  run(open(&directory, "file"));
  EXPECT_EQ(error, 0);
}

TEST_F(DirectoryTest, MissingDirectoryIsAnError) {
  EXPECT_THROW(Directory((folder / "missing").string()), FileError);
  EXPECT_THROW(Directory((folder / "secret").string()), FileError);
}

// ---- the files ----

class ReadOnlyFileTest : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    std::signal(SIGPIPE, SIG_IGN);  // as App does
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sockets.data()), 0);
  }
  void TearDown() override {
    file.reset();
    while (loop.run_once()) {  // until it is closed
    }
    for (const int socket : sockets) ::close(socket);
    DirectoryTest::TearDown();
  }
  Task<void> read(std::uint64_t offset, std::size_t count) {
    text.resize(count);
    const std::size_t got = co_await file->read_at(text, offset);
    text.resize(got);
  }
  Task<void> send(std::uint64_t offset, std::uint64_t bytes) {
    sent = co_await file->send_to(sockets[0], offset, bytes, &text);
  }
  void fill(std::size_t bytes) {
    std::string content;
    for (std::size_t i = 0; i < bytes; ++i) content += static_cast<char>('a' + i % 23);
    std::ofstream(folder / "inside" / "file") << content;
    EXPECT_EQ(error_of("file"), 0);
    expected = content;
  }
  std::string received() {
    std::string bytes;
    std::array<char, 65536> piece{};
    for (ssize_t count = 0; (count = ::read(sockets[1], piece.data(), piece.size())) > 0;) {
      bytes.append(piece.data(), static_cast<std::size_t>(count));
    }
    return bytes;
  }

  std::array<int, 2> sockets{-1, -1};
  std::string text;
  std::string expected;
  std::uint64_t sent = 0;
};

TEST_F(ReadOnlyFileTest, PartIsRead) {
  fill(100);
  run(read(10, 20));
  EXPECT_EQ(text, expected.substr(10, 20));
  run(read(90, 20));
  EXPECT_EQ(text, expected.substr(90));
  run(read(100, 20));
  EXPECT_EQ(text, "");
}

TEST_F(ReadOnlyFileTest, PartIsSent) {
  fill(1000);
  run(send(100, 500));
  EXPECT_EQ(sent, 500U);
  EXPECT_EQ(text, "");
  EXPECT_EQ(received(), expected.substr(100, 500));
}

TEST_F(ReadOnlyFileTest, WhatASocketDoesNotTakeIsReadFurther) {
  fill(4 << 20);
  run(send(0, 4 << 20));
  EXPECT_LT(sent, std::uint64_t{4} << 20);
  EXPECT_EQ(text, expected.substr(sent, 16 << 10));
  EXPECT_EQ(received(), expected.substr(0, sent));
}

TEST_F(ReadOnlyFileTest, FileThatIsShorterNowHasNoNext) {
  fill(1000);
  std::ofstream(folder / "inside" / "file", std::ios::trunc) << "abc";
  run(send(0, 1000));
  EXPECT_EQ(sent, 3U);
  EXPECT_EQ(text, "");
}

TEST_F(ReadOnlyFileTest, BrokenSocketTakesNothing) {
  fill(1000);
  ::shutdown(sockets[0], SHUT_WR);
  run(send(0, 1000));
  EXPECT_EQ(sent, 0U);
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace weir::loop
