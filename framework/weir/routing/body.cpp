// SPDX-License-Identifier: MIT
#include <weir/routing/body.hpp>

#include <weir/base/text.hpp>
#include <weir/routing/form_reader.hpp>
#include <weir/routing/json/json_reader.hpp>

#include <string>

namespace weir::routing::detail {
namespace {

std::string_view media_type_of(const Context& context) {
  std::string_view field = context.header("content-type").value_or("");
  return base::trim(base::take_until(field, ';'));
}

// application/json, or any type of that syntax. Source: RFC 6839 section 3.1.
bool is_json(std::string_view media_type) {
  constexpr std::string_view kSuffix = "+json";
  if (base::equals_ignoring_case(media_type, "application/json")) return true;
  return media_type.size() > kSuffix.size() &&
         base::equals_ignoring_case(media_type.substr(media_type.size() - kSuffix.size()), kSuffix);
}

void refuse_media_type(std::string_view got, std::string_view wanted, Failures& failures) {
  failures.add({Place::kHeader, "Content-Type", "content-type",
                got.empty() ? "The content has no type; it has to be " + std::string(wanted) + "."
                            : "The content has to be " + std::string(wanted) + ".",
                "\"expected\":\"" + std::string(wanted) + "\"", 415});
}

}  // namespace

void read_body(Context& context, const base::described::TypeTable& type, void* target, Failures& failures) {
  const std::string_view media_type = media_type_of(context);
  if (!is_json(media_type)) return refuse_media_type(media_type, "application/json", failures);
  Failures own;
  if (read_json(context.body(), type, target, own)) return;
  failures.add_all(own);
}

void read_form(Context& context, const base::described::TypeTable& type, void* target, Failures& failures) {
  constexpr std::string_view kFormType = "application/x-www-form-urlencoded";
  const std::string_view media_type = media_type_of(context);
  if (!base::equals_ignoring_case(media_type, kFormType)) return refuse_media_type(media_type, kFormType, failures);
  read_form_text(context.body(), type, target, failures);
}

}  // namespace weir::routing::detail
