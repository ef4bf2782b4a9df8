// SPDX-License-Identifier: MIT
#include <weir/routing/json/json_reader.hpp>

#include <weir/base/json_string.hpp>
#include <weir/base/text.hpp>
#include <weir/routing/json/json_path.hpp>

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>

namespace weir::routing {
namespace {

namespace ondemand = simdjson::ondemand;
using base::described::FieldTable;
using base::described::Kind;
using base::described::Rule;
using base::described::TypeTable;
using simdjson::SUCCESS;

constexpr std::size_t kFieldsMax = 256;
constexpr std::size_t kDiscriminator = kFieldsMax;  // the member of a OneOf that its alternatives do not describe
using Seen = std::bitset<kFieldsMax + 1>;
constexpr const char* kNotJson = "It is not valid JSON.";
constexpr const char* kBadNumber = "A number is malformed.";
constexpr const char* kBadLiteral = "A literal is malformed.";
constexpr const char* kBehind = "There is more behind the value.";
constexpr const char* kSameKey = "An object has the same key twice.";
constexpr std::size_t kKeptTextBytes = 64 << 10;

/// A parser with room for its text; the memory is used again.
struct Workspace {
  ondemand::parser parser;
  std::unique_ptr<char[]> text;
  std::size_t capacity = 0;
  bool is_busy = false;  // by a reader further up the stack

