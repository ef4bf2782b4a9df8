// SPDX-License-Identifier: MIT
// What is known of a C++ type at run time, as constant tables: the engines that read, write, check and document
// described types are ordinary functions over these.
#pragma once

#include <weir/base/described/rule.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace weir::base::described {

struct TypeTable;

enum class Kind : unsigned char {
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
  kString,
  kText,      ///< Of a type that reads itself from text: TextTable.
  kEnum,      ///< EnumTable
  kOptional,  ///< OptionalTable
  kList,      ///< ListTable
  kMap,       ///< MapTable, from text
  kObject,    ///< ObjectTable
  kOneOf,     ///< OneOfTable
  kDocument,  ///< DocumentTable: any JSON.
};

/// The front of a member's name in JSON, with the quote behind it where that has room: most names are told apart by one
/// comparison of a word.
class NameFront {
 public:
  constexpr NameFront() = default;
  constexpr explicit NameFront(std::string_view name) : is_whole_(name.size() < kBytes) {
    for (std::size_t i = 0; i < kBytes && i <= name.size(); ++i) {
      bytes_[i] = i == name.size() ? '"' : name[i];
      mask_[i] = '\xff';
    }
  }
  /// `text` has eight bytes or more: what stands behind the first quote of a string of JSON.
  bool is_front_of(const char* text) const {
    std::uint64_t word = 0;
    std::memcpy(&word, text, kBytes);
    return (word & std::bit_cast<std::uint64_t>(mask_)) == std::bit_cast<std::uint64_t>(bytes_);
  }
  /// It is all of the name.
  constexpr bool is_whole() const { return is_whole_; }

 private:
  static constexpr std::size_t kBytes = 8;
  std::array<char, kBytes> bytes_{};
  std::array<char, kBytes> mask_{};
  bool is_whole_ = true;
};

struct FieldTable {
  std::string_view name;
  NameFront front;  ///< Of `name`.
  const TypeTable* type = nullptr;
  void* (*get)(void* object) = nullptr;
  std::span<const Rule> rules;
  bool is_required = true;
};

/// A condition on a whole object.
struct CheckTable {
  std::string_view text;  ///< What holds, in words.
  bool (*holds)(const void* object) = nullptr;
};

struct ObjectTable {
  std::span<const FieldTable> fields;
  std::span<const CheckTable> checks;
  /// Calls `then` with an object as it is when it is new; null where a type has no such.
  void (*with_new)(void* context, void (*then)(void* context, const void* object)) = nullptr;
};

struct ListTable {
  const TypeTable* item = nullptr;
  std::size_t fixed_size = 0;  ///< Of std::array; 0: grows.
  void (*clear)(void* list) = nullptr;
  void* (*append)(void* list, std::size_t index) = nullptr;  ///< Null when it is full.
  std::size_t (*size)(const void* list) = nullptr;
  const void* (*at)(const void* list, std::size_t index) = nullptr;
};

struct MapTable {
  const TypeTable* value = nullptr;
  void (*clear)(void* map) = nullptr;
  void* (*insert)(void* map, std::string_view key) = nullptr;  ///< Null when the key is there.
  std::size_t (*size)(const void* map) = nullptr;
  void (*each)(const void* map, void* context,
               void (*then)(void* context, std::string_view key, const void* value)) = nullptr;
};

struct OptionalTable {
  const TypeTable* inner = nullptr;
  void (*reset)(void* optional) = nullptr;
  void* (*emplace)(void* optional) = nullptr;
  const void* (*get)(const void* optional) = nullptr;  ///< Null when empty.
};

struct Enumerator {
  std::string_view name;
  std::int64_t value = 0;
};

struct EnumTable {
  std::span<const Enumerator> enumerators;
  void (*set)(void* target, std::int64_t value) = nullptr;
  std::int64_t (*get)(const void* value) = nullptr;
};

struct TextTable {
  std::string_view format;  ///< As JSON Schema names it; "" for none.
  bool (*parse)(std::string_view text, void* target) = nullptr;
  void (*write)(const void* value, std::string& out) = nullptr;
  const char* expected = "";  ///< "a UUID", for whoever got it wrong.
};

struct Alternative {
  std::string_view tag;
  const TypeTable* type = nullptr;
};

struct OneOfTable {
  std::string_view discriminator;
  std::span<const Alternative> alternatives;
  void* (*emplace)(void* one_of, std::size_t index) = nullptr;
  std::size_t (*index)(const void* one_of) = nullptr;
  const void* (*get)(const void* one_of) = nullptr;
};

struct DocumentTable {
  bool (*parse)(std::string_view json, void* target) = nullptr;
  void (*write)(const void* value, std::string& out) = nullptr;
};

/// One of the pointers is set, by `kind`; none for booleans, numbers and strings.
struct TypeTable {
  Kind kind = Kind::kBool;
  std::string_view name;        ///< "Report", without its namespaces; "" for what needs none.
  std::span<const Rule> rules;  ///< Of the type itself, wherever it stands.
  const ObjectTable* object = nullptr;
  const ListTable* list = nullptr;
  const MapTable* map = nullptr;
  const OptionalTable* optional = nullptr;
  const EnumTable* enumeration = nullptr;
  const TextTable* text = nullptr;
  const OneOfTable* one_of = nullptr;
  const DocumentTable* document = nullptr;
};

}  // namespace weir::base::described
