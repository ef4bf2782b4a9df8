// SPDX-License-Identifier: MIT
#include <weir/routing/form_reader.hpp>

#include <weir/base/from_text.hpp>
#include <weir/base/utf8.hpp>
#include <weir/http/parameters.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::routing {
namespace {

using base::described::FieldTable;
using base::described::Kind;
using base::described::TypeTable;

template <class T>
bool read_as(std::string_view text, void* target) {
  return base::FromText<T>::parse(text, *static_cast<T*>(target));
}

bool read_enum(std::string_view text, const base::described::EnumTable& table, void* target) {
  for (const auto& enumerator : table.enumerators) {
    if (enumerator.name != text) continue;
    table.set(target, enumerator.value);
    return true;
  }
  return false;
}

class FormReader {
 public:
  FormReader(const TypeTable& type, void* target, Failures& failures)
      : type_(type),
        target_(target),
        failures_(failures),
        failures_before_(failures.count()),
        counts_(type.object->fields.size()) {}

  void take(std::string_view name, std::string_view text) {
    const auto fields = type_.object->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == name) return take_field(fields[i], counts_[i]++, text);
    }
    fail(name, "unknown", "There is no member of that name.");
  }

  void finish() {
    const auto fields = type_.object->fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const FieldTable& field = fields[i];
      if (counts_[i] == 0 && field.is_required && field.type->kind != Kind::kList) {
        fail(field.name, "required", "It is missing.");
      }
      if (field.type->kind == Kind::kList) {
        const std::size_t size = field.type->list->fixed_size;
        const bool is_needed = field.is_required || counts_[i] != 0;
        if (counts_[i] < size && is_needed) fail(field.name, "items", "There are too few of them.");
        check_rules(field.rules, *field.type, field.get(target_), failures_, Place::kForm, Where(field.name));
      }
    }
    if (failures_.count() != failures_before_) return;
    for (const auto& condition : type_.object->checks) {
      if (!condition.holds(target_)) {
        fail("", "check", "It does not hold that " + std::string(condition.text) + ".");
      }
    }
  }

 private:
  void take_field(const FieldTable& field, std::size_t index, std::string_view text) {
    void* const member = field.get(target_);
    if (field.type->kind == Kind::kList) {
      if (index == 0) field.type->list->clear(member);
      void* const slot = field.type->list->append(member, index);
      if (slot == nullptr) return fail(field.name, "items", "There are too many of them.");
      return take_value(field, *field.type->list->item, text, slot, false);
    }
    if (index > 0) return fail(field.name, "repeated", "It is there more than once.");
    take_value(field, *field.type, text, member, true);
  }

  void take_value(const FieldTable& field, const TypeTable& type, std::string_view text, void* slot, bool is_whole) {
    if (type.kind == Kind::kOptional) {
      const TypeTable& inner = *type.optional->inner;
      if (text.empty() && inner.kind != Kind::kString) return type.optional->reset(slot);
      return take_value(field, inner, text, type.optional->emplace(slot), is_whole);
    }
    if (!read_scalar(text, type, slot)) {
      return fail(field.name, "type", "It has to be " + expected_of(type) + ".");
    }
    const Where where(field.name);
    check_rules(type.rules, type, slot, failures_, Place::kForm, where);
    if (is_whole) check_rules(field.rules, type, slot, failures_, Place::kForm, where);
  }

  void fail(std::string_view name, std::string_view rule, std::string detail) {
    failures_.add({Place::kForm, std::string(name), rule, std::move(detail), {}});
  }

  const TypeTable& type_;
  void* target_;
  Failures& failures_;
  std::size_t failures_before_;
  std::vector<std::size_t> counts_;  // of each member
};

}  // namespace

bool read_scalar(std::string_view text, const TypeTable& type, void* target) {
  switch (type.kind) {
    case Kind::kBool:
      return read_as<bool>(text, target);
    case Kind::kInt8:
      return read_as<std::int8_t>(text, target);
    case Kind::kInt16:
      return read_as<std::int16_t>(text, target);
    case Kind::kInt32:
      return read_as<std::int32_t>(text, target);
    case Kind::kInt64:
      return read_as<std::int64_t>(text, target);
    case Kind::kUint8:
      return read_as<std::uint8_t>(text, target);
    case Kind::kUint16:
      return read_as<std::uint16_t>(text, target);
    case Kind::kUint32:
      return read_as<std::uint32_t>(text, target);
    case Kind::kUint64:
      return read_as<std::uint64_t>(text, target);
    case Kind::kFloat:
      return read_as<float>(text, target);
    case Kind::kDouble:
      return read_as<double>(text, target);
    case Kind::kString:
      return read_as<std::string>(text, target);
    case Kind::kText:
      return type.text->parse(text, target);
    case Kind::kEnum:
      return read_enum(text, *type.enumeration, target);
    default:
      return false;
  }
}

void read_form_text(std::string_view text, const TypeTable& type, void* target, Failures& failures) {
  const auto parameters = http::parse_form(text);
  if (!parameters) {
    failures.add({Place::kForm, "", "syntax", "The form has a malformed percent-escape.", {}, 400});
    return;
  }
  for (const auto& [name, value] : *parameters) {
    if (base::is_utf8(name) && base::is_utf8(value)) continue;
    failures.add({Place::kForm, "", "syntax", "The form is not valid UTF-8.", {}, 400});
    return;
  }
  FormReader reader(type, target, failures);
  for (const auto& [name, value] : *parameters) reader.take(name, value);
  reader.finish();
}

}  // namespace weir::routing
