#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A program needs the libraries of the middleware that it uses, and of no other.
#
#   libraries_test.sh WITHOUT WITH     a program that uses none of them, and one that uses all
set -euo pipefail

libraries='lib(z|brotli|zstd|crypto)[a-z]*[.]so'
needed() { readelf -d "$1" | grep NEEDED; }

if needed "$1" | grep -E "$libraries"; then
  echo "$1 needs libraries of middleware that it does not use"
  exit 1
fi
if [[ $(needed "$2" | grep -Ec "$libraries") -lt 4 ]]; then
  echo "$2 uses middleware of all kinds, so this test does not see what it should"
  exit 1
fi
