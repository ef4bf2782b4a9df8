// SPDX-License-Identifier: MIT
#include <weir/app/test_response.hpp>

#include <weir/base/text.hpp>

#include <nlohmann/json.hpp>

namespace weir::app {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const TestResponse& response, const std::string& expected, const std::source_location& where) {
  throw ExpectationFailed(std::string(where.file_name()) + ":" + std::to_string(where.line()) + ": expected " +
                          expected + "\n  the answer was " + std::to_string(response.status) + ": " + response.body);
}

json parse(const TestResponse& response, std::string_view text, const char* what, const std::source_location& where) {
  json parsed = json::parse(text, nullptr, false);
  if (parsed.is_discarded()) fail(response, std::string(what) + " to be JSON: " + std::string(text), where);
  return parsed;
}

}  // namespace

std::optional<std::string> TestResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (base::equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

const TestResponse& TestResponse::expect_status(int expected, Location where) const {
  if (status != expected) fail(*this, "status " + std::to_string(expected), where);
  return *this;
}

const TestResponse& TestResponse::expect_header(std::string_view name, std::string_view expected,
                                                Location where) const {
  const auto value = header(name);
  if (value != expected) {
    fail(*this, std::string(name) + ": " + std::string(expected) + ", got " + value.value_or("no such field"), where);
  }
  return *this;
}

const TestResponse& TestResponse::expect_no_header(std::string_view name, Location where) const {
  if (const auto value = header(name)) fail(*this, "no " + std::string(name) + ", got " + *value, where);
  return *this;
}

const TestResponse& TestResponse::expect_body(std::string_view expected, Location where) const {
  if (body != expected) fail(*this, "the content " + std::string(expected), where);
  return *this;
}

const TestResponse& TestResponse::expect_body_contains(std::string_view part, Location where) const {
  if (body.find(part) == std::string::npos) fail(*this, "a content with " + std::string(part), where);
  return *this;
}

const TestResponse& TestResponse::expect_json(std::string_view expected, Location where) const {
  return expect_json_at("", expected, where);
}

const TestResponse& TestResponse::expect_json_at(std::string_view pointer, std::string_view expected,
                                                 Location where) const {
  const json actual = parse(*this, body, "the content", where);
  const json wanted = parse(*this, expected, "the expectation", where);
  const json::json_pointer at{std::string(pointer)};
  if (!actual.contains(at) || actual.at(at) != wanted) {
    fail(*this, std::string(expected) + (pointer.empty() ? "" : " at " + std::string(pointer)), where);
  }
  return *this;
}

const TestResponse& TestResponse::expect_invalid(int expected_status, std::string_view where_wrong,
                                                 Location where) const {
  expect_status(expected_status, where).expect_header("Content-Type", "application/problem+json", where);
  const json problem = parse(*this, body, "the content", where);
  for (const json& error : problem.value("errors", json::array())) {
    if (error.value("pointer", "-") == where_wrong || error.value("name", "-") == where_wrong) return *this;
  }
  fail(*this, "an error at " + std::string(where_wrong), where);
}

}  // namespace weir::app
