// SPDX-License-Identifier: MIT
// What a handler takes from a request and gives back, as constant tables: for checks at start and documentation.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/routing/failures.hpp>

#include <span>
#include <string>
#include <string_view>

namespace weir::routing {

/// A value that a parameter of a handler is made of.
struct ParameterInfo {
  Place place = Place::kQuery;
  std::string_view name;
  const base::described::TypeTable* type = nullptr;  ///< Of one value.
  bool is_required = true;
  bool is_repeated = false;
  void (*append_default)(std::string& json) = nullptr;  ///< Null: has none.
};

/// The content that a handler reads.
struct ContentInfo {
  std::string_view media_type;
  const base::described::TypeTable* type = nullptr;  ///< Null: not described.
};

/// What a handler answers when all is well.
struct ResultInfo {
  int status = 200;
  std::string_view media_type;                       ///< "" for no content, or where nothing is known.
  const base::described::TypeTable* type = nullptr;  ///< Null: not described.
  bool may_be_missing = false;                       ///< 404 besides.
};

struct StateKey;

/// One for each signature.
struct Operation {
  std::span<const ParameterInfo> parameters;
  std::span<const ContentInfo> contents;
  std::span<const StateKey* const> states;  ///< What the app has to provide.
  ResultInfo result;
};

}  // namespace weir::routing
