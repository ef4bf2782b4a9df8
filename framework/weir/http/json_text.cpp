// SPDX-License-Identifier: MIT
#include <weir/http/json_text.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace weir::http {
namespace {

// The length of the valid UTF-8 sequence at the front of `text`, or 0. Source: RFC 3629 section 4.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || text.size() < length) return 0;
  const unsigned char second = byte(1);
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  return length;
}

constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

std::string_view short_escape(char c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      return {};
  }
}

}  // namespace

/// Appends values to a text, each preceded by a comma where one is due.
class JsonWriter {
 public:
  explicit JsonWriter(JsonText& out) : out_(out.text_) {}

  void raw(char c) { out_.push_back(c); }

  void string(std::string_view text) {
    out_.push_back('"');
    while (!text.empty()) {
      std::size_t plain = 0;
      while (plain < text.size() && kIsPlain[static_cast<unsigned char>(text[plain])]) ++plain;
      out_.append(text.substr(0, plain));
      text.remove_prefix(plain);
      if (!text.empty()) text.remove_prefix(escape(text));
    }
    out_.push_back('"');
  }

  void value(const JsonValue& value) {
    std::visit([this](const auto& held) { write(held); }, value.value_);
  }

 private:
  /// Writes what is at the front of `text` and no plain character; returns how many bytes that was.
  std::size_t escape(std::string_view text) {
    const char c = text.front();
    if (const std::string_view escape = short_escape(c); !escape.empty()) {
      out_.append(escape);
      return 1;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out_.append("\\u00");
      out_.push_back(kHex[static_cast<unsigned char>(c) >> 4U]);
      out_.push_back(kHex[static_cast<unsigned char>(c) & 15U]);
      return 1;
    }
    const std::size_t length = sequence_length(text);
    out_.append(length == 0 ? "\xef\xbf\xbd" : text.substr(0, length));
    return length == 0 ? 1 : length;
  }

  template <class Number>
  void number(Number number) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out_.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
  }

  void write(std::nullptr_t) { out_.append("null"); }
  void write(bool flag) { out_.append(flag ? "true" : "false"); }
  void write(std::int64_t value) { number(value); }
  void write(std::uint64_t value) { number(value); }
  void write(double value) { std::isfinite(value) ? number(value) : out_.append("null"); }
  void write(std::string_view text) { string(text); }
  void write(const JsonText* nested) { out_.append(nested->view()); }

  base::SmallText<120>& out_;
};

JsonText object(std::initializer_list<JsonMember> members) {
  JsonText out;
  JsonWriter writer(out);
  char before = '{';
  for (const JsonMember& member : members) {
    writer.raw(before);
    writer.string(member.name);
    writer.raw(':');
    writer.value(member.value);
    before = ',';
  }
  if (members.size() == 0) writer.raw('{');
  writer.raw('}');
  return out;
}

JsonText array(std::initializer_list<JsonValue> values) {
  JsonText out;
  JsonWriter writer(out);
  char before = '[';
  for (const JsonValue& value : values) {
    writer.raw(before);
    writer.value(value);
    before = ',';
  }
  if (values.size() == 0) writer.raw('[');
  writer.raw(']');
  return out;
}

}  // namespace weir::http
