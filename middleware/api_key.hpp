// SPDX-License-Identifier: MIT
// Keys that programs send along.
#pragma once

#include <weir/http/response.hpp>
#include <weir/routing/context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::middleware {

/// `app.use(ApiKey{{.keys = {{.key = "kq7...", .owner = "billing"}}}})`: lets a request pass that carries a known key,
/// whose owner becomes its principal. Others get 401 with a challenge; a key that is sent twice is a 400.
///
/// Keys are kept as digests, and found by them: the time says nothing about how much of a key was right. An owner may
/// have several, so that one can be replaced without a gap.
///
/// Thread: any; never waits.
/// Errors: the constructor throws std::invalid_argument for no key at all, a key of fewer than 16 or more than 256
///         bytes, a key without an owner, the same key twice, and names that cannot be.
/// Source: RFC 9110 section 11.6.1 for the challenge, whose scheme "ApiKey" is ours: there is no standard one.
class ApiKey {
 public:
  /// By one of two forms.
  struct Key {
    std::string key = {};  ///< Only its digest is kept. Make it of 128 random bits or more: openssl rand -hex 32
    std::string owner = {};
    std::string key_sha256 = {};  ///< Instead: SHA-256 of the key in hexadecimal, so that the configuration holds none.
  };

  struct Options {
    std::vector<Key> keys;
    std::string header = "X-API-Key";
    /// A parameter of the query that may carry the key, too; "": none may. That is worse: targets end up in logs,
    /// histories and Referer fields.
    std::string query = {};
    std::string realm = "api";
  };
  explicit ApiKey(const Options& options);

  std::optional<http::Response> before(routing::Context& context) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // copies of this object share it
};

}  // namespace weir::middleware
