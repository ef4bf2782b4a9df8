# SPDX-License-Identifier: MIT
# Compiles SOURCE with COMPILER and holds the outcome against its line "// expect: <part of the message>", or
# "// expect: success". INCLUDE: the folder of the framework's headers.
file(STRINGS ${SOURCE} expectation REGEX "^// expect: " LIMIT_COUNT 1)
string(REPLACE "// expect: " "" expectation "${expectation}")
if(NOT expectation)
  message(FATAL_ERROR "${SOURCE} does not say what it expects")
endif()
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only -I ${INCLUDE} ${SOURCE}
  RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(expectation STREQUAL "success")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${SOURCE} should compile:\n${output}")
  endif()
  return()
endif()
if(result EQUAL 0)
  message(FATAL_ERROR "${SOURCE} compiles; expected: ${expectation}")
endif()
string(FIND "${output}" "${expectation}" at)
if(at EQUAL -1)
  message(FATAL_ERROR "${SOURCE} fails for another reason; expected: ${expectation}\n${output}")
endif()
