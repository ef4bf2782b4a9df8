# SPDX-License-Identifier: MIT
# The page at /docs: our own, or Swagger UI, which also tries requests out and is 2 MB larger.

option(WEIR_DOCS_UI "Show /docs by Swagger UI, from tools/openapi/node_modules, in place of our own page" OFF)
set(docs_folder ${PROJECT_SOURCE_DIR}/framework/weir/routing/openapi)
if(WEIR_DOCS_UI)
  set(swagger_ui ${PROJECT_SOURCE_DIR}/tools/openapi/node_modules/swagger-ui-dist)
  if(NOT EXISTS ${swagger_ui}/swagger-ui-bundle.js)
    message(FATAL_ERROR "WEIR_DOCS_UI needs Swagger UI: npm ci --ignore-scripts --prefix ${PROJECT_SOURCE_DIR}/tools/openapi")
  endif()
  target_sources(weir_routing PRIVATE ${docs_folder}/docs_page_swagger.cpp)
  set_source_files_properties(${docs_folder}/docs_page_swagger.cpp PROPERTIES
    COMPILE_DEFINITIONS "WEIR_SWAGGER_UI=\"${swagger_ui}\""
    OBJECT_DEPENDS "${swagger_ui}/swagger-ui.css;${swagger_ui}/swagger-ui-bundle.js")
else()
  target_sources(weir_routing PRIVATE ${docs_folder}/docs_page.cpp)
endif()
