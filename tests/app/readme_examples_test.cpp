// SPDX-License-Identifier: MIT
// What the READMEs show and no app has: kept the same by end_to_end.snippets.
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

namespace {

// clang-format off
struct Stay {
  std::string guest;
  int nights = 1;
  std::optional<std::string> note;
  static constexpr auto describe() {
    return weir::fields(weir::field<&Stay::guest>(weir::length(1, 80)),
                        weir::field<&Stay::nights>(weir::range(1, 30), weir::defaulted),
                        weir::field<&Stay::note>(),
                        weir::check<[](const Stay& stay) { return stay.nights < 14 || stay.note; }>(
                            "a stay of two weeks has a note"));
  }
};

using std::chrono_literals::operator""s;

struct Report {
  std::string title;
  int pages = 1;
};
WEIR_DESCRIBE(Report, title, pages);

std::string build_report(const Report& report, weir::JobContext& job) {
  job.progress(0.5, "typesetting");
  return report.title + ", " + std::to_string(report.pages) + " pages";
}

using Clock = std::chrono::steady_clock;

struct Timing {
  Clock::time_point before(weir::Context&) const;                         // void, a state, optional<Response>, variant<State, Response>
  void after(Clock::time_point&, weir::Context&, weir::Response&) const;  // once, before the head leaves
  void done(Clock::time_point&, weir::Context&, const weir::Outcome&) const;  // last byte out, or never
};
// clang-format on

Clock::time_point Timing::before(weir::Context&) const {
  return Clock::now();
}
void Timing::after(Clock::time_point& begun, weir::Context&, weir::Response& response) const {
  response.set_header("Server-Timing", begun <= Clock::now() ? "total" : "never");
}
void Timing::done(Clock::time_point&, weir::Context&, const weir::Outcome&) const {}

TEST(ReadmeExamplesTest, AStayIsChecked) {
  weir::App app{"stays"};
  app.post("/").handle([](weir::Body<Stay> stay) { return *stay; });
  weir::TestClient client{app};
  const auto post = [&](std::string_view json) {
    return client.post("/", json, {{"Content-Type", "application/json"}});
  };
  post(R"({"guest":"Ada"})").expect_status(200).expect_body(R"({"guest":"Ada","nights":1})");
  post(R"({"guest":"Ada","nights":20})").expect_status(422);
  post(R"({"guest":"Ada","nights":20,"note":"a long one"})").expect_status(200);
}

TEST(ReadmeExamplesTest, TimingHasItsHooks) {
  weir::App app{"timed"};
  app.use(Timing{});
  app.get("/greet/{name}").handle([](weir::Path<"name"> name) { return "Hello, " + std::string(*name) + "!\n"; });
  weir::TestClient client{app};
  client.get("/greet/you").expect_status(200).expect_body("Hello, you!\n");
  client.advance(std::chrono::seconds(76));  // time stands still until you move it
  client.get("/greet/you").expect_header("Server-Timing", "total");
}

TEST(ReadmeExamplesTest, GuardedStateMayBeChanged) {
  using Count = weir::Guarded<int>;
  weir::App app{"counting"};
  app.provide(std::make_shared<Count>(1));
  app.post("/").handle([](weir::State<Count> count) { return std::to_string(++*count->lock()); });
  weir::TestClient client{app};
  client.post("/", "").expect_body("2");
  client.post("/", "").expect_body("3");
}

TEST(ReadmeExamplesTest, AReportIsAJob) {
  weir::App app{"reports"};
  // clang-format off
auto build = app.job<Report>("build-report").queue("reports").max_attempts(5).timeout(60s).handle(build_report);
app.post("/reports").as_job(build);
  // clang-format on
  weir::TestClient client{app};
  const auto accepted =
      client.post("/reports", R"({"title":"Weirs","pages":7})", {{"Content-Type", "application/json"}});
  EXPECT_EQ(accepted.status, 202);
  client.run_jobs();
  const auto shown = client.get(std::string(accepted.header("Location").value()));
  EXPECT_NE(shown.body.find(R"("status":"succeeded")"), std::string::npos) << shown.body;
  EXPECT_NE(shown.body.find(R"("result":"Weirs, 7 pages")"), std::string::npos) << shown.body;
}

}  // namespace
