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
};

/// The files that one loop has sent lately, by path; the least recently used ones go first.
///
/// Thread: its loop's.
class FileCache {
 public:
  FileCache(std::size_t files_max, std::size_t bytes_max) : files_max_(files_max), bytes_max_(bytes_max) {}

  struct Entry {
    std::string path;
    std::shared_ptr<const CachedFile> file;
    base::TimePoint checked_at;
  };
  /// Null if it is not there. Good until the next call.
  Entry* find(std::string_view path);
  void put(Entry entry);
  void erase(std::string_view path);

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  using Entries = std::list<Entry>;
  void drop(Entries::iterator entry);

  std::size_t files_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Entries entries_;  // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_path_;
};

}  // namespace weir::middleware::internal
