// SPDX-License-Identifier: MIT
// Walks through a JSON text with a described type in hand.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/routing/failures.hpp>
#include <weir/routing/json/json_path.hpp>
#include <weir/routing/json/json_reader.hpp>

#include <simdjson.h>

#include <bitset>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weir::routing::internal {

namespace ondemand = simdjson::ondemand;
using base::described::FieldTable;
using base::described::Kind;
using base::described::Rule;
using base::described::TypeTable;
using simdjson::SUCCESS;

inline constexpr std::size_t kFieldsMax = 256;
/// Which members an object has had. Most have those of the description, in its order: then no more is kept than how
/// many.
struct Members {
  /// False when it has had this one before.
  bool add(std::size_t at) {
    if (are_in_order) {
      for (std::size_t i = 0; i < next; ++i) seen.set(i);
      are_in_order = false;
    }
    if (seen.test(at)) return false;
    seen.set(at);
    return true;
  }
  bool has(std::size_t at) const { return are_in_order ? at < next : seen.test(at); }

  std::size_t next = 0;  ///< In the description, behind the one that came last.
  bool are_in_order = true;
  std::bitset<kFieldsMax + 1> seen;  ///< While they are not; the last is the one of a OneOf, described by none.
};

inline constexpr const char* kNotJson = "It is not valid JSON.";

/// As a JSON string.
std::string as_json(std::string_view text);

/// Reads the values of one document; what is not as it should be goes to `failures`.
///
/// Thread:    one.
/// Ownership: borrows the parser that gave the document, and the failures.
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

  /// Reads a value of `type`; of the member `field`, where it is not null, whose rules it has to keep. False when the
  /// syntax is broken: then nothing more can be read.
  bool read(ondemand::value& value, const TypeTable& type, void* target, const FieldTable* field, const JsonPath* path);

 private:
  bool read_other(ondemand::value& value, const TypeTable& type, void* target, const FieldTable* field,
                  const JsonPath* path);
  bool read_object(ondemand::object object, const TypeTable& type, void* target, const JsonPath* path,
                   std::string_view skipped_name = {});
  bool read_member(ondemand::field& member, const TypeTable& type, void* target, const JsonPath* path, Members& members,
                   std::string_view skipped_name);
  bool find_member(ondemand::field& member, std::span<const FieldTable> fields, const JsonPath* path, std::size_t& at,
                   std::string_view skipped_name);
  bool read_list(ondemand::value& value, const TypeTable& type, void* target, const JsonPath* path);
  bool read_map(ondemand::value& value, const TypeTable& type, void* target, const JsonPath* path);
  struct Tag {
    bool is_there = false;
    bool is_text = false;
    std::string text;
  };
  bool read_one_of(ondemand::value& value, const TypeTable& type, void* target, const JsonPath* path);
  bool find_tag(ondemand::object object, std::string_view discriminator, Tag& tag);
  void refuse_tag(const base::described::OneOfTable& table, bool is_there, const JsonPath* path);
  bool read_text(ondemand::value& value, const TypeTable& type, void* target, const FieldTable* field,
                 const JsonPath* path);
  bool read_number(ondemand::value& value, const TypeTable& type, void* target, const JsonPath* path, bool& is_read);
  template <class Number>
  bool read_whole(ondemand::value& value, void* target, const JsonPath* path, bool& is_read);
  template <class Number>
  bool read_real(ondemand::value& value, void* target, const JsonPath* path, bool& is_read);
  void finish_object(const TypeTable& type, const void* target, const JsonPath* path, const Members& members,
                     std::size_t failures_before);

  /// Not of the type that it should be: says so, and looks through it for broken syntax.
  bool refuse_type(ondemand::value& value, const TypeTable& type, const JsonPath* path);
  bool walk(ondemand::value& value);
  bool walk_object(ondemand::value& value);
  bool walk_members(ondemand::object object);
  bool walk_array(ondemand::value& value);

  bool read_key(ondemand::field& member, std::string_view& key) {
    const char* const begin = member.key().raw() - 1;
    const auto error = member.unescaped_key().get(key);
    return error == SUCCESS || broken(error, begin);
  }
  /// Into memory of its own.
  bool decode(ondemand::raw_json_string string, std::string_view raw, std::string& out);

  bool enter(ondemand::value& value) {
    return ++depth_ <= kJsonDepthMax || broken("It is nested more than 64 levels deep.", value.raw_json_token().data());
  }
  void leave() { --depth_; }
  /// More failures are only counted: words for them would be in vain.
  bool is_full() const { return failures_.kept().size() == Failures::kKeptMax; }
  void fail(std::string_view rule, std::string detail, const JsonPath* path, std::string bounds = {}) {
    if (is_full()) return failures_.add({});
    failures_.add({Place::kBody, pointer_of(path), rule, std::move(detail), std::move(bounds)});
  }
  [[gnu::always_inline]] void check(const FieldTable* field, const TypeTable& type, const void* value,
                                    const JsonPath* path) {
    if (!type.rules.empty()) check_rules(type.rules, type, value, failures_, Place::kBody, Where(path));
    if (field == nullptr || field->rules.empty()) return;
    check_rules(field->rules, type, value, failures_, Place::kBody, Where(path));
  }

  const ondemand::parser& parser_;
  Failures& failures_;
  const char* syntax_error_ = nullptr;
  const char* error_place_ = nullptr;
  int depth_ = 0;
};

}  // namespace weir::routing::internal
