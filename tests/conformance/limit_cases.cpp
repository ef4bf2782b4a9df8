// SPDX-License-Identifier: MIT
// Each size in http::Limits at the limit, one above and far beyond: RFC 9110 sections 2.3, 5.4, 15.5.14 and 15.5.15,
// RFC 6585 section 5. Endless input is in flood_test.cpp, times are in slow_test.cpp.
#include "case.hpp"
#include "service.hpp"

#include <weir/http/limits.hpp>

#include <cstdio>

namespace weir::conformance {
namespace {

const http::Limits kLimits;

std::string with_target_of(std::size_t bytes) {
  return get("/query?q=" + repeat("a", bytes - 9));
}

/// A GET whose head, from the request line to the empty line, has that many bytes.
std::string with_head_of(std::size_t bytes) {
  const std::string shortest = get("/plaintext", "X-A: \r\n");
  return get("/plaintext", "X-A: " + repeat("v", bytes - shortest.size()) + "\r\n");
}

/// The same with 50 fields.
std::string with_many_fields_of(std::size_t bytes) {
  const std::string fields = repeat("X-A: " + repeat("v", 593) + "\r\n", 49);
  const std::string shortest = get("/plaintext", fields + "X-A: \r\n");
  return get("/plaintext", fields + "X-A: " + repeat("v", bytes - shortest.size()) + "\r\n");
}

std::string with_fields(std::size_t count) {
  return get("/plaintext", repeat("X: y\r\n", count - 1));
}

std::string chunk_of(std::size_t bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes);
  return size + repeat("d", bytes) + "\r\n";
}

std::string small(std::string_view fields, std::string_view body) {
  return request("POST /small", fields, body);
}
std::string small_sized(std::size_t bytes) {
  return small("Content-Length: " + std::to_string(bytes) + "\r\n", repeat("d", bytes));
}
std::string small_chunked(std::string_view body) {
  return small("Transfer-Encoding: chunked\r\n", body);
}

void add_head(CaseTable& table) {
  constexpr std::string_view kTarget = "RFC 9110 15.5.15, RFC 9112 3";
  table.keeps("target_at_limit", kTarget, with_target_of(kLimits.target_bytes));
  table.refuses("target_one_above", kTarget, with_target_of(kLimits.target_bytes + 1), 414);
  table.refuses("target_twice", kTarget, with_target_of(2 * kLimits.target_bytes), 414);
  table.refuses("target_above_head_limit", kTarget, with_target_of(kLimits.head_bytes + 1000), 414);
  table.refuses("target_far_beyond", kTarget, with_target_of(200'000), 414);
  table.refuses("target_path_one_above", kTarget, get("/" + repeat("a", kLimits.target_bytes)), 414);
  table.refuses("target_slashes", kTarget, get(repeat("/", kLimits.target_bytes + 1)), 414);
  table.refuses("target_above_in_absolute_form", kTarget, get("http://a/" + repeat("a", kLimits.target_bytes)), 414);
  table.refuses("target_above_in_head_request", kTarget, request("HEAD /" + repeat("a", kLimits.target_bytes)),
                to_head(414));
  table.keeps("target_at_limit_missing_path", kTarget, get("/" + repeat("a", kLimits.target_bytes - 1)), {404});
  table.keeps("target_of_4000_segments", kTarget, get(repeat("/a", 4000)), {404});

  constexpr std::string_view kHead = "RFC 6585 5, RFC 9110 5.4";
  table.keeps("head_at_limit", kHead, with_head_of(kLimits.head_bytes));
  table.refuses("head_one_above", kHead, with_head_of(kLimits.head_bytes + 1), 431);
  table.refuses("head_twice", kHead, with_head_of(2 * kLimits.head_bytes), 431);
  table.refuses("head_far_beyond", kHead, with_head_of(300'000), 431);
  table.keeps("head_of_fields_at_limit", kHead, with_many_fields_of(kLimits.head_bytes));
  table.refuses("head_of_fields_one_above", kHead, with_many_fields_of(kLimits.head_bytes + 1), 431);
  table.refuses("head_name_above", kHead, get("/plaintext", repeat("n", kLimits.head_bytes) + ": v\r\n"), 431);
  table.refuses("head_blanks_above", kHead, get("/plaintext", "X-A:" + repeat(" ", kLimits.head_bytes) + "v\r\n"), 431);
  table.refuses("head_above_in_head_request", kHead, replaced(with_head_of(kLimits.head_bytes + 1), "GET", "HEAD"),
                to_head(431));
  table.keeps("head_at_limit_twice", kHead, repeat(with_head_of(kLimits.head_bytes), 2), {200, 200});
  table.closes("head_above_after_answer", kHead, get("/plaintext") + with_head_of(kLimits.head_bytes + 1), {200, 431});

  table.keeps("fields_at_limit", kHead, with_fields(kLimits.fields));
  table.refuses("fields_one_above", kHead, with_fields(kLimits.fields + 1), 431);
  table.refuses("fields_far_beyond", kHead, with_fields(5000), 431);
  table.refuses("fields_one_above_in_head_request", kHead, replaced(with_fields(kLimits.fields + 1), "GET", "HEAD"),
                to_head(431));
  table.keeps("fields_at_limit_twice", kHead, repeat(with_fields(kLimits.fields), 2), {200, 200});
}

void add_bodies(CaseTable& table) {
  constexpr std::string_view kClause = "RFC 9110 15.5.14";
  const std::string full = repeat("d", kLimits.body_bytes);
  table.keeps("body_at_limit", kClause, sized(full)).expect_body(full);
  table.refuses("body_one_above", kClause, sized(full + "d"), 413);
  table.refuses("body_one_above_announced", kClause, echo("Content-Length: 1048577\r\n", ""), 413);
  table.refuses("body_far_beyond_announced", kClause, echo("Content-Length: 1099511627776\r\n", ""), 413);
  table.keeps("body_in_chunks_at_limit", kClause, chunked(repeat(chunk_of(65536), 16) + "0\r\n\r\n")).expect_body(full);
  table.refuses("body_in_chunks_one_above", kClause, chunked(repeat(chunk_of(65536), 16) + chunk_of(1) + "0\r\n\r\n"),
                413);
  table.refuses("body_in_one_chunk_above", kClause, chunked("100001\r\n"), 413);
  table.refuses("body_in_chunk_far_beyond", kClause, chunked("ffffffffff\r\n"), 413);
  table.refuses("body_above_on_get", kClause, get("/plaintext", "Content-Length: 1048577\r\n"), 413);
  table.refuses("body_above_on_missing_path", kClause, request("POST /missing", "Content-Length: 1048577\r\n"),
                either(404, 413));
  table.keeps("body_at_limit_on_missing_path", kClause, request("POST /missing", "Content-Length: 1048576\r\n", full),
              {404});

  static_assert(kSmallBodyBytes == 16);
  table.keeps("route_body_at_limit", kClause, small_sized(16)).expect_body(repeat("d", 16));
  table.refuses("route_body_one_above", kClause, small_sized(17), 413);
  table.refuses("route_body_far_beyond", kClause, small_sized(100'000), 413);
  table.refuses("route_body_above_announced", kClause, small("Content-Length: 17\r\n", ""), 413);
  table.keeps("route_body_chunk_at_limit", kClause, small_chunked(chunk_of(16) + "0\r\n\r\n"))
      .expect_body(repeat("d", 16));
  table.keeps("route_body_chunks_at_limit", kClause, small_chunked(repeat(chunk_of(1), 16) + "0\r\n\r\n"))
      .expect_body(repeat("d", 16));
  table.refuses("route_body_chunk_one_above", kClause, small_chunked(chunk_of(17) + "0\r\n\r\n"), 413);
  table.refuses("route_body_chunks_one_above", kClause, small_chunked(repeat(chunk_of(1), 17) + "0\r\n\r\n"), 413);
  table.refuses("route_body_chunk_announced", kClause, small_chunked("11\r\n"), 413);
  table.closes("route_body_above_after_answer", kClause, get("/plaintext") + small_sized(17), {200, 413});
}

void add_chunk_framing(CaseTable& table) {
  constexpr std::string_view kExtensions = "RFC 9112 7.1.1";
  const std::size_t most = kLimits.chunk_extension_bytes;
  const auto extended = [](std::size_t bytes) { return chunked("1;" + repeat("e", bytes - 1) + "\r\nd\r\n0\r\n\r\n"); };
  table.keeps("extension_at_limit", kExtensions, extended(most)).expect_body("d");
  table.refuses("extension_one_above", kExtensions, extended(most + 1));
  table.refuses("extension_far_beyond", kExtensions, extended(200'000));
  table.refuses("extension_quoted_above", kExtensions, chunked("1;a=\"" + repeat("e", most) + "\"\r\nd\r\n0\r\n\r\n"));
  table.refuses("extension_blanks_above", kExtensions, chunked("1" + repeat(" ", most + 1) + ";a\r\nd\r\n0\r\n\r\n"));
  table.keeps("extensions_at_limit", kExtensions, chunked(repeat("1;e\r\nd\r\n", most / 2) + "0\r\n\r\n"))
      .expect_body(repeat("d", most / 2));
  table.refuses("extensions_one_above", kExtensions, chunked(repeat("1;e\r\nd\r\n", most / 2) + "0;\r\n\r\n"));
  table.refuses("extensions_above", kExtensions, chunked(repeat("1;e\r\nd\r\n", most / 2) + "0;e\r\n\r\n"));
  table.keeps("extensions_counted_per_message", kExtensions, repeat(extended(most), 2), {200, 200});

  constexpr std::string_view kTrailers = "RFC 6585 5, RFC 9112 7.1.2";
  // Counted with their line ends, and the empty line.
  const auto trailing = [](std::size_t bytes) {
    return chunked("1\r\nd\r\n0\r\nX-A: " + repeat("t", bytes - 9) + "\r\n\r\n");
  };
  table.keeps("trailer_at_limit", kTrailers, trailing(kLimits.head_bytes)).expect_body("d");
  table.refuses("trailer_one_above", kTrailers, trailing(kLimits.head_bytes + 1), 431);
  table.refuses("trailer_far_beyond", kTrailers, trailing(300'000), 431);
  const auto trailers = [](std::size_t count) {
    return chunked("1\r\nd\r\n0\r\n" + repeat("X: y\r\n", count) + "\r\n");
  };
  table.keeps("trailers_at_limit", kTrailers, trailers(kLimits.fields)).expect_body("d");
  table.refuses("trailers_one_above", kTrailers, trailers(kLimits.fields + 1), 431);
  table.refuses("trailers_far_beyond", kTrailers, trailers(5000), 431);
  table.keeps("chunks_of_one_byte", "RFC 9112 7.1", chunked(repeat("1\r\nd\r\n", 20'000) + "0\r\n\r\n"))
      .expect_body(repeat("d", 20'000));
}

}  // namespace

std::vector<Case> limit_cases() {
  CaseTable table;
  add_head(table);
  add_bodies(table);
  add_chunk_framing(table);
  return table.take();
}

}  // namespace weir::conformance
