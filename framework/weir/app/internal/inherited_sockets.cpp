// SPDX-License-Identifier: MIT
#include <weir/app/internal/inherited_sockets.hpp>

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

namespace weir::app {
namespace {

constexpr int kFirstDescriptor = 3;
constexpr int kDescriptorsMax = 64;

}  // namespace

base::Result<std::vector<net::Descriptor>> take_inherited_sockets() {
  std::vector<net::Descriptor> sockets;
  const char* const pid = std::getenv("LISTEN_PID");
  const char* const count_text = std::getenv("LISTEN_FDS");
  if (pid == nullptr || count_text == nullptr || std::to_string(::getpid()) != pid) return sockets;
  const std::string_view text(count_text);
  int count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size() || count < 0 || count > kDescriptorsMax) {
    return base::Error(base::ErrorCode::kInvalidArgument, "LISTEN_FDS is not a small number");
  }
  ::unsetenv("LISTEN_PID");
  ::unsetenv("LISTEN_FDS");
  ::unsetenv("LISTEN_FDNAMES");
  for (int fd = kFirstDescriptor; fd < kFirstDescriptor + count; ++fd) {
    auto socket = net::adopt_listener(fd);
    if (!socket) return std::move(socket).error();
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

}  // namespace weir::app
