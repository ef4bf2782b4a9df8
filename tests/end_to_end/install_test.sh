#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install_test.sh BUILD_DIR CMAKE CXX README: installs that build into an empty prefix, builds the README's first service
# upon it as an outside project with find_package(weir), and asks it what the README asks.
set -euo pipefail
build=$1 cmake=$2 cxx=$3 readme=$4
here=$(cd "$(dirname "$0")" && pwd)
heading='Your first service in five minutes'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# block LANGUAGE: the first code block of that language under the heading.
block() {
  awk -v heading="## $heading" -v fence="\`\`\`$1" '
    $0 == heading { inside = 1 }
    inside && $0 == "```" && taking { exit }
    taking { print }
    inside && $0 == fence { taking = 1 }' "$readme"
}

mkdir "$work/notes"
block cpp >"$work/notes/main.cpp"
block cmake >"$work/notes/CMakeLists.txt"
"$cmake" --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
"$cmake" -S "$work/notes" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$cxx" \
  >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
"$cmake" --build "$work/build" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
python3 "$here/readme_test.py" "$work/build/notes" "$readme" "$heading"
"$work/build/notes" routes
echo "installed, found, built, served"
