#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds libuv from its Debian source with a sanitizer, into build/deps/libuv-asan or build/deps/libuv-tsan, where
# the presets asan and tsan look for it. Does nothing when it is there already.
#
#   tools/lib/libuv.sh asan|tsan
#
# Why: the packaged library is not instrumented, so it uses a freed handle without a word. The source comes through
# apt with folders and a source list of its own (build/deps/apt), so nothing of the machine's apt changes.
set -euo pipefail
source "$(dirname "$0")/common.sh"
source tools/lib/install.sh
show_help_if_asked "$@"

# Without `undefined`: what libuv does inside is not ours to judge, how we use its memory is.
case ${1:-} in
  asan) flags=-fsanitize=address ;;
  tsan) flags=-fsanitize=thread ;;
  *) wrong_usage "asan or tsan" ;;
esac
deps=$ROOT/build/deps
prefix=$deps/libuv-$1
[[ -f $prefix/lib/pkgconfig/libuv.pc ]] && exit 0

# The machine's own package sources, with `deb` turned into `deb-src`, in both of apt's formats.
write_source_lists() {
  local list
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -f $list ]] && sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$list" >"$deps/apt/lists.d/${list##*/}"
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    [[ -f $list ]] && sed 's/^Types:.*/Types: deb-src/' "$list" >"$deps/apt/lists.d/${list##*/}"
  done
  return 0
}

private_apt() {
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$deps/apt/lists.d" \
    -o Dir::State="$deps/apt/state" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$deps/apt/cache" \
    -o APT::Sandbox::User="$(id -un)" "$@" >&2
}

fetch_source() {
  [[ -d $deps/libuv-source ]] && return 0
  need_packages "${SANITIZER_PACKAGES[@]}"
  rm -rf "$deps/apt" "$deps/libuv-source.part"
  mkdir -p "$deps"/apt/{lists.d,download,state/lists/partial,cache/archives/partial}
  write_source_lists
  # A third party's list without sources is no reason to stop: the next line fails if libuv's is not among them.
  private_apt update || say "some package sources could not be read; going on"
  (cd "$deps/apt/download" && private_apt source --download-only libuv1) ||
    die "the Debian source of libuv1 could not be fetched"
  dpkg-source --no-check --no-copy -x "$deps"/apt/download/*.dsc "$deps/libuv-source.part" >&2
  mv "$deps/libuv-source.part" "$deps/libuv-source"
  rm -rf "$deps/apt"
}

build_library() {
  local build=$deps/libuv-$1-build
  rm -rf "$prefix" "$build"
  cmake -S "$deps/libuv-source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DLIBUV_BUILD_TESTS=OFF \
    -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_C_FLAGS_DEBUG="-g1 -O1 -fno-omit-frame-pointer $flags" >&2
  cmake --build "$build" -j "$JOBS" --target uv_a >&2
  mkdir -p "$prefix/lib/pkgconfig"
  cp -r "$deps/libuv-source/include" "$prefix/include"
  cp "$build/libuv_a.a" "$prefix/lib/libuv.a"
  rm -rf "$build"
}

# Written last: its presence says that all the rest is complete.
write_pkgconfig() {
  local version
  version=$(awk '/define UV_VERSION_(MAJOR|MINOR|PATCH) /{ printf "%s%s", sep, $3; sep = "." }' \
    "$prefix/include/uv/version.h")
  cat >"$prefix/lib/pkgconfig/libuv.pc" <<PC
Name: libuv
Description: libuv, built with $flags for the tests
Version: $version
Cflags: -I$prefix/include
Libs: -L$prefix/lib -luv -lpthread -ldl -lrt
PC
}

say "Building libuv with $flags (once, cached in build/deps)"
fetch_source
build_library "$1"
write_pkgconfig
