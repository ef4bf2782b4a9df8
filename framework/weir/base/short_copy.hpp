// SPDX-License-Identifier: MIT
// Copying and comparing texts of a few bytes without a call: most names, values and small bodies are that short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace weir::base {

namespace detail {

template <class Word>
void copy_ends(char* to, const char* from, std::size_t count) {
  Word front;
  Word back;
  std::memcpy(&front, from, sizeof(Word));
  std::memcpy(&back, from + count - sizeof(Word), sizeof(Word));
  std::memcpy(to, &front, sizeof(Word));
  std::memcpy(to + count - sizeof(Word), &back, sizeof(Word));
}

template <class Word>
bool equal_ends(const char* a, const char* b, std::size_t count) {
  Word fronts[2];
  Word backs[2];
  std::memcpy(&fronts[0], a, sizeof(Word));
  std::memcpy(&fronts[1], b, sizeof(Word));
  std::memcpy(&backs[0], a + count - sizeof(Word), sizeof(Word));
  std::memcpy(&backs[1], b + count - sizeof(Word), sizeof(Word));
  return fronts[0] == fronts[1] && backs[0] == backs[1];
}

}  // namespace detail

/// memmove that copies 4 to 16 bytes by two overlapping loads and stores. The ranges may overlap.
inline void short_copy(char* to, const char* from, std::size_t count) {
  if (count >= 8 && count <= 16) return detail::copy_ends<std::uint64_t>(to, from, count);
  if (count >= 4 && count < 8) return detail::copy_ends<std::uint32_t>(to, from, count);
  std::memmove(to, from, count);
}

/// memcmp == 0, likewise.
inline bool short_equal(const char* a, const char* b, std::size_t count) {
  if (count >= 8 && count <= 16) return detail::equal_ends<std::uint64_t>(a, b, count);
  if (count >= 4 && count < 8) return detail::equal_ends<std::uint32_t>(a, b, count);
  return std::memcmp(a, b, count) == 0;
}

}  // namespace weir::base
