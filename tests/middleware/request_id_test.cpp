// SPDX-License-Identifier: MIT
#include <middleware/request_id.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir::middleware {
namespace {

class RequestIdTest : public testing::Test {
 protected:
  RequestIdTest() {
    app.use(RequestId{});
    app.get("/").handle([](Context& context) { return std::string(context.request_id()); });
  }
  TestResponse get_with(std::string_view id, std::string_view target = "/") {
    return TestClient(app).get(target, {{"X-Request-Id", id}});
  }

  App app{"test"};
};

bool is_made(std::string_view id) {
  return id.size() == 32 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

TEST_F(RequestIdTest, AnAnswerCarriesTheIdThatTheHandlerSaw) {
  const TestResponse response = TestClient(app).get("/");
  EXPECT_TRUE(is_made(response.body)) << response.body;
  EXPECT_EQ(response.header("X-Request-Id"), response.body);
}

TEST_F(RequestIdTest, EachRequestHasAnother) {
  TestClient client(app);
  EXPECT_NE(client.get("/").header("X-Request-Id"), client.get("/").header("X-Request-Id"));
}

TEST_F(RequestIdTest, AHarmlessIdOfTheClientIsTakenOver) {
  for (const char* const id : {"a", "Az09-_.", "123e4567-e89b-12d3-a456-426614174000"}) {
    const TestResponse response = get_with(id);
    EXPECT_EQ(response.header("X-Request-Id"), id);
    EXPECT_EQ(response.body, id);
  }
}

TEST_F(RequestIdTest, AnIdOf64BytesIsTheLongest) {
  EXPECT_EQ(get_with(std::string(64, 'a')).body, std::string(64, 'a'));
  EXPECT_TRUE(is_made(get_with(std::string(65, 'a')).body));
}

TEST_F(RequestIdTest, AnyOtherIdIsReplaced) {
  for (const char* const id : {"", "a b", "a\"b", "<a>", "a;b", "a/b", "\xc3\xa4", "a\tb", "%0a", "a,b"}) {
    EXPECT_TRUE(is_made(get_with(id).body)) << id;
  }
}

TEST_F(RequestIdTest, FrameworkAnswersCarryItToo) {
  EXPECT_EQ(get_with("mine", "/none").header("X-Request-Id"), "mine");
  EXPECT_EQ(TestClient(app).post("/", "x", {{"X-Request-Id", "mine"}}).header("X-Request-Id"), "mine");
}

TEST_F(RequestIdTest, AnExceptionsAnswerCarriesItToo) {
  app.get("/throw").handle([] { throw 1; });
  const TestResponse response = get_with("mine", "/throw");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.header("X-Request-Id"), "mine");
}

}  // namespace
}  // namespace weir::middleware
