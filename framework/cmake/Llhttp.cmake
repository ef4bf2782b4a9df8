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
  set(WEIR_LLHTTP_SOURCES
    ${WEIR_LLHTTP_SOURCE_DIR}/llhttp.c ${WEIR_LLHTTP_SOURCE_DIR}/http.c ${WEIR_LLHTTP_SOURCE_DIR}/api.c)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_BUILD_TYPE STREQUAL "Release")
    # The three files optimised as one, into a plain object: between the state table and our callbacks stand a dozen
    # tiny functions per request that are inlined this way. (No unity build: their declarations of each other differ.)
    set(llhttp_object ${CMAKE_CURRENT_BINARY_DIR}/llhttp.o)
    separate_arguments(llhttp_flags UNIX_COMMAND "${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_RELEASE}")
    add_custom_command(OUTPUT ${llhttp_object} DEPENDS ${WEIR_LLHTTP_SOURCES} VERBATIM COMMAND_EXPAND_LISTS
      COMMAND ${CMAKE_C_COMPILER} ${llhttp_flags} -O3 -fPIC -fno-semantic-interposition -w -DLLHTTP_STRICT_MODE=1 -I${WEIR_LLHTTP_INCLUDE_DIR}
              $<$<BOOL:${WEIR_X86_64_V2}>:-msse4.2> -flto -flinker-output=nolto-rel -r -nostdlib
              ${WEIR_LLHTTP_SOURCES} -o ${llhttp_object})
    set_source_files_properties(${llhttp_object} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
    set(WEIR_LLHTTP_OBJECTS ${llhttp_object})
    add_library(weir_llhttp INTERFACE)
    target_include_directories(weir_llhttp SYSTEM INTERFACE $<BUILD_INTERFACE:${WEIR_LLHTTP_INCLUDE_DIR}>)
    target_compile_definitions(weir_llhttp INTERFACE LLHTTP_STRICT_MODE=1)
  else()
    add_library(weir_llhttp OBJECT ${WEIR_LLHTTP_SOURCES})
    set(WEIR_LLHTTP_OBJECTS $<TARGET_OBJECTS:weir_llhttp>)
    target_include_directories(weir_llhttp SYSTEM PUBLIC $<BUILD_INTERFACE:${WEIR_LLHTTP_INCLUDE_DIR}>)
    target_compile_definitions(weir_llhttp PUBLIC LLHTTP_STRICT_MODE=1)
    # The machine-made state table warns about nothing that concerns us.
    target_compile_options(weir_llhttp PRIVATE -w $<$<CONFIG:Release,RelWithDebInfo>:-O3>)
    if(WEIR_X86_64_V2 AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
      target_compile_options(weir_llhttp PRIVATE -msse4.2)
    endif()
  endif()
  set(WEIR_LLHTTP weir_llhttp)
endif()
