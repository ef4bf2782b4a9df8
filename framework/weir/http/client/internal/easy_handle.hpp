// SPDX-License-Identifier: MIT
// One request in libcurl's terms.
#pragma once

#include <weir/http/client/client.hpp>
#include <weir/http/client/internal/response_collector.hpp>
#include <weir/http/client/internal/target.hpp>

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string>

namespace weir::http::internal {

/// Configured for one exchange with one target: no redirects, nothing but http and https.
///
/// Ownership: borrows what it is made from, and `collector`, which it fills.
class EasyHandle {
 public:
  EasyHandle(const ClientRequest& request, const Target& target, const ClientOptions& options,
             ResponseCollector& collector, void* owner);
  EasyHandle(const EasyHandle&) = delete;
  EasyHandle& operator=(const EasyHandle&) = delete;

  CURL* get() const { return easy_.get(); }
  static void* owner_of(CURL* easy);
  int status() const;
  /// Of the request, also over a connection that turned out to be dead; not of a TLS handshake.
  long bytes_sent() const;
  /// What happened, in libcurl's words.
  std::string message_of(CURLcode result) const;

 private:
  struct FreeEasy {
    void operator()(CURL* easy) const noexcept { curl_easy_cleanup(easy); }
  };
  struct FreeList {
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
  };

  void set_headers(const ClientRequest& request);
  void set_method(const ClientRequest& request);
  void set_target(const Target& target);
  void set_callbacks(ResponseCollector& collector);
  void set_bounds(const ClientRequest& request);
  void set_trust(const ClientOptions& options);
  void add_header(const std::string& line);

  std::array<char, CURL_ERROR_SIZE> message_{};
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<CURL, FreeEasy> easy_;  // last: it uses the others
};

}  // namespace weir::http::internal
