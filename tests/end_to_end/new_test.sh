#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# new_test.sh BUILD_DIR CMAKE CXX ROOT: installs that build of Weir into an empty prefix, makes a service with tools/new,
# builds it and its tests upon the prefix, runs both, and asks it what its README asks. Then: what tools/new refuses.
set -euo pipefail
build=$1 cmake=$2 cxx=$3 root=$4
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1

fail() { printf '%s\n' "$*"; exit 1; }
# quietly COMMAND...: shows what it printed only when it fails.
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "failed: $*"; }; }

# expect_refusal CODE PART_OF_MESSAGE ARGS...: of tools/new.
expect_refusal() {
  local code=0 expected=$1 part=$2
  shift 2
  (cd "$work/refused" && "$root/tools/new" "$@") >"$work/out" 2>"$work/err" || code=$?
  [[ $code == "$expected" ]] || fail "tools/new $*: exit code $code instead of $expected"
  [[ $(<"$work/err") == *"$part"* ]] || fail "tools/new $*: said: $(<"$work/err")"
  [[ ! -s $work/out ]] || fail "tools/new $*: wrote to standard output"
}

refusals() {
  mkdir -p "$work/refused/full" "$work/refused/hidden"
  echo mine >"$work/refused/full/file"
  echo mine >"$work/refused/hidden/.file"
  echo mine >"$work/refused/plain"
  local before
  before=$(cd "$work/refused" && find . -type f -exec cksum {} + | sort && find . | sort)

  expect_refusal 2 "expected NAME"
  expect_refusal 2 "expected NAME" one two three
  expect_refusal 2 "start with a letter" ''
  expect_refusal 2 "start with a letter" 1shop
  expect_refusal 2 "start with a letter" --force
  expect_refusal 2 "say the name first" ../shop
  local name
  for name in 'my shop' my_shop my.shop 'shop;ls' "shop'" $'shop\nx' 'schön'; do
    expect_refusal 2 "letters, digits and dashes only" "$name"
  done
  expect_refusal 2 "end with a dash" shop-
  expect_refusal 2 "longer than 63" "$(printf 'a%.0s' {1..64})"
  expect_refusal 2 "taken by CMake or Weir" Test
  expect_refusal 1 "full exists and is not empty" shop full
  expect_refusal 1 "full exists and is not empty" full
  expect_refusal 1 "hidden exists and is not empty" shop hidden
  expect_refusal 1 "plain exists and is no directory" shop plain

  [[ $(cd "$work/refused" && find . -type f -exec cksum {} + | sort && find . | sort) == "$before" ]] ||
    fail "a refusal changed files"
  "$root/tools/new" --help | grep -q 'tools/new NAME \[DIRECTORY\]' || fail "--help lacks the usage"
}

# Names that are hard on a namespace, a target or a file: a keyword, a function of the C library, the longest.
hard_names() {
  local name
  for name in new time my-service-2 "$(printf 'A%.0s' {1..63})"; do
    quietly "$root/tools/new" "$name" "$work/hard/$name"
    quietly "$cxx" -std=c++20 -fsyntax-only -DSERVICE_VERSION='""' -isystem "$work/prefix/include" \
      "$work/hard/$name/src/main.cpp"
  done
}

without_weir() {
  ! "$cmake" -S "$work/a folder/Parcel-shop" -B "$work/nothing" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_DISABLE_FIND_PACKAGE_weir=ON >"$work/log" 2>&1 || fail "configured without Weir"
  grep -q third_party/install-weir "$work/log" || { cat "$work/log"; fail "the error does not say how to install Weir"; }
}

refusals
mkdir "$work/a folder"
(cd "$work/a folder" && "$root/tools/new" Parcel-shop) >"$work/log"
grep -q 'cmake -B build' "$work/log" || { cat "$work/log"; fail "tools/new does not say what comes next"; }
project="$work/a folder/Parcel-shop"
! grep -rnE '@[A-Z_]+@|my[-_]service' "$project" --exclude-dir=weir || fail "the template shows"
without_weir

quietly "$cmake" --install "$build" --prefix "$work/prefix"
hard_names
quietly "$cmake" -S "$project" -B "$project/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$cxx" \
  -DCMAKE_CXX_FLAGS=-Werror
quietly "$cmake" --build "$project/build" -j 2
quietly "$(dirname "$cmake")/ctest" --test-dir "$project/build" --output-on-failure --no-tests=error
# Starts it on a free port, runs every curl line, and stops it by SIGTERM: exit code 0.
python3 "$here/readme_test.py" "$project/build/Parcel-shop" "$project/README.md"
# The copy of Weir is complete: CMake looks whether every source is there. To compile it takes minutes.
quietly "$cmake" -S "$project/third_party/weir" -B "$work/weir" -DCMAKE_CXX_COMPILER="$cxx" \
  -DWEIR_APPS=OFF -DWEIR_TESTS=OFF
echo "made, built, tested, served; refused what it should"
