// SPDX-License-Identifier: MIT
#include <weir/http/status.hpp>

#include <array>

namespace weir::http {
namespace {

constexpr int kFirst = 100;
constexpr int kLast = 599;
constexpr std::size_t kPrefixBytes = std::string_view("HTTP/1.1 200 ").size();

constexpr std::string_view line_of(int status) {
  // clang-format off
  switch (status) {
#define WEIR_STATUS(code, phrase) case code: return "HTTP/1.1 " #code " " phrase "\r\n";
    WEIR_STATUS(100, "Continue")
    WEIR_STATUS(101, "Switching Protocols")
    WEIR_STATUS(102, "Processing")
    WEIR_STATUS(103, "Early Hints")
    WEIR_STATUS(200, "OK")
    WEIR_STATUS(201, "Created")
    WEIR_STATUS(202, "Accepted")
    WEIR_STATUS(203, "Non-Authoritative Information")
    WEIR_STATUS(204, "No Content")
    WEIR_STATUS(205, "Reset Content")
    WEIR_STATUS(206, "Partial Content")
    WEIR_STATUS(207, "Multi-Status")
    WEIR_STATUS(208, "Already Reported")
    WEIR_STATUS(226, "IM Used")
    WEIR_STATUS(300, "Multiple Choices")
    WEIR_STATUS(301, "Moved Permanently")
    WEIR_STATUS(302, "Found")
    WEIR_STATUS(303, "See Other")
    WEIR_STATUS(304, "Not Modified")
    WEIR_STATUS(307, "Temporary Redirect")
    WEIR_STATUS(308, "Permanent Redirect")
    WEIR_STATUS(400, "Bad Request")
    WEIR_STATUS(401, "Unauthorized")
    WEIR_STATUS(402, "Payment Required")
    WEIR_STATUS(403, "Forbidden")
    WEIR_STATUS(404, "Not Found")
    WEIR_STATUS(405, "Method Not Allowed")
    WEIR_STATUS(406, "Not Acceptable")
    WEIR_STATUS(407, "Proxy Authentication Required")
    WEIR_STATUS(408, "Request Timeout")
    WEIR_STATUS(409, "Conflict")
    WEIR_STATUS(410, "Gone")
    WEIR_STATUS(411, "Length Required")
    WEIR_STATUS(412, "Precondition Failed")
    WEIR_STATUS(413, "Content Too Large")
    WEIR_STATUS(414, "URI Too Long")
    WEIR_STATUS(415, "Unsupported Media Type")
    WEIR_STATUS(416, "Range Not Satisfiable")
    WEIR_STATUS(417, "Expectation Failed")
    WEIR_STATUS(421, "Misdirected Request")
    WEIR_STATUS(422, "Unprocessable Content")
    WEIR_STATUS(423, "Locked")
    WEIR_STATUS(424, "Failed Dependency")
    WEIR_STATUS(425, "Too Early")
    WEIR_STATUS(426, "Upgrade Required")
    WEIR_STATUS(428, "Precondition Required")
    WEIR_STATUS(429, "Too Many Requests")
    WEIR_STATUS(431, "Request Header Fields Too Large")
    WEIR_STATUS(451, "Unavailable For Legal Reasons")
    WEIR_STATUS(500, "Internal Server Error")
    WEIR_STATUS(501, "Not Implemented")
    WEIR_STATUS(502, "Bad Gateway")
    WEIR_STATUS(503, "Service Unavailable")
    WEIR_STATUS(504, "Gateway Timeout")
    WEIR_STATUS(505, "HTTP Version Not Supported")
    WEIR_STATUS(506, "Variant Also Negotiates")
    WEIR_STATUS(507, "Insufficient Storage")
    WEIR_STATUS(508, "Loop Detected")
    WEIR_STATUS(511, "Network Authentication Required")
#undef WEIR_STATUS
    default: return {};
  }
  // clang-format on
}

// Looked up once per response: a table, so that the switch is not walked.
constexpr auto kLines = [] {
  std::array<std::string_view, kLast - kFirst + 1> lines{};
  for (int status = kFirst; status <= kLast; ++status)
    lines[static_cast<std::size_t>(status - kFirst)] = line_of(status);
  return lines;
}();

}  // namespace

std::string_view status_line(int status) {
  if (status < kFirst || status > kLast) return {};
  return kLines[static_cast<std::size_t>(status - kFirst)];
}

std::string_view reason_phrase(int status) {
  const std::string_view line = status_line(status);
  if (line.empty()) return {};
  return line.substr(kPrefixBytes, line.size() - kPrefixBytes - 2);
}

}  // namespace weir::http
