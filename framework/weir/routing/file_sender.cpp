// SPDX-License-Identifier: MIT
#include <weir/routing/file_sender.hpp>

#include <weir/base/text.hpp>
#include <weir/http/date.hpp>
#include <weir/http/problem.hpp>
#include <weir/http/status.hpp>
#include <weir/loop/cancelled.hpp>
#include <weir/loop/files.hpp>
#include <weir/loop/read_only_file.hpp>
#include <weir/routing/routed_exchange.hpp>
#include <weir/routing/routing_service.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace weir::routing {
namespace {

struct MediaType {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array<MediaType, 18> kMediaTypes{{
    {"html", "text/html; charset=utf-8"},
    {"htm", "text/html; charset=utf-8"},
    {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"txt", "text/plain; charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"webp", "image/webp"},
    {"ico", "image/vnd.microsoft.icon"},
    {"wasm", "application/wasm"},
    {"pdf", "application/pdf"},
    {"xml", "application/xml"},
    {"csv", "text/csv; charset=utf-8"},
    {"mp4", "video/mp4"},
    {"woff2", "font/woff2"},
}};

// What says that there is no regular file of that name, rather than that it cannot be had.
bool is_missing(int error_number) {
  constexpr std::array kNumbers{ENOENT, ENOTDIR, EISDIR, EINVAL, ENXIO, ENAMETOOLONG, ELOOP};
  return std::find(kNumbers.begin(), kNumbers.end(), error_number) != kNumbers.end();
}

detail::CallRunner drive(loop::Task<void> task, AsyncCall* call) {
  try {
    co_await std::move(task);
  } catch (...) {
    call->fail();
  }
  call->end();
}

}  // namespace

std::string_view media_type_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    for (const MediaType& entry : kMediaTypes) {
      if (base::equals_ignoring_case(name.substr(dot + 1), entry.extension)) return entry.type;
    }
  }
  return "application/octet-stream";
}

FileSender::FileSender(RoutedExchange& exchange) : AsyncCall(exchange.stop), exchange_(exchange) {}

void FileSender::start() {
  drive(send(), this);
}

loop::Task<void> FileSender::send() {
  Part part;
  if (exchange_.response.file_part() != nullptr) part = *exchange_.response.file_part();
  try {
    std::string path(exchange_.response.file_path());
    if (!part.file) {
      part.file = co_await loop::Files::open_shared(std::move(path));
      part.length = part.file->status().size;
    }
  } catch (const loop::FileError& error) {
    refuse(error);
  }
  if (!part.file) co_return;
  const bool is_begun = begin(part);
  if (is_begun) co_await send_content(std::move(part));
}

// Sends the head. Returns false when that was all, or when another answer takes its place.
bool FileSender::begin(const Part& part) {
  if (!exchange_.claim()) throw loop::Cancelled();
  http::Response& response = exchange_.response;
  if (!response.header("Content-Type")) response.set_header("Content-Type", media_type_of(response.file_path()));
  if (!response.header("Last-Modified"))
    response.set_header("Last-Modified", http::format_date(part.file->status().modified_at));
  const std::string path(response.file_path());
  exchange_.service.finish(exchange_);
  if (response.file_path() != path) {
    // A hook has put something else in its place.
    if (response.is_file()) {
      exchange_.service.log_failure(exchange_, "an `after` hook answered with a file");
      response = http::problem(500);
      exchange_.transform.reset();
    }
    is_answered_ = true;
    if (exchange_.transform) exchange_.service.transform_body(exchange_);
    return false;
  }
  if (!exchange_.transform) exchange_.stream_length = part.length;
  exchange_.deadline = base::TimePoint::max();
  if (!exchange_.begin_stream()) throw loop::Cancelled();
  const bool has_content = !exchange_.parser.is_head_request() && !http::forbids_content(response.status());
  if (!has_content) exchange_.complete_stream();
  return has_content;
}

loop::Task<void> FileSender::send_content(Part part) {
  std::string piece;
  for (std::uint64_t sent = 0; sent < part.length;) {
    const bool is_direct = !exchange_.transform && part.length - sent > kPieceBytes && exchange_.send_descriptor() >= 0;
    if (is_direct) {
      const std::uint64_t taken = co_await send_directly(part, sent, &piece);
      sent += taken;
      if (piece.empty() && taken > 0) continue;  // all of what goes at once
    } else {
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, part.length - sent)));
      const std::size_t count = co_await part.file->read_at(std::span<char>(piece), part.offset + sent);
      piece.resize(count);
    }
    if (piece.empty()) throw loop::FileError(ENODATA, "read, shorter than when it was opened:", part.file->path());
    // Queued output tells when the socket takes more.
    while (exchange_.unsent_bytes() > kPieceBytes) co_await exchange_.output_drained;
    sent += piece.size();
    if (exchange_.transform) {
      co_await exchange_.write_piece(piece);
    } else if (!exchange_.write_stream(piece)) {
      throw loop::Cancelled();
    }
  }
  exchange_.complete_content();
}

// Behind what is queued; `piece` becomes what the socket did not take.
loop::Task<std::uint64_t> FileSender::send_directly(Part part, std::uint64_t sent, std::string* piece) {
  while (exchange_.unsent_bytes() > 0) co_await exchange_.output_drained;
  const int socket = exchange_.send_descriptor();  // once it has gone there is none
  if (socket < 0) throw loop::Cancelled();
  const std::uint64_t taken =
      co_await part.file->send_to(socket, part.offset + sent, std::min(part.length - sent, kSentAtOnceMax), piece);
  if (!exchange_.add_sent(taken)) throw loop::Cancelled();
  co_return taken;
}

void FileSender::refuse(const loop::FileError& error) {
  if (!exchange_.claim()) throw loop::Cancelled();
  is_answered_ = true;
  const int number = error.code().value();
  if (is_missing(number)) {
    exchange_.response = http::problem(404);
  } else {
    exchange_.service.log_failure(exchange_, error.what());
    const bool is_busy = number == EMFILE || number == ENFILE;  // others give theirs back
    exchange_.response = http::problem(is_busy ? 503 : 500);
    if (is_busy) exchange_.response.set_header("Retry-After", "1");
  }
  exchange_.service.finish_now(exchange_);
}

void FileSender::fail() noexcept {
  if (exchange_.is_stream_begun) {
    exchange_.service.is_stream_broken(exchange_);  // logs; without complete_stream the connection is cut
    return;
  }
  if (!is_answered_ && !exchange_.claim()) return;
  is_answered_ = true;
  exchange_.service.answer_exception(exchange_);
  exchange_.service.finish_now(exchange_);
}

void FileSender::end() noexcept {
  exchange_.service.file_ended(exchange_, is_answered_ || exchange_.is_stream_begun);
}

}  // namespace weir::routing
