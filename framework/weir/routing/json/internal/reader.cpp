// SPDX-License-Identifier: MIT
// Single values, and values that are looked through because they are not wanted.
#include <weir/routing/json/internal/reader.hpp>

#include <weir/base/inline.hpp>
#include <weir/base/json_string.hpp>
#include <weir/base/text.hpp>
#include <weir/routing/json/internal/tokens.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace weir::routing::internal {
namespace {

constexpr const char* kBadNumber = "A number is malformed.";
constexpr const char* kBadLiteral = "A literal is malformed.";

// Any value as it stands there, for a parser of its own that finds what is wrong in it.
std::string_view raw_text(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  std::string_view text;
  if (*token.data() == '{') {
    ondemand::object object;
    if (value.get_object().get(object) != SUCCESS || object.raw_json().get(text) != SUCCESS) return {};
    return text;
  }
  if (*token.data() == '[') {
    ondemand::array array;
    if (value.get_array().get(array) != SUCCESS || array.raw_json().get(text) != SUCCESS) return {};
    return text;
  }
  return token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
}

bool get_whole(ondemand::value& value, std::int64_t& out) {
  return value.get_int64().get(out) == SUCCESS;
}
bool get_whole(ondemand::value& value, std::uint64_t& out) {
  return value.get_uint64().get(out) == SUCCESS;
}

}  // namespace

