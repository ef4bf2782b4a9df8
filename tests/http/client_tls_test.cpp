// SPDX-License-Identifier: MIT
// Whom the client trusts: against the server of the program `openssl`.
#include <tests/http/client_fixture.hpp>
#include <weir/http/client/client.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace weir::http {
namespace {

pid_t start(std::vector<std::string> arguments) {
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
  pid_t pid = -1;
  if (posix_spawnp(&pid, pointers[0], &files, nullptr, pointers.data(), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&files);
  return pid;
}

bool run(std::vector<std::string> arguments) {
  const pid_t pid = start(std::move(arguments));
  int status = -1;
  return pid > 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
}

class ClientTlsTest : public ClientFixture {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "weir-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const bool is_made = run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                              "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                              "subjectAltName=DNS:localhost", "-keyout", key(), "-out", certificate()});
    if (!is_made) GTEST_SKIP() << "the program openssl is missing, or makes no certificate";
    port_ = free_port();
    server_ = start({"openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port_), "-key", key(), "-cert",
                     certificate(), "-www", "-quiet"});
    ASSERT_GT(server_, 0);
    ASSERT_TRUE(run_until([this] { return is_listening(); }));
  }
  void TearDown() override {
    if (server_ > 0) {
      ::kill(server_, SIGKILL);
      ::waitpid(server_, nullptr, 0);
    }
    std::filesystem::remove_all(folder_);
  }

  std::string key() const { return (folder_ / "key.pem").string(); }
  std::string certificate() const { return (folder_ / "certificate.pem").string(); }
  std::string url(const std::string& host) const { return "https://" + host + ":" + std::to_string(port_) + "/"; }
  void trust_it() { client = std::make_unique<Client>(loop, ClientOptions{.ca_file = certificate()}); }

 private:
  static int free_port() {
    const ScriptedServer gone([](ScriptedServer::Peer&) {});
    return gone.port();
  }
  bool is_listening() const {
    auto client_socket = net::begin_connect({"127.0.0.1", static_cast<std::uint16_t>(port_), ""});
    if (!client_socket) return false;
    pollfd writable{client_socket->get(), POLLOUT, 0};
    return ::poll(&writable, 1, 1000) == 1 && (writable.revents & POLLERR) == 0;
  }

  std::filesystem::path folder_;
  int port_ = 0;
  pid_t server_ = -1;
};

TEST_F(ClientTlsTest, AnUnknownCertificateIsNotTrusted) {
  const Outcome outcome = call(client->get(url("localhost")));
  EXPECT_EQ(outcome.error, ClientErrorCode::kTls) << outcome.message;
  EXPECT_TRUE(outcome.message.starts_with("localhost:")) << outcome.message;
}

TEST_F(ClientTlsTest, AKnownOneIs) {
  trust_it();
  const Outcome outcome = call(client->get(url("localhost")));
  ASSERT_TRUE(outcome.response) << outcome.message;
  EXPECT_EQ(outcome.response->status, 200);
}

TEST_F(ClientTlsTest, ACertificateOfAnotherNameIsNotTrusted) {
  trust_it();
  const Outcome outcome = call(client->get(url("127.0.0.1")));
  EXPECT_EQ(outcome.error, ClientErrorCode::kTls) << outcome.message;
}

TEST_F(ClientTlsTest, PlainTextIsNoTls) {
  ScriptedServer plain([](ScriptedServer::Peer& peer) {
    peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    peer.wait_for_close();
  });
  const Outcome outcome = call(client->get("https://" + plain.authority() + "/"));
  EXPECT_EQ(outcome.error, ClientErrorCode::kTls) << outcome.message;
}

}  // namespace
}  // namespace weir::http
