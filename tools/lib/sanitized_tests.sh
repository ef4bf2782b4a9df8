# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The tests of a sanitizer preset, against a libuv built likewise. Sourced after common.sh.

# run_sanitized_tests PRESET. In fast mode tests with the ctest label `slow` are left out.
run_sanitized_tests() {
  local preset=$1 choice=()
  [[ ${CHECK_MODE:-full} == fast ]] && choice=(-LE slow)
  [[ ${CHECK_MODE:-full} == fast ]] || export MODEL_RUNS=${MODEL_RUNS:-1000}
  tools/lib/libuv.sh "$preset"
  export PKG_CONFIG_PATH=$ROOT/build/deps/libuv-$preset/lib/pkgconfig  # For when the build configures itself anew.
  build_preset "$preset"
  with_fixed_addresses ctest --test-dir "build/$preset" --output-on-failure --no-label-summary -j "$JOBS" \
    --no-tests=error "${choice[@]}"
}
