// SPDX-License-Identifier: MIT
// What a person at a terminal sees: one clear sentence on standard error, and an exit code to rely on.
#include <tests/end_to_end/client.hpp>
#include <tests/end_to_end/process.hpp>

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

namespace weir::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// One line, ended, that begins with the program's name.
void expect_sentence(const Finished& finished, std::string_view program) {
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  EXPECT_TRUE(finished.err.ends_with('\n')) << finished.err;
  EXPECT_THAT(finished.err, StartsWith(std::string(program) + ": "));
  EXPECT_EQ(finished.out, "");
}

void expect_failure(const Finished& finished, int exit_code, const std::string& part) {
  EXPECT_EQ(finished.exit_code, exit_code) << finished.err;
  expect_sentence(finished, "benchmark");
  EXPECT_THAT(finished.err, HasSubstr(part));
}

Finished benchmark(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  return run(WEIR_BENCHMARK_BINARY, std::move(arguments), std::move(environment));
}

// A file that goes with the test.
class File {
 public:
  explicit File(std::string_view text)
      : path_(std::filesystem::temp_directory_path() / ("weir-test-" + std::to_string(::getpid()) + ".json")) {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A port that somebody holds: bound, and on request listening, for as long as this lives.
class HeldPort {
 public:
  explicit HeldPort(bool listens) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    if (listens) {
      EXPECT_EQ(::listen(fd_, 8), 0);
    }
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~HeldPort() { ::close(fd_); }
  std::string port() const { return std::to_string(port_); }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST(CommandLineTest, ATakenPortIsNamed) {
  const HeldPort held(true);
  for (const char* const loops : {"1", "2"}) {
    expect_failure(benchmark({"serve", "--port", held.port(), "--loops", loops}), 1, held.port());
  }
}

TEST(CommandLineTest, ATakenAdminPortThatWasAskedForIsNamed) {
  const HeldPort held(true);
  expect_failure(benchmark({"serve", "--port", "0", "--admin.port", held.port()}), 1, held.port());
}

TEST(CommandLineTest, AnUnknownFlagSuggestsTheNearest) {
  expect_failure(benchmark({"serve", "--prot", "80"}), 2, "did you mean --port?");
}

TEST(CommandLineTest, AnUnknownCommandSuggestsTheNearest) {
  expect_failure(benchmark({"sevre"}), 2, "did you mean serve?");
}

TEST(CommandLineTest, AMissingOrWrongValueIsUsage) {
  expect_failure(benchmark({"serve", "--port"}), 2, "--port");
  expect_failure(benchmark({"serve", "--port", "eighty"}), 2, "port");
  expect_failure(benchmark({"serve", "--port", "65536"}), 2, "port");
  expect_failure(benchmark({"serve", "--limits.body-bytes", "12parsecs"}), 2, "limits.body-bytes");
  expect_failure(benchmark({"serve", "--drain.idle", "soon"}), 2, "drain.idle");
  expect_failure(benchmark({"serve", "left", "over"}), 2, "left");
}

TEST(CommandLineTest, AMissingFileIsAFailure) {
  expect_failure(benchmark({"serve", "--config", "/nowhere/weir.json"}), 1, "/nowhere/weir.json");
}

TEST(CommandLineTest, AWrongFileIsNamed) {
  const File broken("{\"port\": ");
  expect_failure(benchmark({"serve", "--config", broken.path()}), 2, broken.path());
  const File unknown("{\"limits\": {\"body_byte\": 1}}");
  expect_failure(benchmark({"serve", "--config", unknown.path()}), 2, "limits.body_bytes");
}

TEST(CommandLineTest, AWrongVariableIsNamed) {
  expect_failure(benchmark({"serve"}, {"WEIR_PORT=eighty"}), 2, "WEIR_PORT");
  expect_failure(benchmark({"serve"}, {"WEIR_PROT=80"}), 2, "WEIR_PORT");
}

TEST(CommandLineTest, AWrongLogSettingIsAFailureThatIsNamed) {
  const Finished finished = benchmark({"serve", "--port", "0", "--log.level", "loud"});
  EXPECT_EQ(finished.exit_code, 2);
  expect_sentence(finished, "benchmark");
  EXPECT_THAT(finished.err, HasSubstr("loud"));
}

TEST(CommandLineTest, AnAddressThatIsNoneIsNamed) {
  expect_failure(benchmark({"serve", "--host", "256.0.0.1", "--port", "0"}), 1, "256.0.0.1");
}

TEST(CommandLineTest, CollidingRoutesAreNamedWithBothPlaces) {
  for (const char* const command : {"serve", "routes"}) {
    const Finished finished = run(WEIR_COLLISION_BINARY, {command});
    EXPECT_EQ(finished.exit_code, 1);
    expect_sentence(finished, "collision");
    EXPECT_THAT(finished.err, HasSubstr("/users/{id}"));
    EXPECT_THAT(finished.err, HasSubstr("/users/{name}"));
    EXPECT_THAT(finished.err, HasSubstr("main.cpp:9"));
    EXPECT_THAT(finished.err, HasSubstr("main.cpp:13"));
  }
}

TEST(CommandLineTest, ABadPatternIsNamedWithItsPlace) {
  const Finished finished = run(WEIR_COLLISION_BINARY, {"serve"}, {"BAD_PATTERN=1"});
  EXPECT_EQ(finished.exit_code, 1);
  expect_sentence(finished, "collision");
  EXPECT_THAT(finished.err, HasSubstr("/users/{id"));
  EXPECT_THAT(finished.err, HasSubstr("main.cpp:11"));
}

TEST(CommandLineTest, HelpAndVersionGoToStandardOutput) {
  const Finished help = benchmark({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("--limits.body-bytes"));
  EXPECT_THAT(help.out, HasSubstr("healthcheck"));
  EXPECT_EQ(help.err, "");
  const Finished version = benchmark({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, StartsWith("benchmark "));
}

TEST(CommandLineTest, PrintConfigSaysWhereEachValueCameFrom) {
  const File file("{\"loops\": 3, \"port\": 1}");
  const Finished finished = benchmark({"serve", "--print-config", "--config", file.path(), "--host", "127.0.0.2"},
                                      {"WEIR_PORT=81", "WEIR_LIMITS_BODY_BYTES=64KiB"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_EQ(finished.err, "");
  EXPECT_THAT(finished.out, HasSubstr("flag --host"));
  EXPECT_THAT(finished.out, HasSubstr("environment WEIR_PORT"));
  EXPECT_THAT(finished.out, HasSubstr("64KiB"));
  EXPECT_THAT(finished.out, HasSubstr("file " + file.path()));
}

TEST(CommandLineTest, RoutesListsWhatIsServed) {
  const Finished finished = benchmark({"routes"});
  EXPECT_EQ(finished.exit_code, 0);
  for (const char* const part : {"/plaintext", "/users/{id}", "POST", "main.cpp:", "/readyz"}) {
    EXPECT_THAT(finished.out, HasSubstr(part));
  }
}

TEST(CommandLineTest, RoutesShowsMiddlewareFromTheOutermostOn) {
  const Finished finished = run(WEIR_TOUR_BINARY, {"routes"});
  EXPECT_EQ(finished.exit_code, 0);
  EXPECT_THAT(finished.out,
              HasSubstr("AccessLog > TrustedProxies > RequestId > TraceContext > SecurityHeaders > Cors"));
  EXPECT_THAT(finished.out, HasSubstr("> Cors > Compression > ETag "));
}

TEST(CommandLineTest, HealthcheckSucceedsWhenReady) {
  Process server(WEIR_BENCHMARK_BINARY,
                 {.arguments = {"serve", "--port", "0", "--admin.enabled=false", "--log.format", "json"}});
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0) << server.out() << server.err();
  const Finished finished = benchmark({"healthcheck", "--port", std::to_string(port)});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
}

TEST(CommandLineTest, HealthcheckFailsWhereNothingListens) {
  const HeldPort held(false);
  const Finished finished = benchmark({"healthcheck", "--port", held.port()});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
}

// A stopped server, and one that accepts in the kernel only: both look alive from outside.
TEST(CommandLineTest, HealthcheckGivesUpInTimeWhenTheServerHangs) {
  Process server(WEIR_BENCHMARK_BINARY,
                 {.arguments = {"serve", "--port", "0", "--admin.enabled=false", "--log.format", "json"}});
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0) << server.out() << server.err();
  server.signal(SIGSTOP);
  const auto begun = Clock::now();
  const Finished finished = benchmark({"healthcheck", "--port", std::to_string(port)});
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_LT(Clock::now() - begun, 2500ms);
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  server.signal(SIGCONT);
}

}  // namespace
}  // namespace weir::test
