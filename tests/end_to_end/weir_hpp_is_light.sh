#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# weir_hpp_is_light.sh CXX INCLUDE_DIR: whoever includes <weir/weir.hpp> compiles no JSON library, no spdlog and no header
# of a C library.
set -euo pipefail
heavy='nlohmann|spdlog|/fmt/|uv\.h|llhttp|sqlite|CLI11|/CLI/'
for header in weir/weir.hpp weir/testing.hpp; do
  included=$(printf '#include <%s>\n' "$header" | "$1" -std=c++20 -M -x c++ -I "$2" - | tr -s ' \\' '\n')
  grep -q "$header" <<<"$included" || { echo "the compiler's list lacks $header"; exit 1; }
  if grep -E "$heavy" <<<"$included"; then
    echo "$header includes what it must not"
    exit 1
  fi
done
