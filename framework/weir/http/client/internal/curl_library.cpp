// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/curl_library.hpp>

#include <curl/curl.h>

#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <string>

namespace weir::http::internal {
namespace {

// What libcurl sets up belongs to the process, and so does the count of its users. Neither runs code at start or exit.
constinit std::mutex mutex;
constinit std::size_t users = 0;

void check_features() {
  const curl_version_info_data* const version = curl_version_info(CURLVERSION_NOW);
  if ((version->features & CURL_VERSION_ASYNCHDNS) == 0) {
    throw std::runtime_error(
        "this libcurl looks names up while everything else waits; build it with a resolver thread");
  }
  if ((version->features & CURL_VERSION_SSL) == 0) throw std::runtime_error("this libcurl has no TLS");
}

}  // namespace

CurlLibrary::CurlLibrary() {
  const std::lock_guard lock(mutex);
  check_features();
  if (users == 0) {
    const CURLcode result = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (result != CURLE_OK)
      throw std::runtime_error(std::string("cannot set libcurl up: ") + curl_easy_strerror(result));
  }
  ++users;
}

CurlLibrary::~CurlLibrary() {
  const std::lock_guard lock(mutex);
  if (--users == 0) curl_global_cleanup();
}

}  // namespace weir::http::internal
