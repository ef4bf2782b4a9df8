// SPDX-License-Identifier: MIT
// The schemas of one document: those of objects and enums stand apart, under names, and are referred to.
#pragma once

#include <weir/base/described/type_table.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

namespace weir::routing::internal {

/// Members stay in the order in which they are added.
using Json = nlohmann::ordered_json;
using base::described::Rule;
using base::described::TypeTable;

class Schemas {
 public:
  /// `where` is the place of the named ones in the document: "#/components/schemas/".
  explicit Schemas(std::string_view where) : where_(where) {}

  /// The schema of a value of `type` to which `rules` apply, named ones as a reference.
  Json of(const TypeTable& type, std::span<const Rule> rules = {});
  /// The same for an object that comes as a form, where a list without items cannot be told from none.
  Json of_form(const TypeTable& type);

  /// Adds a schema that is of no described type.
  void add(std::string name, Json schema) { named_[std::move(name)] = std::move(schema); }
  Json reference(std::string_view name) const { return {{"$ref", where_ + std::string(name)}}; }
  /// All named ones, by name.
  Json all() const;

 private:
  /// The same type looks different as an alternative of a OneOf (it has a discriminator), and as a form.
  struct Variant {
    std::string_view discriminator = {};
    std::string_view tag = {};
    bool is_form = false;
  };
  using Key = std::tuple<const TypeTable*, std::string_view, std::string_view, bool>;

  Json unruled(const TypeTable& type);
  Json named(const TypeTable& type, const Variant& variant);
  Json object_of(const TypeTable& type, const Variant& variant);
  Json one_of(const TypeTable& type);
  std::string free_name(const std::string& wanted) const;

  std::string where_;
  std::map<Key, std::string> names_;
  std::map<std::string, Json> named_;
};

/// A name of a C++ type as one that a component may have: "Page<shop::Item>" is "Page_Item".
std::string component_name(std::string_view type_name);

}  // namespace weir::routing::internal
