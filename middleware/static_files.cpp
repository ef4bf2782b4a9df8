// SPDX-License-Identifier: MIT
#include <middleware/static_files.hpp>

#include <middleware/internal/file_cache.hpp>
#include <weir/base/text.hpp>
#include <weir/http/content_coding.hpp>
#include <weir/http/date.hpp>
#include <weir/http/preconditions.hpp>
#include <weir/http/problem.hpp>
#include <weir/loop/directory.hpp>
#include <weir/loop/file_error.hpp>
#include <weir/loop/per_loop.hpp>
#include <weir/routing/file_sender.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace weir::middleware {
namespace {

using internal::CachedFile;
using internal::FileCache;
using internal::FileVariant;
using File = std::shared_ptr<const loop::ReadOnlyFile>;

constexpr std::size_t kInMemoryBytesMax = 64 << 10;

struct Precompressed {
  std::string_view coding;
  std::string_view suffix;
};
// The smaller first: of codings that a client likes as much the first is taken.
constexpr std::array<Precompressed, 3> kPrecompressed{{{"br", ".br"}, {"zstd", ".zst"}, {"gzip", ".gz"}}};

// What says that a path leads to nothing that may be sent.
bool is_missing(int error) {
  constexpr std::array kErrors{ENOENT, ENOTDIR, ELOOP, EXDEV, EINVAL, ENXIO, ENAMETOOLONG, EACCES, EILSEQ};
  return std::find(kErrors.begin(), kErrors.end(), error) != kErrors.end();
}

bool is_nothing_to_send(const loop::FileError& failure) {
  const int error = failure.code().value();
  return is_missing(error) || error == EISDIR;
}

// Segments are decoded and hold no slash; an empty one at the end asks for the index.
bool is_hidden(std::string_view path) {
  while (!path.empty()) {
    const bool is_last = path.find('/') == std::string_view::npos;
    const std::string_view segment = base::take_until(path, '/');
    const bool is_dotted = segment.starts_with('.') && segment != ".well-known";
    if (is_dotted || (segment.empty() && !is_last)) return true;
  }
  return false;
}

std::string etag_of(const loop::FileStatus& status, std::string_view coding) {
  std::array<char, 80> text{};
  const auto modified = status.modified_at.time_since_epoch().count();
  const int length =
      std::snprintf(text.data(), text.size(), "\"%llx-%llx-%llx", static_cast<unsigned long long>(modified),
                    static_cast<unsigned long long>(status.size), static_cast<unsigned long long>(status.inode));
  std::string etag(text.data(), static_cast<std::size_t>(length));
  if (!coding.empty()) etag.append("-").append(coding);
  return etag + "\"";
}

bool wants_page(const routing::Context& context) {
  const auto accept = context.header("Accept");
  return accept && accept->find("text/html") != std::string_view::npos;
}

http::Response redirect_into(const http::Request& request) {
  // Relative to what was asked, so that a path such as "//elsewhere" names no other host; "./" because a first segment
  // with a colon would be a scheme.
  const std::string_view path = request.raw_path();
  std::string location = "./" + std::string(path.substr(path.rfind('/') + 1)) + "/";
  if (!request.raw_query().empty()) location.append("?").append(request.raw_query());
  return http::Response::redirect(location, 301);
}

const FileVariant& choose(const CachedFile& file, const http::Request& request) {
  if (file.variants.size() == 1) return file.variants.front();
  std::array<std::string_view, kPrecompressed.size()> offered{};
  const std::size_t count = file.variants.size() - 1;
  for (std::size_t i = 0; i < count; ++i) offered[i] = file.variants[i + 1].coding;
  const std::string_view coding = http::choose_coding(request, std::span(offered).first(count));
  const auto found = std::find_if(file.variants.begin(), file.variants.end(),
                                  [coding](const FileVariant& variant) { return variant.coding == coding; });
  return *found;
}

void set_content(http::Response& response, const FileVariant& variant, http::ByteRange part) {
  if (!variant.file) {
    response.body(std::string_view(variant.bytes).substr(part.offset, part.length));
    return;
  }
  response.set_file(variant.file, part.offset, part.length);
}

http::Response answer(const CachedFile& file, const http::Request& request) {
  const FileVariant& variant = choose(file, request);
  const std::uint64_t size = variant.status.size;
  const http::Validators validators{variant.etag, variant.status.modified_at};
  const http::Precondition precondition = http::evaluate(request, validators);
  if (precondition == http::Precondition::kFailed) return http::problem(412);
  http::Response response = variant.head;
  if (precondition == http::Precondition::kNotModified) return std::move(response.status(304));
  http::ByteRange part{0, size};
  const bool may_be_part = request.header("Range") && http::if_range_holds(request, validators);
  const auto range = may_be_part ? http::find_range(request, size, part) : http::RangeRequest::kWhole;
  if (range == http::RangeRequest::kUnsatisfiable) {
    http::Response refusal = http::problem(416);
    refusal.set_header("Content-Range", "bytes */" + std::to_string(size));
    return refusal;
  }
  if (range == http::RangeRequest::kPart) {
    response.status(206).set_header("Content-Range", "bytes " + std::to_string(part.offset) + "-" +
                                                         std::to_string(part.offset + part.length - 1) + "/" +
                                                         std::to_string(size));
  }
  set_content(response, variant, part);
  return response;
}

}  // namespace

