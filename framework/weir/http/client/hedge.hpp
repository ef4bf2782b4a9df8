// SPDX-License-Identifier: MIT
// Asks a second time when the first answer is late, and takes whichever comes first.
#pragma once

#include <weir/http/client/client_middleware.hpp>

#include <chrono>
#include <vector>

namespace weir::http {

struct HedgeOptions {
  /// After so long without an answer the request is sent once more. The service's 95th percentile costs it 5 % of
  /// load and cuts off what is slower.
  std::chrono::nanoseconds delay{0};
  /// An answer of these does not win as long as the other request may bring a better one.
  std::vector<int> statuses{502, 503, 504};
};

/// `app.http_client().use(weir::Hedge{{.delay = 80ms}})`: cuts off the slowest answers, where a service has several
/// instances or is slow by chance. Not for a service that is slow under load: it gets more of it.
///
/// The second request is for what may be repeated alone (ClientRequest::may_be_repeated) and counts against the
/// client's RetryBudget. The first answer wins; the other request is stopped, and its connection closed. When one of
/// them fails the other decides; when both do, the first failure is given. A first request that fails before `delay`
/// is not repeated: that is Retry's to do. What was stopped may have arrived all the same, and be done later than what
/// the caller does next: a PUT for which that matters says `is_idempotent = false`.
///
/// Thread:    loop thread of its client.
/// Cancel:    stops both.
/// Errors:    the constructor throws std::invalid_argument for a delay that is not above zero.
class Hedge {
 public:
  explicit Hedge(HedgeOptions options);

  loop::Task<ClientResponse> send(ClientRequest request, ClientNext next);

 private:
  loop::Task<ClientResponse> send_both(ClientRequest request, ClientNext next);

  HedgeOptions options_;
};

}  // namespace weir::http
