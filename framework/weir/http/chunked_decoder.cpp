// SPDX-License-Identifier: MIT
#include <weir/http/chunked_decoder.hpp>

#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>

namespace weir::http {
namespace {

// Sixteen digits hold any 64-bit size; more are either leading zeros or an attack.
constexpr unsigned kSizeDigitsMax = 16;

bool is_quoted_text(char c) {
  return c != '\\' && c != '"' && syntax::is(c, syntax::kFieldValue);
}

}  // namespace

void ChunkedDecoder::begin(const Limits& limits, std::uint64_t body_bytes_max) {
  *this = ChunkedDecoder();
  limits_ = &limits;
  body_bytes_left_ = body_bytes_max;
}

ChunkedDecoder::Progress ChunkedDecoder::decode(std::span<const char> bytes, std::string& body) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::kComplete) {
    if (state_ == State::kData) {
      const auto taken = std::min<std::uint64_t>(chunk_bytes_left_, bytes.size() - at);
      body.append(bytes.data() + at, taken);
      at += taken;
      chunk_bytes_left_ -= taken;
      if (chunk_bytes_left_ == 0) state_ = State::kDataReturn;
    } else if (!take(bytes[at++])) {
      return {at, false, refusal_};
    }
  }
  return {at, state_ == State::kComplete, std::nullopt};
}

bool ChunkedDecoder::take(char c) {
  switch (state_) {
    case State::kSize:
      return take_size(c);
    case State::kSizeLineFeed:
      return c == '\n' ? end_size_line() : refuse_framing();
    case State::kDataReturn:
      state_ = State::kDataLineFeed;
      return c == '\r' || refuse_framing();
    case State::kDataLineFeed:
      state_ = State::kSize;
      return c == '\n' || refuse_framing();
    case State::kTrailerStart:
    case State::kTrailerName:
    case State::kTrailerValue:
    case State::kTrailerLineFeed:
    case State::kEndLineFeed:
      return take_trailer(c);
    default:
      return take_extension(c);
  }
}

bool ChunkedDecoder::take_size(char c) {
  const int digit = base::hex_value(c);
  if (state_ == State::kSize && digit >= 0) {
    if (++size_digits_ > kSizeDigitsMax) return refuse_framing();
    chunk_bytes_left_ = chunk_bytes_left_ << 4U | static_cast<std::uint64_t>(digit);
    return true;
  }
  if (size_digits_ == 0) return refuse_framing();
  return end_extension(c);
}

// After a size, an extension's name or its value: the next extension or the end of the line.
bool ChunkedDecoder::end_extension(char c) {
  if (c == ';') {
    state_ = State::kExtensionNameStart;
  } else if (c == '\r' && state_ != State::kExtensionBlank) {
    state_ = State::kSizeLineFeed;
    return true;
  } else if (syntax::is_blank(c)) {
    state_ = State::kExtensionBlank;
  } else {
    return refuse_framing();
  }
  return ++extension_bytes_ <= limits_->chunk_extension_bytes ||
         refuse(400, "chunk-extensions-too-large", "The chunk extensions are longer than this server reads.");
}

// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
bool ChunkedDecoder::take_extension(char c) {
  const bool is_token = syntax::is(c, syntax::kToken);
  switch (state_) {
    case State::kExtensionName:
    case State::kExtensionToken:
      if (is_token) break;
      [[fallthrough]];
    case State::kExtensionAfterName:
      if (c == '=' && state_ != State::kExtensionToken) {
        state_ = State::kExtensionValueStart;
        break;
      }
      if (syntax::is_blank(c) && state_ != State::kExtensionToken) {
        state_ = State::kExtensionAfterName;
        break;
      }
      if (c == '\r' && state_ == State::kExtensionAfterName) return refuse_framing();
      return end_extension(c);
    case State::kExtensionBlank:
    case State::kExtensionAfterValue:
      return end_extension(c);
    case State::kExtensionNameStart:
      if (syntax::is_blank(c)) break;
      if (!is_token) return refuse_framing();
      state_ = State::kExtensionName;
      break;
    case State::kExtensionValueStart:
      if (syntax::is_blank(c)) break;
      if (!is_token && c != '"') return refuse_framing();
      state_ = is_token ? State::kExtensionToken : State::kExtensionQuoted;
      break;
    case State::kExtensionQuoted:
      if (c == '"') {
        state_ = State::kExtensionAfterValue;
      } else if (c == '\\') {
        state_ = State::kExtensionQuotedPair;
      } else if (!is_quoted_text(c)) {
        return refuse_framing();
      }
      break;
    case State::kExtensionQuotedPair:
      if (!syntax::is(c, syntax::kFieldValue)) return refuse_framing();
      state_ = State::kExtensionQuoted;
      break;
    default:
      return refuse_framing();
  }
  return ++extension_bytes_ <= limits_->chunk_extension_bytes ||
         refuse(400, "chunk-extensions-too-large", "The chunk extensions are longer than this server reads.");
}

bool ChunkedDecoder::end_size_line() {
  size_digits_ = 0;
  if (chunk_bytes_left_ == 0) {
    state_ = State::kTrailerStart;
    return true;
  }
  if (chunk_bytes_left_ > body_bytes_left_) {
    return refuse(413, "body-too-large", "The content is longer than this resource takes.");
  }
  body_bytes_left_ -= chunk_bytes_left_;
  state_ = State::kData;
  return true;
}

// trailer-section = *( field-line CRLF ); then the CRLF that ends the message.
bool ChunkedDecoder::take_trailer(char c) {
  if (++trailer_bytes_ > limits_->head_bytes) {
    return refuse(431, "trailers-too-large", "The trailer section is longer than this server reads.");
  }
  switch (state_) {
    case State::kTrailerStart:
      if (c == '\r') {
        state_ = State::kEndLineFeed;
        return true;
      }
      if (!syntax::is(c, syntax::kToken)) return refuse_framing();
      if (++trailer_fields_ > limits_->fields) {
        return refuse(431, "too-many-trailers", "The trailer section has more fields than this server reads.");
      }
      state_ = State::kTrailerName;
      return true;
    case State::kTrailerName:
      if (c == ':') state_ = State::kTrailerValue;
      return c == ':' || syntax::is(c, syntax::kToken) || refuse_framing();
    case State::kTrailerValue:
      if (c == '\r') state_ = State::kTrailerLineFeed;
      return c == '\r' || syntax::is(c, syntax::kFieldValue) || refuse_framing();
    case State::kTrailerLineFeed:
      state_ = State::kTrailerStart;
      return c == '\n' || refuse_framing();
    default:
      state_ = State::kComplete;
      return c == '\n' || refuse_framing();
  }
}

bool ChunkedDecoder::refuse(int status, std::string_view reason, std::string_view detail) {
  refusal_ = {status, reason, detail};
  return false;
}

bool ChunkedDecoder::refuse_framing() {
  return refuse(400, "malformed-chunk", "The chunked framing of the content is malformed.");
}

}  // namespace weir::http
