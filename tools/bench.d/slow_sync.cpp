// SPDX-License-Identifier: MIT
// Makes the disk of one program slow, for tools/bench jobs --delay: preloaded, it sleeps SLOW_SYNC_US microseconds
// after each fdatasync and fsync.
#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace {

using Sync = int (*)(int);

std::chrono::microseconds delay() {
  const char* const text = std::getenv("SLOW_SYNC_US");
  return std::chrono::microseconds(text == nullptr ? 0 : std::atol(text));
}

Sync original(const char* name) {
  return reinterpret_cast<Sync>(::dlsym(RTLD_NEXT, name));
}

// A failed call is not delayed: its errno has to reach the caller.
int slowed(Sync sync, int file) {
  static const std::chrono::microseconds pause = delay();
  const int code = sync(file);
  if (code == 0 && pause.count() > 0) std::this_thread::sleep_for(pause);
  return code;
}

}  // namespace

extern "C" int fdatasync(int file) {
  static const Sync sync = original("fdatasync");
  return slowed(sync, file);
}

extern "C" int fsync(int file) {
  static const Sync sync = original("fsync");
  return slowed(sync, file);
}
