// SPDX-License-Identifier: MIT
// Content codings, applied: gzip, br, zstd.
#pragma once

#include <weir/http/body_transform.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace weir::middleware::internal {

/// A content coding that we can apply.
enum class Coding : unsigned char { kGzip, kBrotli, kZstd };

/// What there is to know about one, in the order of Coding.
struct CodingTraits {
  std::string_view name;  ///< As in Content-Encoding.
  int level_min;
  int level_max;
};
inline constexpr std::array<CodingTraits, 3> kCodings{{{"gzip", 1, 9}, {"br", 0, 9}, {"zstd", 1, 19}}};

/// The coding of that name, as it is spelled in kCodings; nullopt for another.
std::optional<Coding> find_coding(std::string_view name);

/// An encoder. `whole_bytes`: all content will come in one write, of that length. nullopt: it comes piece by piece,
/// maybe for hours: then it takes a window of 64 KiB at most, so that a thousand of them fit in memory.
///
/// Memory, at the levels that suit answers: 260 KiB for gzip, less for what is short; for br and zstd 0.8 MiB for
/// pieces and up to 2 MiB for the whole. Encoders of gzip and zstd are used again by the thread that lets go of them,
/// up to four each.
///
/// Errors: it and its calls throw std::bad_alloc.
/// Source: RFC 1952, RFC 7932, RFC 8878.
std::unique_ptr<http::BodyTransform> make_encoder(Coding coding, int level, std::optional<std::size_t> whole_bytes);

}  // namespace weir::middleware::internal
