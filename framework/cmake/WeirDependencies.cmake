# SPDX-License-Identifier: MIT
# The outside libraries. Used by the build and, installed, by find_package(weir).

find_package(Threads REQUIRED)
find_package(PkgConfig QUIET)

# weir_require(CONDITION WHAT PACKAGE): stops with the package to install.
macro(weir_require condition what package)
  if(NOT ${condition})
    message(FATAL_ERROR "Weir needs ${what}. On Debian 12: apt-get install ${package}")
  endif()
endmacro()

weir_require(PKG_CONFIG_FOUND "pkg-config" "pkg-config")
if(NOT TARGET PkgConfig::WEIR_LIBUV)
  pkg_check_modules(WEIR_LIBUV QUIET IMPORTED_TARGET libuv>=1.44)
endif()
weir_require(WEIR_LIBUV_FOUND "libuv >= 1.44" "libuv1-dev")
find_package(CURL 7.88 QUIET)
weir_require(CURL_FOUND "libcurl >= 7.88" "libcurl4-openssl-dev")
find_package(spdlog 1.10 QUIET)
weir_require(spdlog_FOUND "spdlog >= 1.10" "libspdlog-dev")
find_package(simdjson 3.0 QUIET)
weir_require(simdjson_FOUND "simdjson >= 3.0" "libsimdjson-dev")
if(NOT TARGET PkgConfig::WEIR_SQLITE)
  pkg_check_modules(WEIR_SQLITE QUIET IMPORTED_TARGET sqlite3>=3.40)
endif()
weir_require(WEIR_SQLITE_FOUND "SQLite >= 3.40" "libsqlite3-dev")
if(NOT TARGET PkgConfig::WEIR_RE2)
  pkg_check_modules(WEIR_RE2 QUIET IMPORTED_TARGET re2)
endif()
weir_require(WEIR_RE2_FOUND "RE2" "libre2-dev")
# Of the middleware.
foreach(library "libcrypto>=3.0;WEIR_CRYPTO;OpenSSL >= 3;libssl-dev" "zlib;WEIR_ZLIB;zlib;zlib1g-dev"
    "libbrotlienc;WEIR_BROTLIENC;brotli;libbrotli-dev" "libbrotlidec;WEIR_BROTLIDEC;brotli;libbrotli-dev"
    "libzstd;WEIR_ZSTD;zstd;libzstd-dev" "libxxhash;WEIR_XXHASH;xxHash;libxxhash-dev")
  list(GET library 0 module)
  list(GET library 1 target)
  if(NOT TARGET PkgConfig::${target})
    pkg_check_modules(${target} QUIET IMPORTED_TARGET ${module})
  endif()
  list(GET library 2 what)
  list(GET library 3 package)
  weir_require(${target}_FOUND "${what}" "${package}")
endforeach()
