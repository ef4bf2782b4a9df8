// SPDX-License-Identifier: MIT
#include <middleware/internal/content_encoder.hpp>

#include <weir/base/check.hpp>

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace weir::middleware::internal {
namespace {

constexpr std::size_t kIdleMax = 4;  // encoders that a thread keeps, of each kind
constexpr std::size_t kRoomBytesMin = 512;
constexpr std::size_t kRoomBytesMax = std::size_t{64} << 10U;

/// Room behind what `out` holds; what is not used of it is taken back.
class Room {
 public:
  Room(std::string& out, std::size_t bytes) : out_(out), begin_(out.size()) { out.resize(begin_ + bytes); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() { out_.resize(begin_ + used_); }

  char* data() { return out_.data() + begin_; }
  std::size_t size() const { return out_.size() - begin_; }
  void use(std::size_t bytes) { used_ = bytes; }

 private:
  std::string& out_;
  std::size_t begin_;
  std::size_t used_ = 0;
};

std::size_t room_for(std::size_t input_bytes) {
  return std::clamp(input_bytes / 2, kRoomBytesMin, kRoomBytesMax);
}

/// What the codings have in common. `D` has run(in, step, out).
template <class D>
class Encoder : public http::BodyTransform {
 public:
  void write(std::string_view in, std::string& out) final {
    if (in.empty()) return;
    is_ended_ = is_whole_;
    has_unflushed_ = true;
    self().run(in, is_ended_ ? Step::kEnd : Step::kGoOn, out);
  }
  void flush(std::string& out) final {
    if (std::exchange(has_unflushed_, false) && !is_ended_) self().run({}, Step::kFlush, out);
  }
  void finish(std::string& out) final {
    if (!std::exchange(is_ended_, true)) self().run({}, Step::kEnd, out);
  }

 protected:
  enum class Step : unsigned char { kGoOn, kFlush, kEnd };
  explicit Encoder(bool is_whole) : is_whole_(is_whole) {}
  bool is_whole() const { return is_whole_; }

 private:
  D& self() { return static_cast<D&>(*this); }

  bool is_whole_;
  bool is_ended_ = false;
  bool has_unflushed_ = false;
};

/// A T that outlives its user, for the next one of this thread. Making one costs more than coding a short answer.
template <class T>
class Recycled {
 public:
  explicit Recycled(const typename T::Shape& shape) {
    auto& idle = idle_ones();
    const auto found =
        std::find_if(idle.begin(), idle.end(), [&shape](const auto& one) { return one->shape == shape; });
    if (found == idle.end()) {
      value_ = std::make_unique<T>(shape);
    } else {
      value_ = std::move(*found);
      idle.erase(found);
    }
  }
  Recycled(const Recycled&) = delete;
  Recycled& operator=(const Recycled&) = delete;
  ~Recycled() {
    auto& idle = idle_ones();
    if (!value_->reset()) return;
    if (idle.size() == kIdleMax) idle.erase(idle.begin());  // nobody has wanted that one for longest
    idle.push_back(std::move(value_));
  }
  T* operator->() const { return value_.get(); }

 private:
  static std::vector<std::unique_ptr<T>>& idle_ones() {
    static thread_local std::vector<std::unique_ptr<T>> idle = [] {
      std::vector<std::unique_ptr<T>> room;
      room.reserve(kIdleMax);  // a destructor fills it
      return room;
    }();
    return idle;
  }

  std::unique_ptr<T> value_;
};

// ---- gzip ----

struct DeflateState {
  struct Shape {
    int level;
    int window_bits = 15;
    int memory_level = 8;
    bool operator==(const Shape&) const = default;
  };

  explicit DeflateState(const Shape& shape_in) : shape(shape_in) {
    constexpr int kGzipFormat = 16;
    if (deflateInit2(&stream, shape.level, Z_DEFLATED, shape.window_bits + kGzipFormat, shape.memory_level,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  DeflateState(const DeflateState&) = delete;
  DeflateState& operator=(const DeflateState&) = delete;
  ~DeflateState() { deflateEnd(&stream); }
  bool reset() { return deflateReset(&stream) == Z_OK; }

  Shape shape;
  z_stream stream{};
};

// Tables that are no larger than it takes: to clear them is most of the work on a short answer.
DeflateState::Shape shape_for(int level, std::optional<std::size_t> whole_bytes) {
  constexpr std::size_t kMarginBytes = 262;  // zlib reaches back less far than its window by as much
  if (whole_bytes && *whole_bytes < (std::size_t{1} << 12U) - kMarginBytes) return {level, 12, 5};
  if (whole_bytes && *whole_bytes < (std::size_t{1} << 14U) - kMarginBytes) return {level, 14, 7};
  return {level};
}

class GzipEncoder final : public Encoder<GzipEncoder> {
 public:
  GzipEncoder(int level, std::optional<std::size_t> whole_bytes)
      : Encoder(whole_bytes.has_value()), state_(shape_for(level, whole_bytes)) {}

 private:
  friend class Encoder<GzipEncoder>;

  void run(std::string_view in, Step step, std::string& out) {
    const int flush = step == Step::kEnd ? Z_FINISH : step == Step::kFlush ? Z_SYNC_FLUSH : Z_NO_FLUSH;
    z_stream& stream = state_->stream;
    while (true) {
      // zlib counts in 32 bits, and does not write to its input.
      const std::size_t count = std::min<std::size_t>(in.size(), UINT32_MAX);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream.avail_in = static_cast<uInt>(count);
      const bool is_all = count == in.size();
      Room room(out, room_for(count));
      stream.next_out = reinterpret_cast<Bytef*>(room.data());
      stream.avail_out = static_cast<uInt>(room.size());
      const int result = deflate(&stream, is_all ? flush : Z_NO_FLUSH);
      WEIR_CHECK(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
      in.remove_prefix(count - stream.avail_in);
      room.use(room.size() - stream.avail_out);
      const bool is_done = step == Step::kEnd ? result == Z_STREAM_END : stream.avail_out > 0;
      if (is_done && in.empty()) return;
    }
  }

  Recycled<DeflateState> state_;
};

// ---- br ----

// Has nothing to be used again: its memory is taken as it is needed, and cannot be kept.
class BrotliEncoder final : public Encoder<BrotliEncoder> {
 public:
  BrotliEncoder(int level, bool is_whole) : Encoder(is_whole) {
    if (!state_) throw std::bad_alloc();
    set(BROTLI_PARAM_QUALITY, static_cast<std::uint32_t>(level));
    set(BROTLI_PARAM_LGWIN, kPiecesWindowBits);
  }

 private:
  friend class Encoder<BrotliEncoder>;
  static constexpr std::uint32_t kPiecesWindowBits = 16;
  static constexpr std::uint32_t kWholeWindowBits = 18;
  static constexpr std::size_t kSizeHintMax = (std::size_t{1} << 20U) - 1;  // more makes tables of 4 MiB

  struct Destroy {
    void operator()(BrotliEncoderState* state) const { BrotliEncoderDestroyInstance(state); }
  };

  void set(BrotliEncoderParameter parameter, std::uint32_t value) {
    WEIR_CHECK(BrotliEncoderSetParameter(state_.get(), parameter, value) == BROTLI_TRUE);
  }

  void run(std::string_view in, Step step, std::string& out) {
    if (is_whole() && !in.empty()) {
      set(BROTLI_PARAM_SIZE_HINT, static_cast<std::uint32_t>(std::min(in.size(), kSizeHintMax)));
      if (in.size() >> kPiecesWindowBits != 0) set(BROTLI_PARAM_LGWIN, kWholeWindowBits);
    }
    const auto operation = step == Step::kEnd     ? BROTLI_OPERATION_FINISH
                           : step == Step::kFlush ? BROTLI_OPERATION_FLUSH
                                                  : BROTLI_OPERATION_PROCESS;
    const auto* next = reinterpret_cast<const std::uint8_t*>(in.data());
    std::size_t left = in.size();
    do {
      std::size_t no_room = 0;  // it makes room of its own
      const auto is_fine =
          BrotliEncoderCompressStream(state_.get(), operation, &left, &next, &no_room, nullptr, nullptr);
      if (is_fine == BROTLI_FALSE) throw std::bad_alloc();
      std::size_t size = 0;
      const std::uint8_t* const bytes = BrotliEncoderTakeOutput(state_.get(), &size);
      out.append(reinterpret_cast<const char*>(bytes), size);
    } while (left > 0 || BrotliEncoderHasMoreOutput(state_.get()) == BROTLI_TRUE ||
             (step == Step::kEnd && BrotliEncoderIsFinished(state_.get()) == BROTLI_FALSE));
  }

  std::unique_ptr<BrotliEncoderState, Destroy> state_{BrotliEncoderCreateInstance(nullptr, nullptr, nullptr)};
};

// ---- zstd ----

struct ZstdState {
  struct Shape {
    bool operator==(const Shape&) const = default;  // any suits any level
  };

  explicit ZstdState(const Shape& shape_in) : shape(shape_in), context(ZSTD_createCCtx()) {
    if (context == nullptr) throw std::bad_alloc();
  }
  ZstdState(const ZstdState&) = delete;
  ZstdState& operator=(const ZstdState&) = delete;
  ~ZstdState() { ZSTD_freeCCtx(context); }
  bool reset() { return ZSTD_isError(ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)) == 0U; }

  Shape shape;
  ZSTD_CCtx* context;
};

class ZstdEncoder final : public Encoder<ZstdEncoder> {
 public:
  ZstdEncoder(int level, bool is_whole) : Encoder(is_whole), state_(ZstdState::Shape{}) {
    set(ZSTD_c_compressionLevel, level);
    set_window(kPiecesWindowBits);
  }

 private:
  friend class Encoder<ZstdEncoder>;
  static constexpr int kWindowBitsMin = 14;
  static constexpr int kPiecesWindowBits = 16;
  static constexpr int kWholeWindowBits = 18;

  void set(ZSTD_cParameter parameter, int value) {
    WEIR_CHECK(ZSTD_isError(ZSTD_CCtx_setParameter(state_->context, parameter, value)) == 0U);
  }
  // The tables of a level are made for more than this.
  void set_window(int bits) {
    set(ZSTD_c_windowLog, bits);
    set(ZSTD_c_hashLog, bits - 1);
    set(ZSTD_c_chainLog, bits - 1);
  }

  void run(std::string_view in, Step step, std::string& out) {
    if (is_whole() && !in.empty()) {
      const auto bits = static_cast<int>(std::bit_width(std::min(in.size(), std::size_t{1} << kWholeWindowBits) - 1));
      set_window(std::clamp(bits, kWindowBitsMin, kWholeWindowBits));
      WEIR_CHECK(ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(state_->context, in.size())) == 0U);
    }
    const auto directive = step == Step::kEnd ? ZSTD_e_end : step == Step::kFlush ? ZSTD_e_flush : ZSTD_e_continue;
    // With room for all of it zstd keeps no buffers of its own.
    const std::size_t room_bytes = is_whole() ? ZSTD_compressBound(in.size()) : room_for(in.size());
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    while (true) {
      Room room(out, room_bytes);
      ZSTD_outBuffer output{room.data(), room.size(), 0};
      const std::size_t left = ZSTD_compressStream2(state_->context, &output, &input, directive);
      if (ZSTD_isError(left) != 0U) throw std::bad_alloc();  // nothing else can go wrong
      room.use(output.pos);
      if (input.pos == input.size && (step == Step::kGoOn || left == 0)) return;
    }
  }

  Recycled<ZstdState> state_;
};

}  // namespace

std::optional<Coding> find_coding(std::string_view name) {
  for (std::size_t i = 0; i < kCodings.size(); ++i) {
    if (kCodings[i].name == name) return static_cast<Coding>(i);
  }
  return std::nullopt;
}

std::unique_ptr<http::BodyTransform> make_encoder(Coding coding, int level, std::optional<std::size_t> whole_bytes) {
  switch (coding) {
    case Coding::kGzip:
      return std::make_unique<GzipEncoder>(level, whole_bytes);
    case Coding::kBrotli:
      return std::make_unique<BrotliEncoder>(level, whole_bytes.has_value());
    case Coding::kZstd:
      break;
  }
  return std::make_unique<ZstdEncoder>(level, whole_bytes.has_value());
}

}  // namespace weir::middleware::internal
