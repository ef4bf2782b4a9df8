// SPDX-License-Identifier: MIT
// What a TestClient got back, and what a test expects of it.
#pragma once

#include <optional>
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::app {

/// An expectation of a test that was not met; says what was expected where, and what came.
class ExpectationFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An answer. The expectations can be chained, and work with any test framework:
///
///     client.post("/books", R"({"title":"x"})", {{"Content-Type", "application/json"}})
///         .expect_status(422)
///         .expect_json_at("/errors/0/pointer", R"("/pages")");
///
/// Errors: they throw ExpectationFailed.
struct TestResponse {
  using Location = std::source_location;

  int status = 0;  ///< 0: no answer came, or not all of it.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The first field of that name, in any case.
  std::optional<std::string> header(std::string_view name) const;

  const TestResponse& expect_status(int expected, Location where = Location::current()) const;
  const TestResponse& expect_header(std::string_view name, std::string_view expected,
                                    Location where = Location::current()) const;
  const TestResponse& expect_no_header(std::string_view name, Location where = Location::current()) const;
  const TestResponse& expect_body(std::string_view expected, Location where = Location::current()) const;
  const TestResponse& expect_body_contains(std::string_view part, Location where = Location::current()) const;
  /// The same JSON, whatever the order of members and the white space.
  const TestResponse& expect_json(std::string_view expected, Location where = Location::current()) const;
  /// The same for the part that `pointer` names (RFC 6901).
  const TestResponse& expect_json_at(std::string_view pointer, std::string_view expected,
                                     Location where = Location::current()) const;
  /// A problem+json of that status that names `where_wrong`, a JSON pointer or a parameter's name, among its errors.
  const TestResponse& expect_invalid(int expected_status, std::string_view where_wrong,
                                     Location where = Location::current()) const;
};

}  // namespace weir::app
