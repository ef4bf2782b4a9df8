// SPDX-License-Identifier: MIT
#include <weir/loop/descriptor_watcher.hpp>

#include <weir/base/check.hpp>

#include <uv.h>

namespace weir::loop {

struct DescriptorWatcher::Handle {
  uv_poll_t uv{};
  DescriptorWatcher* watcher = nullptr;
};

void DescriptorWatcher::AsyncClose::operator()(Handle* handle) const noexcept {
  handle->watcher = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&handle->uv), [](uv_handle_t* uv) { delete static_cast<Handle*>(uv->data); });
}

DescriptorWatcher::DescriptorWatcher(Loop& loop, int descriptor) {
  auto handle = std::make_unique<Handle>();
  WEIR_CHECK(uv_poll_init(loop.native(), &handle->uv, descriptor) == 0);
  handle->uv.data = handle.get();
  handle->watcher = this;
  handle_.reset(handle.release());
}

void DescriptorWatcher::watch(bool for_reading, bool for_writing) {
  const int events = (for_reading ? UV_READABLE : 0) | (for_writing ? UV_WRITABLE : 0);
  const auto on_poll = [](uv_poll_t* uv, int status, int ready) noexcept {
    DescriptorWatcher* const watcher = static_cast<Handle*>(uv->data)->watcher;
    if (watcher == nullptr) return;
    const ActivityScope scope(static_cast<Loop*>(uv->loop->data)->activity(), kCallback);
    watcher->on_ready(
        {.readable = (ready & UV_READABLE) != 0, .writable = (ready & UV_WRITABLE) != 0, .broken = status < 0});
  };
  WEIR_CHECK((events != 0 ? uv_poll_start(&handle_->uv, events, on_poll) : uv_poll_stop(&handle_->uv)) == 0);
}

}  // namespace weir::loop
