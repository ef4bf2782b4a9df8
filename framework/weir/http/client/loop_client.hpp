// SPDX-License-Identifier: MIT
// The client that handlers of one loop share.
#pragma once

#include <weir/http/client/client.hpp>
#include <weir/loop/loop.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace weir::http {

/// Made when a loop's first request goes out, so that connections are kept from one handler to the next; ends with the
/// loop.
///
/// Thread: loop thread.
class LoopClient final : public loop::LoopExtension {
 public:
  explicit LoopClient(loop::Loop& loop) : loop_(loop) {}

  /// That of the loop that the calling thread runs, with the middleware of `chain`: one for each chain, as a rule that
  /// of the one app that the loop belongs to, which counts in `metrics`.
  static Client& current(const std::shared_ptr<const ClientChain>& chain, base::Metrics& metrics) {
    return loop::Loop::current().extension<LoopClient>().client_of(chain, metrics);
  }

 private:
  Client& client_of(const std::shared_ptr<const ClientChain>& chain, base::Metrics& metrics);

  loop::Loop& loop_;
  std::vector<std::pair<std::shared_ptr<const ClientChain>, std::unique_ptr<Client>>> clients_;
};

}  // namespace weir::http
