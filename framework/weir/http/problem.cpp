// SPDX-License-Identifier: MIT
#include <weir/http/problem.hpp>

#include <weir/http/json_text.hpp>
#include <weir/http/status.hpp>

namespace weir::http {

Response problem(int status, std::string_view detail) {
  const std::string_view phrase = reason_phrase(status);
  const std::string_view title = phrase.empty() ? "Error" : phrase;
  Response response(status);
  const JsonText body =
      detail.empty() ? object({{"type", "about:blank"}, {"title", title}, {"status", status}})
                     : object({{"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}});
  response.set_problem(body.view());
  return response;
}

}  // namespace weir::http
