// SPDX-License-Identifier: MIT
// The quickstart service, tested as its users would test theirs.
#include <apps/quickstart/routes.hpp>
#include <weir/testing.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace quickstart {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kMobyDick =
    R"({"title":"Moby-Dick","genre":"novel","pages":635,"authors":["Herman Melville"]})";

class QuickstartTest : public testing::Test {
 protected:
  QuickstartTest() { declare_routes(app); }

  weir::TestResponse post_json(std::string_view target, std::string_view json) {
    return client().post(target, json, {{"Content-Type", "application/json"}});
  }
  weir::TestClient& client() {
    if (!client_) client_.emplace(app);
    return *client_;
  }

  weir::App app{"quickstart"};

 private:
  std::optional<weir::TestClient> client_;
};

TEST_F(QuickstartTest, Greets) {
  client().get("/hello/world").expect_status(200).expect_json(R"({"hello":"world"})");
}

TEST_F(QuickstartTest, CountsPrimesOnItsPool) {
  client().get("/primes/1000").expect_json(R"({"limit":1000,"primes":168})");
  client().get("/primes/100001").expect_invalid(422, "limit");
  client().get("/primes/many").expect_invalid(422, "limit");
}

TEST_F(QuickstartTest, CountsPrimesPatiently) {
  auto connection = client().connect();
  connection.write("GET /patient-primes/10 HTTP/1.1\r\nHost: test\r\n\r\n");
  client().advance(250ms);
  connection.read_answer().expect_json(R"({"limit":10,"primes":4})");
}

TEST_F(QuickstartTest, LendsWhatWasAdded) {
  post_json("/books", kMobyDick)
      .expect_status(201)
      .expect_header("Location", "/books/1")
      .expect_json_at("/about", kMobyDick);
  client().get("/books/1").expect_status(200).expect_json_at("/about/title", R"("Moby-Dick")");
  client().get("/books/2").expect_status(404);
  client().del("/books/1").expect_status(204);
  client().del("/books/1").expect_status(404).expect_json_at("/detail", R"("no such book")");
}

TEST_F(QuickstartTest, ListsByGenre) {
  post_json("/books", kMobyDick);
  post_json("/books", R"({"title":"Howl","genre":"poetry","pages":57,"authors":["Allen Ginsberg"]})");
  client().get("/books").expect_json_at("/1/about/title", R"("Howl")");
  client().get("/books?genre=poetry").expect_json_at("/0/id", "2");
  client().get("/books?genre=science").expect_json("[]");
  client().get("/books?limit=1").expect_json_at("/0/id", "1");
  client().get("/books?limit=x&genre=cooking").expect_invalid(422, "limit").expect_invalid(422, "genre");
}

TEST_F(QuickstartTest, SaysAllThatIsWrongWithABook) {
  post_json("/books", R"({"title":"","genre":"novel","authors":["a","a"],"isbn":"1","color":"red"})")
      .expect_invalid(422, "/title")
      .expect_invalid(422, "/pages")
      .expect_invalid(422, "/authors")
      .expect_invalid(422, "/isbn")
      .expect_invalid(422, "/color");
  post_json("/books", R"({"title":)").expect_invalid(400, "");
  client().post("/books", kMobyDick, {{"Content-Type", "text/plain"}}).expect_invalid(415, "Content-Type");
}

TEST_F(QuickstartTest, KnowsWhoLoggedIn) {
  client()
      .post("/login", "user=ada", {{"Content-Type", "application/x-www-form-urlencoded"}})
      .expect_status(204)
      .expect_header("Set-Cookie", "user=ada; HttpOnly; SameSite=Lax");
  client().get("/me", {{"Cookie", "user=ada"}}).expect_json(R"({"user":"ada","agent":"unknown"})");
  client().get("/me").expect_invalid(422, "user");
}

TEST_F(QuickstartTest, EchoesBytes) {
  client().post("/echo", "some bytes").expect_body("some bytes");
}

TEST_F(QuickstartTest, WritesReportsLater) {
  const auto accepted = post_json("/reports", R"({"title":"Weirs","pages":2})").expect_status(202);
  const std::string job(accepted.header("Location").value());
  client().run_jobs();
  client()
      .get(job)
      .expect_json_at("/status", R"("succeeded")")
      .expect_json_at("/result", R"({"title":"Weirs","pages":2,"primes":2014})");
}

TEST_F(QuickstartTest, ReportMayBeCancelled) {
  const std::string job(post_json("/reports", R"({"title":"Weirs","pages":10000})").header("Location").value());
  client().del(job);  // 200, or 202 when it runs already
  client().run_jobs();
  client().get(job).expect_json_at("/status", R"("cancelled")");
}

TEST_F(QuickstartTest, ReportsAreCheckedAtTheEdge) {
  post_json("/reports", R"({"title":"","pages":0})").expect_invalid(422, "/title").expect_invalid(422, "/pages");
}

}  // namespace
}  // namespace quickstart
