// SPDX-License-Identifier: MIT
// A decoded path holds no dot segment and no NUL, says the same when it is encoded again, and matches a plain decoder.
//
// Input: the raw path, with a query behind it or not.
#include <tests/fuzz/pieces.hpp>
#include <weir/http/path.hpp>

#include <optional>
#include <vector>

namespace {

using weir::fuzz::percent_encode_all;
using weir::fuzz::require;
using Segments = std::vector<std::string>;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// What the path means, without a thought of speed; nullopt where an escape is malformed.
std::optional<Segments> decode(std::string_view path) {
  Segments segments{""};
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (path[i] == '/') {
      segments.emplace_back();
    } else if (path[i] != '%') {
      segments.back() += path[i];
    } else {
      if (i + 2 >= path.size() || hex(path[i + 1]) < 0 || hex(path[i + 2]) < 0) return std::nullopt;
      segments.back() += static_cast<char>(hex(path[i + 1]) * 16 + hex(path[i + 2]));
      i += 2;
    }
  }
  return segments;
}

Segments copy(const weir::http::PathSegments& path) {
  return {path.segments().begin(), path.segments().end()};
}

bool is_forbidden(const Segments& segments) {
  for (const std::string& segment : segments) {
    if (segment == "." || segment == ".." || segment.find('\0') != std::string::npos) return true;
  }
  return false;
}

bool has_only_path_characters(std::string_view path) {
  constexpr std::string_view kOthers = "/%-._~!$&'()*+,;=:@[]|^";
  for (const char c : path) {
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_alphanumeric && (c == '\0' || kOthers.find(c) == std::string_view::npos)) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string raw = text.substr(0, text.find('?'));
  weir::http::PathSegments path;
  const std::size_t length = path.parse(text);
  const std::optional<Segments> meant = decode(raw);
  const bool is_right =
      raw.empty() || (raw.front() == '/' && has_only_path_characters(raw) && meant && !is_forbidden(*meant));
  require(length == (is_right ? raw.size() : std::string::npos), "exactly the well-formed, harmless paths are read",
          raw);
  if (!is_right) return 0;

  const Segments segments = copy(path);
  require(segments == *meant, "a path is decoded once, segment by segment", raw);
  std::string encoded;
  for (const std::string& segment : segments) encoded += '/' + percent_encode_all(segment);
  weir::http::PathSegments reused;
  require(reused.parse("/%41/%zz") == std::string::npos && reused.parse(encoded) == encoded.size(),
          "an encoded path is accepted", encoded);
  require(copy(reused) == segments, "encoding and decoding again changes nothing", raw);
  require(reused.parse(text) == raw.size() && copy(reused) == segments, "a used parser reads the same", raw);
  return 0;
}
