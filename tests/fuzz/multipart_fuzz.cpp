// SPDX-License-Identifier: MIT
// A form, at several cuts: always the same events and the same end; within its bounds; and a form that is written from
// what was read is read the same.
//
// Input: three lengths of pieces, a line with the Content-Type's parameters, then the form.
#include <tests/fuzz/pieces.hpp>
#include <weir/http/multipart_parser.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using weir::fuzz::require;
using weir::http::MultipartLimits;
using weir::http::MultipartParser;
using weir::http::PartHead;

constexpr MultipartLimits kLimits = {.parts = 4, .head_bytes = 120, .part_bytes = 40};

struct Part {
  PartHead head;
  std::string content;
  bool is_whole = false;
};

class Collector final : public weir::http::MultipartEvents {
 public:
  void on_part(PartHead head) override {
    require(is_between_parts(), "a part begins when the one before has ended");
    parts.push_back({std::move(head), {}, false});
  }
  void on_content(std::string_view bytes) override {
    require(!bytes.empty() && !is_between_parts(), "content is some, and of a part");
    parts.back().content += bytes;
  }
  void on_part_end() override {
    require(!is_between_parts(), "a part ends once");
    parts.back().is_whole = true;
  }
  bool is_between_parts() const { return parts.empty() || parts.back().is_whole; }

  std::vector<Part> parts;
};

struct Reading {
  std::vector<Part> parts;
  std::string end;

  std::string describe() const {
    std::string text;
    for (const Part& part : parts) {
      text += "name=" + part.head.name + " filename=" + part.head.filename.value_or("(none)") +
              " type=" + part.head.content_type + " content=" + part.content + (part.is_whole ? " whole\n" : "\n");
    }
    return text + end;
  }
};

Reading read(std::string_view form, std::string_view lengths, std::string_view boundary, MultipartLimits limits) {
  Collector collector;
  MultipartParser parser(boundary, limits, collector);
  Reading reading{{}, "incomplete"};
  weir::fuzz::for_each_piece(form, weir::fuzz::as_lengths(lengths), [&](std::span<char> piece) {
    const MultipartParser::Step step = parser.parse({piece.data(), piece.size()});
    require((step == MultipartParser::Step::kComplete) == parser.is_complete(), "the step says whether it is complete");
    if (step == MultipartParser::Step::kComplete) reading.end = "complete";
    if (step == MultipartParser::Step::kRefused) reading.end = "refused " + std::string(parser.refusal().detail);
    return true;
  });
  require(!parser.is_complete() || collector.is_between_parts(), "a complete form has whole parts");
  reading.parts = std::move(collector.parts);
  return reading;
}

void check_parts(const Reading& reading, const std::string& boundary) {
  require(reading.parts.size() <= kLimits.parts, "the parts keep their limit");
  for (const auto& [head, content, is_whole] : reading.parts) {
    require(content.size() <= kLimits.part_bytes, "the content keeps its limit");
    require(("\r\n" + content).find("\r\n--" + boundary) == std::string::npos, "no delimiter is content", content);
    for (const std::string& name : {head.name, head.filename.value_or(""), head.content_type}) {
      for (const char c : name) {
        const bool is_decoded = (c == '\r' || c == '\n') && name != head.content_type;
        const bool is_text = (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) || c == '\t';
        require(is_text || is_decoded, "no control characters are in names and types", name);
      }
    }
  }
}

std::string quote(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') {
      quoted += "%22";
    } else if (c == '\r') {
      quoted += "%0D";
    } else if (c == '\n') {
      quoted += "%0A";
    } else {
      quoted += c == '\\' ? "\\\\" : std::string(1, c);
    }
  }
  return quoted + '"';
}

std::string write(const std::vector<Part>& parts, const std::string& boundary) {
  std::string form;
  for (const Part& part : parts) {
    form += "--" + boundary + "\r\nContent-Disposition: form-data; name=" + quote(part.head.name);
    if (part.head.filename) form += "; filename=" + quote(*part.head.filename);
    form += "\r\nContent-Type: " + part.head.content_type + "\r\n\r\n" + part.content + "\r\n";
  }
  return form + "--" + boundary + "--\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const std::string_view lengths = input.take(3);
  const std::string type = "multipart/form-data;" + std::string(input.take_until('\n'));
  require(weir::http::is_multipart_form(type), "parameters do not change the type", type);
  const std::optional<std::string> found = weir::http::multipart_boundary(type);
  require(!found || (!found->empty() && found->size() <= 70 && found->find_first_of("\r\n\"\\") == std::string::npos),
          "a boundary is a valid one", type);
  const std::string boundary = found.value_or("b");

  const Reading whole = read(input.rest(), {}, boundary, kLimits);
  check_parts(whole, boundary);
  for (const std::string_view cut : {std::string_view("\1"), lengths}) {
    const std::string actual = read(input.rest(), cut, boundary, kLimits).describe();
    require(actual == whole.describe(), "every cut gives the same events", whole.describe(), actual);
  }
  if (whole.end != "complete") return 0;
  const std::string written = write(whole.parts, boundary);
  const std::string again = read(written, {}, boundary, {}).describe();
  require(again == whole.describe(), "writing and reading again changes nothing", whole.describe(), again);
  return 0;
}
