// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/target.hpp>

#include <weir/http/client/client_error.hpp>

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <new>

namespace weir::http::internal {
namespace {

constexpr std::size_t kUrlBytesMax = 64UL * 1024;

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, FreeUrl>;

[[noreturn]] void refuse(std::string_view who, const std::string& why) {
  throw ClientError(ClientErrorCode::kBadUrl, std::string(who) + why);
}

Url make_url() {
  Url url(curl_url());
  if (!url) throw std::bad_alloc();
  return url;
}

// An absolute URL, or one relative to what `url` holds already. Bytes that a URL cannot hold are percent-encoded.
void put(CURLU* url, std::string_view text, std::string_view who) {
  if (text.size() > kUrlBytesMax) refuse(who, "longer than 64 KiB");
  if (text.find('\0') != std::string_view::npos) refuse(who, "malformed");
  const CURLUcode result = curl_url_set(url, CURLUPART_URL, std::string(text).c_str(), CURLU_URLENCODE);
  if (result == CURLUE_UNSUPPORTED_SCHEME) refuse(who, "neither http nor https");
  if (result != CURLUE_OK) refuse(who, std::string("malformed: ") + curl_url_strerror(result));
}

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

Target target_of(CURLU* url, std::string_view who) {
  const std::string scheme = part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") refuse(who, "neither http nor https");
  const std::string host = part(url, CURLUPART_HOST);
  if (host.empty()) refuse(who, "malformed: no host");
  const std::string port = part(url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  Target target;
  target.user = part(url, CURLUPART_USER, CURLU_URLDECODE);
  target.password = part(url, CURLUPART_PASSWORD, CURLU_URLDECODE);
  curl_url_set(url, CURLUPART_USER, nullptr, 0);
  curl_url_set(url, CURLUPART_PASSWORD, nullptr, 0);
  target.url = part(url, CURLUPART_URL);
  target.authority = port.empty() ? host : host + ":" + port;
  target.origin = scheme + "://" + host + ":" + part(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  return target;
}

}  // namespace

Target parse_target(std::string_view text) {
  constexpr std::string_view kWho = "the URL of a request is ";
  // libcurl would skip missing or further slashes and take the path's beginning for the host.
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos || text.substr(slashes + 3).starts_with('/')) refuse(kWho, "malformed");
  const Url url = make_url();
  put(url.get(), text, kWho);
  return target_of(url.get(), kWho);
}

Target resolve(const Target& base, std::string_view reference) {
  const std::string who = base.authority + ": the URL that it redirects to is ";
  const Url url = make_url();
  put(url.get(), base.url, who);
  put(url.get(), reference, who);
  Target target = target_of(url.get(), who);
  if (target.origin == base.origin && target.user.empty()) {
    target.user = base.user;
    target.password = base.password;
  }
  return target;
}

}  // namespace weir::http::internal
