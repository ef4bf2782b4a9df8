// SPDX-License-Identifier: MIT
#include <weir/http/json_text.hpp>

#include <weir/base/json_string.hpp>

#include <array>
#include <charconv>
#include <cmath>

namespace weir::http {

/// Appends values to a text, each preceded by a comma where one is due.
class JsonWriter {
 public:
  explicit JsonWriter(JsonText& out) : out_(out.text_) {}

  void raw(char c) { out_.push_back(c); }

  void string(std::string_view text) { base::append_json_string(out_, text); }

  void value(const JsonValue& value) {
    std::visit([this](const auto& held) { write(held); }, value.value_);
  }

 private:
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
