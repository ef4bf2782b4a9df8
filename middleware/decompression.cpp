// SPDX-License-Identifier: MIT
#include <middleware/decompression.hpp>

#include <middleware/internal/content_decoder.hpp>
#include <weir/base/text.hpp>
#include <weir/http/problem.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>

namespace weir::middleware {
namespace {

constexpr std::string_view kField = "Content-Encoding";

struct Codings {
  std::size_t count = 0;
  std::string_view first;
};

// All fields of that name are one list; identity is nothing.
Codings find_codings(const http::Request& request) {
  Codings codings;
  for (std::size_t i = 0; i < request.field_count(); ++i) {
    const http::Field field = request.field(i);
    if (!base::equals_ignoring_case(field.name, kField)) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const std::string_view coding = base::trim(base::take_until(list, ','));
      if (coding.empty() || base::equals_ignoring_case(coding, "identity")) continue;
      if (codings.count++ == 0) codings.first = coding;
    }
  }
  return codings;
}

}  // namespace

Decompression::Decompression(const DecompressionOptions& options)
    : codings_(options.codings), ratio_max_(options.ratio_max) {
  const auto& known = internal::kDecodedCodings;
  for (const std::string& coding : codings_) {
    if (std::find(known.begin(), known.end(), coding) == known.end()) {
      throw std::invalid_argument("Decompression: codings are of gzip, deflate, br and zstd, not \"" +
                                  base::escape_for_log(coding) + "\"");
    }
    if (std::count(codings_.begin(), codings_.end(), coding) > 1) {
      throw std::invalid_argument("Decompression: " + coding + " is there twice");
    }
    accepted_.append(accepted_.empty() ? "" : ", ").append(coding);
  }
  if (codings_.empty()) throw std::invalid_argument("Decompression: there is no coding");
  if (ratio_max_ == 0) throw std::invalid_argument("Decompression: ratio_max is 0, which lets nothing pass");
}

std::optional<http::Response> Decompression::before(routing::Context& context) const {
  if (!context.header(kField)) return std::nullopt;
  const bool is_routed = !context.route().empty();  // else 404 says more
  const Codings found = find_codings(context.request());
  if (found.count == 0 || !is_routed) return std::nullopt;
  if (found.count > 1) return refuse("The content has more than one coding.");
  const bool is_alias = base::equals_ignoring_case(found.first, "x-gzip");
  const std::string_view name = is_alias ? std::string_view("gzip") : found.first;
  const auto coding = std::find_if(codings_.begin(), codings_.end(),
                                   [name](std::string_view known) { return base::equals_ignoring_case(known, name); });
  if (coding == codings_.end()) return refuse("The content has a coding that this service does not know.");
  context.decode_content(internal::make_decoder(*coding, context, ratio_max_));
  return std::nullopt;
}

http::Response Decompression::refuse(std::string_view detail) const {
  http::Response response = http::problem(415, detail);
  response.set_header("Accept-Encoding", accepted_);
  return response;
}

}  // namespace weir::middleware
