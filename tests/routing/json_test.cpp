// SPDX-License-Identifier: MIT
#include <weir/json.hpp>

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

class JsonTest : public testing::Test {
 protected:
  JsonTest() {
    app.post("/").handle([](nlohmann::json document) { return document; });
    app.get("/invalid").handle([] { return nlohmann::json("\xff"); });
  }
  TestResponse post(std::string_view body) { return TestClient(app).post("/", body); }
  void expect_refused(std::string_view body, std::string_view detail) {
    const TestResponse response = post(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_NE(response.body.find(detail), std::string::npos) << body << " -> " << response.body;
  }

  App app{"test"};
};

TEST_F(JsonTest, ADocumentGoesInAndOut) {
  const TestResponse response = post(R"( {"a" : [1, 2.5, "x", null, true], "b":{}} )");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.header("Content-Type"), "application/json");
  EXPECT_EQ(response.body, R"({"a":[1,2.5,"x",null,true],"b":{}})");
}

TEST_F(JsonTest, WhatIsNoJsonIs400) {
  for (const char* const body : {"", "{", "{}x", "{'a':1}", "[1,]", "nul", "01", "\"\n\"", "/*c*/1", "NaN"}) {
    expect_refused(body, "The content is not valid JSON.");
  }
}

TEST_F(JsonTest, InvalidUtf8Is400) {
  expect_refused("\"\xff\"", "The content is not valid JSON.");
}

TEST_F(JsonTest, AKeyTwiceIs400) {
  expect_refused(R"({"a":1,"b":2,"a":3})", "The JSON has a duplicate key.");
  expect_refused(R"([{"x":{"a":1,"\u0061":2}}])", "The JSON has a duplicate key.");
}

TEST_F(JsonTest, TheSameKeyInOtherObjectsIsFine) {
  EXPECT_EQ(post(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]})").status, 200);
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST_F(JsonTest, SixtyFourLevelsAreReadAndOneMoreIs400) {
  EXPECT_EQ(post(nested(64)).status, 200);
  expect_refused(nested(65), "The JSON is nested too deeply.");
}

TEST_F(JsonTest, AHundredThousandLevelsAre400AndNothingWorse) {
  expect_refused(nested(100'000), "nested too deeply");
}

TEST_F(JsonTest, InvalidUtf8OnTheWayOutIsReplaced) {
  const TestResponse response = TestClient(app).get("/invalid");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "\"\xef\xbf\xbd\"");
}

TEST_F(JsonTest, TheErrorReflectsNothingOfTheContent) {
  EXPECT_EQ(post(R"({"secret)").body.find("secret"), std::string::npos);
}

}  // namespace
}  // namespace weir
