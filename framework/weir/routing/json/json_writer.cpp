// SPDX-License-Identifier: MIT
#include <weir/routing/json/json_writer.hpp>

#include <weir/base/json_string.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace weir::routing {
namespace {

using base::described::Kind;
using base::described::TypeTable;

template <class Number>
void append_number(std::string& out, const void* value) {
  std::array<char, 32> digits;
  const Number number = *static_cast<const Number*>(value);
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

// Most numbers of people have a few decimals: a whole number and a power of ten, both exact, give them back by one
// correctly rounded division. A tenth of what the general way costs.
bool append_short_decimal(std::string& out, double number) {
  constexpr double kWholeMax = 1e15;  // exact, also times a power below
  constexpr std::array<double, 5> kPowers{1, 10, 100, 1000, 10000};
  const double size = std::abs(number);
  if (!(size < kWholeMax / kPowers.back()) || (size == 0 && std::signbit(number))) return false;
  for (std::size_t decimals = 0; decimals < kPowers.size(); ++decimals) {
    const double scaled = size * kPowers[decimals];
    // NOLINTNEXTLINE(bugprone-incorrect-roundings): the division below refuses a wrong one
    const auto whole = static_cast<std::uint64_t>(scaled + 0.5);
    if (static_cast<double>(whole) / kPowers[decimals] != size) continue;
    std::array<char, 24> digits;
    char* const begin = digits.data() + 5;  // zeros go before the digits of what is below one
    char* const end = std::to_chars(begin, digits.data() + digits.size(), whole).ptr;
    char* first = begin;
    while (end - first <= static_cast<std::ptrdiff_t>(decimals)) *--first = '0';
    if (number < 0) out += '-';
    out.append(first, end - decimals);
    if (decimals > 0) out.append(1, '.').append(end - decimals, end);
    return true;
  }
  return false;
}

template <class Number>
void append_real(std::string& out, const void* value) {
  const Number number = *static_cast<const Number*>(value);
  if (!std::isfinite(number)) {
    out += "null";
  } else if (!std::is_same_v<Number, double> || !append_short_decimal(out, static_cast<double>(number))) {
    append_number<Number>(out, value);
  }
}

const void* held_by(const TypeTable& type, const void* value) {
  return type.kind == Kind::kOptional ? type.optional->get(value) : value;
}

void append_members(std::string& out, const TypeTable& type, const void* object) {
  for (const auto& field : type.object->fields) {
    // A getter of a description only adds an offset.
    const void* const member = field.get(const_cast<void*>(object));
    if (held_by(*field.type, member) == nullptr) continue;
    out += '"';
    out.append(field.name);  // a name has nothing to escape: checked when its table was made
    out += "\":";
    append_json(out, *field.type, member);
    out += ',';
  }
}

void close(std::string& out, char bracket) {
  if (out.back() == ',') {
    out.back() = bracket;
  } else {
    out += bracket;
  }
}

void append_object(std::string& out, const TypeTable& type, const void* object) {
  out += '{';
  append_members(out, type, object);
  close(out, '}');
}

void append_list(std::string& out, const base::described::ListTable& table, const void* list) {
  out += '[';
  const std::size_t size = table.size(list);
  for (std::size_t i = 0; i < size; ++i) {
    append_json(out, *table.item, table.at(list, i));
    out += ',';
  }
  close(out, ']');
}

struct MapWriter {
  std::string& out;
  const TypeTable& value;
  static void append(void* self, std::string_view key, const void* value) {
    const MapWriter& writer = *static_cast<MapWriter*>(self);
    base::append_json_string(writer.out, key);
    writer.out += ':';
    append_json(writer.out, writer.value, value);
    writer.out += ',';
  }
};

void append_map(std::string& out, const base::described::MapTable& table, const void* map) {
  out += '{';
  MapWriter writer{out, *table.value};
  table.each(map, &writer, &MapWriter::append);
  close(out, '}');
}

void append_enum(std::string& out, const base::described::EnumTable& table, const void* value) {
  const std::int64_t number = table.get(value);
  for (const auto& enumerator : table.enumerators) {
    if (enumerator.value == number) return base::append_json_string(out, enumerator.name);
  }
  out += "null";  // a value without a name
}

void append_one_of(std::string& out, const base::described::OneOfTable& table, const void* value) {
  const auto& alternative = table.alternatives[table.index(value)];
  out += '{';
  base::append_json_string(out, table.discriminator);
  out += ':';
  base::append_json_string(out, alternative.tag);
  out += ',';
  append_members(out, *alternative.type, table.get(value));
  close(out, '}');
}

void append_text(std::string& out, const base::described::TextTable& table, const void* value) {
  std::string text;
  table.write(value, text);
  base::append_json_string(out, text);
}

}  // namespace

void append_json(std::string& out, const TypeTable& type, const void* value) {
  switch (type.kind) {
    case Kind::kBool:
      out += *static_cast<const bool*>(value) ? "true" : "false";
      return;
    case Kind::kInt8:
      return append_number<std::int8_t>(out, value);
    case Kind::kInt16:
      return append_number<std::int16_t>(out, value);
    case Kind::kInt32:
      return append_number<std::int32_t>(out, value);
    case Kind::kInt64:
      return append_number<std::int64_t>(out, value);
    case Kind::kUint8:
      return append_number<std::uint8_t>(out, value);
    case Kind::kUint16:
      return append_number<std::uint16_t>(out, value);
    case Kind::kUint32:
      return append_number<std::uint32_t>(out, value);
    case Kind::kUint64:
      return append_number<std::uint64_t>(out, value);
    case Kind::kFloat:
      return append_real<float>(out, value);
    case Kind::kDouble:
      return append_real<double>(out, value);
    case Kind::kString:
      return base::append_json_string(out, *static_cast<const std::string*>(value));
    case Kind::kText:
      return append_text(out, *type.text, value);
    case Kind::kEnum:
      return append_enum(out, *type.enumeration, value);
    case Kind::kOptional:
      if (const void* const held = type.optional->get(value)) return append_json(out, *type.optional->inner, held);
      out += "null";
      return;
    case Kind::kList:
      return append_list(out, *type.list, value);
    case Kind::kMap:
      return append_map(out, *type.map, value);
    case Kind::kObject:
      return append_object(out, type, value);
    case Kind::kOneOf:
      return append_one_of(out, *type.one_of, value);
    case Kind::kDocument:
      return type.document->write(value, out);
  }
}

}  // namespace weir::routing
