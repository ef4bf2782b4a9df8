// SPDX-License-Identifier: MIT
#include <weir/loop/files.hpp>

#include <weir/loop/file_error.hpp>
#include <weir/loop/when_all.hpp>

#include "tests/loop/coroutine_fixture.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace weir::loop {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::size_t count_of_entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class FilesTest : public CoroutineTest {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "weir-files-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder = name;
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string at(const std::string& name) const { return (folder / name).string(); }
  void put(const std::string& name, const std::string& content) const { std::ofstream(folder / name) << content; }
  std::string content_of(const std::string& name) const {
    std::ostringstream out;
    out << std::ifstream(folder / name).rdbuf();
    return out.str();
  }

  void run(Task<void> task) {
    spawn(std::move(task));
    wait();
  }
  void wait() {
    while (scope.running() > 0) loop.run_for_event(100ms);
  }

  Task<void> read(std::string path, std::size_t limit) {
    const std::string content = co_await files.read(std::move(path), limit);
    log += content + ";";
  }
  Task<void> try_read(std::string path, std::size_t limit) {
    const base::Result<std::string> content = co_await files.try_read(std::move(path), limit);
    if (content) {
      log += *content + ";";
    } else {
      log += "error " + std::to_string(static_cast<int>(content.error().code())) + ";";
    }
  }
  Task<void> open_and_drop(std::string path, FileMode mode) {
    const File file = co_await files.open(std::move(path), mode);
    log += "opened;";
  }
  static std::string code(base::ErrorCode code) { return "error " + std::to_string(static_cast<int>(code)) + ";"; }

  fs::path folder;
  Files files{loop};
};

TEST_F(FilesTest, ReadsAWholeFileOffTheLoop) {
  put("a", "some text");
  const auto task = std::make_shared<Task<void>>(read(at("a"), 100));
  on_loop([this, task] {
    scope.spawn(std::move(*task));
    EXPECT_EQ(scope.running(), 1U) << "the loop does not wait for it";
  });
  wait();
  EXPECT_EQ(log, "some text;");
}

TEST_F(FilesTest, ReadsFilesOfEverySize) {
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 1'048'575U, 1'048'576U, 3'000'000U}) {
    const std::string content(size, 'x');
    put("a", content);
    log.clear();
    run(read(at("a"), size));
    EXPECT_TRUE(log == content + ";") << size;
  }
}

TEST_F(FilesTest, ReadsFilesThatDoNotKnowTheirSize) {
  run(read("/proc/self/status", 1 << 20));
  EXPECT_NE(log.find("VmSize"), std::string::npos);
}

TEST_F(FilesTest, ReadingHasALimit) {
  put("a", "12345");
  run(read(at("a"), 5));
  run(noted("it", read(at("a"), 4)));
  EXPECT_EQ(log, "12345;it: read " + at("a") + ": File too large;");
  log.clear();
  run(try_read(at("a"), 4));
  run(try_read("/proc/self/status", 10));
  EXPECT_EQ(log, code(base::ErrorCode::kExhausted) + code(base::ErrorCode::kExhausted));
}

TEST_F(FilesTest, ErrorsNameTheFile) {
  run(noted("it", read(at("none"), 4)));
  EXPECT_EQ(log, "it: open " + at("none") + ": No such file or directory;");
  log.clear();
  run(try_read(at("none"), 4));
  EXPECT_EQ(log, code(base::ErrorCode::kNotFound));
}

TEST_F(FilesTest, OpensRegularFilesOnly) {
  ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
  run(try_read(at("fifo"), 4));
  run(try_read(at("."), 4));
  run(try_read("/dev/zero", 4));
  run(try_read(at("a") + std::string(1, '\0') + "b", 4));
  EXPECT_EQ(log, code(base::ErrorCode::kInvalidArgument) + code(base::ErrorCode::kSystem) +
                     code(base::ErrorCode::kInvalidArgument) + code(base::ErrorCode::kInvalidArgument));
}

