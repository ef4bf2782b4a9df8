// SPDX-License-Identifier: MIT
// Content codings, undone within bounds: gzip, deflate, br, zstd.
#pragma once

#include <weir/http/body_transform.hpp>
#include <weir/routing/context.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace weir::middleware::internal {

/// The codings that can be undone, as in Content-Encoding. "deflate" is the format of zlib.
inline constexpr std::array<std::string_view, 4> kDecodedCodings{"gzip", "deflate", "br", "zstd"};

/// A decoder of one of kDecodedCodings. What it says of content that it does not take:
///
///   400  malformed, cut short, followed by something else, or made for a window above 8 MiB (zstd) or 16 MiB (br)
///   413  it becomes longer than context.body_limit(), or, beyond 64 KiB, than `ratio_max` times what was sent
///
/// Several members of gzip and several frames of zstd are one content. It decodes no more than a piece of 64 KiB beyond
/// a bound. Beside what it appends it takes up to the window that the content was made for, as far as content has come:
/// 32 KiB for gzip and deflate.
///
/// Ownership: borrows `context`, the request's own.
/// Source:    RFC 1950, RFC 1952 section 2.2, RFC 7932, RFC 8878 section 3, RFC 9659.
std::unique_ptr<http::ContentDecoder> make_decoder(std::string_view coding, const routing::Context& context,
                                                   std::uint64_t ratio_max);

}  // namespace weir::middleware::internal
