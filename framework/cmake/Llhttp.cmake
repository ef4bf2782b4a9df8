# SPDX-License-Identifier: MIT
# llhttp, in strict mode. Debian 12 ships its C sources and no library (package node-llhttp), so we compile them;
# newer systems have find_package(llhttp). Everything that sees the header gets LLHTTP_STRICT_MODE=1: the switch
# changes the parser's error codes and states.

find_package(llhttp QUIET)
if(TARGET llhttp::llhttp OR TARGET llhttp::llhttp_static OR TARGET llhttp::llhttp_shared)
  foreach(candidate llhttp::llhttp_static llhttp::llhttp_shared llhttp::llhttp)
    if(TARGET ${candidate})
      set(WEIR_LLHTTP ${candidate})
      break()
    endif()
  endforeach()
else()
  find_path(WEIR_LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp NO_DEFAULT_PATH)
  find_path(WEIR_LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH)
  weir_require(WEIR_LLHTTP_SOURCE_DIR "llhttp >= 8.1" "node-llhttp")
  add_library(weir_llhttp OBJECT
    ${WEIR_LLHTTP_SOURCE_DIR}/llhttp.c ${WEIR_LLHTTP_SOURCE_DIR}/http.c ${WEIR_LLHTTP_SOURCE_DIR}/api.c)
  target_include_directories(weir_llhttp SYSTEM PUBLIC $<BUILD_INTERFACE:${WEIR_LLHTTP_INCLUDE_DIR}>)
  target_compile_definitions(weir_llhttp PUBLIC LLHTTP_STRICT_MODE=1)
  # The machine-made state table warns about nothing that concerns us.
  target_compile_options(weir_llhttp PRIVATE -w $<$<CONFIG:Release,RelWithDebInfo>:-O3>)
  if(WEIR_X86_64_V2 AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(weir_llhttp PRIVATE -msse4.2)
  endif()
  set(WEIR_LLHTTP weir_llhttp)
endif()