// ---- the directory, and what each loop knows of it ----

class StaticFiles::Folder {
 public:
  Folder(std::string directory, StaticFilesOptions options)
      : options_(std::move(options)), directory_(std::move(directory)), caches_([this] {
          return FileCache({options_.files_max, options_.memory_bytes_max, options_.open_files_max});
        }) {}

  loop::Task<http::Response> serve(routing::Context& context) const;
  /// What there is, as it was found lately or is found now; null where there is nothing that may be sent.
  /// Errors: throws FileError for what the file system cannot tell.
  loop::Task<std::shared_ptr<const CachedFile>> find(std::string path, base::TimePoint now, bool* is_directory) const;
  /// Gives back what descriptors are held.
  void close_all() const { caches_.local().clear(); }

 private:
  loop::Task<std::shared_ptr<const CachedFile>> load(std::string path, base::TimePoint now) const;
  loop::Task<FileVariant> make_variant(File file, std::string_view coding, const CachedFile* known,
                                       std::string_view path) const;
  loop::Task<void> add_precompressed(std::string path, const CachedFile* known, CachedFile* to) const;
  http::Response head_of(const FileVariant& variant, std::string_view path) const;

  StaticFilesOptions options_;
  loop::Directory directory_;
  loop::PerLoop<FileCache> caches_;
};

loop::Task<std::shared_ptr<const CachedFile>> StaticFiles::Folder::find(std::string path, base::TimePoint now,
                                                                        bool* is_directory) const {
  const FileCache::Entry* const entry = caches_.local().find(path);
  if (entry != nullptr && now - entry->checked_at < options_.fresh_for) co_return entry->file;
  std::shared_ptr<const CachedFile> file;
  try {
    file = co_await load(std::move(path), now);
  } catch (const loop::FileError& failure) {
    if (!is_nothing_to_send(failure)) throw;
    *is_directory = failure.code().value() == EISDIR;
  }
  co_return file;
}

loop::Task<std::shared_ptr<const CachedFile>> StaticFiles::Folder::load(std::string path, base::TimePoint now) const {
  std::shared_ptr<const CachedFile> known;
  if (FileCache::Entry* const entry = caches_.local().find(path)) {
    known = entry->file;
    entry->checked_at = now;  // others go on with what is known meanwhile
  }
  auto loaded = std::make_shared<CachedFile>();
  try {
    File file = co_await directory_.open(path);
    FileVariant identity = co_await make_variant(std::move(file), "", known.get(), path);
    loaded->variants.push_back(std::move(identity));
  } catch (...) {
    caches_.local().erase(path);  // a look that was broken off is none
    throw;
  }
  if (options_.precompressed) co_await add_precompressed(path, known.get(), loaded.get());
  if (loaded->variants.size() > 1) {
    for (FileVariant& variant : loaded->variants) variant.head.set_header("Vary", "Accept-Encoding");
  }
  caches_.local().put({std::move(path), loaded, now});
  co_return loaded;
}

