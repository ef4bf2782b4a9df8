// SPDX-License-Identifier: MIT
// Why a message was refused by the codec, before any route saw it.
#pragma once

#include <string_view>

namespace weir::http {

/// A status and a constant reason: nothing of the message is in it, so it may be answered and counted as it is.
struct Refusal {
  int status = 400;
  std::string_view reason = "malformed-request";  ///< Short, for the metric's label and the log.
  std::string_view detail = "";                   ///< One sentence, for the client.
};

}  // namespace weir::http
