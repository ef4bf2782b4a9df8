// SPDX-License-Identifier: MIT
#include <weir/routing/failures.hpp>

#include <weir/base/json_string.hpp>
#include <weir/http/json_text.hpp>
#include <weir/http/problem.hpp>
#include <weir/http/status.hpp>
#include <weir/routing/json/json_path.hpp>

#include <algorithm>
#include <utility>

namespace weir::routing {

std::string_view to_string(Place place) {
  switch (place) {
    case Place::kPath:
      return "path";
    case Place::kQuery:
      return "query";
    case Place::kHeader:
      return "header";
    case Place::kCookie:
      return "cookie";
    case Place::kForm:
      return "form";
    case Place::kBody:
      break;
  }
  return "body";
}

std::string Where::text() const {
  return path_ != nullptr ? pointer_of(path_) : std::string(name_);
}

void Failures::add(Failure failure) {
  ++count_;
  status_ = std::min(status_, failure.status);
  if (kept_.size() < kKeptMax) kept_.push_back(std::move(failure));
}

void Failures::add_all(const Failures& others) {
  for (const Failure& failure : others.kept_) add(failure);
  count_ += others.count_ - others.kept_.size();
  status_ = std::min(status_, others.status_);
}

namespace {

std::string summary_of(const Failures& failures) {
  if (failures.count() == 1) {
    const Failure& only = failures.kept().front();
    const bool is_inside = (only.place == Place::kBody || only.place == Place::kForm) && !only.where.empty();
    return is_inside ? only.where + ": " + only.detail : only.detail;
  }
  return std::to_string(failures.count()) + " values of the request are not valid.";
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, text);
  out += ',';
}

void append_failure(std::string& out, const Failure& failure) {
  out += '{';
  append_member(out, "in", to_string(failure.place));
  append_member(out, failure.place == Place::kBody ? "pointer" : "name", failure.where);
  append_member(out, "rule", failure.rule);
  if (!failure.bounds.empty()) out.append(failure.bounds).append(",");
  append_member(out, "detail", failure.detail);
  out.back() = '}';
}

}  // namespace

InvalidRequest::InvalidRequest(Failures failures)
    : HttpError(failures.status(), summary_of(failures)),
      failures_(std::make_shared<const Failures>(std::move(failures))) {}

http::Response problem_of(const InvalidRequest& error) {
  const int status = error.status();
  std::string body = R"({"type":"about:blank",)";
  append_member(body, "title", http::reason_phrase(status));
  body.append(R"("status":)").append(std::to_string(status)).append(",");
  append_member(body, "detail", error.what());
  body += R"("errors":[)";
  for (const Failure& failure : error.failures().kept()) {
    append_failure(body, failure);
    body += ',';
  }
  body.back() = ']';
  body += '}';
  http::Response response(status);
  response.set_problem(body);
  return response;
}

}  // namespace weir::routing
