# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What every script of tools/ shares: the repository's root, messages, help, and the build of a preset.
# Sourced, never run. Leaves the caller in the root of the repository.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
JOBS=$(nproc)
cd "$ROOT" || exit 1

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }
wrong_usage() { say "${0##*/}: $* (--help shows the usage)"; exit 2; }

# The steps of tools/check end with this to say why they did not run.
skip() { printf '%s\n' "$*"; exit 77; }

# with_fixed_addresses COMMAND...: without address randomisation where that may be turned off: the sanitizers of g++ 12
# and clang 16 die at the start now and then where the kernel randomises more bits than they knew of.
with_fixed_addresses() {
  if setarch -R true 2>/dev/null; then setarch -R "$@"; else "$@"; fi
}

# show_help_if_asked ARGS...: prints the comment at the head of the running script when ARGS begin with --help.
show_help_if_asked() {
  [[ ${1:-} == --help || ${1:-} == -h ]] || return 0
  awk 'NR > 2 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
  exit 0
}

# configure NAME CMAKE_ARGS...: configures build/NAME, but only when that was not done with these very arguments;
# later changes of a CMakeLists.txt are seen by the build itself.
configure() {
  local name=$1 stamp="build/$1/.configured" wanted
  shift
  wanted="$*; presets $(cksum <CMakePresets.json)"
  [[ -f build/$name/build.ninja && -f $stamp && $(<"$stamp") == "$wanted" ]] && return 0
  cmake -B "build/$name" "$@" >&2
  printf '%s\n' "$wanted" >"$stamp"
}

# build_preset PRESET TARGETS...: configures and builds PRESET; everything when no target is named.
build_preset() {
  local preset=$1
  shift
  configure "$preset" --preset "$preset"
  cmake --build "build/$preset" -j "$JOBS" ${1:+--target "$@"} >&2
}

# The open-loop load, with nothing of the framework, so that a fault of its own cannot hide in the figures.
build_load_generator() {
  local generator=build/lab/load_generator
  mkdir -p build/lab
  [[ -f $generator && -z $(find tools/lab.d -name '*.[ch]pp' -newer "$generator") ]] ||
    g++ -std=c++20 -O2 -Wall -Wextra -o "$generator" tools/lab.d/load_generator.cpp tools/lab.d/load.cpp >&2
}
