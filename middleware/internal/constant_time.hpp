// SPDX-License-Identifier: MIT
// Comparing secrets without telling by time how much of them was right.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace weir::middleware::internal {

/// A SHA-256.
using Digest = std::array<unsigned char, 32>;

/// Thread: any.
/// Source: FIPS 180-4.
Digest sha256(std::string_view text);

/// The bytes of a digest as text.
std::string_view view_of(const Digest& digest);

/// 64 hexadecimal digits as the digest that they spell; nullopt for anything else.
std::optional<Digest> parse_digest(std::string_view hex);

/// 256 random bits of the system's generator.
Digest random_digest();

/// The same work wherever the two differ.
bool equal_digests(const Digest& a, const Digest& b);

}  // namespace weir::middleware::internal