// Of what is not there, or cannot be had, nothing is said: the file itself is.
loop::Task<void> StaticFiles::Folder::add_precompressed(std::string path, const CachedFile* known,
                                                        CachedFile* to) const {
  for (const Precompressed& one : kPrecompressed) {
    File file;
    try {
      file = co_await directory_.open(path + std::string(one.suffix));
    } catch (const loop::FileError& failure) {
      if (!is_nothing_to_send(failure)) throw;
    }
    if (!file) continue;
    FileVariant variant = co_await make_variant(std::move(file), one.coding, known, path);
    to->variants.push_back(std::move(variant));
  }
}

loop::Task<FileVariant> StaticFiles::Folder::make_variant(File file, std::string_view coding, const CachedFile* known,
                                                          std::string_view path) const {
  if (known != nullptr) {
    for (const FileVariant& variant : known->variants) {
      if (variant.coding == coding && variant.status == file->status()) co_return variant;
    }
  }
  FileVariant variant;
  variant.coding = coding;
  variant.status = file->status();
  variant.etag = etag_of(variant.status, coding);
  variant.head = head_of(variant, path);
  if (variant.status.size <= kInMemoryBytesMax) {
    variant.bytes.resize(variant.status.size);
    const std::size_t count = co_await file->read_at(variant.bytes, 0);
    variant.bytes.resize(count);
    variant.status.size = count;  // it may have become shorter
  } else {
    variant.file = std::move(file);
  }
  co_return variant;
}

http::Response StaticFiles::Folder::head_of(const FileVariant& variant, std::string_view path) const {
  http::Response head;
  head.set_header("Content-Type", routing::media_type_of(path));
  head.set_header("ETag", variant.etag);
  head.set_header("Last-Modified", http::format_date(variant.status.modified_at));
  head.set_header("Accept-Ranges", "bytes");
  head.set_header("X-Content-Type-Options", "nosniff");
  if (!options_.cache_control.empty()) head.set_header("Cache-Control", options_.cache_control);
  if (!variant.coding.empty()) head.set_header("Content-Encoding", variant.coding);
  return head;
}

// ---- the handler ----

StaticFiles::StaticFiles(std::string directory, StaticFilesOptions options)
    : folder_(std::make_shared<const Folder>(std::move(directory), std::move(options))) {}

namespace {

http::Response busy() {
  http::Response response = http::problem(503, "The service has too many files open: try again later.");
  response.set_header("Retry-After", "1");
  return response;
}

}  // namespace

loop::Task<http::Response> StaticFiles::operator()(routing::Context& context) const {
  const std::shared_ptr<const Folder> folder = folder_;
  try {
    http::Response response = co_await folder->serve(context);
    co_return response;
  } catch (const loop::FileError& failure) {
    const int error = failure.code().value();
    if (error != EMFILE && error != ENFILE) throw;
  }
  folder->close_all();
  co_return busy();
}

loop::Task<http::Response> StaticFiles::Folder::serve(routing::Context& context) const {
  const base::TimePoint now = context.clock().now();
  std::string path(context.path("path"));
  if (is_hidden(path)) co_return http::problem(404);
  const bool asks_for_index = path.empty() || path.ends_with('/');
  if (asks_for_index) path += options_.index;
  bool is_directory = false;
  std::shared_ptr<const CachedFile> file = co_await find(path, now, &is_directory);
  if (is_directory && !options_.index.empty() && !asks_for_index) {
    const std::shared_ptr<const CachedFile> index = co_await find(path + "/" + options_.index, now, &is_directory);
    if (index) co_return redirect_into(context.request());
  }
  if (!file && !options_.fallback.empty() && wants_page(context)) {
    file = co_await find(options_.fallback, now, &is_directory);
  }
  if (!file) co_return http::problem(404);
  co_return answer(*file, context.request());
}

}  // namespace weir::middleware
