#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# install_test.sh BUILD_DIR CMAKE CXX: installs that build into an empty prefix, builds an outside project upon it with
# find_package(weir), and asks the program.
set -euo pipefail
build=$1 cmake=$2 cxx=$3
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
cleanup() {
  [[ -n $server ]] && kill -KILL "$server" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT

"$cmake" --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
"$cmake" -S "$here/installed_app" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_COMPILER="$cxx" \
  >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; exit 1; }
"$cmake" --build "$work/build" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }

# The first line of its log tells the port and that it serves.
mkfifo "$work/log"
"$work/build/outside" serve --port 0 --loops 1 --admin.enabled=false --log.format json >"$work/log" &
server=$!
exec 3<"$work/log"
IFS= read -r -t 10 line <&3 || { echo "no log line within 10 s"; exit 1; }
port=$(sed -n 's/.*"address":"127\.0\.0\.1:\([0-9]*\)".*/\1/p' <<<"$line")
[[ -n $port ]] || { echo "no port in: $line"; exit 1; }

answer=$(curl --silent --show-error --max-time 10 "http://127.0.0.1:$port/hello/outside")
[[ $answer == '{"hello":"outside"}' ]] || { echo "unexpected answer: $answer"; exit 1; }
"$work/build/outside" healthcheck --port "$port"
kill -TERM "$server"
wait "$server"
server=
echo "installed, found, built, served"
