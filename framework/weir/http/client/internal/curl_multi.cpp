// SPDX-License-Identifier: MIT
#include <weir/http/client/internal/curl_multi.hpp>

#include <weir/base/check.hpp>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace weir::http::internal {

class CurlMulti::Watcher final : public loop::DescriptorWatcher {
 public:
  Watcher(CurlMulti& owner, curl_socket_t socket)
      : DescriptorWatcher(owner.loop_, socket), owner_(owner), socket_(socket) {}

  void set(int what) {
    what_ = what;
    watch((what & CURL_POLL_IN) != 0, (what & CURL_POLL_OUT) != 0);
  }

 private:
  void on_ready(Readiness readiness) noexcept override {
    CurlMulti& owner = owner_;
    const curl_socket_t socket = socket_;
    const int ready = (readiness.readable ? CURL_CSELECT_IN : 0) | (readiness.writable ? CURL_CSELECT_OUT : 0);
    // Of a broken socket libcurl is told nothing, so that it looks for itself: there may be bytes before the error.
    owner.act(socket, ready);
    if (!readiness.broken) return;
    const auto same = owner.watchers_.find(socket);  // unless this one is gone by now
    if (same != owner.watchers_.end()) same->second->set(same->second->what_);
  }

  CurlMulti& owner_;
  curl_socket_t socket_;
  int what_ = 0;
};

// A turn of its own for what libcurl wants done at once: it may not be called from its own callback, nor keep the loop
// from others. On the heap, as it may be on its way when its owner goes.
class CurlMulti::Kick final : public loop::Completion {
 public:
  explicit Kick(CurlMulti& owner) : owner_(&owner) {}

  void ask() {
    is_wanted_ = true;
    if (!std::exchange(is_on_its_way_, true)) owner_->loop_.complete(*this);
  }
  void forget() { is_wanted_ = false; }
  void abandon() {
    owner_ = nullptr;
    if (!is_on_its_way_) delete this;
  }

 private:
  void on_loop() noexcept override {
    is_on_its_way_ = false;
    if (owner_ == nullptr) {
      delete this;
    } else if (std::exchange(is_wanted_, false)) {
      owner_->act(CURL_SOCKET_TIMEOUT, 0);
    }
  }

  CurlMulti* owner_;
  bool is_wanted_ = false;
  bool is_on_its_way_ = false;
};

namespace {

void check(CURLMcode result) {
  WEIR_CHECK(result == CURLM_OK);
}

}  // namespace

CurlMulti::CurlMulti(loop::Loop& loop, Events& events, Bounds bounds)
    : Timer(loop.timers()),
      loop_(loop),
      events_(events),
      idle_max_(bounds.idle_connections_max),
      kick_(nullptr),
      multi_(curl_multi_init()) {
  if (!multi_) throw std::runtime_error("libcurl cannot start");
  kick_ = new Kick(*this);
  CURLM* const multi = multi_.get();
  const curl_socket_callback on_socket = [](CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
    static_cast<CurlMulti*>(self)->watch(socket, what);
    return 0;
  };
  const curl_multi_timer_callback on_timer = [](CURLM*, long timeout_ms, void* self) noexcept {
    static_cast<CurlMulti*>(self)->keep_time(timeout_ms);
    return 0;
  };
  check(curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket));
  check(curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this));
  check(curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer));
  check(curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this));
  check(curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, static_cast<long>(bounds.connections_max)));
  check(curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(bounds.host_connections_max)));
}

CurlMulti::~CurlMulti() {
  multi_.reset();
  kick_->abandon();
}

void CurlMulti::add(CURL* easy) {
  ++transfers_;
  bound_idle();
  check(curl_multi_add_handle(multi_.get(), easy));
}

void CurlMulti::remove(CURL* easy) {
  check(curl_multi_remove_handle(multi_.get(), easy));
  --transfers_;
  bound_idle();
}

// libcurl compares its bound with all connections when one becomes idle, those in use by others included: by a fixed
// one it would close a connection after each transfer as soon as many run. 0 would be no bound.
void CurlMulti::bound_idle() {
  const std::size_t used_by_others = transfers_ > 0 ? transfers_ - 1 : 0;
  const std::size_t kept = std::max<std::size_t>(used_by_others + idle_max_, 1);
  check(curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(kept)));
}

void CurlMulti::act(curl_socket_t socket, int ready) {
  int running = 0;
  check(curl_multi_socket_action(multi_.get(), socket, ready, &running));
  tell_done();
}

void CurlMulti::tell_done() {
  int left = 0;
  while (const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;  // the message goes when its handle is removed
    events_.on_done(message->easy_handle, result);
  }
}

void CurlMulti::watch(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    watchers_.erase(socket);
    return;
  }
  std::unique_ptr<Watcher>& watcher = watchers_[socket];
  if (!watcher) watcher = std::make_unique<Watcher>(*this, socket);
  watcher->set(what);
}

void CurlMulti::keep_time(long timeout_ms) {
  disarm();
  kick_->forget();
  if (timeout_ms == 0) {
    kick_->ask();
  } else if (timeout_ms > 0) {
    arm_finely_at(loop_.clock().now() + std::chrono::milliseconds(timeout_ms));
  }
}

}  // namespace weir::http::internal
