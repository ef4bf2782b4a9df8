// SPDX-License-Identifier: MIT
// The files of a directory.
#pragma once

#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/context.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace weir::middleware {

/// What StaticFiles answers with besides the files.
struct StaticFilesOptions {
  std::string index = "index.html";  ///< Of a directory, asked for with a final slash; "": 404.
  /// For an application that routes in the browser: the file that answers GETs of pages (Accept has text/html) where
  /// there is no file, with 200; "": 404.
  std::string fallback{};
  std::string cache_control{};  ///< The field's value; "": no such field.
  /// "site.css.br", ".zst" or ".gz" beside "site.css" answer in its place where the client prefers that coding.
  bool precompressed = true;
  /// How long a file is taken to be as it was when last looked at.
  std::chrono::nanoseconds fresh_for = std::chrono::seconds(1);
  std::size_t files_max = 1024;             ///< Kept by each loop, open or in memory, least recently used ones go.
  std::size_t memory_bytes_max = 16 << 20;  ///< Of their content, by each loop.
  std::size_t open_files_max = 64;          ///< By each loop: what is larger than 64 KiB is kept open.
};

/// A handler for a route whose last parameter is {path...}:
///
///     app.get("/static/{path...}").handle(weir::middleware::StaticFiles("public"));
///     app.get("/{path...}").handle(weir::middleware::StaticFiles("dist", {.fallback = "index.html"}));
///
/// Answers with ETag, Last-Modified, Content-Type by the extension, and X-Content-Type-Options: nosniff; to conditional
/// requests with 304 or 412, to a Range of one part with 206 or 416, to a directory without its final slash with a
/// redirect to its index. Files up to 64 KiB are kept in memory, others open; larger ones go from the page cache to the
/// socket. Neither the first nor a later look at a file holds the loop.
///
/// No path leads out of the directory: see loop::Directory. Symbolic links are not followed, nor is what is no regular
/// file sent, nor anything below a name that begins with a dot, but for ".well-known": 404.
///
/// Replace files by renaming new ones to their names: of one that is written in place a part may be sent.
///
/// Thread: any loop; each keeps files of its own.
/// Errors: the constructor throws loop::FileError where there is no such directory.
/// Source: RFC 9110 sections 8.8, 13 and 14.
class StaticFiles {
 public:
  explicit StaticFiles(std::string directory, StaticFilesOptions options = {});

  loop::Task<http::Response> operator()(routing::Context& context) const;

 private:
  class Folder;
  std::shared_ptr<const Folder> folder_;  // shared by the copies that a handler is made of
};

}  // namespace weir::middleware
