# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
# Installs the Debian packages that a script needs, and only those that are missing.
# Sourced after common.sh. A package may be written as `a|b`: either will do, the first is installed.

BUILD_PACKAGES=(g++ cmake ninja-build pkg-config libuv1-dev node-llhttp nlohmann-json3-dev libspdlog-dev
  libcli11-dev libcurl4-openssl-dev libsimdjson-dev libre2-dev libsqlite3-dev libssl-dev zlib1g-dev libbrotli-dev
  libzstd-dev libxxhash-dev)
TEST_PACKAGES=(libgtest-dev libgmock-dev curl openssl python3 python3-jsonschema)
CHECK_PACKAGES=(git python3 clang-16 libclang-rt-16-dev clang-format-16 clang-tidy-16)
SANITIZER_PACKAGES=(dpkg-dev)
FUZZ_PACKAGES=(llvm-16) # For llvm-symbolizer.
BENCH_PACKAGES=(python3 wrk 'nginx-light|nginx' libcpp-httplib-dev nodejs)
PROFILE_PACKAGES=(python3 valgrind 'strace|linux-perf')
JOBS_PEER_PACKAGES=(postgresql redis-server)

is_installed() { [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# need_packages NAMES...: does nothing, silently, when all are there.
need_packages() {
  local wanted alternative missing=() as_root=()
  if ! command -v dpkg-query >/dev/null; then
    say "This is not a Debian system: please see to it yourself that these are there: $*"
    return 0
  fi
  for wanted in "$@"; do
    for alternative in ${wanted//|/ }; do
      is_installed "$alternative" && continue 2
    done
    missing+=("${wanted%%|*}")
  done
  ((${#missing[@]})) || return 0

  say "Installing Debian packages: ${missing[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      die "packages are missing, and there is neither root nor sudo. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  "${as_root[@]}" apt-get update -qq >&2 || say "apt-get update reported errors; trying with the lists that are there"
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
    die "apt-get could not install: ${missing[*]}"
}

# need_servers NAMES...: packages that Debian starts a service of the same name for; the script starts its own, so what
# came just now neither runs on nor starts with the machine. What cannot be installed is left out.
need_servers() {
  local name as_root=()
  ((EUID == 0)) || as_root=(sudo)
  for name in "$@"; do
    is_installed "$name" && continue
    (need_packages "$name") || continue
    "${as_root[@]}" systemctl disable --now "$name" 2>/dev/null || "${as_root[@]}" service "$name" stop >&2 ||
      true
  done
}
