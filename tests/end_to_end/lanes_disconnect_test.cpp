// SPDX-License-Identifier: MIT
// Clients of a real socket leave in each way there is, on each lane that has time to notice: the handler's stop token
// fires within 100 ms, and one that only half-closed is answered.
#include <weir/weir.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

namespace weir::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kNoticedWithin = 100ms;
constexpr auto kLongest = 10s;  // bounds a failure

std::string request(std::string_view target, std::string_view version = "1.1") {
  return "GET " + std::string(target) + " HTTP/" + std::string(version) + "\r\nHost: a\r\n\r\n";
}

/// A socket that can be ended in every way.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(); }

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  /// Whether the server's kernel has all that was sent.
  bool wait_until_delivered() const {
    int waiting = 1;
    for (int i = 0; i < 1'000 && waiting > 0; ++i) {
      if (::ioctl(fd_, SIOCOUTQ, &waiting) != 0) return false;
      if (waiting > 0) std::this_thread::sleep_for(1ms);
    }
    return waiting == 0;
  }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close();
  }
  void half_close() const { ::shutdown(fd_, SHUT_WR); }
  bool wait_for_input() const {
    pollfd readable{fd_, POLLIN, 0};
    return ::poll(&readable, 1, 10'000) == 1;
  }
  /// All that comes until the server closes.
  std::string read_to_end() const {
    std::string all;
    std::array<char, 16'384> buffer;
    while (wait_for_input()) {
      const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (count <= 0) break;
      all.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  int fd_;
};

std::size_t count_of(std::string_view text, std::string_view wanted) {
  std::size_t found = 0;
  for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) ++found;
  return found;
}

/// A hook that waits until its client leaves, or a little while.
struct WaitingHook {
  std::counting_semaphore<64>* begun;
  std::counting_semaphore<64>* stopped;
  std::atomic<bool>* is_quick;
  Task<void> before(Context& context) const {
    begun->release();
    const std::chrono::milliseconds wait(is_quick->load() ? 50ms : kLongest);
    try {
      co_await context.sleep(wait);
    } catch (const Cancelled&) {
      stopped->release();
      throw;
    }
  }
};

enum class Lane : unsigned char { kPool, kPoolCoroutine, kAsync, kStep, kHook };

class LanesDisconnectTest : public testing::TestWithParam<std::tuple<Lane, bool>> {
 protected:
  LanesDisconnectTest() {
    Settings& settings = app.settings();
    settings.port = 0;
    settings.has_admin = false;
    settings.log_level = "off";
    settings.drain_idle = 0ms;
    settings.loops = 1;
    settings.watchdog_stall = 0ms;
    const Pool cpu = app.pool("cpu", {.workers = 1});
    app.get("/pool").on(cpu).handle([this](Context& context) { return wait_on_thread(&context); });
    app.get("/pool-coroutine").on(cpu).handle([this](Context& context) { return wait_in_coroutine(&context); });
    app.get("/async").handle([this](Context& context) { return wait_in_coroutine(&context); });
    app.get("/step").handle([this, cpu](Context& context) -> Task<std::string> {
      Context* const there = &context;
      const auto wait = [this](Context* waiting) { return wait_on_thread(waiting); };
      co_return co_await context.offload(cpu, wait, there);
    });
    app.get("/hook").use(WaitingHook{&begun, &stopped, &is_quick}).handle([] { return "answer"; });
    app.get("/quick").handle([] { return "quick"; });
    app.start();
  }
  ~LanesDisconnectTest() override {
    is_over = true;
    app.stop();
  }

  std::string wait_on_thread(Context* context) {
    begun.release();
    const auto limit = Clock::now() + (is_quick ? 50ms : std::chrono::milliseconds(kLongest));
    while (Clock::now() < limit && !is_over) {
      if (context->is_stop_requested()) {
        stopped.release();
        break;
      }
      std::this_thread::sleep_for(1ms);
    }
    return "answer";
  }
  Task<std::string> wait_in_coroutine(Context* context) {
    begun.release();
    const std::chrono::milliseconds wait(is_quick ? 50ms : kLongest);
    try {
      co_await context->sleep(wait);
    } catch (const Cancelled&) {
      stopped.release();
      throw;
    }
    co_return std::string("answer");
  }

  static std::string_view target() {
    constexpr std::array<std::string_view, 5> kTargets{"/pool", "/pool-coroutine", "/async", "/step", "/hook"};
    return kTargets[static_cast<std::size_t>(std::get<0>(GetParam()))];
  }
  static bool is_reading_paused() { return std::get<1>(GetParam()); }

  /// Sends the request, and so much behind it, where asked for, that the server stops reading.
  void begin(RawClient& client, std::string_view version = "1.1") {
    client.send(request(target(), version));
    ASSERT_TRUE(begun.try_acquire_for(kLongest));
    if (!is_reading_paused()) return;
    // More than the server reads ahead, less than fills the kernel's buffers: a FIN behind a full window is seen by
    // nobody.
    std::string many;
    while (many.size() < (100U << 10U)) many += request("/quick");
    pipelined = many.size() / request("/quick").size();
    client.send(many);
    ASSERT_TRUE(client.wait_until_delivered());
    turn_loop();
  }
  /// The only loop answers others: with each turn it has read of the first client what it wants of it.
  void turn_loop() const {
    for (int turn = 0; turn < 3; ++turn) {
      const RawClient other(app.port());
      other.send("GET /quick HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      EXPECT_THAT(other.read_to_end(), HasSubstr("quick"));
    }
  }
  void expect_stop(const std::function<void()>& leave) {
    EXPECT_FALSE(stopped.try_acquire());
    const auto left_at = Clock::now();
    leave();
    ASSERT_TRUE(stopped.try_acquire_for(kLongest));
    EXPECT_LT(Clock::now() - left_at, kNoticedWithin);
  }

  App app{"test"};
  std::counting_semaphore<64> begun{0};
  std::counting_semaphore<64> stopped{0};
  std::atomic<bool> is_quick{false};
  std::atomic<bool> is_over{false};
  std::size_t pipelined = 0;
};

TEST_P(LanesDisconnectTest, AResetIsNoticed) {
  RawClient client(app.port());
  begin(client);
  expect_stop([&] { client.reset(); });
}

TEST_P(LanesDisconnectTest, AClosedClientIsNoticed) {
  RawClient client(app.port());
  begin(client);
  expect_stop([&] { client.close(); });
}

TEST_P(LanesDisconnectTest, AClientThatIsKilledWithUnreadAnswersIsNoticed) {
  RawClient client(app.port());
  client.send(request("/quick"));
  ASSERT_TRUE(client.wait_for_input());
  begin(client);
  expect_stop([&] { client.close(); });
}

TEST_P(LanesDisconnectTest, AHalfClosedClientThatClosesLaterIsNoticed) {
  RawClient client(app.port());
  begin(client);
  client.half_close();
  ASSERT_TRUE(client.wait_for_input());  // the probe
  expect_stop([&] { client.close(); });
}

TEST_P(LanesDisconnectTest, AHalfClosedClientIsAnswered) {
  is_quick = true;
  RawClient client(app.port());
  begin(client);
  client.half_close();
  const std::string answers = client.read_to_end();
  EXPECT_LE(count_of(answers, "HTTP/1.1 102 "), 1U);
  EXPECT_EQ(count_of(answers, "HTTP/1.1 200 "), 1 + pipelined);
  EXPECT_THAT(answers, HasSubstr("\r\n\r\nanswer"));
  EXPECT_FALSE(stopped.try_acquire());
}

TEST_P(LanesDisconnectTest, AHalfClosedClientOfOldIsAnsweredWithoutAProbe) {
  if (is_reading_paused()) GTEST_SKIP() << "HTTP/1.0 does not pipeline";
  is_quick = true;
  RawClient client(app.port());
  begin(client, "1.0");
  client.half_close();
  const std::string answers = client.read_to_end();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answers, HasSubstr("\r\n\r\nanswer"));
  EXPECT_FALSE(stopped.try_acquire());
}

TEST_P(LanesDisconnectTest, TheNextClientIsServed) {
  {
    RawClient client(app.port());
    begin(client);
    expect_stop([&] { client.reset(); });
  }
  is_quick = true;
  RawClient client(app.port());
  client.send(request(target()));
  client.half_close();
  EXPECT_THAT(client.read_to_end(), HasSubstr("\r\n\r\nanswer"));
}

std::string name_of(const testing::TestParamInfo<std::tuple<Lane, bool>>& info) {
  constexpr std::array<const char*, 5> kNames{"Pool", "PoolCoroutine", "Async", "Step", "Hook"};
  const auto [lane, is_paused] = info.param;
  return std::string(kNames[static_cast<std::size_t>(lane)]) + (is_paused ? "ReadingPaused" : "");
}

INSTANTIATE_TEST_SUITE_P(Lanes, LanesDisconnectTest,
                         testing::Combine(testing::Values(Lane::kPool, Lane::kPoolCoroutine, Lane::kAsync, Lane::kStep,
                                                          Lane::kHook),
                                          testing::Bool()),
                         name_of);

}  // namespace
}  // namespace weir::test
