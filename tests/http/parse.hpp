// SPDX-License-Identifier: MIT
// All that a parser reports of some bytes, as one text.
#pragma once

#include <weir/http/request_parser.hpp>

#include <string>
#include <string_view>

namespace weir::http {

/// Parses `bytes`, given in pieces of `piece` bytes, to their end or to a refusal; a copy of each piece dies with it.
inline std::string parse_all(std::string_view bytes, std::size_t piece, const Limits& limits = {}) {
  RequestParser parser(limits);
  std::string out;
  const auto report_head = [&] {
    const Request& request = parser.request();
    out.append(to_string(request.method())).append(" ").append(request.target());
    out.append(" 1.").append(std::to_string(request.minor_version())).append(" host=").append(request.host());
    for (std::size_t i = 0; i < request.field_count(); ++i) {
      out.append(" [").append(request.field(i).name).append("=").append(request.field(i).value).append("]");
    }
    if (!parser.wants_keep_alive()) out += " close";
    if (parser.expects_continue()) out += " expect";
  };
  while (!bytes.empty()) {
    const std::string copy(bytes.substr(0, piece));
    bytes.remove_prefix(copy.size());
    std::string_view left = copy;
    while (!left.empty()) {
      const auto progress = parser.parse({left.data(), left.size()});
      left.remove_prefix(progress.consumed);
      if (progress.step == RequestParser::Step::kNeedMore) break;
      if (progress.step == RequestParser::Step::kHead && parser.set_body_limit(limits.body_bytes)) continue;
      if (progress.step != RequestParser::Step::kComplete) {
        out += "refused " + std::to_string(parser.refusal().status) + " " + std::string(parser.refusal().reason);
        return out;
      }
      report_head();
      out.append(" body=").append(parser.request().body()).append("\n");
      parser.reset();
    }
  }
  return out + (parser.has_begun() ? "unfinished" : "");
}

}  // namespace weir::http
