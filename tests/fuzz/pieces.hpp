// SPDX-License-Identifier: MIT
// What the fuzz targets share: reading parameters off the front of an input, cutting the rest, and a check that ends.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace weir::fuzz {

/// Ends the program, for libFuzzer to keep the input, unless `holds`.
inline void require(bool holds, const char* what, std::string_view expected = {}, std::string_view actual = {}) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n--- expected\n%.*s\n--- actual\n%.*s\n---\n", what,
               static_cast<int>(expected.size()), expected.data(), static_cast<int>(actual.size()), actual.data());
  std::abort();
}

/// Takes parameters off the front of an input; zeros when it is used up.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  std::uint8_t take_byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  /// Up to the separator, which goes, too; all when there is none.
  std::string_view take_until(char separator) {
    const std::string_view taken = rest_.substr(0, rest_.find(separator));
    rest_.remove_prefix(std::min(taken.size() + 1, rest_.size()));
    return taken;
  }
  std::string_view rest() const { return rest_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// Every byte as %41.
inline std::string percent_encode_all(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return encoded;
}

/// Cuts bytes into pieces of the given lengths, over and over (0 means 256), and gives each to `use` in memory of its
/// own: the sanitizer sees a read beyond the piece and a read after its end. `use` returns false to stop.
template <class Use>
void for_each_piece(std::string_view bytes, std::span<const std::uint8_t> lengths, Use use) {
  for (std::size_t i = 0; !bytes.empty(); ++i) {
    const std::size_t wanted = lengths.empty() ? bytes.size() : lengths[i % lengths.size()];
    const std::size_t length = std::min(wanted == 0 ? 256 : wanted, bytes.size());
    const std::unique_ptr<char[]> piece(new char[length]);
    std::copy_n(bytes.data(), length, piece.get());
    bytes.remove_prefix(length);
    if (!use(std::span<char>(piece.get(), length))) return;
  }
}

inline std::span<const std::uint8_t> as_lengths(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace weir::fuzz
