// SPDX-License-Identifier: MIT
#include <weir/jobs/sqlite/worker_locks.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::jobs {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class WorkerLocksTest : public testing::Test {
 protected:
  WorkerLocksTest() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-locks-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder = name + "/workers";
  }
  ~WorkerLocksTest() override { std::filesystem::remove_all(std::filesystem::path(folder).parent_path()); }

  /// Another process appears under that number, does `last`, and lives on until it is killed.
  template <class Last>
  pid_t start(std::int64_t worker, Last last) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
      {
        WorkerLocks locks(folder);
        locks.appear(worker);
        last(locks);
        if (::write(ends[1], "x", 1) == 1) ::pause();
      }
      ::_exit(0);
    }
    char begun = 0;
    EXPECT_EQ(::read(ends[0], &begun, 1), 1);
    ::close(ends[0]);
    ::close(ends[1]);
    return child;
  }
  pid_t start(std::int64_t worker) {
    return start(worker, [](WorkerLocks&) {});
  }
  static void kill(pid_t child) {
    ::kill(child, SIGKILL);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  }
  static std::vector<std::int64_t> dead_of(WorkerLocks& locks) {
    std::vector<std::int64_t> workers;
    for (const Rescue::Dead& one : locks.find_dead()) workers.push_back(one.worker);
    return workers;
  }
  bool has_file(std::int64_t worker) const { return std::filesystem::exists(folder + "/" + std::to_string(worker)); }
  std::size_t files() const {
    const std::filesystem::directory_iterator all(folder);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  std::string folder;
};

TEST_F(WorkerLocksTest, FolderIsMadeForItsOwnerAlone) {
  const WorkerLocks locks(folder);
  struct stat status {};
  ASSERT_EQ(::stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(WorkerLocksTest, FolderThatCannotBeMadeIsAnError) {
  EXPECT_THROW(WorkerLocks(folder + "/not/there"), std::runtime_error);
}

TEST_F(WorkerLocksTest, WhoAppearsHasAFile) {
  WorkerLocks locks(folder);
  locks.appear(7);
  EXPECT_TRUE(has_file(7));
  EXPECT_EQ(files(), 1U);
}

TEST_F(WorkerLocksTest, WhoDisappearsHasNone) {
  WorkerLocks locks(folder);
  locks.appear(7);
  locks.disappear();
  EXPECT_EQ(files(), 0U);
}

TEST_F(WorkerLocksTest, WhoHasNotAppearedMayDisappear) {
  WorkerLocks locks(folder);
  locks.disappear();
  EXPECT_EQ(files(), 0U);
}

TEST_F(WorkerLocksTest, WhoAppearsAnewHasTheNewFileAlone) {
  WorkerLocks locks(folder);
  locks.appear(7);
  locks.appear(8);
  EXPECT_FALSE(has_file(7));
  EXPECT_TRUE(has_file(8));
}

TEST_F(WorkerLocksTest, WhoLivesIsNotDead) {
  WorkerLocks here(folder);
  here.appear(1);
  WorkerLocks there(folder);
  there.appear(2);
  EXPECT_THAT(dead_of(here), IsEmpty());
  EXPECT_THAT(dead_of(there), IsEmpty());
}

TEST_F(WorkerLocksTest, OneThatLivesInAnotherProcessIsNotDead) {
  WorkerLocks here(folder);
  const pid_t child = start(2);
  EXPECT_THAT(dead_of(here), IsEmpty());
  kill(child);
}

TEST_F(WorkerLocksTest, KilledProcessIsDead) {
  WorkerLocks here(folder);
  here.appear(1);
  kill(start(2));
  const std::vector<Rescue::Dead> dead = here.find_dead();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].worker, 2);
  EXPECT_FALSE(dead[0].has_crash_mark);
}

TEST_F(WorkerLocksTest, WhoLeftInOrderIsNotDead) {
  WorkerLocks here(folder);
  kill(start(2, [](WorkerLocks& locks) { locks.disappear(); }));
  EXPECT_THAT(dead_of(here), IsEmpty());
}

TEST_F(WorkerLocksTest, EachOfTheDeadIsFound) {
  WorkerLocks here(folder);
  kill(start(2));
  kill(start(3));
  std::vector<std::int64_t> dead = dead_of(here);
  std::sort(dead.begin(), dead.end());
  EXPECT_THAT(dead, ElementsAre(2, 3));
}

TEST_F(WorkerLocksTest, DeadAreFoundUntilTheyAreBuried) {
  WorkerLocks here(folder);
  kill(start(2));
  EXPECT_THAT(dead_of(here), ElementsAre(2));
  EXPECT_THAT(dead_of(here), ElementsAre(2));
  here.bury(2);
  EXPECT_THAT(dead_of(here), IsEmpty());
  EXPECT_FALSE(has_file(2));
}

TEST_F(WorkerLocksTest, DeadAreFoundByOneAtATime) {
  WorkerLocks here(folder);
  WorkerLocks there(folder);
  kill(start(2));
  EXPECT_THAT(dead_of(here), ElementsAre(2));
  EXPECT_THAT(dead_of(there), IsEmpty());
}

TEST_F(WorkerLocksTest, DeadWhoseFinderEndsAreFoundByAnother) {
  WorkerLocks there(folder);
  kill(start(2));
  {
    WorkerLocks here(folder);
    EXPECT_THAT(dead_of(here), ElementsAre(2));
  }
  EXPECT_THAT(dead_of(there), ElementsAre(2));
}

TEST_F(WorkerLocksTest, WhoWasNotFoundIsNotBuried) {
  WorkerLocks here(folder);
  WorkerLocks there(folder);
  there.appear(2);
  here.bury(2);
  EXPECT_TRUE(has_file(2));
}

TEST_F(WorkerLocksTest, ObjectThatEndsLeavesADeadWorker) {
  WorkerLocks here(folder);
  {
    WorkerLocks there(folder);
    there.appear(2);
  }
  EXPECT_THAT(dead_of(here), ElementsAre(2));
}

TEST_F(WorkerLocksTest, WhatIsNoWorkerIsPassedOver) {
  WorkerLocks here(folder);
  kill(start(2));
  std::filesystem::rename(folder + "/2", folder + "/new-1-2");
  EXPECT_THAT(dead_of(here), IsEmpty());
}

TEST_F(WorkerLocksTest, CrashLeavesItsMark) {
  WorkerLocks here(folder);
  kill(start(2, [](WorkerLocks&) { mark_crash(); }));
  const std::vector<Rescue::Dead> dead = here.find_dead();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_TRUE(dead[0].has_crash_mark);
}

TEST_F(WorkerLocksTest, CrashMarkStaysUntilTheBurial) {
  WorkerLocks here(folder);
  kill(start(2, [](WorkerLocks&) { mark_crash(); }));
  here.find_dead();
  EXPECT_TRUE(here.find_dead().at(0).has_crash_mark);
}

TEST_F(WorkerLocksTest, CrashMarkIsOfTheWorkerThatAppearedLast) {
  WorkerLocks here(folder);
  kill(start(2, [](WorkerLocks& locks) {
    locks.appear(3);
    mark_crash();
  }));
  const std::vector<Rescue::Dead> dead = here.find_dead();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].worker, 3);
  EXPECT_TRUE(dead[0].has_crash_mark);
}

TEST_F(WorkerLocksTest, ProcessThatIsNoWorkerHasNoPlaceForACrashMark) {
  WorkerLocks here(folder);
  mark_crash();
  here.appear(1);
  here.disappear();
  mark_crash();
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace weir::jobs
