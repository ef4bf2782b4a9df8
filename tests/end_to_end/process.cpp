// SPDX-License-Identifier: MIT
#include <tests/end_to_end/process.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace weir::test {
namespace {

constexpr int kFirstInherited = 3;
constexpr int kMovedAway = 200;

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Between fork and exec: nothing that takes a lock or allocates.
[[noreturn]] void become(const char* path, char* const* arguments, char* const* environment, char* listen_pid,
                         const std::vector<int>& inherited, std::uint64_t descriptors_max, int out, int err) {
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  const int count = static_cast<int>(inherited.size());
  for (int i = 0; i < count; ++i) ::dup2(inherited[static_cast<std::size_t>(i)], kMovedAway + i);
  for (int i = 0; i < count; ++i) ::dup2(kMovedAway + i, kFirstInherited + i);
  ::close_range(static_cast<unsigned>(kFirstInherited + count), ~0U, 0);
  if (listen_pid != nullptr) std::to_chars(listen_pid, listen_pid + 10, ::getpid());
  if (descriptors_max != 0) {
    const rlimit limit{descriptors_max, descriptors_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ::execve(path, arguments, environment);
  ::_exit(127);
}

}  // namespace

Process::Process(const std::string& path, Options options) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  options.arguments.insert(options.arguments.begin(), path);
  auto& environment = options.environment;
  if (const char* const search = std::getenv("PATH")) environment.push_back(std::string("PATH=") + search);
  bool has_sockets = false;
  for (const std::string& variable : environment) has_sockets = has_sockets || variable.starts_with("LISTEN_FDS=");
  if (has_sockets) environment.push_back("LISTEN_PID=" + std::string(10, '\0'));
  char* const listen_pid = has_sockets ? environment.back().data() + std::string_view("LISTEN_PID=").size() : nullptr;
  const auto argument_pointers = pointers(options.arguments);
  const auto environment_pointers = pointers(environment);
  pid_ = ::fork();
  if (pid_ == 0) {
    become(path.c_str(), argument_pointers.data(), environment_pointers.data(), listen_pid, options.inherited,
           options.descriptors_max, out[1], err[1]);
  }
  ::close(out[1]);
  ::close(err[1]);
  out_fd_ = out[0];
  err_fd_ = err[0];
  if (pid_ < 0) throw std::runtime_error("fork");
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_fd_ >= 0) ::close(out_fd_);
  if (err_fd_ >= 0) ::close(err_fd_);
}

void Process::signal(int number) const {
  ::kill(pid_, number);
}

bool Process::take_output(Clock::time_point deadline) {
  std::array<pollfd, 2> waiting{pollfd{out_fd_, POLLIN, 0}, pollfd{err_fd_, POLLIN, 0}};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (left <= 0 || (out_fd_ < 0 && err_fd_ < 0)) return false;
  if (::poll(waiting.data(), waiting.size(), static_cast<int>(left)) <= 0) return false;
  const auto take = [](short events, int& fd, std::string& text) {
    if (events == 0) return;
    std::array<char, 4096> buffer;
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count > 0) {
      text.append(buffer.data(), static_cast<std::size_t>(count));
    } else {
      ::close(std::exchange(fd, -1));
    }
  };
  take(waiting[0].revents, out_fd_, out_);
  take(waiting[1].revents, err_fd_, err_);
  return true;
}

bool Process::wait_for_output(std::string_view text) {
  const auto deadline = Clock::now() + kPatience;
  while (out_.find(text) == std::string::npos) {
    if (!take_output(deadline)) return false;
  }
  return true;
}

std::uint16_t Process::wait_for_port() {
  if (!wait_for_output("\"event\":\"serving\"")) return 0;
  constexpr std::string_view kAddress = "\"address\":\"";
  const std::size_t address = out_.find(kAddress) + kAddress.size();
  const std::string text = out_.substr(address, out_.find('"', address) - address);
  const std::size_t colon = text.rfind(':');
  return colon == std::string::npos ? std::uint16_t{0}
                                    : static_cast<std::uint16_t>(std::atoi(text.c_str() + colon + 1));
}

std::optional<int> Process::wait_for_exit(std::chrono::milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (take_output(deadline)) {
  }
  const bool is_late = out_fd_ >= 0 || err_fd_ >= 0;
  if (is_late) ::kill(pid_, SIGKILL);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  if (is_late) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void Process::watch(std::chrono::milliseconds time) {
  const auto deadline = Clock::now() + time;
  while (take_output(deadline)) {
  }
}

std::chrono::milliseconds Process::cpu_time() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  long long user = 0;
  long long system = 0;
  fields >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

Finished run(const std::string& path, std::vector<std::string> arguments, std::vector<std::string> environment) {
  Process process(path, {.arguments = std::move(arguments), .environment = std::move(environment)});
  const auto exit_code = process.wait_for_exit();
  return {exit_code.value_or(-1), process.out(), process.err()};
}

}  // namespace weir::test
