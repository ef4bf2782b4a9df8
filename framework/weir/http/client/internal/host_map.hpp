// SPDX-License-Identifier: MIT
// Something for each host, of which there may be any number.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weir::http::internal {

/// A T for each of the hosts asked last. URLs may come from a client of ours, who could name ever new hosts: beyond the
/// bound the one that was not asked for the longest time is forgotten.
///
/// Thread: one. No reference is good after the next `at`, nor across an await.
template <class T>
class HostMap {
 public:
  static constexpr std::size_t kHostsMax = 1024;

  /// The one of `origin`, made by `make()` where there is none.
  template <class F>
  T& at(const std::string& origin, const F& make) {
    if (T* const found = find(origin)) return *found;
    if (by_use_.size() == kHostsMax) {
      hosts_.erase(by_use_.back().first);
      by_use_.pop_back();
    }
    by_use_.emplace_front(origin, make());
    hosts_.emplace(by_use_.front().first, by_use_.begin());
    return by_use_.front().second;
  }
  /// Null where there is none, or none any more.
  T* find(const std::string& origin) {
    const auto found = hosts_.find(origin);
    if (found == hosts_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &found->second->second;
  }

 private:
  using Entries = std::list<std::pair<const std::string, T>>;
  Entries by_use_;                                                          // the last used first
  std::unordered_map<std::string_view, typename Entries::iterator> hosts_;  // keys are views into by_use_
};

}  // namespace weir::http::internal
