// SPDX-License-Identifier: MIT
#include <weir/net/socket.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace weir::net {
namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_un unix_path;
};

struct BoundAddress {
  Address address{};
  socklen_t length = 0;
};

base::Result<BoundAddress> resolve(const Endpoint& endpoint) {
  BoundAddress out;
  if (endpoint.is_unix()) {
    if (endpoint.path.size() >= sizeof(out.address.unix_path.sun_path)) {
      return base::Error(base::ErrorCode::kInvalidArgument, "the path of a Unix socket has at most 107 bytes");
    }
    out.address.unix_path.sun_family = AF_UNIX;
    std::memcpy(out.address.unix_path.sun_path, endpoint.path.c_str(), endpoint.path.size() + 1);
    out.length = sizeof(sockaddr_un);
    return out;
  }
  const std::string host = endpoint.host == "localhost" ? "127.0.0.1" : endpoint.host;
  if (::inet_pton(AF_INET, host.c_str(), &out.address.v4.sin_addr) == 1) {
    out.address.v4.sin_family = AF_INET;
    out.address.v4.sin_port = htons(endpoint.port);
    out.length = sizeof(sockaddr_in);
    return out;
  }
  if (::inet_pton(AF_INET6, host.c_str(), &out.address.v6.sin6_addr) == 1) {
    out.address.v6.sin6_family = AF_INET6;
    out.address.v6.sin6_port = htons(endpoint.port);
    out.length = sizeof(sockaddr_in6);
    return out;
  }
  return base::Error(base::ErrorCode::kInvalidArgument,
                     "'" + host + "' is not an IP address (examples: 127.0.0.1, 0.0.0.0, ::)");
}

// A path whose owner died refuses connections: it may go. Anything else stays.
void remove_stale_path(const BoundAddress& bound) {
  struct stat info {};
  const char* const path = bound.address.unix_path.sun_path;
  if (::stat(path, &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), &bound.address.any, bound.length) != 0 && errno == ECONNREFUSED) ::unlink(path);
}

std::string ip_text(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.any.sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof(text));
  } else {
    ::inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof(text));
  }
  return text;
}

std::uint16_t port_of(const Address& address) {
  return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof(value));
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string Endpoint::to_string() const {
  if (is_unix()) return "unix:" + path;
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

base::Result<Descriptor> listen_on(const Endpoint& endpoint, const ListenOptions& options) {
  const auto fail = [&](int error_number) {
    return base::Error::from_errno(error_number, "cannot listen on " + endpoint.to_string());
  };
  auto bound = resolve(endpoint);
  if (!bound) return std::move(bound).error().with_context("cannot listen on " + endpoint.to_string());
  const int family = bound->address.any.sa_family;
  Descriptor fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(errno);
  if (endpoint.is_unix()) {
    remove_stale_path(*bound);
  } else {
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    if (family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
    if (options.is_port_shared) set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (::bind(fd.get(), &bound->address.any, bound->length) != 0) return fail(errno);
  if (::listen(fd.get(), options.backlog) != 0) return fail(errno);
  return fd;
}

base::Result<Descriptor> begin_connect(const Endpoint& endpoint) {
  auto peer = resolve(endpoint);
  if (!peer) return std::move(peer).error();
  Descriptor fd(::socket(peer->address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd && (::connect(fd.get(), &peer->address.any, peer->length) == 0 || errno == EINPROGRESS)) return fd;
  return base::Error::from_errno(errno, "cannot connect to " + endpoint.to_string());
}

base::Result<Descriptor> adopt_listener(int fd) {
  int is_listening = 0;
  socklen_t length = sizeof(is_listening);
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &length) != 0 || is_listening == 0) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "descriptor " + std::to_string(fd) + " from LISTEN_FDS is not a listening socket");
  }
  int type = 0;
  length = sizeof(type);
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM) {
    return base::Error(base::ErrorCode::kInvalidArgument,
                       "descriptor " + std::to_string(fd) + " from LISTEN_FDS is not a stream socket");
  }
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);  // inherited by what it accepts; refused by a Unix socket
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return Descriptor(fd);
}

base::Result<Endpoint> local_endpoint(int fd) {
  Address address{};
  socklen_t length = sizeof(address);
  if (::getsockname(fd, &address.any, &length) != 0) return base::Error::from_errno(errno, "getsockname");
  Endpoint endpoint;
  if (address.any.sa_family == AF_UNIX) {
    constexpr std::size_t kPathOffset = offsetof(sockaddr_un, sun_path);
    const std::string_view path(address.unix_path.sun_path, length > kPathOffset ? length - kPathOffset : 0);
    endpoint.path = path.substr(0, path.find('\0'));
    if (endpoint.path.empty()) endpoint.path = "(unnamed)";  // or in the abstract name space
    endpoint.host.clear();
    return endpoint;
  }
  endpoint.host = ip_text(address);
  endpoint.port = port_of(address);
  return endpoint;
}

std::string peer_text(int fd) {
  Address address{};
  socklen_t length = sizeof(address);
  if (::getpeername(fd, &address.any, &length) != 0) return "unknown";
  if (address.any.sa_family == AF_UNIX) return "unix";
  return Endpoint{ip_text(address), port_of(address), ""}.to_string();
}

}  // namespace weir::net
