// SPDX-License-Identifier: MIT
// User names and passwords, as browsers and curl send them.
#pragma once

#include <weir/http/response.hpp>
#include <weir/loop/task.hpp>
#include <weir/routing/context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {

/// A user whom BasicAuth lets in, by one of two forms of his password.
struct BasicCredential {
  std::string user;           ///< Not empty, no colon, no control characters, UTF-8.
  std::string password = {};  ///< Only its digest is kept.
  /// Instead: SHA-256 of the password in hexadecimal, so that the configuration holds none. For long random passwords
  /// only: whoever reads the digest tries millions of short ones a second.
  std::string password_sha256 = {};
};

/// `app.use(BasicAuth{{.credentials = {{"ann", "correct horse battery"}}}})`: lets a request pass that carries the name
/// and password of a known user, who becomes its principal. Others get 401 with a challenge; more than one
/// Authorization field is a 400.
///
/// An unknown user and a wrong password take the same steps: name and password become one digest, and that is looked
/// up. Texts are compared byte by byte, without Unicode normalisation. Passwords travel readable: use it behind TLS.
/// Nothing slows down guessing: put a RateLimit before it.
///
/// Thread: any; never waits.
/// Errors: the constructor throws std::invalid_argument for a user or a realm that cannot be, for a user without
///         a password or with two forms of it, for a duplicate, and where there is neither a credential nor a verifier
///         or both.
/// Source: RFC 7617.
class BasicAuth {
 public:
  /// Whether that is the user's password. Called on several loops at once: it must not block, and should compare in
  /// constant time. One that has to ask a database or to compute a slow hash belongs into AsyncBasicAuth.
  using Verifier = std::function<bool(std::string_view user, std::string_view password)>;

  struct Options {
    std::vector<BasicCredential> credentials = {};
    Verifier verifier = {};     ///< Instead of credentials.
    std::string realm = "api";  ///< What the client shows when it asks for a password.
  };
  explicit BasicAuth(Options options);

  std::optional<http::Response> before(routing::Context& context) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // copies of this object share it
};

/// The same with a verifier that may wait:
///
///     app.use(AsyncBasicAuth{{.verifier = [cpu](Context& ctx, std::string user, std::string password) -> Task<bool> {
///       const bool is_right = co_await ctx.offload(cpu, check_scrypt, user, password);
///       co_return is_right;
///     }}});
class AsyncBasicAuth {
 public:
  /// What it throws is answered as what a handler throws.
  using Verifier = std::function<loop::Task<bool>(routing::Context&, std::string user, std::string password)>;

  struct Options {
    Verifier verifier;
    std::string realm = "api";
  };
  explicit AsyncBasicAuth(Options options);

  loop::Task<std::optional<http::Response>> before(routing::Context& context) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;  // copies of this object share it
};

}  // namespace weir::middleware