TEST_F(FilesTest, WriteMakesAndReplacesAFileAndLeavesNothingElse) {
  run(files.write(at("a"), "first"));
  EXPECT_EQ(content_of("a"), "first");
  ASSERT_EQ(chmod(at("a").c_str(), 0640), 0);
  run(files.write(at("a"), std::string(3'000'000, 'x')));
  EXPECT_TRUE(content_of("a") == std::string(3'000'000, 'x'));
  struct stat status {};
  ASSERT_EQ(stat(at("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640U);
  EXPECT_EQ(count_of_entries(folder), 1U);
}

TEST_F(FilesTest, AWriteThatFailsLeavesNothing) {
  fs::create_directory(folder / "folder");
  run(noted("it", files.write(at("folder"), "text")));
  run(noted("it", files.write(at("none/a"), "text")));
  run(noted("it", files.write(at(""), "text")));
  EXPECT_EQ(log, "it: write " + at("folder") + ": Is a directory;it: write " + at("none/a") +
                     ": No such file or directory;it: write " + at("") + ": Invalid argument;");
  EXPECT_EQ(count_of_entries(folder), 1U);
  const auto try_write = [](const Files* to, std::string path, bool* is_written) -> Task<void> {
    const base::Result<void> written = co_await to->try_write(std::move(path), "text");
    *is_written = static_cast<bool>(written);
  };
  bool is_written = true;
  run(try_write(&files, at("none/a"), &is_written));
  EXPECT_FALSE(is_written);
  run(try_write(&files, at("a"), &is_written));
  EXPECT_TRUE(is_written);
}

TEST_F(FilesTest, AnOpenFileIsReadInPieces) {
  put("a", "0123456789");
  const auto read_pieces = [](const Files* from, std::string path, std::string* out) -> Task<void> {
    const File file = co_await from->open(std::move(path), FileMode::kRead);
    std::array<char, 4> buffer{};
    for (std::uint64_t offset = 2; offset < file.status_when_opened().size;) {
      const std::size_t count = co_await file.read_at(buffer, offset);
      *out += std::string(buffer.data(), count) + ";";
      offset += count;
    }
    const std::size_t beyond = co_await file.read_at(buffer, 10);
    *out += std::to_string(beyond) + ";";
  };
  run(read_pieces(&files, at("a"), &log));
  EXPECT_EQ(log, "2345;6789;0;");
}

TEST_F(FilesTest, AnOpenFileIsWrittenInPieces) {
  const auto write_pieces = [](const Files* to, std::string path, std::string* out) -> Task<void> {
    File file = co_await to->open(std::move(path), FileMode::kReadWrite);
    co_await when_all(file.write_at(std::string_view("5678"), 4), file.write_at(std::string_view("1234"), 0));
    co_await file.sync();
    const std::uint64_t size = co_await file.size();
    *out += std::to_string(size);
    co_await file.close();
  };
  run(write_pieces(&files, at("a"), &log));
  EXPECT_EQ(log, "8");
  EXPECT_EQ(content_of("a"), "12345678");
  run(open_and_drop(at("a"), FileMode::kReadWrite));
  EXPECT_EQ(content_of("a"), "12345678");
  run(open_and_drop(at("a"), FileMode::kWrite));
  EXPECT_EQ(content_of("a"), "");
}

TEST_F(FilesTest, ReadingWhatIsOpenForWritingFails) {
  const auto read_it = [](const Files* from, std::string path) -> Task<void> {
    const File file = co_await from->open(std::move(path), FileMode::kWrite);
    std::array<char, 4> buffer{};
    co_await file.read_at(buffer, 0);
  };
  run(noted("it", read_it(&files, at("a"))));
  EXPECT_EQ(log, "it: read " + at("a") + ": Bad file descriptor;");
}

TEST_F(FilesTest, ClosesWhatItOpens) {
  put("a", "text");
  const std::size_t before = count_of_entries("/proc/self/fd");
  for (int i = 0; i < 10; ++i) run(open_and_drop(at("a"), FileMode::kRead));
  run(read(at("a"), 10));
  while (loop.run_once()) loop.run_for_event(100ms);
  EXPECT_EQ(count_of_entries("/proc/self/fd"), before);
}

TEST_F(FilesTest, AfterAStopNothingBegins) {
  request_stop();
  run(noted("it", files.write(at("a"), "text")));
  EXPECT_EQ(log, "it cancelled;");
  EXPECT_EQ(count_of_entries(folder), 0U);
}

// More than the pool has threads: some are taken back unstarted, some end first. Each leaves the old or the new.
TEST_F(FilesTest, AStopEndsWhatIsQueuedAndWhatRuns) {
  constexpr int kWrites = 40;
  put("0", "old");
  const std::size_t before = count_of_entries("/proc/self/fd");
  std::string expected;
  on_loop([this, &expected] {
    std::vector<Task<void>> tasks;
    for (int i = 0; i < kWrites; ++i) {
      tasks.push_back(files.write(at(std::to_string(i % 4)), std::string(2'000'000, 'x')));
      tasks.push_back(open_and_drop(at("0"), FileMode::kRead));
      tasks.push_back(read(at("0"), 10'000'000));
    }
    for (Task<void>& task : tasks) {
      Task<void> own = noted("it", std::move(task));
      own.set_stop_source(&stop);
      scope.spawn(std::move(own));
      expected += "it cancelled;";
    }
    stop.request_stop();  // before the loop can have heard of any end
  });
  wait();
  EXPECT_EQ(log, expected);
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    EXPECT_TRUE(entry.file_size() == 2'000'000 || entry.file_size() == 3) << entry.path();
  }
  EXPECT_LE(count_of_entries(folder), 4U) << "nothing half-written is left";
  while (loop.run_once()) loop.run_for_event(100ms);
  EXPECT_EQ(count_of_entries("/proc/self/fd"), before);
}

TEST_F(FilesTest, AFileThatIsOpenedTooLateForTheStopIsClosed) {
  put("a", "text");
  const std::size_t before = count_of_entries("/proc/self/fd");
  const auto task = std::make_shared<Task<void>>(noted("it", open_and_drop(at("a"), FileMode::kRead)));
  task->set_stop_source(&stop);
  on_loop([this, task, before] {
    scope.spawn(std::move(*task));
    // The thread opens it; the loop, which is held here, has not heard of that.
    while (count_of_entries("/proc/self/fd") == before) std::this_thread::yield();
    stop.request_stop();
  });
  wait();
  EXPECT_EQ(log, "it cancelled;");
  while (loop.run_once()) loop.run_for_event(100ms);
  EXPECT_EQ(count_of_entries("/proc/self/fd"), before);
}

TEST_F(FilesTest, DescriptorsAreNotInherited) {
  put("a", "text");
  const auto look = [](const Files* from, std::string path, bool* is_kept_from_children) -> Task<void> {
    const File file = co_await from->open(std::move(path), FileMode::kRead);
    for (const fs::directory_entry& entry : fs::directory_iterator("/proc/self/fd")) {
      std::error_code error;
      if (fs::read_symlink(entry.path(), error) != file.path()) continue;
      *is_kept_from_children = (fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0;
    }
  };
  bool is_kept_from_children = false;
  run(look(&files, at("a"), &is_kept_from_children));
  EXPECT_TRUE(is_kept_from_children);
}

}  // namespace
}  // namespace weir::loop
