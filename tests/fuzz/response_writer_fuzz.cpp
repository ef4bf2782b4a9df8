// SPDX-License-Identifier: MIT
// Whatever a handler puts into a response, what leaves is one well-framed message with the fields that were taken.
//
// Input: a byte of framing, one of status, fields as "name" 0x1e "value" 0x1f up to an empty one, then the content.
#include <tests/fuzz/pieces.hpp>
#include <weir/base/clock.hpp>
#include <weir/http/date.hpp>
#include <weir/http/response_writer.hpp>
#include <weir/http/status.hpp>

#include <stdexcept>
#include <utility>
#include <vector>

namespace {

using weir::fuzz::require;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_field_name(std::string_view name) {
  for (const char c : name) {
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!is_alphanumeric && (c == '\0' || std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)) {
      return false;
    }
  }
  return !name.empty();
}

// Adds the fields that the response takes and returns them as they have to come out.
Fields fill(weir::http::Response& response, weir::fuzz::Input& input) {
  Fields taken;
  // Any byte may be in a name or a value, line ends too: fields are told apart by 0x1f, names from values by 0x1e.
  while (!input.empty()) {
    const std::string_view text = input.take_until('\x1f');
    if (text.empty()) break;
    const std::size_t at = text.find('\x1e');
    const std::string_view name = text.substr(0, at);
    const std::string_view value = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    try {
      response.add_header(name, value);
    } catch (const std::invalid_argument&) {
      continue;
    }
    require(is_field_name(name), "a name is a token", name);
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "a value has no line end",
            name, value);
    require(response.header(name).has_value(), "a field that was added is there", name);
    taken.emplace_back(name, trim(value));
  }
  return taken;
}

// Splits at CRLF and insists that CR and LF occur nowhere else.
std::vector<std::string_view> split_lines(std::string_view head) {
  std::vector<std::string_view> lines;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    require(end != std::string_view::npos, "every line ends in CRLF", head);
    lines.push_back(head.substr(0, end));
    require(lines.back().find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
            "CR, LF and NUL occur in line ends only", lines.back());
    head.remove_prefix(end + 2);
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const std::uint8_t framing_bits = input.take_byte();
  const int status = 200 + input.take_byte() * 400 / 256;
  weir::http::Response response(status);
  Fields expected = fill(response, input);
  response.body(input.rest());

  const bool is_head = (framing_bits & 1U) != 0;
  const bool keeps_alive = (framing_bits & 2U) != 0;
  const int minor_version = (framing_bits & 4U) != 0 ? 0 : 1;
  static const weir::base::ManualClock kClock;
  weir::http::DateLine date_line(kClock);
  date_line.update(kClock.now());
  weir::http::OutputBuffer out;
  out.append("before");
  const std::string_view late_body = append_response(out, response, {date_line, minor_version, is_head, keeps_alive});
  std::string wire(out.view());
  require(wire.starts_with("before"), "what was in the buffer stays");
  wire.erase(0, 6);
  wire += late_body;

  const std::size_t end = wire.find("\r\n\r\n");
  require(end != std::string::npos, "a head ends", wire);
  const std::vector<std::string_view> lines = split_lines(std::string_view(wire).substr(0, end + 2));
  require(lines.front().starts_with("HTTP/1.1 " + std::to_string(status) + ' '), "the status line", lines.front());
  const bool has_content = status != 204 && status != 304;
  expected.emplace_back("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
  if (has_content) expected.emplace_back("Content-Length", std::to_string(input.rest().size()));
  if (!keeps_alive) expected.emplace_back("Connection", "close");
  if (keeps_alive && minor_version == 0) expected.emplace_back("Connection", "keep-alive");
  Fields actual;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    require(colon != std::string_view::npos, "a field has a colon", lines[i]);
    actual.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
  }
  require(actual == expected, "the fields come out as they went in", wire);
  const std::string_view content = std::string_view(wire).substr(end + 4);
  require(content == (is_head || !has_content ? std::string_view() : input.rest()), "the content is what was set",
          wire);
  return 0;
}
