// SPDX-License-Identifier: MIT
// Objects, lists and maps.
#include <weir/routing/json/internal/reader.hpp>

#include <weir/base/inline.hpp>

#include <cstdint>

namespace weir::routing::internal {
namespace {

constexpr std::size_t kDiscriminator = kFieldsMax;
constexpr std::size_t kUnknown = kFieldsMax + 1;
constexpr const char* kSameKey = "An object has the same key twice.";

// The text of a string as it stands there, escapes and all: from behind its first quote to its last.
std::string_view raw_of(ondemand::raw_json_string string) {
  const char* const begin = string.raw();
  const char* end = begin;
  for (; *end != '"'; ++end) {
    if (*end == '\\') ++end;
  }
  return {begin, static_cast<std::size_t>(end - begin)};
}

WEIR_HOT_INLINE bool is_key(const FieldTable& field, ondemand::raw_json_string key) {
  return field.front.is_front_of(key.raw()) && (field.front.is_whole() || key.unsafe_is_equal(field.name));
}

}  // namespace

// ---- objects ----

bool Reader::read_object(ondemand::object object, const TypeTable& type, void* target, const JsonPath* path,
                         std::string_view skipped_name) {
  const std::size_t failures_before = failures_.count();
  Members members;
  for (auto next : object) {
    if (const auto error = next.error(); error != SUCCESS) return broken(error);
    if (!read_member(next.value_unsafe(), type, target, path, members, skipped_name)) return false;
  }
  finish_object(type, target, path, members, failures_before);
  return true;
}

WEIR_HOT_INLINE bool Reader::read_member(ondemand::field& member, const TypeTable& type, void* target,
                                         const JsonPath* path, Members& members, std::string_view skipped_name) {
  const std::span<const FieldTable> fields = type.object->fields;
  std::size_t at = members.next;
  if (!members.are_in_order || at == fields.size() || !is_key(fields[at], member.key())) [[unlikely]] {
    const char* const begin = member.key().raw() - 1;
    if (!find_member(member, fields, path, at, skipped_name)) return false;
    if (at == kUnknown) return walk(member.value());
    if (!members.add(at)) return broken(kSameKey, begin);
    if (at == kDiscriminator) return walk(member.value());
  }
  members.next = at + 1;
  const FieldTable& field = fields[at];
  const JsonPath here{path, field.name};
  return read(member.value(), *field.type, field.get(target), &field, &here);
}

// A member that need not be the next one of the description, or has escapes in its name.
bool Reader::find_member(ondemand::field& member, std::span<const FieldTable> fields, const JsonPath* path,
                         std::size_t& at, std::string_view skipped_name) {
  if (at < fields.size() && is_key(fields[at], member.key())) return true;
  std::string_view name;
  if (!read_key(member, name)) return false;
  for (at = 0; at < fields.size(); ++at) {
    if (fields[at].name == name) return true;
  }
  at = !skipped_name.empty() && name == skipped_name ? kDiscriminator : kUnknown;
  if (at == kDiscriminator) return true;
  const JsonPath here{path, name};
  fail("unknown", "There is no member of that name.", &here);
  return true;
}

WEIR_HOT_INLINE void Reader::finish_object(const TypeTable& type, const void* target, const JsonPath* path,
                                           const Members& members, std::size_t failures_before) {
  const std::span<const FieldTable> fields = type.object->fields;
  for (std::size_t i = members.are_in_order ? members.next : 0; i < fields.size(); ++i) {
    if (members.has(i) || !fields[i].is_required) continue;
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

bool Reader::read_one_of(ondemand::value& value, const TypeTable& type, void* target, const JsonPath* path) {
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

WEIR_HOT_INLINE bool Reader::read_list(ondemand::value& value, const TypeTable& type, void* target,
                                       const JsonPath* path) {
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
    if (!(slot != nullptr ? read(item, *table.item, slot, nullptr, &here) : walk(item))) return false;
  }
  if (table.fixed_size != 0 && index != table.fixed_size) {
    const std::string size = std::to_string(table.fixed_size);
    fail("items", "It has to have " + size + " items.", path, "\"min\":" + size + ",\"max\":" + size);
  }
  leave();
  return true;
}

bool Reader::read_map(ondemand::value& value, const TypeTable& type, void* target, const JsonPath* path) {
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
    if (!read(member.value(), *table.value, slot, nullptr, &here)) return false;
  }
  leave();
  return true;
}

}  // namespace weir::routing::internal
