// SPDX-License-Identifier: MIT
// Decodes the chunked transfer coding, strictly.
#pragma once

#include <weir/http/limits.hpp>
#include <weir/http/refusal.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace weir::http {

/// Takes a chunked body apart, at any split of its bytes: sizes, extensions and trailer fields are checked against
/// their grammar and bounds and dropped, the data is appended to a string.
///
/// llhttp 8.1 refuses valid extensions, skips the check of some line ends and cannot bound what it skips; a line end
/// read leniently inside the framing is the commonest way to smuggle a request.
///
/// Thread: as any value.
/// Source: RFC 9112 section 7.1.
class ChunkedDecoder {
 public:
  /// Starts a new body of at most `body_bytes_max`. `limits` must outlive the decoding.
  void begin(const Limits& limits, std::uint64_t body_bytes_max);

  struct Progress {
    std::size_t consumed = 0;
    bool is_complete = false;
    std::optional<Refusal> refusal;
  };
  /// Decodes from the front of `bytes` until they or the body end; appends content to `body`.
  Progress decode(std::span<const char> bytes, std::string& body);

 private:
  enum class State : unsigned char {
    kSize,
    kExtensionBlank,
    kExtensionNameStart,
    kExtensionName,
    kExtensionAfterName,
    kExtensionValueStart,
    kExtensionToken,
    kExtensionQuoted,
    kExtensionQuotedPair,
    kExtensionAfterValue,
    kSizeLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kTrailerStart,
    kTrailerName,
    kTrailerValue,
    kTrailerLineFeed,
    kEndLineFeed,
    kComplete,
  };

  /// Takes one byte of framing; false when it does not belong there (`refusal_` says why).
  bool take(char c);
  bool take_size(char c);
  bool take_extension(char c);
  bool take_trailer(char c);
  bool end_extension(char c);
  bool end_size_line();
  bool refuse(int status, std::string_view reason, std::string_view detail);
  bool refuse_framing();

  const Limits* limits_ = nullptr;
  Refusal refusal_;
  std::uint64_t body_bytes_left_ = 0;
  std::uint64_t chunk_bytes_left_ = 0;
  std::uint64_t extension_bytes_ = 0;
  std::uint64_t trailer_bytes_ = 0;
  std::uint64_t trailer_fields_ = 0;
  unsigned size_digits_ = 0;
  State state_ = State::kSize;
};

}  // namespace weir::http
