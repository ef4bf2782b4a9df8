// SPDX-License-Identifier: MIT
#include <weir/net/stream_transport.hpp>

#include <weir/base/check.hpp>

#include <sys/socket.h>
#include <uv.h>

#include <array>
#include <utility>

namespace weir::net {
namespace {

// One allocation per connection: libuv's handle, what it calls back, and what was told already. libuv and the hangup
// watcher may both see the same end or break; whoever comes first tells it.
struct Handle final : HangupWatcher::Watch {
  explicit Handle(loop::Loop& loop_in) : loop(loop_in) {}

  union {
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  };
  loop::Loop& loop;
  TransportEvents* events = nullptr;
  bool is_reading = false;
  bool is_output_ended = false;  // our FIN went
  bool is_end_held = false;      // the peer's FIN was seen while reading went on, which tells it after the bytes
  bool is_fin_told = false;      // ahead of the end
  bool is_end_told = false;
  bool is_broken = false;

  uv_handle_t* as_handle() { return reinterpret_cast<uv_handle_t*>(&stream); }
  static Handle& of(const void* uv) { return *static_cast<Handle*>(static_cast<const uv_handle_t*>(uv)->data); }
  bool is_silent() const { return events == nullptr || is_broken; }

  void tell_end() {
    if (!is_silent() && !std::exchange(is_end_told, true)) events->on_end_of_input();
  }
  void tell_broken(const base::Error& error) {
    if (!is_silent() && !std::exchange(is_broken, true)) events->on_broken(error);
  }

  void on_input_ended() noexcept override {
    if (is_reading) {
      is_end_held = true;
    } else if (!is_silent() && !is_end_told && !std::exchange(is_fin_told, true)) {
      events->on_fin_ahead();
    }
  }
  void on_both_ended() noexcept override {
    if (is_output_ended) return on_input_ended();
    tell_broken({base::ErrorCode::kPeerGone, "connection: the peer has closed"});
  }
  void on_failed(const base::Error& error) noexcept override { tell_broken(error); }
};

struct WriteRequest {
  uv_write_t uv{};
  std::string bytes;
};

base::Error uv_error(int code, std::string_view what) {
  return base::Error::from_errno(-code, what);
}

void on_alloc(uv_handle_t* uv, std::size_t, uv_buf_t* buffer) noexcept {
  const std::span<char> slab = Handle::of(uv).loop.read_slab();
  buffer->base = slab.data();
  buffer->len = slab.size();
}

void on_read(uv_stream_t* uv, ssize_t count, const uv_buf_t* buffer) noexcept {
  Handle& handle = Handle::of(uv);
  if (handle.is_silent() || count == 0) return;
  if (count > 0) return handle.events->on_read({buffer->base, static_cast<std::size_t>(count)});
  handle.is_reading = false;  // libuv has stopped by itself
  if (count == UV_EOF) return handle.tell_end();
  handle.tell_broken(uv_error(static_cast<int>(count), "read"));
}

void on_written(uv_write_t* uv, int status) noexcept {
  const std::unique_ptr<WriteRequest> request(static_cast<WriteRequest*>(uv->data));
  Handle& handle = Handle::of(uv->handle);
  if (handle.is_silent()) return;
  if (status != 0) return handle.tell_broken(uv_error(status, "write"));
  handle.events->on_write_progress(handle.stream.write_queue_size == 0);
}

class StreamTransport final : public Transport {
 public:
  StreamTransport(Handle* handle, HangupWatcher* hangups) : handle_(handle), hangups_(hangups) {}

  ~StreamTransport() override {
    watch_hangup(false);
    handle_->events = nullptr;
    uv_close(handle_->as_handle(), [](uv_handle_t* uv) { delete &Handle::of(uv); });
  }

  void set_events(TransportEvents& events) override { handle_->events = &events; }

  void start_reading() override {
    const int result = uv_read_start(&handle_->stream, on_alloc, on_read);
    // Other failures show up as a broken stream with the next write or read.
    handle_->is_reading = result == 0 || result == UV_EALREADY;
  }

