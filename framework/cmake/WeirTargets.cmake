# SPDX-License-Identifier: MIT
# How our own targets are compiled: warnings, sanitizers, and one library per floor.

add_library(weir_warnings INTERFACE)
target_compile_options(weir_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-qual
  -Woverloaded-virtual -Wextra-semi -Wimplicit-fallthrough>
  # g++ 12 warns of overlaps in std::string's own code that cannot happen (GCC bug 105329).
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<BOOL:${WEIR_WERROR}>:-Werror>)

if(WEIR_SANITIZE)
  add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  if(WEIR_SANITIZE MATCHES "undefined")
    # This check opens a pipe to look at memory, and so fails in the tests that run out of descriptors.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()
if(WEIR_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)  # what the fuzzer cannot see it does not explore
endif()

# weir_floor(NAME SOURCES ... USES floors ... PRIVATE libraries ...)
# A static library weir_NAME with the alias weir::NAME. USES: the floors whose headers its own headers include.
function(weir_floor name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(weir_${name} STATIC ${ARG_SOURCES})
  add_library(weir::${name} ALIAS weir_${name})
  set_target_properties(weir_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(weir_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/framework> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(weir_${name} PUBLIC cxx_std_20)
  foreach(floor IN LISTS ARG_USES)
    target_link_libraries(weir_${name} PUBLIC weir_${floor})
  endforeach()
  target_link_libraries(weir_${name} PRIVATE ${ARG_PRIVATE} $<BUILD_INTERFACE:weir_warnings>)
  install(TARGETS weir_${name} EXPORT weirTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endfunction()
