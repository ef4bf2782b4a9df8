// SPDX-License-Identifier: MIT
#include <weir/app/app.hpp>

#include "tests/app/http_call.hpp"

#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <future>
#include <memory>
#include <string>

namespace weir::app {
namespace {

using namespace std::chrono_literals;

// On ports of the system's choice, without a log, ending quickly.
std::unique_ptr<App> make_app(const std::string& name) {
  auto app = std::make_unique<App>(name);
  app->settings().port = 0;
  app->settings().loops = 1;
  app->settings().log_level = "off";
  app->settings().drain_idle = 0ms;
  app->get("/name").handle([name] { return name; });
  return app;
}

std::string start_error(App& app) {
  try {
    app.start();
    return "";
  } catch (const StartError& error) {
    return error.what();
  }
}

std::string metrics_of(const App& app) {
  return HttpCall(app.admin_port()).get("/metrics");
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

TEST(AppTest, ItServesOnAPortOfTheSystemsChoice) {
  const auto app = make_app("one");
  EXPECT_FALSE(app->is_running());
  EXPECT_EQ(app->port(), 0);
  app->start();
  EXPECT_TRUE(app->is_running());
  ASSERT_NE(app->port(), 0);
  EXPECT_TRUE(HttpCall(app->port()).get("/name").ends_with("\r\n\r\none"));
}

TEST(AppTest, StoppingEndsIt) {
  const auto app = make_app("one");
  app->start();
  const std::uint16_t port = app->port();
  EXPECT_TRUE(app->stop());
  EXPECT_FALSE(app->is_running());
  EXPECT_EQ(app->port(), 0);
  EXPECT_FALSE(HttpCall(port).is_connected());
}

TEST(AppTest, StoppingWhatDoesNotRunDoesNothing) {
  const auto app = make_app("one");
  EXPECT_TRUE(app->stop());
  EXPECT_TRUE(app->stop());
}

TEST(AppTest, ItStartsAgainAfterAStop) {
  const auto app = make_app("one");
  for (int round = 0; round < 3; ++round) {
    app->start();
    EXPECT_TRUE(HttpCall(app->port()).get("/name").ends_with("one"));
    EXPECT_TRUE(app->stop());
  }
}

TEST(AppTest, ASecondStartIsRefusedAndTheFirstGoesOn) {
  const auto app = make_app("one");
  app->start();
  EXPECT_EQ(start_error(*app), "the app 'one' runs already");
  EXPECT_TRUE(HttpCall(app->port()).get("/name").ends_with("one"));
}

TEST(AppTest, DestructionStopsIt) {
  auto app = make_app("one");
  app->start();
  const std::uint16_t port = app->port();
  app.reset();
  EXPECT_FALSE(HttpCall(port).is_connected());
}

TEST(AppTest, TwoAppsLiveInOneProcess) {
  const auto one = make_app("one");
  const auto two = make_app("two");
  one->start();
  two->start();
  EXPECT_TRUE(HttpCall(one->port()).get("/name").ends_with("one"));
  EXPECT_TRUE(HttpCall(two->port()).get("/name").ends_with("two"));
  one->stop();
  EXPECT_TRUE(HttpCall(two->port()).get("/name").ends_with("two"));
}

TEST(AppTest, TwoAppsDoNotMixTheirMetrics) {
  const auto one = make_app("one");
  const auto two = make_app("two");
  one->start();
  two->start();
  HttpCall(one->port()).get("/name");
  EXPECT_TRUE(has(metrics_of(*one), "route=\"/name\"} 1\n"));
  EXPECT_FALSE(has(metrics_of(*two), "route=\"/name\"} 1\n"));
}

TEST(AppTest, ATakenPortIsOneSentence) {
  for (const std::uint16_t loops : {1, 2}) {
    const auto one = make_app("one");
    one->settings().loops = loops;
    one->start();
    const auto two = make_app("two");
    two->settings().loops = loops;
    two->settings().port = one->port();
    EXPECT_EQ(start_error(*two),
              "cannot listen on 127.0.0.1:" + std::to_string(one->port()) + ": Address already in use");
    EXPECT_FALSE(two->is_running());
    two->settings().port = 0;
    EXPECT_EQ(start_error(*two), "") << "after a failed start another one works";
  }
}

TEST(AppTest, AHostThatIsNoAddressIsOneSentence) {
  const auto app = make_app("one");
  app->settings().host = "example.org";
  EXPECT_TRUE(has(start_error(*app), "'example.org' is not an IP address"));
}

TEST(AppTest, AnUnknownLogLevelIsRefused) {
  const auto app = make_app("one");
  app->settings().log_level = "loud";
  EXPECT_TRUE(has(start_error(*app), "loud"));
}

TEST(AppTest, WrongRoutesAreRefusedAtStart) {
  const auto app = make_app("one");
  app->get("/name").handle([] {});
  EXPECT_THROW(app->start(), SetupError);
  EXPECT_FALSE(app->is_running());
}

TEST(AppTest, SettingsOfTheStartCountUntilTheNext) {
  const auto app = make_app("one");
  app->settings().limits.target_bytes = 10;
  app->start();
  app->settings().limits.target_bytes = 1000;
  const std::string long_target = "/name?" + std::string(100, 'x');
  EXPECT_TRUE(HttpCall(app->port()).get(long_target).starts_with("HTTP/1.1 414 "));
  app->stop();
  app->start();
  EXPECT_TRUE(HttpCall(app->port()).get(long_target).starts_with("HTTP/1.1 200 "));
}

TEST(AppTest, SeveralLoopsServeOnePort) {
  const auto app = make_app("one");
  app->settings().loops = 4;
  app->start();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(HttpCall(app->port()).get("/name").ends_with("one"));
}

TEST(AppTest, AUnixSocketIsServedByAllLoops) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("weir-app-test-" + std::to_string(::getpid()))).string();
  const auto app = make_app("one");
  app->settings().loops = 2;
  app->settings().unix_path = path;
  app->start();
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(HttpCall(net::Endpoint{"", 0, path}).get("/name").ends_with("one"));
  app->stop();
  std::filesystem::remove(path);
}

TEST(AppHealthTest, ARunningAppIsHealthyAndReady) {
  const auto app = make_app("one");
  app->start();
  HttpCall call(app->port());
  EXPECT_TRUE(call.get("/healthz").ends_with(R"({"status":"ok"})"));
  EXPECT_TRUE(call.get("/readyz").ends_with(R"({"status":"ready"})"));
}

TEST(AppHealthTest, ARouteOfTheAppsOwnTakesOver) {
  const auto app = make_app("one");
  app->get("/readyz").handle([] { return "mine"; });
  app->start();
  EXPECT_TRUE(HttpCall(app->port()).get("/readyz").ends_with("\r\n\r\nmine"));
}

TEST(AppHealthTest, WhileItDrainsItIsNotReady) {
  const auto app = make_app("one");
  app->settings().drain_delay = 500ms;
  app->start();
  HttpCall call(app->port());
  ASSERT_TRUE(call.get("/readyz").starts_with("HTTP/1.1 200 "));
  const auto stopping = std::async(std::launch::async, [&app] { app->stop(); });
  std::string answer;
  for (int i = 0; i < 1000 && !has(answer, "not ready"); ++i) answer = call.get("/readyz");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
}

TEST(AppAdminTest, MetricsCountRequestsByRouteAndStatus) {
  const auto app = make_app("one");
  app->start();
  HttpCall call(app->port());
  call.get("/name");
  call.get("/name");
  call.get("/none");
  const std::string metrics = metrics_of(*app);
  EXPECT_TRUE(has(metrics, "Content-Type: text/plain; version=0.0.4\r\n"));
  EXPECT_TRUE(has(metrics, "# TYPE weir_requests_total counter\n"));
  EXPECT_TRUE(has(metrics, "weir_requests_total{class=\"2xx\",method=\"GET\",route=\"/name\"} 2\n")) << metrics;
  EXPECT_TRUE(has(metrics, "weir_requests_total{class=\"4xx\",method=\"\",route=\"\"} 1\n")) << metrics;
  EXPECT_TRUE(has(metrics, "weir_connections 1\n")) << metrics;
}

TEST(AppAdminTest, RefusalsAreCountedByReason) {
  const auto app = make_app("one");
  app->start();
  HttpCall call(app->port());
  call.send("BAD\r\n\r\n");
  call.read_answer();
  EXPECT_TRUE(has(metrics_of(*app), "weir_rejected_total{reason=\"malformed-request\"} 1\n"));
}

TEST(AppAdminTest, TheMainPortHasNoMetrics) {
  const auto app = make_app("one");
  app->start();
  EXPECT_TRUE(HttpCall(app->port()).get("/metrics").starts_with("HTTP/1.1 404 "));
}

TEST(AppAdminTest, WithoutAnAdminListenerThereIsNoPort) {
  const auto app = make_app("one");
  app->settings().has_admin = false;
  app->start();
  EXPECT_EQ(app->admin_port(), 0);
}

TEST(AppAdminTest, ATakenAdminPortThatWasAskedForIsOneSentence) {
  const auto one = make_app("one");
  one->start();
  const auto two = make_app("two");
  two->settings().admin_port = one->admin_port();
  EXPECT_EQ(start_error(*two), "admin listener: cannot listen on 127.0.0.1:" + std::to_string(one->admin_port()) +
                                   ": Address already in use");
}

TEST(AppLimitTest, AboveTheConnectionLimitANewcomerIsTold503) {
  const auto app = make_app("one");
  app->settings().connections = 1;
  app->start();
  HttpCall busy(app->port());
  busy.send("GET /name HTTP/1.1\r\nHost: ");  // begun, so not idle
  busy.send("x\r\nX: ");
  std::string metrics;
  for (int i = 0; i < 1000 && !has(metrics, "weir_connections 1\n"); ++i) metrics = metrics_of(*app);
  HttpCall refused(app->port());
  EXPECT_TRUE(refused.read_answer().starts_with("HTTP/1.1 503 "));
  busy.send("y\r\n\r\n");
  EXPECT_TRUE(busy.read_answer().ends_with("one"));
}

}  // namespace
}  // namespace weir::app