std::string as_json(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

bool Reader::read(ondemand::value& value, const TypeTable& type, void* target, const FieldTable* field,
                  const JsonPath* path) {
  switch (type.kind) {
    case Kind::kString:
    case Kind::kText:
    case Kind::kEnum:
      return read_text(value, type, target, field, path);
    case Kind::kObject: {
      ondemand::object object;
      if (value.get_object().get(object) != SUCCESS) return refuse_type(value, type, path);
      return enter(value) && read_object(object, type, target, path) && (leave(), true);
    }
    default:
      return read_other(value, type, target, field, path);
  }
}

WEIR_HOT_INLINE bool Reader::read_other(ondemand::value& value, const TypeTable& type, void* target,
                                        const FieldTable* field, const JsonPath* path) {
  const std::size_t failures_before = failures_.count();
  bool is_read = true;
  switch (type.kind) {
    case Kind::kOptional: {
      if (is_literal_token(value.raw_json_token(), "null")) {
        type.optional->reset(target);
        const auto error = value.is_null().error();
        return error == SUCCESS || broken(error);
      }
      return read(value, *type.optional->inner, type.optional->emplace(target), field, path);
    }
    case Kind::kOneOf:
      return read_one_of(value, type, target, path);
    case Kind::kList:
      if (!read_list(value, type, target, path)) return false;
      break;
    case Kind::kMap:
      if (!read_map(value, type, target, path)) return false;
      break;
    case Kind::kDocument: {
      const char* const begin = value.raw_json_token().data();
      if (!type.document->parse(raw_text(value), target)) return broken(kNotJson, begin);
      break;
    }
    default:
      if (!read_number(value, type, target, path, is_read)) return false;
      break;
  }
  if (is_read && failures_.count() == failures_before) check(field, type, target, path);
  return true;
}

// ---- text ----

WEIR_HOT_INLINE bool Reader::read_text(ondemand::value& value, const TypeTable& type, void* target,
                                       const FieldTable* field, const JsonPath* path) {
  const char* const begin = value.raw_json_token().data();
  if (*begin != '"') return refuse_type(value, type, path);  // the parser may not be asked for text that is not there
  std::string_view text;
  if (const auto error = value.get_string().get(text); error != SUCCESS) return broken(error, begin);
  if (type.kind == Kind::kString) {
    auto& string = *static_cast<std::string*>(target);
    string.clear();
    string.append(text);  // less work than assign, which has to expect that the text is a part of the string
    check(field, type, target, path);
    return true;
  }
  if (type.kind == Kind::kText) {
    if (!type.text->parse(text, target)) {
      fail("format", "It has to be " + expected_of(type) + ".", path,
           type.text->format.empty() ? "" : "\"format\":" + as_json(type.text->format));
      return true;
    }
    check(field, type, target, path);
    return true;
  }
  std::string allowed;
  std::string bounds;
  for (const auto& enumerator : type.enumeration->enumerators) {
    if (enumerator.name != text) continue;
    type.enumeration->set(target, enumerator.value);
    return true;
  }
  for (const auto& enumerator : type.enumeration->enumerators) {
    bounds.append(bounds.empty() ? "\"allowed\":[" : ",").append(as_json(enumerator.name));
    allowed.append(allowed.empty() ? "" : ", ").append(enumerator.name);
  }
  fail("enum", "It has to be one of " + allowed + ".", path, bounds + "]");
  return true;
}

// ---- numbers and booleans ----

WEIR_HOT_INLINE bool Reader::read_number(ondemand::value& value, const TypeTable& type, void* target,
                                         const JsonPath* path, bool& is_read) {
  const char first = *value.raw_json_token().data();
  if (type.kind == Kind::kBool) {
    is_read = value.get_bool().get(*static_cast<bool*>(target)) == SUCCESS;
    return is_read || refuse_type(value, type, path);
  }
  if (first != '-' && (first < '0' || first > '9')) {
    is_read = false;
    return refuse_type(value, type, path);
  }
  // What most numbers are.
  if (type.kind == Kind::kDouble) {
    auto& real = *static_cast<double*>(target);
    if (value.get_double().get(real) == SUCCESS && std::isfinite(real)) return true;
  } else if (type.kind == Kind::kInt32) {
    std::int64_t whole = 0;
    if (value.get_int64().get(whole) == SUCCESS && std::in_range<std::int32_t>(whole)) {
      *static_cast<std::int32_t*>(target) = static_cast<std::int32_t>(whole);
      return true;
    }
  }
  switch (type.kind) {
    case Kind::kInt8:
      return read_whole<std::int8_t>(value, target, path, is_read);
    case Kind::kInt16:
      return read_whole<std::int16_t>(value, target, path, is_read);
    case Kind::kInt32:
      return read_whole<std::int32_t>(value, target, path, is_read);
    case Kind::kInt64:
      return read_whole<std::int64_t>(value, target, path, is_read);
    case Kind::kUint8:
      return read_whole<std::uint8_t>(value, target, path, is_read);
    case Kind::kUint16:
      return read_whole<std::uint16_t>(value, target, path, is_read);
    case Kind::kUint32:
      return read_whole<std::uint32_t>(value, target, path, is_read);
    case Kind::kUint64:
      return read_whole<std::uint64_t>(value, target, path, is_read);
    case Kind::kFloat:
      return read_real<float>(value, target, path, is_read);
    default:
      return read_real<double>(value, target, path, is_read);
  }
}

template <class Number>
bool Reader::read_whole(ondemand::value& value, void* target, const JsonPath* path, bool& is_read) {
  using Widest = std::conditional_t<std::is_unsigned_v<Number>, std::uint64_t, std::int64_t>;
  // NOLINTNEXTLINE(bugprone-signed-char-misuse): int8_t is a number here
  constexpr Widest kMin = std::numeric_limits<Number>::min();
  constexpr Widest kMax = std::numeric_limits<Number>::max();
  const std::string_view token = value.raw_json_token();
  Widest whole = 0;
  bool is_integer = true;
  is_read = get_whole(value, whole);
  if (!is_read) {
    NumberText number;
    if (!take_number(token, number)) return broken(kBadNumber, token.data());
    std::uint64_t magnitude = 0;
    bool is_beyond = false;
    is_integer = whole_of(number, magnitude, is_beyond);
    // In two's complement; the least number has no positive counterpart.
    const std::uint64_t limit = number.is_negative ? std::uint64_t{0} - static_cast<std::uint64_t>(kMin) : kMax;
    is_read = is_integer && !is_beyond && magnitude <= limit;
    whole = static_cast<Widest>(number.is_negative ? std::uint64_t{0} - magnitude : magnitude);
  }
  is_read = is_read && whole >= kMin && whole <= kMax;
  if (is_read) {
    *static_cast<Number*>(target) = static_cast<Number>(whole);
  } else if (!is_integer) {
    fail("type", "It has to be an integer.", path, "\"expected\":\"integer\"");
  } else {
    const std::string min = std::to_string(kMin);
    const std::string max = std::to_string(kMax);
    fail("range", "It has to be between " + min + " and " + max + ".", path, "\"min\":" + min + ",\"max\":" + max);
  }
  return true;
}

template <class Number>
bool Reader::read_real(ondemand::value& value, void* target, const JsonPath* path, bool& is_read) {
  const std::string_view token = value.raw_json_token();
  double real = 0;
  is_read = value.get_double().get(real) == SUCCESS && std::isfinite(static_cast<Number>(real));
  if (is_read) {
    *static_cast<Number*>(target) = static_cast<Number>(real);
    return true;
  }
  if (!is_number_token(token)) return broken(kBadNumber, token.data());
  fail("range", "It is too large for this number.", path);
  return true;
}

// ---- what is not wanted ----

bool Reader::refuse_type(ondemand::value& value, const TypeTable& type, const JsonPath* path) {
  if (is_full()) {
    failures_.add({});
    return walk(value);
  }
  const std::string expected = expected_of(type);
  fail("type", "It has to be " + expected + ".", path, "\"expected\":" + as_json(expected));
  return walk(value);
}

bool Reader::walk(ondemand::value& value) {
  const std::string_view token = value.raw_json_token();
  switch (*token.data()) {  // a token that is missing at the end is empty, and before the padding
    case '{':
      return walk_object(value);
    case '[':
      return walk_array(value);
    case '"': {
      std::string_view text;
      const auto error = value.get_string().get(text);
      return error == SUCCESS || broken(error, token.data());
    }
    case 't':
      return is_literal_token(token, "true") || broken(kBadLiteral, token.data());
    case 'f':
      return is_literal_token(token, "false") || broken(kBadLiteral, token.data());
    case 'n':
      return is_literal_token(token, "null") || broken(kBadLiteral, token.data());
    default:
      if (is_number_token(token)) return true;
      return broken(*token.data() == '-' || base::is_digit(*token.data()) ? kBadNumber : kNotJson, token.data());
  }
}

bool Reader::walk_object(ondemand::value& value) {
  ondemand::object object;
  if (const auto error = value.get_object().get(object); error != SUCCESS) return broken(error);
  if (!enter(value) || !walk_members(object)) return false;
  leave();
  return true;
}

bool Reader::walk_members(ondemand::object object) {
  for (auto next : object) {
    ondemand::field member;
    if (const auto error = std::move(next).get(member); error != SUCCESS) return broken(error);
    std::string_view key;
    if (!read_key(member, key) || !walk(member.value())) return false;
  }
  return true;
}

bool Reader::walk_array(ondemand::value& value) {
  ondemand::array array;
  if (const auto error = value.get_array().get(array); error != SUCCESS) return broken(error);
  if (!enter(value)) return false;
  for (auto next : array) {
    ondemand::value item;
    if (const auto error = next.get(item); error != SUCCESS) return broken(error);
    if (!walk(item)) return false;
  }
  leave();
  return true;
}

}  // namespace weir::routing::internal