  void stop_reading() override {
    uv_read_stop(&handle_->stream);
    handle_->is_reading = false;
    if (std::exchange(handle_->is_end_held, false)) hangups_->repeat(*handle_);
  }

  void watch_hangup(bool is_on) override {
    if (hangups_ == nullptr) return;
    if (!is_on) return hangups_->stop(*handle_);
    uv_os_fd_t fd = -1;
    // Best effort: where the system refuses, the deadlines of the floors above still rule.
    if (uv_fileno(handle_->as_handle(), &fd) == 0) static_cast<void>(hangups_->start(*handle_, fd));
  }

  std::size_t try_write(std::string_view first, std::string_view second) override {
    const std::array<uv_buf_t, 2> buffers{buffer_of(first), buffer_of(second)};
    const int written = uv_try_write(&handle_->stream, buffers.data(), second.empty() ? 1 : 2);
    // EAGAIN and errors alike: what remains is queued, and a broken stream fails that write.
    return written > 0 ? static_cast<std::size_t>(written) : 0;
  }

  void write(std::string bytes) override {
    auto request = std::make_unique<WriteRequest>();
    request->bytes = std::move(bytes);
    request->uv.data = request.get();
    const uv_buf_t buffer = buffer_of(request->bytes);
    const int result = uv_write(&request->uv, &handle_->stream, &buffer, 1, on_written);
    if (result == 0) static_cast<void>(request.release());  // on_written has it now
  }

  std::size_t queued_bytes() const override { return handle_->stream.write_queue_size; }

  void shut_down_output() override {
    auto request = std::make_unique<uv_shutdown_t>();
    const auto on_shut_down = [](uv_shutdown_t* uv, int status) noexcept {
      const std::unique_ptr<uv_shutdown_t> owned(uv);
      Handle::of(uv->handle).is_output_ended = status == 0;
    };
    const int result = uv_shutdown(request.get(), &handle_->stream, on_shut_down);
    if (result == 0) static_cast<void>(request.release());
  }

  void reset_on_close() override {
    uv_os_fd_t fd = -1;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (uv_fileno(handle_->as_handle(), &fd) == 0) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  int descriptor() const override {
    uv_os_fd_t fd = -1;
    return uv_fileno(handle_->as_handle(), &fd) == 0 ? fd : -1;
  }

  std::string peer() const override {
    if (!peer_) {
      const int fd = descriptor();
      peer_ = std::make_unique<const std::string>(fd >= 0 ? peer_text(fd) : "unknown");
    }
    return *peer_;
  }

 private:
  static uv_buf_t buffer_of(std::string_view bytes) {
    // libuv's buffers are not const; writing only reads them.
    return {const_cast<char*>(bytes.data()), bytes.size()};
  }
  Handle* handle_;
  HangupWatcher* hangups_;
  mutable std::unique_ptr<const std::string> peer_;  // made when first asked for: some ask with every request
};

}  // namespace

base::Result<std::unique_ptr<Transport>> make_stream_transport(loop::Loop& loop, Descriptor socket, SocketKind kind,
                                                               HangupWatcher* hangups) {
  const bool is_unix = kind == SocketKind::kUnix;
  auto* const handle = new Handle(loop);
  WEIR_CHECK((is_unix ? uv_pipe_init(loop.native(), &handle->pipe, 0) : uv_tcp_init(loop.native(), &handle->tcp)) == 0);
  handle->stream.data = handle;
  auto transport = std::make_unique<StreamTransport>(handle, hangups);
  const int result = is_unix ? uv_pipe_open(&handle->pipe, socket.get()) : uv_tcp_open(&handle->tcp, socket.get());
  if (result != 0) return uv_error(result, "cannot take a socket onto the loop");
  socket.release();
  return std::unique_ptr<Transport>(std::move(transport));
}

}  // namespace weir::net
