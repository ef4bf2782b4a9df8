// SPDX-License-Identifier: MIT
// The kinds of requests that the model sends, one for each route, and what they may be answered with.
#pragma once

#include <weir/routing/group.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::model {

class Machine;

/// What `POST` kinds say about their content.
enum class Content : unsigned char { kNone, kEchoed, kStreamed };

struct Kind {
  std::string_view name;  ///< GET or POST /name/{id}
  std::vector<int> statuses;
  Content content = Content::kNone;
  bool is_bounded = false;               ///< Its lane may be full: 503.
  bool is_slow = false;                  ///< Its time may pass: 504.
  bool sleeps = false;                   ///< `ms` of the query says how long.
  bool is_hooked = false;                ///< Behind a hook that waits, and answers or throws when told to.
  bool is_stream = false;                ///< Its answer goes in pieces, and may break off.
  std::chrono::milliseconds timeout{0};  ///< Its route's own; 0: that of the limits.
  std::uint64_t body_limit = 0;          ///< Likewise.
};

/// All of them.
std::span<const Kind> kinds();

/// The content of a request.
std::string content_of(int id, std::size_t bytes);
/// The content of an answer of 200.
std::string answer_of(int id, std::size_t bytes);

/// Declares a route for each kind but "nowhere", with hooks around them that write into the machine's ledger.
void declare_routes(routing::Group app, Machine& machine);
/// Those that answer or read in pieces.
void declare_streams(routing::Group app, Machine& machine);

}  // namespace weir::model
