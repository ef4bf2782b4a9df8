// SPDX-License-Identifier: MIT
// Content codings, applied and undone by their libraries, as a client would.
#pragma once

#include <gtest/gtest.h>

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

constexpr int kGzipBits = 15 + 16;
constexpr int kZlibBits = 15;
constexpr int kRawBits = -15;

inline std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in(text);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
inline std::string gzip(std::string_view text) {
  return deflated(text, kGzipBits);
}

inline std::string brotli(std::string_view text, int quality = 5, int window_bits = 22, bool is_large_window = false) {
  BrotliEncoderState* const state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  if (is_large_window) BrotliEncoderSetParameter(state, BROTLI_PARAM_LARGE_WINDOW, 1);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(quality));
  BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, static_cast<std::uint32_t>(window_bits));
  std::string out(BrotliEncoderMaxCompressedSize(text.size()) + 1024, '\0');
  std::size_t in_left = text.size();
  std::size_t out_left = out.size();
  const auto* in = reinterpret_cast<const std::uint8_t*>(text.data());
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  const auto is_done =
      BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH, &in_left, &in, &out_left, &at, nullptr);
  EXPECT_EQ(is_done, BROTLI_TRUE);
  EXPECT_EQ(BrotliEncoderIsFinished(state), BROTLI_TRUE);
  BrotliEncoderDestroyInstance(state);
  out.resize(out.size() - out_left);
  return out;
}

/// `window_bits`: 0 for what the level has.
inline std::string zstd(std::string_view text, int window_bits = 0, bool says_size = true) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  if (window_bits > 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_bits);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, says_size ? 1 : 0);
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  ZSTD_inBuffer input{text.data(), text.size(), 0};
  if (!says_size) {
    // Nothing but the end is known then.
    EXPECT_EQ(ZSTD_isError(ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue)), 0U);
  }
  EXPECT_EQ(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0U);
  ZSTD_freeCCtx(context);
  out.resize(output.pos);
  return out;
}

/// What a client makes of it that wants nothing but a whole, unbroken content; "<broken>" otherwise. `is_part`: more
/// may follow.
inline std::string inflated(std::string_view coded, int window_bits, bool is_part = false) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, window_bits), Z_OK);
  std::string in(coded);
  std::string out(std::size_t{8} << 20U, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_SYNC_FLUSH);
  out.resize(stream.total_out);
  const bool is_fine =
      (result == Z_STREAM_END || (is_part && (result == Z_OK || result == Z_BUF_ERROR))) && stream.avail_in == 0;
  inflateEnd(&stream);
  return is_fine ? out : "<broken>";
}

inline std::string unbrotlied(std::string_view coded, bool is_part = false) {
  BrotliDecoderState* const state = BrotliDecoderCreateInstance(nullptr, nullptr, nullptr);
  std::string out(std::size_t{8} << 20U, '\0');
  std::size_t in_left = coded.size();
  std::size_t out_left = out.size();
  const auto* in = reinterpret_cast<const std::uint8_t*>(coded.data());
  auto* at = reinterpret_cast<std::uint8_t*>(out.data());
  const auto result = BrotliDecoderDecompressStream(state, &in_left, &in, &out_left, &at, nullptr);
  BrotliDecoderDestroyInstance(state);
  out.resize(out.size() - out_left);
  const bool is_fine =
      (result == BROTLI_DECODER_RESULT_SUCCESS || (is_part && result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT)) &&
      in_left == 0;
  return is_fine ? out : "<broken>";
}

inline std::string unzstded(std::string_view coded, bool is_part = false) {
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  std::string out(std::size_t{8} << 20U, '\0');
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  ZSTD_inBuffer input{coded.data(), coded.size(), 0};
  std::size_t left = 1;
  while (input.pos < input.size && left != 0 && ZSTD_isError(left) == 0U) {
    left = ZSTD_decompressStream(context, &output, &input);
  }
  ZSTD_freeDCtx(context);
  out.resize(output.pos);
  const bool is_fine = (left == 0 || (is_part && ZSTD_isError(left) == 0U)) && input.pos == input.size;
  return is_fine ? out : "<broken>";
}

inline std::string decoded(std::string_view coding, std::string_view coded, bool is_part = false) {
  if (coding == "gzip") return inflated(coded, kGzipBits, is_part);
  if (coding == "br") return unbrotlied(coded, is_part);
  if (coding == "zstd") return unzstded(coded, is_part);
  return "<unknown coding>";
}

/// Text that codes to about a sixth, never twice the same.
inline std::string sample_text(std::size_t bytes) {
  std::string text;
  std::uint32_t random = 1;
  while (text.size() < bytes) {
    random = random * 1'103'515'245 + 12'345;
    text += "{\"id\":" + std::to_string(random >> 8U) + ",\"name\":\"item\",\"tags\":[\"a\",\"b\"]},\n";
  }
  text.resize(bytes);
  return text;
}

/// Bytes that cannot become fewer.
inline std::string noise(std::size_t bytes) {
  std::string text(bytes, '\0');
  std::uint64_t state = 88'172'645'463'325'252;
  for (char& c : text) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    c = static_cast<char>(state >> 32U);
  }
  return text;
}

}  // namespace weir
