// SPDX-License-Identifier: MIT
// Socket descriptors with an owner, and the addresses that they are bound to.
#pragma once

#include <weir/base/error.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace weir::net {

/// Owns a descriptor and closes it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// What carries a stream socket's bytes.
enum class SocketKind : unsigned char { kTcp, kUnix };

/// Where a listener listens.
struct Endpoint {
  std::string host = "127.0.0.1";  ///< IPv4 or IPv6 address, "localhost", or "" with `path`.
  std::uint16_t port = 0;          ///< 0: the system chooses.
  std::string path;                ///< A Unix socket, instead of host and port.

  bool is_unix() const { return !path.empty(); }
  std::string to_string() const;
};

struct ListenOptions {
  int backlog = 1024;
  bool is_port_shared = false;  ///< SO_REUSEPORT: several listeners on one port, the kernel spreads connections.
};

/// A listening, non-blocking, close-on-exec socket; accepted sockets inherit TCP_NODELAY.
///
/// A Unix socket's path left behind by a dead process is replaced; one that still answers is kInUse.
/// Errors: kInUse, kPermission, kInvalidArgument (not an address), kSystem; the sentence names the endpoint.
base::Result<Descriptor> listen_on(const Endpoint& endpoint, const ListenOptions& options);

/// A socket that is connecting, or connected: writable when done. Non-blocking, close-on-exec.
///
/// Errors: as listen_on, and kPeerGone or kSystem when the connection fails at once.
base::Result<Descriptor> begin_connect(const Endpoint& endpoint);

/// Takes over a socket that the service manager opened (LISTEN_FDS, sd_listen_fds(3)).
///
/// Errors: kInvalidArgument when `fd` is not a listening stream socket.
base::Result<Descriptor> adopt_listener(int fd);

/// The endpoint that a bound socket really has: the port that the system chose.
base::Result<Endpoint> local_endpoint(int fd);

/// "127.0.0.1:40412", "[::1]:40412", or "unix" for the other side of a connected socket; "unknown" when it has gone.
std::string peer_text(int fd);

}  // namespace weir::net
