// SPDX-License-Identifier: MIT
#include <tests/model/kinds.hpp>

namespace weir::model {

using namespace std::chrono_literals;

std::span<const Kind> kinds() {
  static const std::vector<Kind> kKinds{
      {.name = "nowhere", .statuses = {404}},
      {.name = "inline", .statuses = {200}},
      {.name = "echo", .statuses = {200}, .content = Content::kEchoed},
      {.name = "small-echo", .statuses = {200}, .content = Content::kEchoed, .body_limit = 1000},
      {.name = "throw", .statuses = {500}},
      {.name = "refuse", .statuses = {409}},

      {.name = "pool", .statuses = {200}, .is_bounded = true, .is_slow = true},
      {.name = "pool-echo", .statuses = {200}, .content = Content::kEchoed, .is_bounded = true, .is_slow = true},
      {.name = "small-pool-echo",
       .statuses = {200},
       .content = Content::kEchoed,
       .is_bounded = true,
       .is_slow = true,
       .body_limit = 1000},
      {.name = "pool-throw", .statuses = {500}, .is_bounded = true, .is_slow = true},
      {.name = "block", .statuses = {200}, .is_bounded = true, .is_slow = true},
      {.name = "hold", .statuses = {200}, .is_bounded = true, .is_slow = true},
      {.name = "hasty-block", .statuses = {200}, .is_bounded = true, .is_slow = true, .timeout = 50ms},
      {.name = "hasty-hold", .statuses = {200}, .is_bounded = true, .is_slow = true, .timeout = 50ms},
      {.name = "driven", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true},
      {.name = "hasty-driven", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true, .timeout = 50ms},

      {.name = "ready", .statuses = {200}, .is_bounded = true},
      {.name = "sleep", .statuses = {200}, .is_bounded = true, .sleeps = true},
      {.name = "hasty-sleep", .statuses = {200}, .is_bounded = true, .sleeps = true, .timeout = 50ms},
      {.name = "narrow", .statuses = {200}, .is_bounded = true, .sleeps = true},
      {.name = "nest", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true},
      {.name = "hasty-nest", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true, .timeout = 50ms},
      {.name = "race", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true},
      {.name = "async-throw", .statuses = {500}, .is_bounded = true, .sleeps = true},
      {.name = "ignore-stop", .statuses = {200}, .is_bounded = true, .sleeps = true, .timeout = 50ms},
      {.name = "async-echo", .statuses = {200}, .content = Content::kEchoed, .is_bounded = true, .sleeps = true},
      {.name = "turns", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true, .timeout = 50ms},

      {.name = "offload", .statuses = {200}, .is_bounded = true, .is_slow = true, .sleeps = true},
      {.name = "hasty-offload",
       .statuses = {200},
       .is_bounded = true,
       .is_slow = true,
       .sleeps = true,
       .timeout = 50ms},
      {.name = "offload-block", .statuses = {200}, .is_bounded = true, .is_slow = true},
      {.name = "hasty-offload-block", .statuses = {200}, .is_bounded = true, .is_slow = true, .timeout = 50ms},
      {.name = "hasty-offload-hold", .statuses = {200}, .is_bounded = true, .is_slow = true, .timeout = 50ms},
      {.name = "offload-throw", .statuses = {500}, .is_bounded = true, .is_slow = true},

      {.name = "hooked/inline", .statuses = {200}, .sleeps = true, .is_hooked = true},
      {.name = "hooked/echo", .statuses = {200}, .content = Content::kEchoed, .sleeps = true, .is_hooked = true},
      {.name = "hooked/pool",
       .statuses = {200},
       .is_bounded = true,
       .is_slow = true,
       .sleeps = true,
       .is_hooked = true},
      {.name = "hooked/pool-echo",
       .statuses = {200},
       .content = Content::kEchoed,
       .is_bounded = true,
       .is_slow = true,
       .sleeps = true,
       .is_hooked = true},
      {.name = "hooked/block",
       .statuses = {200},
       .is_bounded = true,
       .is_slow = true,
       .sleeps = true,
       .is_hooked = true,
       .timeout = 50ms},
      {.name = "hooked/sleep", .statuses = {200}, .is_bounded = true, .sleeps = true, .is_hooked = true},
      {.name = "hooked/hasty-sleep",
       .statuses = {200},
       .is_bounded = true,
       .sleeps = true,
       .is_hooked = true,
       .timeout = 50ms},
      {.name = "hooked/async-echo",
       .statuses = {200},
       .content = Content::kEchoed,
       .is_bounded = true,
       .sleeps = true,
       .is_hooked = true},
      {.name = "hooked/offload",
       .statuses = {200},
       .is_bounded = true,
       .is_slow = true,
       .sleeps = true,
       .is_hooked = true},

      {.name = "write", .statuses = {200}, .is_bounded = true, .sleeps = true, .is_stream = true},
      {.name = "write-break", .statuses = {}, .is_bounded = true, .sleeps = true, .is_stream = true},
      {.name = "read", .statuses = {200}, .content = Content::kStreamed, .is_bounded = true, .sleeps = true},
      {.name = "events", .statuses = {200}, .is_bounded = true, .sleeps = true, .is_stream = true},
  };
  return kKinds;
}

std::string content_of(int id, std::size_t bytes) {
  std::string text(bytes, 'i');
  for (std::size_t i = 0; i < bytes; i += 7) text[i] = static_cast<char>('a' + (static_cast<std::size_t>(id) + i) % 26);
  return text;
}

std::string answer_of(int id, std::size_t bytes) {
  return std::to_string(id) + ":" + content_of(id + 1, bytes);
}

}  // namespace weir::model
