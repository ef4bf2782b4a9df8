// The routes, through the whole pipeline of the server but its sockets.
#include "../src/routes.hpp"

#include <weir/testing.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace my_service {
namespace {

class RoutesTest : public testing::Test {
 protected:
  weir::TestResponse post_json(std::string_view target, std::string_view json) {
    return client.post(target, json, {{"Content-Type", "application/json"}});
  }

  weir::App app{"my-service"};
  weir::TestClient client{with_routes(app)};  // takes the routes as they are when it is made

 private:
  static weir::App& with_routes(weir::App& app) {
    declare_routes(app);
    return app;
  }
};

TEST_F(RoutesTest, SaysThatItRuns) {
  client.get("/").expect_status(200).expect_body_contains("my-service");
}

TEST_F(RoutesTest, EveryAnswerNamesItsRequestAndIsSafeInABrowser) {
  const auto answer = client.get("/nowhere").expect_status(404).expect_header("X-Content-Type-Options", "nosniff");
  EXPECT_TRUE(answer.header("X-Request-Id"));
}

TEST_F(RoutesTest, QuotesAParcel) {
  post_json("/quotes/europe", R"({"weight_g":1200,"contents":"books"})")
      .expect_status(200)
      .expect_json(R"({"zone":"europe","express":false,"cents":1020})");
}

TEST_F(RoutesTest, ExpressCostsTwice) {
  post_json("/quotes/europe?express=true", R"({"weight_g":1200})").expect_json_at("/cents", "2040");
}

TEST_F(RoutesTest, SaysAllThatIsWrongWithARequest) {
  post_json("/quotes/moon?express=maybe", R"({"weight_g":30001,"contents":"","color":"red"})")
      .expect_invalid(422, "zone")
      .expect_invalid(422, "express")
      .expect_invalid(422, "/weight_g")
      .expect_invalid(422, "/contents")
      .expect_invalid(422, "/color");
}

TEST_F(RoutesTest, PrintsLabelsLater) {
  const auto accepted = post_json("/labels", R"({"zone":"world","count":2})").expect_status(202);
  const std::string job = accepted.header("Location").value();
  client.run_jobs();
  client.get(job).expect_json_at("/status", R"("succeeded")").expect_json_at("/progress", "1");
}

TEST_F(RoutesTest, BadOrderBecomesNoJob) {
  post_json("/labels", R"({"zone":"world","count":0})").expect_invalid(422, "/count");
}

}  // namespace
}  // namespace my_service
