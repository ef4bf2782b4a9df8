// SPDX-License-Identifier: MIT
// Files that were looked at a moment ago.
#pragma once

#include <weir/base/clock.hpp>
#include <weir/http/response.hpp>
#include <weir/loop/read_only_file.hpp>

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::middleware::internal {

/// One file in one content coding.
struct FileVariant {
  std::string_view coding;                         ///< "" for identity.
  std::shared_ptr<const loop::ReadOnlyFile> file;  ///< Null where all of it is in `bytes`.
  loop::FileStatus status;
  std::string bytes;
  std::string etag;
  http::Response head;  ///< The answer without its content.
};

/// A file with what may be sent in its place.
struct CachedFile {
  std::vector<FileVariant> variants;  ///< Identity first.
  std::size_t memory_bytes() const;
  std::size_t open_files() const;
};

/// The files that one loop has sent lately, by path; the least recently used ones go first.
///
/// Thread: its loop's.
class FileCache {
 public:
  struct Bounds {
    std::size_t files = 0;
    std::size_t bytes = 0;       ///< In memory.
    std::size_t open_files = 0;  ///< Each holds a descriptor.
  };
  explicit FileCache(Bounds bounds) : bounds_(bounds) {}

  struct Entry {
    std::string path;
    std::shared_ptr<const CachedFile> file;
    base::TimePoint checked_at;
  };
  /// Null if it is not there. Good until the next call.
  Entry* find(std::string_view path);
  void put(Entry entry);
  void erase(std::string_view path);
  /// For when the system has no more descriptors.
  void clear();

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t open_files() const { return open_files_; }

 private:
  using Entries = std::list<Entry>;
  void drop(Entries::iterator entry);

  Bounds bounds_;
  std::size_t bytes_ = 0;
  std::size_t open_files_ = 0;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_path_;
};

}  // namespace weir::middleware::internal
