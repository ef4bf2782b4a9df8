// SPDX-License-Identifier: MIT
// The client that handlers of one loop share.
#pragma once

#include <weir/http/client/client.hpp>
#include <weir/loop/loop.hpp>

namespace weir::http {

/// Made when a loop's first request goes out, so that connections are kept from one handler to the next; ends with the
/// loop.
///
/// Thread: loop thread.
class LoopClient final : public loop::LoopExtension {
 public:
  explicit LoopClient(loop::Loop& loop) : client_(loop) {}

  /// That of the loop that the calling thread runs.
  static Client& current() { return loop::Loop::current().extension<LoopClient>().client_; }

 private:
  Client client_;
};

}  // namespace weir::http
