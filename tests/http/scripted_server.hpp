// SPDX-License-Identifier: MIT
// A server on loopback that does what a script says, connection by connection, each on a thread of its own.
#pragma once

#include <weir/net/socket.hpp>

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir::http {

class ScriptedServer {
 public:
  /// One connection, as its script sees it.
  class Peer {
   public:
    explicit Peer(int descriptor) : descriptor_(descriptor) {}

    /// The next request, head and content (by its Content-Length); "" when the client has closed.
    std::string read_request() {
      for (;;) {
        const std::size_t bytes = request_bytes();
        if (bytes != 0) {
          std::string request = received_.substr(0, bytes);
          received_.erase(0, bytes);
          return request;
        }
        char buffer[65'536];
        const ssize_t count = ::recv(descriptor_, buffer, sizeof(buffer), 0);
        if (count <= 0) return "";
        received_.append(buffer, static_cast<std::size_t>(count));
      }
    }

    /// Returns false when the client is gone.
    bool write(std::string_view bytes) {
      while (!bytes.empty()) {
        const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
      }
      return true;
    }

    void answer(std::string_view body, std::string_view status = "200 OK", std::string_view fields = "") {
      std::string out = "HTTP/1.1 ";
      out.append(status).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
      write(out.append(fields).append("\r\n").append(body));
    }

    /// Whatever else the client sends is dropped.
    void wait_for_close() {
      char buffer[4096];
      while (::recv(descriptor_, buffer, sizeof(buffer), 0) > 0) {
      }
    }

   private:
    std::size_t request_bytes() const {
      const std::size_t head_end = received_.find("\r\n\r\n");
      if (head_end == std::string::npos) return 0;
      std::size_t content = 0;
      constexpr std::string_view kLength = "Content-Length: ";
      const std::size_t at = received_.find(kLength);
      if (at < head_end) {
        std::from_chars(received_.data() + at + kLength.size(), received_.data() + head_end, content);
      }
      const std::size_t bytes = head_end + 4 + content;
      return received_.size() >= bytes ? bytes : 0;
    }

    int descriptor_;
    std::string received_;
  };
  using Script = std::function<void(Peer&)>;

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    auto listening = net::listen_on({"127.0.0.1", 0, ""}, {});
    EXPECT_TRUE(listening);
    listener_ = std::move(*listening);
    port_ = net::local_endpoint(listener_.get())->port;
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  /// Ends what its scripts still wait for.
  ~ScriptedServer() {
    stop_listening();
    for (const net::Descriptor& connection : connections_) ::shutdown(connection.get(), SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
  }

  /// Connections are refused from here on; from within a script, too.
  void stop_listening() {
    const std::lock_guard lock(stopping_);  // what the one that came first has done is done for the other
    is_stopping_ = true;
    if (!acceptor_.joinable()) return;
    acceptor_.join();
    listener_ = {};
  }

  std::string url(std::string_view path = "/") const { return "http://" + authority() + std::string(path); }
  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
  int port() const { return port_; }
  int accepted() const { return accepted_; }

 private:
  void accept_all() {
    while (!is_stopping_) {
      pollfd waiting{listener_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 10) != 1) continue;
      const int descriptor = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor < 0) continue;
      ++accepted_;
      net::Descriptor& kept = connections_.emplace_back(descriptor);
      threads_.emplace_back([this, &kept] {
        Peer peer(kept.get());
        script_(peer);
        ::shutdown(kept.get(), SHUT_RDWR);
      });
    }
  }

  Script script_;
  net::Descriptor listener_;
  int port_ = 0;
  std::mutex stopping_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int> accepted_{0};
  std::list<net::Descriptor> connections_;  // of the acceptor until it has been joined, as threads_
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace weir::http
