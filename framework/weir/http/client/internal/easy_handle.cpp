// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/easy_handle.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <string_view>

namespace weir::http::internal {
namespace {

template <class T>
void set(CURL* easy, CURLoption option, T value) {
  const CURLcode result = curl_easy_setopt(easy, option, value);
  if (result == CURLE_OUT_OF_MEMORY) throw std::bad_alloc();
  WEIR_CHECK(result == CURLE_OK);
}

bool has_content(const ClientRequest& request) {
  // These say how long their content is, even when there is none (RFC 9110 section 8.6).
  return !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* collector) noexcept {
  const std::size_t bytes = size * count;
  return static_cast<ResponseCollector*>(collector)->take_line({data, bytes}) ? bytes : 0;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* collector) noexcept {
  const std::size_t bytes = size * count;
  // Anything but the size ends the transfer; with nothing to take, 0 would be the size.
  return static_cast<ResponseCollector*>(collector)->take_body({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
}

}  // namespace

EasyHandle::EasyHandle(const ClientRequest& request, const Target& target, const ClientOptions& options,
                       ResponseCollector& collector, void* owner)
    : easy_(curl_easy_init()) {
  if (!easy_) throw std::bad_alloc();
  set(easy_.get(), CURLOPT_PRIVATE, owner);
  set_target(target);
  set_method(request);
  set_headers(request);
  set_callbacks(collector);
  set_bounds(request);
  set_trust(options);
}

void EasyHandle::set_target(const Target& target) {
  CURL* const easy = easy_.get();
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_URL, target.url.c_str());
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (target.user.empty() && target.password.empty()) return;
  set(easy, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(easy, CURLOPT_USERNAME, target.user.c_str());
  set(easy, CURLOPT_PASSWORD, target.password.c_str());
}

void EasyHandle::set_method(const ClientRequest& request) {
  CURL* const easy = easy_.get();
  if (request.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);  // by its name alone libcurl would wait for content
    return;
  }
  if (has_content(request)) {
    set(easy, CURLOPT_POST, 1L);
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void EasyHandle::set_headers(const ClientRequest& request) {
  for (const auto& [name, value] : request.headers) {
    // In libcurl's language "name:" leaves the field out and "name;" sends it empty.
    std::string line = name;
    line += base::trim(value).empty() ? ";" : ": " + value;
    add_header(line);
  }
  add_header("Expect:");  // waiting for a 100 costs up to a second where the server knows nothing of it
  if (!request.has_header("Content-Type")) add_header("Content-Type:");  // libcurl would call any content a form
  set(easy_.get(), CURLOPT_HTTPHEADER, headers_.get());
  set(easy_.get(), CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));  // none of them is for a proxy
}

void EasyHandle::add_header(const std::string& line) {
  curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(headers_.release());  // part of `longer`
  headers_.reset(longer);
}

void EasyHandle::set_callbacks(ResponseCollector& collector) {
  CURL* const easy = easy_.get();
  set(easy, CURLOPT_HEADERFUNCTION, on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&collector));
  set(easy, CURLOPT_WRITEFUNCTION, on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&collector));
  set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(easy, CURLOPT_ERRORBUFFER, message_.data());
}

void EasyHandle::set_bounds(const ClientRequest& request) {
  CURL* const easy = easy_.get();
  constexpr std::chrono::milliseconds kMax{std::chrono::hours(24)};
  const auto connect = std::chrono::ceil<std::chrono::milliseconds>(request.connect_timeout);
  const auto connect_ms = std::clamp(connect, std::chrono::milliseconds(1), kMax).count();
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_ms));
  // Not of a HEAD: what it names does not come. The collector counts what comes without having been named.
  const auto body_max = static_cast<curl_off_t>(
      std::min<std::size_t>(request.response_bytes_max, std::numeric_limits<curl_off_t>::max()));
  if (request.method != "HEAD") set(easy, CURLOPT_MAXFILESIZE_LARGE, body_max);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name look-up; its thread ends by itself
}

void EasyHandle::set_trust(const ClientOptions& options) {
  CURL* const easy = easy_.get();
  set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  if (!options.use_environment_proxies) set(easy, CURLOPT_PROXY, "");
  const bool has_own = !options.ca_file.empty();
  if (has_own) set(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  // From one file alone the certificates are parsed once, and not, which takes milliseconds, for each connection.
  if (has_own || curl_version_info(CURLVERSION_NOW)->cainfo != nullptr) {
    set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
}

void* EasyHandle::owner_of(CURL* easy) {
  void* owner = nullptr;
  WEIR_CHECK(curl_easy_getinfo(easy, CURLINFO_PRIVATE, &owner) == CURLE_OK);
  return owner;
}

int EasyHandle::status() const {
  long status = 0;
  WEIR_CHECK(curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
  return static_cast<int>(status);
}

long EasyHandle::bytes_sent() const {
  long bytes = 0;
  WEIR_CHECK(curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes) == CURLE_OK);
  return bytes;
}

std::string EasyHandle::message_of(CURLcode result) const {
  return message_.front() != '\0' ? message_.data() : curl_easy_strerror(result);
}

}  // namespace weir::http::internal
