// SPDX-License-Identifier: MIT
// Access tokens in the form of JSON Web Tokens.
#pragma once

#include <middleware/jwt.hpp>
#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/context.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::middleware {
/// `app.use(BearerAuth{{.jwt = {.jwks_file = "/etc/keys.json", .audiences = {"orders"}}}})`: lets a request pass whose
/// Authorization carries a good token; its `sub` becomes the request's principal. See JwtVerifier for what is good, and
/// what it costs.
///
/// A handler or a hook that wants claims of its own kind finds the whole token attached to the request:
///
///     app.get("/me").handle([](Context& ctx) { return Response::json_text(ctx.attached<VerifiedJwt>()->claims); });
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

  loop::Task<std::optional<http::Response>> before(routing::Context& context) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // of all copies
};

}  // namespace weir::middleware
