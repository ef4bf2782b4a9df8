// SPDX-License-Identifier: MIT
// Two parsers read one body: the decoder, at several cuts, and a reference that follows the grammar line by line.
//
// Input: three lengths of pieces, then the body's bytes.
#include <tests/fuzz/pieces.hpp>
#include <weir/http/chunked_decoder.hpp>

#include <string>

namespace {

using weir::fuzz::require;

constexpr std::uint64_t kBodyMax = 100;
constexpr std::uint64_t kExtensionsMax = 24;
constexpr std::uint64_t kTrailersMax = 64;
constexpr std::uint64_t kTrailerFieldsMax = 3;

struct Reading {
  enum class End { kIncomplete, kComplete, kRefused } end = End::kIncomplete;
  std::string body;
  std::size_t consumed = 0;

  std::string describe() const {
    const char* const name = end == End::kComplete ? "complete" : end == End::kRefused ? "refused" : "incomplete";
    return std::string(name) + " after " + std::to_string(end == End::kComplete ? consumed : 0) + ": " + body;
  }
};

struct Incomplete {};
struct Malformed {};

// RFC 9112 section 7.1 as recursive descent over the whole text; slow, plain, and sharing nothing with the decoder.
class Reference {
 public:
  explicit Reference(std::string_view text) : text_(text) {}

  Reading read() {
    Reading result;
    try {
      while (const std::uint64_t size = size_line()) {
        if (size > kBodyMax - body_total_) throw Malformed();
        body_total_ += size;
        for (std::uint64_t i = 0; i < size; ++i) result.body += next();
        expect('\r');
        expect('\n');
      }
      trailers();
      result.end = Reading::End::kComplete;
      result.consumed = at_;
    } catch (const Incomplete&) {
    } catch (const Malformed&) {
      result.end = Reading::End::kRefused;
    }
    return result;
  }

 private:
  char peek() const {
    if (at_ == text_.size()) throw Incomplete();
    return text_[at_];
  }
  char next() {
    const char c = peek();
    ++at_;
    return c;
  }
  void expect(char wanted) {
    if (next() != wanted) throw Malformed();
  }
  static bool is_token(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
  }
  static bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  std::uint64_t size_line() {
    std::uint64_t size = 0;
    unsigned digits = 0;
    for (;; ++digits) {
      const char c = peek();
      const int value = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (value < 0) break;
      if (digits == 16) throw Malformed();
      size = size * 16 + static_cast<std::uint64_t>(value);
      ++at_;
    }
    if (digits == 0) throw Malformed();
    extensions();
    expect('\r');
    expect('\n');
    return size;
  }

  char extension_char() {
    const char c = next();
    if (++extension_total_ > kExtensionsMax) throw Malformed();
    return c;
  }
  // Returns whether there was any; what follows it is not taken.
  bool blanks() {
    const bool is_some = is_blank(peek());
    while (is_blank(peek())) extension_char();
    return is_some;
  }
  void token() {
    if (!is_token(peek())) throw Malformed();
    while (is_token(peek())) extension_char();
  }
  void extensions() {
    for (;;) {
      const bool has_blank = blanks();
      if (peek() != ';') {
        if (has_blank) throw Malformed();
        return;
      }
      do {
        extension_char();
        blanks();
        token();
      } while (extension_value() && peek() == ';');
    }
  }
  // [ BWS "=" BWS value ]; true when the next extension may follow at once.
  bool extension_value() {
    const bool has_blank = blanks();
    if (peek() != '=') {
      if (has_blank && peek() != ';') throw Malformed();
      return true;
    }
    extension_char();
    blanks();
    if (peek() != '"') {
      token();
      return true;
    }
    extension_char();
    for (;;) {
      const char c = peek();
      if (!is_text(c)) throw Malformed();
      extension_char();
      if (c == '"') return true;
      if (c != '\\') continue;
      if (!is_text(peek())) throw Malformed();
      extension_char();
    }
  }

  char trailer_char() {
    const char c = next();
    if (++trailer_total_ > kTrailersMax) throw Malformed();
    return c;
  }
  void trailers() {
    for (unsigned fields = 0;; ++fields) {
      if (peek() == '\r') {
        trailer_char();
        if (trailer_char() != '\n') throw Malformed();
        return;
      }
      if (!is_token(peek()) || fields == kTrailerFieldsMax) throw Malformed();
      char c = trailer_char();
      while (is_token(c)) c = trailer_char();
      if (c != ':') throw Malformed();
      c = trailer_char();
      while (is_text(c)) c = trailer_char();
      if (c != '\r' || trailer_char() != '\n') throw Malformed();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t body_total_ = 0;
  std::uint64_t extension_total_ = 0;
  std::uint64_t trailer_total_ = 0;
};

Reading decode(std::string_view bytes, std::string_view lengths, const weir::http::Limits& limits) {
  weir::http::ChunkedDecoder decoder;
  decoder.begin(limits, kBodyMax);
  Reading result;
  weir::fuzz::for_each_piece(bytes, weir::fuzz::as_lengths(lengths), [&](std::span<char> piece) {
    const weir::http::ChunkedDecoder::Progress progress = decoder.decode(piece, result.body);
    require(progress.consumed <= piece.size(), "a decoder consumes no more than it was given");
    result.consumed += progress.consumed;
    if (progress.refusal) {
      require(!progress.is_complete && progress.refusal->status >= 400, "a refusal is no end");
      result.end = Reading::End::kRefused;
    } else if (progress.is_complete) {
      result.end = Reading::End::kComplete;
    } else {
      require(progress.consumed == piece.size(), "an open body takes every byte");
    }
    return result.end == Reading::End::kIncomplete;
  });
  require(result.body.size() <= kBodyMax, "the content keeps its limit");
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const std::string_view lengths = input.take(3);
  weir::http::Limits limits;
  limits.chunk_extension_bytes = kExtensionsMax;
  limits.head_bytes = kTrailersMax;
  limits.fields = kTrailerFieldsMax;
  const std::string expected = Reference(input.rest()).read().describe();
  for (const std::string_view cut : {std::string_view(), std::string_view("\1"), lengths}) {
    const std::string actual = decode(input.rest(), cut, limits).describe();
    require(actual == expected, "the decoder reads what the grammar says", expected, actual);
  }
  return 0;
}
