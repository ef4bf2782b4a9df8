// SPDX-License-Identifier: MIT
// Answers that take fewer bytes on their way: gzip, br, zstd.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// What is coded, and how.
struct CompressionOptions {
  /// Of "zstd", "br" and "gzip": of those that a client likes as much the first is taken.
  std::vector<std::string> codings{"zstd", "br", "gzip"};
  int gzip_level = 6;    ///< 1 to 9.
  int brotli_level = 4;  ///< 0 to 9: what is above takes too long for an answer that waits for it.
  int zstd_level = 3;    ///< 1 to 19.
  /// Content that is known to be shorter stays as it is: it would hardly become fewer packets.
  std::uint64_t min_bytes = 1024;
  /// Media types, "application/json"; all of a kind, "text/*"; or all with a suffix, "+json". What is coded already
  /// (images, video, archives) only becomes longer.
  std::vector<std::string> types{"text/*",
                                 "+json",
                                 "+xml",
                                 "application/json",
                                 "application/javascript",
                                 "application/x-javascript",
                                 "application/xml",
                                 "application/wasm",
                                 "application/yaml",
                                 "application/x-ndjson",
                                 "application/jsonl",
                                 "font/ttf",
                                 "font/otf",
                                 "image/vnd.microsoft.icon",
                                 "image/x-icon",
                                 "image/bmp"};
};

/// `app.use(Compression{})`: codes the content of answers, whole, from a file, or piece by piece, as the client's
/// Accept-Encoding prefers. Each piece and each event leaves at once.
///
/// Left alone: answers without content, 206, those with a Content-Encoding, a digest of their content or
/// `Cache-Control: no-transform`, and types that are not listed. To HEAD goes what a GET would say. An answer that is
/// coded, or would be for another client, says `Vary: Accept-Encoding`; one that is coded has no Accept-Ranges, and a
/// strong ETag of it becomes weak, also where it comes with a 304.
///
/// Put it before ETag and what else looks at the content, as `app.use(Compression{}).use(ETag{})`.
///
/// Secrets: who can make a victim's browser send what the answer repeats (a search word), and sees how long the answer
/// becomes, guesses a secret that stands beside it letter by letter (BREACH). Do not use it on routes whose answers
/// hold both: use it on groups, or set `Cache-Control: no-transform` there.
///
/// Memory: while an answer is being sent, 0.26 MiB for gzip; 0.8 MiB for br and zstd where it comes in pieces or from a
/// file, up to 2 MiB where it is whole, at these levels. A thousand streams (limits.streams) take 0.26 or 0.8 GiB.
/// Each loop keeps up to four encoders of gzip and of zstd for the next answers.
///
/// Thread: immutable. Above 16 KiB it works beside the loop.
/// Errors: the constructor throws std::invalid_argument for an unknown coding, one that is there twice, none, a level
///         out of bounds, and what is no media type.
/// Source: RFC 9110 sections 8.4, 8.8.1, 12.5.3 and 12.5.5; RFC 9111 section 5.2.2.6 (no-transform); RFC 9659.
class Compression {
 public:
  explicit Compression(const CompressionOptions& options = {});

  void after(routing::Context& context, http::Response& response) const;

 private:
  void add_coding(const std::string& name, int level);
  void add_type(std::string_view type);
  bool may_code(routing::Context& context, const http::Response& response) const;
  bool is_listed(std::string_view media_type) const;
  void encode(routing::Context& context, http::Response& response, std::string_view coding) const;

  std::vector<std::string_view> codings_;
  std::vector<int> levels_;  // of codings_
  std::uint64_t min_bytes_;
  std::vector<std::string> types_;
  std::vector<std::string> prefixes_;  // "text/"
  std::vector<std::string> suffixes_;  // "+json"
};

}  // namespace weir::middleware
