// SPDX-License-Identifier: MIT
// A handler or a hook that holds its loop is in the log while it still does, by the name of its route.
#include <weir/app/app.hpp>
#include <weir/routing/context.hpp>

#include <tests/end_to_end/client.hpp>
#include <tests/end_to_end/process.hpp>

#include <gmock/gmock.h>

#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// Our own standard output, where the log of an app goes, for the time of a test. Any thread.
class Output {
 public:
  Output() : saved_(::dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    read_end_ = ends[0];
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[1]);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    std::fflush(stdout);
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
    ::close(read_end_);
  }

  /// Reads on until the line that holds `text`, and returns it; empty when it does not come.
  std::string wait_for_line(std::string_view text) {
    const std::lock_guard lock(mutex_);
    const auto deadline = Clock::now() + kPatience;
    for (;;) {
      for (std::size_t end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
        const std::string line = unread_.substr(0, end);
        unread_.erase(0, end + 1);
        if (line.find(text) != std::string::npos) return line;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      pollfd waiting{read_end_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1) return {};
      char bytes[4096];
      const ssize_t count = ::read(read_end_, bytes, sizeof(bytes));
      if (count <= 0) return {};
      unread_.append(bytes, static_cast<std::size_t>(count));
    }
  }

 private:
  int saved_;
  int read_end_ = -1;
  std::mutex mutex_;
  std::string unread_;
};

struct SlowDone {
  Output* output;
  std::string* seen;  // of the one loop
  void done(routing::Context&, const http::Outcome&) const {
    if (seen->empty()) *seen = output->wait_for_line("loop.stalled");
  }
};

class StallTest : public testing::Test {
 protected:
  StallTest() {
    app.settings().port = 0;
    app.settings().loops = 1;
    app.settings().log_format = "json";
    app.settings().watchdog_stall = 20ms;
  }
  void start() {
    app.start();
    client.emplace(app.port());
  }

  Output output;
  app::App app{"stall"};
  std::optional<Client> client;
};

TEST_F(StallTest, AnInlineHandlerIsNamedWhileItHoldsItsLoop) {
  app.get("/block/{id}").handle([this] { return output.wait_for_line("loop.stalled"); });
  start();
  const Answer answer = client->get("/block/7");
  EXPECT_THAT(answer.body, HasSubstr(R"("method":"GET","route":"/block/{id}","part":"handler")"));
  EXPECT_THAT(answer.body, HasSubstr("app.get(...).on(pool)"));
  EXPECT_THAT(output.wait_for_line("loop.resumed"), HasSubstr(R"("route":"/block/{id}")"));
  Client admin(app.admin_port());
  EXPECT_THAT(admin.get("/metrics").body,
              HasSubstr("weir_loop_stalls_total{method=\"GET\",route=\"/block/{id}\"} 1\n"));
}

loop::Task<std::string> sleep_and_block(Output* output) {
  co_await loop::sleep(1ms);
  co_return output->wait_for_line("loop.stalled");
}

TEST_F(StallTest, ACoroutineIsNamedAfterItWasResumed) {
  app.get("/later").handle([this] { return sleep_and_block(&output); });
  start();
  const Answer answer = client->get("/later");
  EXPECT_THAT(answer.body, HasSubstr(R"("route":"/later","part":"handler")"));
  EXPECT_THAT(answer.body, HasSubstr("co_await ctx.offload(pool, ...)"));
  EXPECT_THAT(answer.body, Not(HasSubstr("app.get")));
}

TEST_F(StallTest, ADoneHookIsNamedToo) {
  std::string seen;
  app.get("/hooked").use(SlowDone{&output, &seen}).handle([] { return "done"; });
  start();
  EXPECT_EQ(client->get("/hooked").body, "done");
  EXPECT_EQ(client->get("/hooked").body, "done");  // once the loop goes on
  client.reset();
  app.stop();
  EXPECT_THAT(seen, HasSubstr(R"("route":"/hooked","part":"hook")"));
}

TEST_F(StallTest, TheLogStaysEmptyWhereThePatternHoldsTheLoopByChoice) {
  app.settings().watchdog_stall = app::Settings::kWatchdogStall;
  app.settings().pattern = exec::Pattern::kSingleThreaded;
  app.get("/").handle([] { return "hello"; });
  start();
  EXPECT_EQ(client->get("/").body, "hello");
  Client admin(app.admin_port());
  EXPECT_THAT(admin.get("/metrics").body, Not(HasSubstr("weir_loop_stall")));
}

}  // namespace
}  // namespace weir::test
