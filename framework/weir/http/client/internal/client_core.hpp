// SPDX-License-Identifier: MIT
// What the transfers of one client share.
#pragma once

#include <weir/http/client/client.hpp>
#include <weir/http/client/internal/curl_library.hpp>
#include <weir/http/client/internal/curl_multi.hpp>
#include <weir/http/client/internal/transfer_queue.hpp>

namespace weir::http::internal {

/// When the time of a request is up that is sent now.
base::TimePoint deadline_of(const ClientRequest& request, base::TimePoint now);

/// The parts behind a Client, in the order of their making.
///
/// Thread: loop thread only.
class ClientCore final : private CurlMulti::Events {
 public:
  ClientCore(loop::Loop& loop, ClientOptions options);

  loop::Loop& loop() { return loop_; }
  const ClientOptions& options() const { return options_; }
  CurlMulti& multi() { return multi_; }
  TransferQueue& queue() { return queue_; }

  /// Sends it, and follows as many redirects as it allows.
  loop::Task<ClientResponse> send(ClientRequest request);

 private:
  void on_done(CURL* easy, CURLcode result) noexcept override;

  loop::Loop& loop_;
  ClientOptions options_;
  CurlLibrary library_;
  CurlMulti multi_;
  TransferQueue queue_;  // last: its destructor checks that no transfer is left
};

}  // namespace weir::http::internal
