// SPDX-License-Identifier: MIT
#include <middleware/internal/file_cache.hpp>

#include <utility>

namespace weir::middleware::internal {

std::size_t CachedFile::memory_bytes() const {
  std::size_t bytes = 0;
  for (const FileVariant& variant : variants) bytes += variant.bytes.size();
  return bytes;
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
  entries_.push_front(std::move(entry));
  by_path_.emplace(entries_.front().path, entries_.begin());
  while (entries_.size() > files_max_ || (bytes_ > bytes_max_ && !entries_.empty())) drop(std::prev(entries_.end()));
}

void FileCache::erase(std::string_view path) {
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) drop(found->second);
}

void FileCache::drop(Entries::iterator entry) {
  bytes_ -= entry->file->memory_bytes();
  by_path_.erase(entry->path);
  entries_.erase(entry);
}

}  // namespace weir::middleware::internal
