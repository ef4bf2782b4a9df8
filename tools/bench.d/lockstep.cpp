// SPDX-License-Identifier: MIT
// A load client that sends exactly so many requests and checks every answer, so that what a server spends on one
// request can be found as the difference of two runs. It works in rounds: one write on every connection, then every
// answer is read whole.
//
//   lockstep PORT SCENARIO CONNECTIONS REQUESTS BODY_FILE [--hold]
//
// SCENARIO: plaintext hooks logged pipelined json task param echo typed jsonecho. --hold: afterwards says "held" and
// keeps the connections until its standard input ends.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kPipelineDepth = 16;

struct Scenario {
  std::string request;   // Bytes of one write.
  std::string expected;  // Body of each answer.
  std::size_t per_write = 1;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "lockstep: %s\n", what.c_str());
  std::exit(1);
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string post(std::string_view path, std::string_view type, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::optional<Scenario> find_scenario(std::string_view name, const std::string& body) {
  for (const std::string_view same : {"plaintext", "hooks", "logged"}) {
    if (name == same) return Scenario{get("/" + std::string(name)), "Hello, World!"};
  }
  if (name == "pipelined") {
    std::string requests;
    for (std::size_t i = 0; i < kPipelineDepth; ++i) {
      requests += get("/plaintext");
    }
    return Scenario{requests, "Hello, World!", kPipelineDepth};
  }
  if (name == "json") {
    return Scenario{get("/json"), R"({"message":"Hello, World!"})"};
  }
  if (name == "task") {
    return Scenario{get("/task"), R"({"message":"Hello, World!"})"};
  }
  if (name == "param") {
    return Scenario{get("/users/42"), R"({"id":"42"})"};
  }
  if (name == "echo") {
    return Scenario{post("/echo", "application/octet-stream", body), body};
  }
  if (name == "typed") {
    return Scenario{post("/order", "application/json", body), body};
  }
  if (name == "jsonecho") {
    return Scenario{post("/json", "application/json", body), body};
  }
  return std::nullopt;
}

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{60, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      fail(std::string("cannot send: ") + std::strerror(errno));
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Size of the answer at the front of `input`, checked; nothing while it is not complete.
std::optional<std::size_t> complete_answer(std::string_view input, const Scenario& scenario) {
  const auto head_end = input.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    return std::nullopt;
  }
  const auto head = input.substr(0, head_end + 2);
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto at = head.find(kLength);
  if (!head.starts_with("HTTP/1.1 200 ") || at == std::string_view::npos) {
    fail("unexpected answer: " + std::string(head));
  }
  std::size_t body_bytes = 0;
  std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), body_bytes);
  const auto size = head_end + 4 + body_bytes;
  if (input.size() < size) {
    return std::nullopt;
  }
  if (input.substr(head_end + 4, body_bytes) != scenario.expected) {
    fail("unexpected body: " + std::string(input.substr(head_end + 4, body_bytes)));
  }
  return size;
}

void read_answers(int fd, const Scenario& scenario, std::string& input) {
  std::size_t answers = 0;
  std::size_t done = 0;
  input.clear();
  for (;;) {
    while (const auto size = complete_answer(std::string_view(input).substr(done), scenario)) {
      done += *size;
      ++answers;
    }
    if (answers == scenario.per_write) {
      return;
    }
    char chunk[16384];
    const auto got = ::recv(fd, chunk, sizeof chunk, 0);
    if (got <= 0) {
      fail(got == 0 ? "the server closed a connection" : std::string("cannot read: ") + std::strerror(errno));
    }
    input.append(chunk, static_cast<std::size_t>(got));
  }
}

std::string file_content(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    fail(std::string("cannot read ") + path);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "usage: lockstep PORT SCENARIO CONNECTIONS REQUESTS BODY_FILE [--hold]\n");
    return 2;
  }
  const auto scenario = find_scenario(argv[2], file_content(argv[5]));
  if (!scenario) {
    fail(std::string("unknown scenario ") + argv[2]);
  }
  std::vector<int> connections(static_cast<std::size_t>(std::atoi(argv[3])));
  const auto per_round = connections.size() * scenario->per_write;
  const auto requests = static_cast<std::size_t>(std::atoll(argv[4]));
  if (per_round == 0 || requests % per_round != 0) {
    fail("REQUESTS must be a multiple of " + std::to_string(per_round));
  }
  for (auto& fd : connections) {
    fd = connect_to(std::atoi(argv[1]));
  }
  const std::string_view option = argc > 6 ? argv[6] : "";
  std::string input;
  for (std::size_t round = 0; round < requests / per_round; ++round) {
    for (const int fd : connections) {
      send_all(fd, scenario->request);
    }
    for (const int fd : connections) {
      read_answers(fd, *scenario, input);
    }
  }
  if (option == "--hold") {
    std::puts("held");
    std::fflush(stdout);
    while (std::getchar() != EOF) {
    }
  }
  for (const int fd : connections) {
    ::close(fd);
  }
}
