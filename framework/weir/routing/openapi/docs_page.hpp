// SPDX-License-Identifier: MIT
// The page that shows an OpenAPI document to people: three static texts, which fetch nothing from elsewhere.
#pragma once

#include <string_view>

namespace weir::routing {

/// For /docs. It refers to docs/style.css and docs/script.js, and reads openapi.json, all relative to its own address:
/// a proxy may put the service below a path.
std::string_view docs_page_html();
std::string_view docs_page_style();
std::string_view docs_page_script();

/// The value of Content-Security-Policy with which the page works: nothing but what it refers to.
inline constexpr std::string_view kDocsPagePolicy =
    "default-src 'none'; connect-src 'self'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

}  // namespace weir::routing
