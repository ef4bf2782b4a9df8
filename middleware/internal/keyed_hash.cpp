// SPDX-License-Identifier: MIT
#include <middleware/internal/keyed_hash.hpp>

#include <weir/base/random_id.hpp>

#include <bit>
#include <charconv>
#include <cstddef>
#include <string>

namespace weir::middleware::internal {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

// The first bytes of `bytes` as a number, lowest first; eight at most.
std::uint64_t word_of(std::string_view bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) word = word << 8U | static_cast<unsigned char>(bytes[i]);
  return word;
}

struct State {
  State(std::uint64_t key_low, std::uint64_t key_high)
      : v0(key_low ^ 0x736f6d6570736575U),
        v1(key_high ^ 0x646f72616e646f6dU),
        v2(key_low ^ 0x6c7967656e657261U),
        v3(key_high ^ 0x7465646279746573U) {}

  void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32) + v3;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
  std::uint64_t finish() {
    v2 ^= 0xffU;
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

  std::uint64_t v0;
  std::uint64_t v1;
  std::uint64_t v2;
  std::uint64_t v3;
};

}  // namespace

KeyedHash::KeyedHash() {
  const std::string random = base::random_id();
  const char* const begin = random.data();
  const char* const middle = begin + random.size() / 2;
  std::from_chars(begin, middle, key_low_, 16);
  std::from_chars(middle, begin + random.size(), key_high_, 16);
}

std::uint64_t KeyedHash::operator()(std::uint64_t domain, std::string_view bytes) const noexcept {
  State state(key_low_, key_high_);
  state.take(domain);
  const std::uint64_t length = kWordBytes + bytes.size();
  for (; bytes.size() >= kWordBytes; bytes.remove_prefix(kWordBytes)) state.take(word_of(bytes.substr(0, kWordBytes)));
  state.take(length << 56U | word_of(bytes));
  return state.finish();
}

}  // namespace weir::middleware::internal
