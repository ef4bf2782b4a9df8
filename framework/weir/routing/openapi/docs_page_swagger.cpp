// SPDX-License-Identifier: MIT
// The same page by Swagger UI (Apache-2.0), compiled instead of docs_page.cpp where WEIR_DOCS_UI is on. It works under
// the same policy. Without that option it is empty: tools look at every source.
#include <weir/routing/openapi/docs_page.hpp>

#include <cstddef>

#ifdef WEIR_SWAGGER_UI

// The assembler puts the files of the package into the program as they are, and behind the script the call that starts
// it.
__asm__(
    ".pushsection .rodata\n"
    ".global weir_docs_style, weir_docs_style_end, weir_docs_script, weir_docs_script_end\n"
    ".hidden weir_docs_style, weir_docs_style_end, weir_docs_script, weir_docs_script_end\n"
    "weir_docs_style:\n"
    ".incbin \"" WEIR_SWAGGER_UI
    "/swagger-ui.css\"\n"
    "weir_docs_style_end:\n"
    "weir_docs_script:\n"
    ".incbin \"" WEIR_SWAGGER_UI
    "/swagger-ui-bundle.js\"\n"
    ".ascii \"\\nSwaggerUIBundle({url: 'openapi.json', dom_id: '#content', deepLinking: true, validatorUrl: null});\"\n"
    "weir_docs_script_end:\n"
    ".popsection\n");

extern "C" {
extern const char weir_docs_style[];
extern const char weir_docs_style_end[];
extern const char weir_docs_script[];
extern const char weir_docs_script_end[];
}

namespace weir::routing {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view docs_page_html() {
  return R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/style.css">
<script src="docs/script.js" defer></script>
</head>
<body>
<noscript><p>This page needs JavaScript. The document is at <a href="openapi.json">openapi.json</a>.</p></noscript>
<main id="content"></main>
</body>
</html>
)html";
}

std::string_view docs_page_style() {
  return between(weir_docs_style, weir_docs_style_end);
}

std::string_view docs_page_script() {
  return between(weir_docs_script, weir_docs_script_end);
}

}  // namespace weir::routing

#endif