  simdjson::padded_string_view copy(std::string_view source) {
    const std::size_t wanted = source.size() + simdjson::SIMDJSON_PADDING;
    if (wanted > capacity) {
      text.reset(new char[wanted]);
      capacity = wanted;
    }
    std::memcpy(text.get(), source.data(), source.size());
    std::memset(text.get() + source.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(text.get(), source.size(), capacity);
  }
  void shrink() {
    if (capacity <= kKeptTextBytes + simdjson::SIMDJSON_PADDING) return;
    text.reset();
    capacity = 0;
    parser = ondemand::parser();
  }
};

bool is_blank_or_structure(char c) {
  return std::string_view(" \t\r\n,]}").find(c) != std::string_view::npos;
}

// A number taken apart: the digits, of which the last `fraction_digits` stand behind the point, times ten to the
// `exponent`.
struct NumberText {
  bool is_negative = false;
  std::string digits;
  std::int64_t fraction_digits = 0;
  std::int64_t exponent = 0;  // far out of reach, but not exact, above a million
};

// A number as RFC 8259 writes it, at the front of a token that may have white space and more behind it.
bool take_number(std::string_view token, NumberText& number) {
  std::size_t at = 0;
  const auto take = [&](char c) { return at < token.size() && token[at] == c && (++at, true); };
  const auto take_digits = [&](const auto& use) {
    const std::size_t begin = at;
    for (; at < token.size() && token[at] >= '0' && token[at] <= '9'; ++at) use(token[at]);
    return at - begin;
  };
  const auto add = [&](char digit) { number.digits += digit; };
  number.is_negative = take('-');
  if (!take('0') && take_digits(add) == 0) return false;
  if (take('.')) {
    number.fraction_digits = static_cast<std::int64_t>(take_digits(add));
    if (number.fraction_digits == 0) return false;
  }
  if (take('e') || take('E')) {
    constexpr std::int64_t kMax = 1'000'000'000'000;  // there are never as many digits
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    const auto grow = [&](char digit) { number.exponent = std::min(kMax, number.exponent * 10 + (digit - '0')); };
    if (take_digits(grow) == 0) return false;
    if (is_negative) number.exponent = -number.exponent;
  }
  return at == token.size() || is_blank_or_structure(token[at]);
}

bool is_number_token(std::string_view token) {
  NumberText ignored;
  return take_number(token, ignored);
}

// The exact magnitude of an integer, however it is written: 1.0, 1e2, 0.5e1. Where it has no room in 64 bits, it
// becomes the largest, and `is_beyond`. False for what is no integer.
bool whole_of(NumberText number, std::uint64_t& magnitude, bool& is_beyond) {
  std::int64_t zeros = number.exponent - number.fraction_digits;
  for (; !number.digits.empty() && number.digits.back() == '0'; ++zeros) number.digits.pop_back();
  magnitude = 0;
  is_beyond = false;
  if (number.digits.find_first_not_of('0') == std::string::npos) return true;
  if (zeros < 0) return false;
  const auto append = [&](std::uint64_t digit) {
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    is_beyond = is_beyond || magnitude > (kMax - digit) / 10;
    magnitude = is_beyond ? kMax : magnitude * 10 + digit;
  };
  for (const char digit : number.digits) append(static_cast<std::uint64_t>(digit - '0'));
  for (; zeros > 0 && !is_beyond; --zeros) append(0);
  return true;
}

// The literal alone, up to white space or structure.
bool is_literal_token(std::string_view token, std::string_view literal) {
  if (!token.starts_with(literal)) return false;
  return token.size() == literal.size() || is_blank_or_structure(token[literal.size()]);
}

std::string as_json(std::string_view text) {
  std::string out;
  base::append_json_string(out, text);
  return out;
}

// The text of a string as it stands there, escapes and all: from behind its first quote to its last.
std::string_view raw_of(ondemand::raw_json_string string) {
  const char* const begin = string.raw();
  const char* end = begin;
  for (; *end != '"'; ++end) {
    if (*end == '\\') ++end;
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string_view raw_text(ondemand::value value);

class Reader {
 public:
  Reader(const ondemand::parser& parser, Failures& failures) : parser_(parser), failures_(failures) {}

  /// What is wrong with the syntax; null when nothing is.
  const char* syntax_error() const { return syntax_error_; }
  /// Where; null when the document's own position says it.
  const char* error_place() const { return error_place_; }

  /// The syntax is broken: the first of these counts. Returns false.
  bool broken(const char* what, const char* where = nullptr) {
    if (syntax_error_ != nullptr) return false;
    syntax_error_ = what;
    error_place_ = where;
    return false;
  }
  bool broken(simdjson::error_code code, const char* where = nullptr) {
    switch (code) {
      case simdjson::STRING_ERROR:
        return broken("A string has an invalid escape.", where);
      case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
        return broken("An array or an object has no end.", where);
      default:
        return broken(kNotJson, where);
    }
  }

  /// False when the syntax is broken: then nothing more can be read.
  bool read(ondemand::value value, const TypeTable& type, void* target, std::span<const Rule> rules,
            const JsonPath* path);

 private:
  bool read_object(ondemand::object object, const TypeTable& type, void* target, const JsonPath* path,
                   std::string_view skipped_name = {});
  bool read_member(simdjson::simdjson_result<ondemand::field> next, const TypeTable& type, void* target,
                   const JsonPath* path, Seen& seen, std::size_t& expected, std::string_view skipped_name);
  bool read_list(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path);
  bool read_map(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path);
  struct Tag {
    bool is_there = false;
    bool is_text = false;
    std::string text;
  };
  bool read_one_of(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path);
  bool find_tag(ondemand::object object, std::string_view discriminator, Tag& tag);
  void refuse_tag(const base::described::OneOfTable& table, bool is_there, const JsonPath* path);
  bool read_text(ondemand::value value, const TypeTable& type, void* target, std::span<const Rule> rules,
                 const JsonPath* path);
  bool read_number(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path, bool& is_read);
  template <class Number>
  bool read_whole(ondemand::value value, void* target, const JsonPath* path, bool& is_read);
  template <class Number>
  bool read_real(ondemand::value value, void* target, const JsonPath* path, bool& is_read);
  void finish_object(const TypeTable& type, const void* target, const JsonPath* path, const Seen& seen,
                     std::size_t failures_before);

  /// Not of the type that it should be: says so, and looks through it for broken syntax.
  bool refuse_type(ondemand::value value, const TypeTable& type, const JsonPath* path);
  bool walk(ondemand::value value);
  bool walk_object(ondemand::value value);
  bool walk_members(ondemand::object object);
  bool walk_array(ondemand::value value);

  bool read_key(ondemand::field& member, std::string_view& key) {
    const char* const begin = member.key().raw() - 1;
    const auto error = member.unescaped_key().get(key);
    return error == SUCCESS || broken(error, begin);
  }
  /// Into memory of its own.
  bool decode(ondemand::raw_json_string string, std::string_view raw, std::string& out);

  bool enter(ondemand::value value) {
    return ++depth_ <= kJsonDepthMax || broken("It is nested more than 64 levels deep.", value.raw_json_token().data());
  }
  void leave() { --depth_; }
  /// More failures are only counted: words for them would be in vain.
  bool is_full() const { return failures_.kept().size() == Failures::kKeptMax; }
  void fail(std::string_view rule, std::string detail, const JsonPath* path, std::string bounds = {}) {
    if (is_full()) return failures_.add({});
    failures_.add({Place::kBody, pointer_of(path), rule, std::move(detail), std::move(bounds)});
  }
  void check(std::span<const Rule> rules, const TypeTable& type, const void* value, const JsonPath* path) {
    if (rules.empty() && type.rules.empty()) return;
    check_rules(type.rules, type, value, failures_, Place::kBody, Where(path));
    check_rules(rules, type, value, failures_, Place::kBody, Where(path));
  }

  const ondemand::parser& parser_;
  Failures& failures_;
  const char* syntax_error_ = nullptr;
  const char* error_place_ = nullptr;
  int depth_ = 0;
};

bool Reader::read(ondemand::value value, const TypeTable& type, void* target, std::span<const Rule> rules,
                  const JsonPath* path) {
  const std::size_t failures_before = failures_.count();
  bool is_read = true;
  switch (type.kind) {
    case Kind::kOptional: {
      if (is_literal_token(value.raw_json_token(), "null")) {
        type.optional->reset(target);
        const auto error = value.is_null().error();
        return error == SUCCESS || broken(error);
      }
      return read(value, *type.optional->inner, type.optional->emplace(target), rules, path);
    }
    case Kind::kObject: {
      ondemand::object object;
      if (value.get_object().get(object) != SUCCESS) return refuse_type(value, type, path);
      return enter(value) && read_object(object, type, target, path) && (leave(), true);
    }
    case Kind::kOneOf:
      return read_one_of(value, type, target, path);
    case Kind::kList:
      if (!read_list(value, type, target, path)) return false;
      break;
    case Kind::kMap:
      if (!read_map(value, type, target, path)) return false;
      break;
    case Kind::kString:
    case Kind::kText:
    case Kind::kEnum:
      return read_text(value, type, target, rules, path);
    case Kind::kDocument: {
      const char* const begin = value.raw_json_token().data();
      if (!type.document->parse(raw_text(value), target)) return broken(kNotJson, begin);
      break;
    }
    default:
      if (!read_number(value, type, target, path, is_read)) return false;
      break;
  }
  if (is_read && failures_.count() == failures_before) check(rules, type, target, path);
  return true;
}

// ---- any value, for a parser of its own that finds what is wrong in it ----

std::string_view raw_text(ondemand::value value) {
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

// ---- objects ----

const FieldTable* find_field(std::span<const FieldTable> fields, std::string_view name, std::size_t& at) {
  for (at = 0; at < fields.size(); ++at) {
    if (fields[at].name == name) return &fields[at];
  }
  return nullptr;
}

bool Reader::read_object(ondemand::object object, const TypeTable& type, void* target, const JsonPath* path,
                         std::string_view skipped_name) {
  const std::size_t failures_before = failures_.count();
  Seen seen;
  std::size_t expected = 0;
  for (auto next : object) {
    if (!read_member(next, type, target, path, seen, expected, skipped_name)) return false;
  }
  finish_object(type, target, path, seen, failures_before);
  return true;
}

bool Reader::read_member(simdjson::simdjson_result<ondemand::field> next, const TypeTable& type, void* target,
                         const JsonPath* path, Seen& seen, std::size_t& expected, std::string_view skipped_name) {
  ondemand::field member;
  if (const auto error = std::move(next).get(member); error != SUCCESS) return broken(error);
  const std::span<const FieldTable> fields = type.object->fields;
  const FieldTable* field = nullptr;
  std::size_t at = expected;
  // Most documents have their members in the order of the description, and no escapes in names.
  if (at < fields.size() && member.key().unsafe_is_equal(fields[at].name)) {
    field = &fields[at];
  }
  const char* const begin = member.key().raw() - 1;
  if (field == nullptr) {
    std::string_view name;
    if (!read_key(member, name)) return false;
    field = find_field(fields, name, at);
    if (field == nullptr && !skipped_name.empty() && name == skipped_name) {
      at = kDiscriminator;
    } else if (field == nullptr) {
      const JsonPath here{path, name};
      fail("unknown", "There is no member of that name.", &here);
      return walk(member.value());
    }
  }
  if (seen.test(at)) return broken(kSameKey, begin);
  seen.set(at);
  if (field == nullptr) return walk(member.value());
  expected = at + 1;
  const JsonPath here{path, field->name};
  return read(member.value(), *field->type, field->get(target), field->rules, &here);
}

void Reader::finish_object(const TypeTable& type, const void* target, const JsonPath* path, const Seen& seen,
                           std::size_t failures_before) {
  const std::span<const FieldTable> fields = type.object->fields;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (seen.test(i) || !fields[i].is_required) continue;
    const JsonPath here{path, fields[i].name};
    fail("required", "It is missing.", &here);
  }
  if (failures_.count() != failures_before) return;  // a check may only look at whole objects
  for (const auto& condition : type.object->checks) {
    if (condition.holds(target)) continue;
    fail("check", "It does not hold that " + std::string(condition.text) + ".", path);
  }
}

// The discriminator is looked for first, then the object is read again from its start. Here nothing may be decoded into
// the parser's buffer: that has room for each text once.
bool Reader::find_tag(ondemand::object object, std::string_view discriminator, Tag& tag) {
  for (auto next : object) {
    ondemand::field member;
    if (const auto error = std::move(next).get(member); error != SUCCESS) return broken(error);
    const ondemand::raw_json_string key = member.key();
    if (!key.unsafe_is_equal(discriminator)) {
      std::string decoded;
      const std::string_view raw = raw_of(key);
      if (raw.find('\\') == std::string_view::npos) continue;
      if (!decode(key, raw, decoded)) return false;
      if (decoded != discriminator) continue;
    }
    tag.is_there = true;
    ondemand::raw_json_string text;
    if (member.value().get_raw_json_string().get(text) != SUCCESS) return true;
    tag.is_text = true;
    return decode(text, raw_of(text), tag.text);
  }
  return true;
}

bool Reader::decode(ondemand::raw_json_string string, std::string_view raw, std::string& out) {
  out.resize(raw.size() + simdjson::SIMDJSON_PADDING);  // an escape is longer than what it stands for
  auto* end = reinterpret_cast<std::uint8_t*>(out.data());
  std::string_view text;
  if (const auto error = parser_.unescape(string, end).get(text); error != SUCCESS) {
    return broken(error, raw.data() - 1);
  }
  out.resize(text.size());
  return true;
}

bool Reader::read_one_of(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path) {
  const auto& table = *type.one_of;
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return refuse_type(value, type, path);
  if (!enter(value)) return false;
  Tag tag;
  if (!find_tag(object, table.discriminator, tag)) return false;
  if (const auto again = object.reset().error(); again != SUCCESS) return broken(again);
  std::size_t index = 0;
  while (index < table.alternatives.size() && !(tag.is_text && table.alternatives[index].tag == tag.text)) ++index;
  bool is_whole = true;
  if (index < table.alternatives.size()) {
    void* const slot = table.emplace(target, index);
    is_whole = read_object(object, *table.alternatives[index].type, slot, path, table.discriminator);
  } else {
    refuse_tag(table, tag.is_there, path);
    is_whole = walk_members(object);
  }
  leave();
  return is_whole;
}

void Reader::refuse_tag(const base::described::OneOfTable& table, bool is_there, const JsonPath* path) {
  std::string bounds;
  std::string tags;
  for (const auto& alternative : table.alternatives) {
    bounds.append(bounds.empty() ? "\"allowed\":[" : ",").append(as_json(alternative.tag));
    tags.append(tags.empty() ? "" : ", ").append(alternative.tag);
  }
  const JsonPath here{path, table.discriminator};
  fail(is_there ? "enum" : "required", "It says which kind this is: one of " + tags + ".", &here, bounds + "]");
}

// ---- lists and maps ----

bool Reader::read_list(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path) {
  const auto& table = *type.list;
  ondemand::array array;
  if (value.get_array().get(array) != SUCCESS) return refuse_type(value, type, path);
  if (!enter(value)) return false;
  table.clear(target);
  std::size_t index = 0;
  for (auto next : array) {
    ondemand::value item;
    if (const auto error = next.get(item); error != SUCCESS) return broken(error);
    const JsonPath here{path, {}, index};
    void* const slot = table.append(target, index++);
    if (!(slot != nullptr ? read(item, *table.item, slot, {}, &here) : walk(item))) return false;
  }
  if (table.fixed_size != 0 && index != table.fixed_size) {
    const std::string size = std::to_string(table.fixed_size);
    fail("items", "It has to have " + size + " items.", path, "\"min\":" + size + ",\"max\":" + size);
  }
  leave();
  return true;
}

bool Reader::read_map(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path) {
  const auto& table = *type.map;
  ondemand::object object;
  if (value.get_object().get(object) != SUCCESS) return refuse_type(value, type, path);
  if (!enter(value)) return false;
  table.clear(target);
  for (auto next : object) {
    ondemand::field member;
    if (const auto error = std::move(next).get(member); error != SUCCESS) return broken(error);
    const char* const begin = member.key().raw() - 1;
    std::string_view key;
    if (!read_key(member, key)) return false;
    void* const slot = table.insert(target, key);
    if (slot == nullptr) return broken(kSameKey, begin);
    const JsonPath here{path, key};
    if (!read(member.value(), *table.value, slot, {}, &here)) return false;
  }
  leave();
  return true;
}

// ---- text ----

bool Reader::read_text(ondemand::value value, const TypeTable& type, void* target, std::span<const Rule> rules,
                       const JsonPath* path) {
  const char* const begin = value.raw_json_token().data();
  if (*begin != '"') return refuse_type(value, type, path);
  std::string_view text;
  if (const auto error = value.get_string().get(text); error != SUCCESS) return broken(error, begin);
  if (type.kind == Kind::kString) {
    static_cast<std::string*>(target)->assign(text);
    check(rules, type, target, path);
    return true;
  }
  if (type.kind == Kind::kText) {
    if (!type.text->parse(text, target)) {
      fail("format", "It has to be " + expected_of(type) + ".", path,
           type.text->format.empty() ? "" : "\"format\":" + as_json(type.text->format));
      return true;
    }
    check(rules, type, target, path);
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

bool Reader::read_number(ondemand::value value, const TypeTable& type, void* target, const JsonPath* path,
                         bool& is_read) {
  const char first = *value.raw_json_token().data();
  if (type.kind == Kind::kBool) {
    is_read = value.get_bool().get(*static_cast<bool*>(target)) == SUCCESS;
    return is_read || refuse_type(value, type, path);
  }
  if (first != '-' && (first < '0' || first > '9')) {
    is_read = false;
    return refuse_type(value, type, path);
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

bool get_whole(ondemand::value& value, std::int64_t& out) {
  return value.get_int64().get(out) == SUCCESS;
}
bool get_whole(ondemand::value& value, std::uint64_t& out) {
  return value.get_uint64().get(out) == SUCCESS;
}

template <class Number>
bool Reader::read_whole(ondemand::value value, void* target, const JsonPath* path, bool& is_read) {
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
bool Reader::read_real(ondemand::value value, void* target, const JsonPath* path, bool& is_read) {
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

bool Reader::refuse_type(ondemand::value value, const TypeTable& type, const JsonPath* path) {
  if (is_full()) {
    failures_.add({});
    return walk(value);
  }
  const std::string expected = expected_of(type);
  fail("type", "It has to be " + expected + ".", path, "\"expected\":" + as_json(expected));
  return walk(value);
}

bool Reader::walk(ondemand::value value) {
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

bool Reader::walk_object(ondemand::value value) {
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

bool Reader::walk_array(ondemand::value value) {
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

// ---- the whole text ----

void refuse_syntax(Failures& failures, std::string detail, std::size_t offset) {
  failures = {};
  detail.append(" (byte ").append(std::to_string(offset)).append(")");
  failures.add({Place::kBody, "", "syntax", std::move(detail), "\"offset\":" + std::to_string(offset), 400});
}

// What simdjson finds before it looks at the structure, and does not say where.
void refuse_bytes(Failures& failures, std::string_view text) {
  std::size_t string_begin = std::string_view::npos;
  for (std::size_t i = 0; i < text.size();) {
    const bool is_inside = string_begin != std::string_view::npos;
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = base::utf8_sequence_length(text.substr(i));
    if (length == 0) return refuse_syntax(failures, "It is not valid UTF-8.", i);
    if (is_inside && c < 0x20) return refuse_syntax(failures, "A string has a control character.", i);
    if (c == '"') string_begin = is_inside ? std::string_view::npos : i;
    const bool is_escape = is_inside && c == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    i += is_escape ? 2 : length;
  }
  if (string_begin != std::string_view::npos) return refuse_syntax(failures, "A string has no end.", string_begin);
  refuse_syntax(failures, kNotJson, 0);
}

// simdjson reads objects and arrays; another value, which is `wrapped`, is read as the only item of an array.
bool read_root(ondemand::document& document, bool is_wrapped, const TypeTable& type, void* target, Reader& reader) {
  ondemand::value root;
  if (const auto error = document.get_value().get(root); error != SUCCESS) return reader.broken(error);
  if (!is_wrapped) return reader.read(root, type, target, {}, nullptr);
  ondemand::array array;
  if (const auto error = root.get_array().get(array); error != SUCCESS) return reader.broken(error);
  std::size_t count = 0;
  for (auto next : array) {
    ondemand::value item;
    if (const auto error = next.get(item); error != SUCCESS) return reader.broken(error);
    if (++count > 1) return reader.broken(kBehind);
    if (!reader.read(item, type, target, {}, nullptr)) return false;
  }
  return count == 1 || reader.broken(kNotJson);
}

bool read_with(Workspace& work, std::string_view source, const TypeTable& type, void* target, Failures& failures) {
  const std::size_t first = source.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    refuse_syntax(failures, "The JSON is empty.", 0);
    return false;
  }
  const bool is_wrapped = source[first] != '{' && source[first] != '[';
  std::string wrapped;
  if (is_wrapped) wrapped.append("[").append(source).append("]");
  const auto text = work.copy(is_wrapped ? wrapped : source);
  ondemand::document document;
  if (work.parser.iterate(text).get(document) != SUCCESS) {
    refuse_bytes(failures, source);
    return false;
  }
  Reader reader(work.parser, failures);
  const bool is_read = read_root(document, is_wrapped, type, target, reader);
  const char* at = nullptr;
  const bool is_at_end = document.current_location().get(at) == simdjson::OUT_OF_BOUNDS;
  if (is_read && is_at_end) return failures.empty();
  if (reader.error_place() != nullptr) at = reader.error_place();
  std::size_t offset = at == nullptr ? source.size() : static_cast<std::size_t>(at - text.data());
  if (at != nullptr && is_wrapped && offset > 0) --offset;
  if (is_read && is_wrapped) offset = source.rfind(']', offset - 1);  // it closed the array around the value
  refuse_syntax(failures, is_read ? kBehind : reader.syntax_error(), std::min(offset, source.size()));
  return false;
}

}  // namespace

bool read_json(std::string_view text, const TypeTable& type, void* target, Failures& failures) {
  thread_local Workspace kept;
  if (kept.is_busy) {
    Workspace own;
    return read_with(own, text, type, target, failures);
  }
  struct Use {
    Use() { kept.is_busy = true; }
    ~Use() {
      kept.is_busy = false;
      kept.shrink();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
  };
  const Use use;
  return read_with(kept, text, type, target, failures);
}

}  // namespace weir::routing
