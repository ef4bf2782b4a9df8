// SPDX-License-Identifier: MIT
#include <weir/routing/pattern_cache.hpp>

#include <re2/re2.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace weir::routing {
namespace {

re2::StringPiece piece_of(std::string_view text) {
  return {text.data(), text.size()};
}

const RE2& compiled(std::string_view expression) {
  static std::mutex mutex;
  static std::map<std::string, std::unique_ptr<RE2>, std::less<>> cache;
  const std::lock_guard lock(mutex);
  auto at = cache.find(expression);
  if (at == cache.end()) {
    RE2::Options options;
    options.set_log_errors(false);
    at = cache.emplace(expression, std::make_unique<RE2>(piece_of(expression), options)).first;
  }
  return *at->second;
}

// Found by the address of the constant first, so that a request takes no lock.
const RE2& compiled_here(std::string_view expression) {
  thread_local std::map<const char*, const RE2*> seen;
  const RE2*& known = seen[expression.data()];
  if (known == nullptr || known->pattern() != expression) known = &compiled(expression);
  return *known;
}

}  // namespace

bool matches_pattern(std::string_view expression, std::string_view text) {
  const RE2& pattern = compiled_here(expression);
  return pattern.ok() && RE2::PartialMatch(piece_of(text), pattern);
}

std::string_view pattern_error(std::string_view expression) {
  const RE2& pattern = compiled(expression);
  return pattern.ok() ? std::string_view() : std::string_view(pattern.error());
}

}  // namespace weir::routing
