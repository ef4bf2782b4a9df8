// SPDX-License-Identifier: MIT
// The real program is told to stop under load: what it accepted it answers, and its exit code tells the truth.
#include <tests/end_to_end/client.hpp>
#include <tests/end_to_end/process.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <semaphore>
#include <thread>

namespace weir::test {
namespace {

using testing::HasSubstr;

Process serve(std::vector<std::string> flags) {
  std::vector<std::string> arguments{"serve", "--port", "0", "--admin.enabled=false", "--log.format", "json"};
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return Process(WEIR_BENCHMARK_BINARY, {.arguments = std::move(arguments)});
}

// What 64 clients saw. A problem is a request that was sent and not answered, or an end that was not clean.
class Record {
 public:
  void answer() {
    if (++answers_ == kAnswersBeforeSignal) enough_.release();
  }
  void problem(std::string what) {
    const std::lock_guard lock(mutex_);
    problems_.push_back(std::move(what));
  }
  bool wait_for_load() { return enough_.try_acquire_for(kPatience); }
  /// Lets the late clients go.
  void signal_is_sent() { late_.release(64); }
  bool wait_for_signal() { return late_.try_acquire_for(kPatience); }
  std::vector<std::string> problems() const { return problems_; }
  std::uint64_t answers() const { return answers_; }
  std::atomic<int> closing_answers{0};

 private:
  static constexpr std::uint64_t kAnswersBeforeSignal = 3'000;
  std::atomic<std::uint64_t> answers_{0};
  std::counting_semaphore<64> enough_{0};
  std::counting_semaphore<64> late_{0};
  std::mutex mutex_;
  std::vector<std::string> problems_;
};

std::string describe(const char* who, int client, std::uint64_t request, Ending ending) {
  return std::string(who) + " client " + std::to_string(client) + ", request " + std::to_string(request) + ": ending " +
         std::to_string(static_cast<int>(ending));
}

void expect_end(Client& client, const char* who, int number, Record& record) {
  const Ending ending = client.wait_for_end();
  if (ending != Ending::kClosed) record.problem(describe(who, number, 0, ending) + " instead of a clean close");
}

// One request after the other. It never pauses, so that no request of its may meet a closed connection.
void be_busy(Client& client, int number, Record& record) {
  for (std::uint64_t i = 0;; ++i) {
    const std::string id = std::to_string(number) + "-" + std::to_string(i);
    const Answer answer = client.get("/users/" + id);
    if (answer.ending != Ending::kAnswered) return record.problem(describe("busy", number, i, answer.ending));
    if (answer.body != "{\"id\":\"" + id + "\"}") return record.problem("an answer to another request: " + answer.body);
    record.answer();
    if (!answer.is_closing()) continue;
    ++record.closing_answers;
    return expect_end(client, "busy", number, record);
  }
}

// Sends its last request after the signal, on a connection that was idle.
void be_late(Client& client, int number, Record& record) {
  if (client.get("/plaintext").ending != Ending::kAnswered) return record.problem("late client was not served");
  if (!record.wait_for_signal()) return record.problem("no signal");
  const Answer answer = client.get("/plaintext");
  if (answer.ending != Ending::kAnswered) return record.problem(describe("late", number, 1, answer.ending));
}

void be_idle(Client& client, int number, Record& record) {
  if (client.get("/plaintext").ending != Ending::kAnswered) return record.problem("idle client was not served");
  expect_end(client, "idle", number, record);
}

void stop_under_load(const std::vector<std::string>& flags) {
  constexpr int kClients = 64;
  Process server = serve(flags);
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0) << server.out() << server.err();
  Record record;
  std::vector<std::thread> threads;
  for (int number = 0; number < kClients; ++number) {
    threads.emplace_back([number, port, &record] {
      Client client(port);
      if (!client.is_connected()) return record.problem("client could not connect");
      if (number % 8 == 0) return be_late(client, number, record);
      if (number % 8 == 1) return be_idle(client, number, record);
      be_busy(client, number, record);
    });
  }
  EXPECT_TRUE(record.wait_for_load());
  server.signal(SIGTERM);
  EXPECT_TRUE(server.wait_for_output("\"event\":\"drain.begin\""));
  record.signal_is_sent();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.wait_for_exit(), 0) << server.out() << server.err();
  EXPECT_EQ(record.problems(), std::vector<std::string>());
  EXPECT_EQ(record.closing_answers, kClients * 6 / 8);
}

TEST(ShutdownTest, NothingIsLostUnderLoad) {
  for (int round = 0; round < 5; ++round) stop_under_load({"--loops", "2", "--drain.idle", "500ms"});
}

TEST(ShutdownTest, NothingIsLostOnOneLoop) {
  stop_under_load({"--loops", "1", "--drain.idle", "500ms"});
}

TEST(ShutdownTest, AnIdleServerStopsAtOnce) {
  Process server = serve({});
  ASSERT_NE(server.wait_for_port(), 0);
  server.signal(SIGINT);
  EXPECT_EQ(server.wait_for_exit(5s), 0) << server.out() << server.err();
}

TEST(ShutdownTest, IsNotReadyButServesDuringTheDrainDelay) {
  Process server = serve({"--drain.delay", "1s", "--drain.idle", "100ms"});
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0);
  EXPECT_EQ(Client(port).get("/readyz").status, 200);
  server.signal(SIGTERM);
  ASSERT_TRUE(server.wait_for_output("\"event\":\"drain.begin\""));
  EXPECT_EQ(Client(port).get("/readyz").status, 503);
  EXPECT_EQ(Client(port).get("/plaintext").status, 200);
  EXPECT_EQ(server.wait_for_exit(), 0);
}

// Half a request: the server has read its head and waits for the rest.
Client hang(std::uint16_t port) {
  Client client(port);
  client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(client.receive().status, 100);
  client.send("12345");
  return client;
}

TEST(ShutdownTest, ARequestInFlightIsAnsweredBeforeTheEnd) {
  Process server = serve({});
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0);
  Client client = hang(port);
  server.signal(SIGTERM);
  ASSERT_TRUE(server.wait_for_output("\"event\":\"drain.waiting\""));
  client.send("67890");
  const Answer answer = client.receive();
  EXPECT_EQ(answer.body, "1234567890");
  EXPECT_TRUE(answer.is_closing());
  EXPECT_EQ(client.wait_for_end(), Ending::kClosed);
  EXPECT_EQ(server.wait_for_exit(), 0) << server.out() << server.err();
}

TEST(ShutdownTest, ASecondSignalEndsAtOnceWithOne) {
  Process server = serve({});
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0);
  const Client client = hang(port);
  server.signal(SIGTERM);
  ASSERT_TRUE(server.wait_for_output("\"event\":\"drain.begin\""));
  const auto asked = Clock::now();
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(), 1);
  EXPECT_LT(Clock::now() - asked, 2s);
  EXPECT_THAT(server.err(), HasSubstr("second signal"));
}

TEST(ShutdownTest, TheDrainTimeoutCutsAndSaysSo) {
  Process server = serve({"--drain.timeout", "200ms"});
  const std::uint16_t port = server.wait_for_port();
  ASSERT_NE(port, 0);
  const Client client = hang(port);
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait_for_exit(5s), 1) << server.out() << server.err();
  EXPECT_THAT(server.out(), HasSubstr("\"requests_cut\":1"));
}

}  // namespace
}  // namespace weir::test
