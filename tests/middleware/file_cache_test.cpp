// SPDX-License-Identifier: MIT
#include <middleware/internal/file_cache.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>

#include <string>

namespace weir::middleware::internal {
namespace {

FileCache::Entry entry_of(const std::string& path, std::size_t bytes) {
  auto file = std::make_shared<CachedFile>();
  file->variants.emplace_back().bytes = std::string(bytes, 'x');
  return {path, file, base::TimePoint()};
}

TEST(FileCacheTest, WhatWasPutIsFound) {
  FileCache cache({.files = 2, .bytes = 100, .open_files = 2});
  cache.put(entry_of("a", 10));
  ASSERT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(cache.find("a")->path, "a");
  EXPECT_EQ(cache.find("b"), nullptr);
}

TEST(FileCacheTest, LeastRecentlyUsedGoesFirst) {
  FileCache cache({.files = 2, .bytes = 100, .open_files = 2});
  cache.put(entry_of("a", 1));
  cache.put(entry_of("b", 1));
  cache.find("a");
  cache.put(entry_of("c", 1));
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_EQ(cache.size(), 2);
}

TEST(FileCacheTest, BytesAreBounded) {
  FileCache cache({.files = 10, .bytes = 100, .open_files = 2});
  cache.put(entry_of("a", 60));
  cache.put(entry_of("b", 40));
  EXPECT_EQ(cache.bytes(), 100);
  cache.put(entry_of("c", 1));
  EXPECT_EQ(cache.find("a"), nullptr);
  EXPECT_EQ(cache.bytes(), 41);
}

TEST(FileCacheTest, WhatIsTooLargeIsNotKept) {
  FileCache cache({.files = 10, .bytes = 100, .open_files = 2});
  cache.put(entry_of("a", 101));
  EXPECT_EQ(cache.size(), 0);
  EXPECT_EQ(cache.bytes(), 0);
}

TEST(FileCacheTest, OpenFilesAreBounded) {
  FileCache cache({.files = 10, .bytes = 100, .open_files = 2});
  for (const char* const path : {"a", "b", "c"}) {
    auto file = std::make_shared<CachedFile>();
    const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    file->variants.emplace_back().file = std::make_shared<loop::ReadOnlyFile>(path, descriptor, loop::FileStatus());
    cache.put({path, file, base::TimePoint()});
  }
  EXPECT_EQ(cache.open_files(), 2);
  EXPECT_EQ(cache.find("a"), nullptr);
  cache.clear();
  EXPECT_EQ(cache.open_files(), 0);
  EXPECT_EQ(cache.size(), 0);
}

TEST(FileCacheTest, NewVersionTakesThePlaceOfTheOld) {
  FileCache cache({.files = 10, .bytes = 100, .open_files = 2});
  cache.put(entry_of("a", 60));
  cache.put(entry_of("a", 50));
  EXPECT_EQ(cache.size(), 1);
  EXPECT_EQ(cache.bytes(), 50);
  cache.erase("a");
  EXPECT_EQ(cache.bytes(), 0);
}

}  // namespace
}  // namespace weir::middleware::internal
