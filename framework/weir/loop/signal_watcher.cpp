// SPDX-License-Identifier: MIT
#include <weir/loop/signal_watcher.hpp>

#include <weir/base/check.hpp>

#include <uv.h>

namespace weir::loop {

struct SignalWatcher::Handle {
  uv_signal_t uv{};
  Callback on_signal{};
};

void SignalWatcher::AsyncClose::operator()(Handle* handle) const noexcept {
  handle->on_signal = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle->uv), [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
}

SignalWatcher::SignalWatcher(Loop& loop, int signal_number, Callback on_signal) : handle_(new Handle) {
  WEIR_CHECK(uv_signal_init(loop.native(), &handle_->uv) == 0);
  handle_->uv.data = handle_.get();
  handle_->on_signal = std::move(on_signal);
  const auto on_arrival = [](uv_signal_t* uv, int) noexcept {
    const auto* const handle = static_cast<Handle*>(uv->data);
    if (handle->on_signal) handle->on_signal();
  };
  WEIR_CHECK(uv_signal_start(&handle_->uv, on_arrival, signal_number) == 0);
  uv_unref(reinterpret_cast<uv_handle_t*>(&handle_->uv));
}

}  // namespace weir::loop
