// SPDX-License-Identifier: MIT
// What is wrong with a request, all of it at once.
#pragma once

#include <weir/base/described/type_table.hpp>
#include <weir/http/response.hpp>
#include <weir/routing/http_error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weir::routing {

/// Where a value of a request stands.
enum class Place : unsigned char { kPath, kQuery, kHeader, kCookie, kBody, kForm };
std::string_view to_string(Place place);

/// One value that is not as it has to be.
struct Failure {
  Place place = Place::kBody;
  std::string where;      ///< The parameter's name; for JSON the pointer (RFC 6901), "" for the whole document.
  std::string_view rule;  ///< "required", "type", "length", "range" ...: the name of what was broken.
  std::string detail;     ///< One sentence for people.
  std::string bounds;     ///< Members of a JSON object: `"min":1,"max":200`; "" for none.
  int status = 422;       ///< 400 where not even the syntax holds.
};

/// Collects them; costs nothing while there are none.
class Failures {
 public:
  /// More are counted, but not kept.
  static constexpr std::size_t kKeptMax = 50;

  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  void add(Failure failure);
  void add_all(const Failures& others);
  std::span<const Failure> kept() const { return kept_; }
  /// 400 if one of them is that, else 415 or 422.
  int status() const { return status_; }

 private:
  std::vector<Failure> kept_;
  std::size_t count_ = 0;
  int status_ = 422;
};

/// Thrown by extractors; answered as problem+json with a member `errors` that names every failure.
class InvalidRequest final : public HttpError {
 public:
  explicit InvalidRequest(Failures failures);
  const Failures& failures() const { return *failures_; }

 private:
  std::shared_ptr<const Failures> failures_;  // an exception has to be copied without throwing
};

http::Response problem_of(const InvalidRequest& error);

/// Names for failure messages: "an integer", "text", "a list".
std::string expected_of(const base::described::TypeTable& type);

struct JsonPath;

/// The place of a value, in words only when somebody asks.
class Where {
 public:
  explicit Where(std::string_view name) : name_(name) {}
  explicit Where(const JsonPath* path) : path_(path) {}
  std::string text() const;

 private:
  std::string_view name_;
  const JsonPath* path_ = nullptr;
};

/// Checks `value`, which is of `type`, against `rules`; false, with failures, where one is broken.
bool check_rules(std::span<const base::described::Rule> rules, const base::described::TypeTable& type,
                 const void* value, Failures& failures, Place place, Where where);

}  // namespace weir::routing
