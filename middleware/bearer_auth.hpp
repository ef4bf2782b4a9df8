// SPDX-License-Identifier: MIT
// Access tokens in the form of JSON Web Tokens.
#pragma once

#include <middleware/jwt.hpp>
#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weir::middleware {
namespace internal {
class RequestClaims;
}

/// `app.use(BearerAuth{{.jwt = {.jwks_file = "/etc/keys.json", .audiences = {"orders"}}}})`: lets a request pass whose
/// Authorization carries a good token; its `sub` becomes the request's principal. See JwtVerifier for what is good, and
/// what it costs.
///
/// A handler that wants claims of its own kind asks the object that the app uses, a copy of which is as good:
///
///     const BearerAuth auth{{.jwt = {.secret = secret}}};
///     app.use(auth);
///     app.get("/me").handle([auth](Context& ctx) { return Response::json_text(auth.claims(ctx)); });
///
/// Answers otherwise: 401 without an error when there is no token; 401 invalid_token when it is not good, which does
/// not say why (the log does, at debug); 400 invalid_request for text that cannot be a token and for several
/// Authorization fields; 403 insufficient_scope. A token in the query or the content is not looked at.
///
/// With a jwks_file one request at each turn waits until the file has been looked at, off the loop; so does one whose
/// token names an unknown key, if the last look is long enough ago. No other request waits.
///
/// Thread: any.
/// Errors: the constructor throws std::invalid_argument as JwtVerifier does, and for a realm or a scope that cannot be.
/// Source: RFC 6750 sections 2.1 and 3.
class BearerAuth {
 public:
  struct Options {
    JwtOptions jwt;
    std::vector<std::string> required_scopes = {};  ///< The token has all of these.
    std::string realm = "api";
  };
  explicit BearerAuth(Options options);

  /// The state of a request that passed: as long as it lives, `claims` knows the request.
  class Passed {
   public:
    Passed() = default;
    Passed(std::shared_ptr<internal::RequestClaims> requests, const routing::Context& context)
        : requests_(std::move(requests)), context_(&context) {}
    Passed(Passed&&) noexcept = default;
    Passed& operator=(Passed&&) = delete;
    ~Passed();

   private:
    std::shared_ptr<internal::RequestClaims> requests_;  // null after a move
    const routing::Context* context_ = nullptr;
  };
  using Before = std::variant<Passed, http::Response>;
  loop::Task<Before> before(routing::Context& context) const;

  /// The claims of the request's token, a JSON object as the issuer wrote it; "" when this middleware, or a copy of it,
  /// has not let the request pass. Thread: any, a pool's too. Ownership: good until the request has ended.
  std::string_view claims(const routing::Context& context) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // of all copies
};

}  // namespace weir::middleware
