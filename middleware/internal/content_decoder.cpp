// SPDX-License-Identifier: MIT
#include <middleware/internal/content_decoder.hpp>

#include <weir/base/check.hpp>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <optional>
#include <span>
#include <string>

namespace weir::middleware::internal {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{64} << 10U;
constexpr std::uint64_t kFreeBytes = std::uint64_t{64} << 10U;  // whatever the ratio

constexpr http::Refusal kMalformed{400, "malformed-coding", "The content is not what its Content-Encoding says."};
constexpr http::Refusal kTruncated{400, "truncated-coding", "The content ends before its Content-Encoding does."};
constexpr http::Refusal kTooLong{413, "decoded-bytes", "The decoded content is too long."};
constexpr http::Refusal kBomb{413, "coding-ratio", "The content becomes too much longer when it is decoded."};

enum class Step : unsigned char {
  kWantsInput,  // or room, if there is none
  kEnd,
  kBroken,
};

/// The decoders of gzip and deflate.
class Inflater {
 public:
  enum class Format : int { kZlib = 15, kGzip = 15 + 16 };

  explicit Inflater(Format format) : format_(format) {
    if (inflateInit2(&stream_, static_cast<int>(format)) != Z_OK) throw std::bad_alloc();
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Whether another member may follow the one that has ended; gets ready for it.
  bool go_on() { return format_ == Format::kGzip && inflateReset(&stream_) == Z_OK; }

  Step run(std::string_view& in, std::span<char> room, std::size_t& written) {
    const std::size_t count = std::min<std::size_t>(in.size(), UINT32_MAX);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // it does not write there
    stream_.avail_in = static_cast<uInt>(count);
    stream_.next_out = reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    in.remove_prefix(count - stream_.avail_in);
    written = room.size() - stream_.avail_out;
    if (result == Z_STREAM_END) return Step::kEnd;
    return result == Z_OK || result == Z_BUF_ERROR ? Step::kWantsInput : Step::kBroken;
  }

 private:
  Format format_;
  z_stream stream_{};
};

/// A large window, which is another format, is refused: nobody asks for it.
class BrotliDecoder {
 public:
  BrotliDecoder() {
    if (!state_) throw std::bad_alloc();
  }
  static bool go_on() { return false; }

  Step run(std::string_view& in, std::span<char> room, std::size_t& written) {
    std::size_t in_left = in.size();
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    std::size_t room_left = room.size();
    auto* next_out = reinterpret_cast<std::uint8_t*>(room.data());
    const auto result = BrotliDecoderDecompressStream(state_.get(), &in_left, &next_in, &room_left, &next_out, nullptr);
    in.remove_prefix(in.size() - in_left);
    written = room.size() - room_left;
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return Step::kEnd;
    return result == BROTLI_DECODER_RESULT_ERROR ? Step::kBroken : Step::kWantsInput;
  }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> state_{BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)};
};

class ZstdDecoder {
 public:
  ZstdDecoder() {
    constexpr int kWindowBitsMax = 23;  // RFC 9659: no more than 8 MiB
    if (!context_) throw std::bad_alloc();
    WEIR_CHECK(ZSTD_isError(ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kWindowBitsMax)) == 0U);
  }
  static bool go_on() { return true; }

  Step run(std::string_view& in, std::span<char> room, std::size_t& written) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{room.data(), room.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &output, &input);
    if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) throw std::bad_alloc();
    in.remove_prefix(input.pos);
    written = output.pos;
    if (left == 0) return Step::kEnd;
    return ZSTD_isError(left) != 0U ? Step::kBroken : Step::kWantsInput;
  }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<ZSTD_DCtx, Free> context_{ZSTD_createDCtx()};
};

/// Runs `D` within bounds.
///
///   open -> ended    the coding is complete         decode
///   ended -> open    more follows, and may          decode
///   any -> refused   decode is not called again
template <class D>
class Decoder final : public http::ContentDecoder {
 public:
  template <class... Args>
  Decoder(const routing::Context& context, std::uint64_t ratio_max, Args... args)
      : context_(context), ratio_max_(ratio_max), decoder_(args...) {}

  std::optional<http::Refusal> decode(std::string_view in, bool is_last, std::string& out) override {
    bytes_in_ += in.size();
    bool is_out_full = false;  // then the decoder may hold back more
    while (!in.empty() || is_out_full) {
      if (has_ended_ && !decoder_.go_on()) return kMalformed;
      // One byte more than may be, to see whether there is one.
      const std::size_t begin = out.size();
      const std::uint64_t left = context_.body_limit() - bytes_out_;
      const auto room_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(left, kPieceBytes - 1) + 1);
      out.resize(begin + room_bytes);
      const std::size_t in_left = in.size();
      std::size_t written = 0;
      const Step step = decoder_.run(in, std::span(out).subspan(begin), written);
      out.resize(begin + written);
      bytes_out_ += written;
      const bool is_stuck = step == Step::kWantsInput && written == 0 && in.size() == in_left && in_left > 0;
      if (step == Step::kBroken || is_stuck) return kMalformed;
      if (bytes_out_ > context_.body_limit()) return kTooLong;
      if (bytes_out_ > kFreeBytes && bytes_out_ / ratio_max_ > bytes_in_) return kBomb;
      has_ended_ = step == Step::kEnd;
      is_out_full = !has_ended_ && written == room_bytes;
    }
    if (is_last && !has_ended_) return kTruncated;
    return std::nullopt;
  }

 private:
  const routing::Context& context_;
  std::uint64_t ratio_max_;
  D decoder_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;  // at most the limit between two calls
  bool has_ended_ = false;
};

}  // namespace

std::unique_ptr<http::ContentDecoder> make_decoder(std::string_view coding, const routing::Context& context,
                                                   std::uint64_t ratio_max) {
  if (coding == "br") return std::make_unique<Decoder<BrotliDecoder>>(context, ratio_max);
  if (coding == "zstd") return std::make_unique<Decoder<ZstdDecoder>>(context, ratio_max);
  const auto format = coding == "gzip" ? Inflater::Format::kGzip : Inflater::Format::kZlib;
  return std::make_unique<Decoder<Inflater>>(context, ratio_max, format);
}

}  // namespace weir::middleware::internal
