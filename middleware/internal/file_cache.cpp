// SPDX-License-Identifier: MIT
#include <middleware/internal/file_cache.hpp>

#include <utility>

namespace weir::middleware::internal {

std::size_t CachedFile::memory_bytes() const {
  std::size_t bytes = 0;
  for (const FileVariant& variant : variants) bytes += variant.bytes.size();
  return bytes;
}

std::size_t CachedFile::open_files() const {
  std::size_t count = 0;
  for (const FileVariant& variant : variants) count += variant.file ? 1 : 0;
  return count;
}

FileCache::Entry* FileCache::find(std::string_view path) {
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return &entries_.front();
}

void FileCache::put(Entry entry) {
  erase(entry.path);
  bytes_ += entry.file->memory_bytes();
  open_files_ += entry.file->open_files();
  entries_.push_front(std::move(entry));
  by_path_.emplace(entries_.front().path, entries_.begin());
  const auto is_too_much = [this] {
    return entries_.size() > bounds_.files || bytes_ > bounds_.bytes || open_files_ > bounds_.open_files;
  };
  while (!entries_.empty() && is_too_much()) drop(std::prev(entries_.end()));
}

void FileCache::erase(std::string_view path) {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) drop(found->second);
}

void FileCache::clear() {
  while (!entries_.empty()) drop(entries_.begin());
}

void FileCache::drop(Entries::iterator entry) {
  bytes_ -= entry->file->memory_bytes();
  open_files_ -= entry->file->open_files();
  by_path_.erase(entry->path);
  entries_.erase(entry);
}

}  // namespace weir::middleware::internal
