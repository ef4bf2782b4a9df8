// SPDX-License-Identifier: MIT
// libcurl's multi interface, driven by a loop.
#pragma once

#include <weir/loop/descriptor_watcher.hpp>
#include <weir/loop/loop.hpp>
#include <weir/loop/timer_wheel.hpp>

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <unordered_map>

namespace weir::http::internal {

/// Watches the sockets and keeps the time that libcurl asks for, and tells what has ended.
///
/// Thread:    loop thread only.
/// Ownership: borrows the easy handles between `add` and `remove`; owns their connections.
class CurlMulti final : private loop::Timer {
 public:
  class Events {
   public:
    /// A transfer has ended, and is still to be removed. May add and remove any.
    virtual void on_done(CURL* easy, CURLcode result) noexcept = 0;

   protected:
    ~Events() = default;
  };
  struct Bounds {
    std::size_t connections_max;
    std::size_t host_connections_max;
    std::size_t idle_connections_max;
  };

  /// Errors: throws std::runtime_error when libcurl has no memory or descriptors for it.
  CurlMulti(loop::Loop& loop, Events& events, Bounds bounds);
  ~CurlMulti() override;

  /// Starts on a later turn.
  void add(CURL* easy);
  /// Ends it at once, if it has not ended. Its connection is closed then.
  void remove(CURL* easy);

 private:
  class Watcher;
  class Kick;
  struct Free {
    void operator()(CURLM* multi) const noexcept { curl_multi_cleanup(multi); }
  };

  void on_expiry() noexcept override { act(CURL_SOCKET_TIMEOUT, 0); }
  void act(curl_socket_t socket, int ready);
  void bound_idle();
  void tell_done();
  void watch(curl_socket_t socket, int what);
  void keep_time(long timeout_ms);

  loop::Loop& loop_;
  Events& events_;
  std::size_t idle_max_;
  std::size_t transfers_ = 0;
  std::unordered_map<curl_socket_t, std::unique_ptr<Watcher>> watchers_;
  Kick* kick_;
  std::unique_ptr<CURLM, Free> multi_;  // last: closing its connections calls back
};

}  // namespace weir::http::internal
