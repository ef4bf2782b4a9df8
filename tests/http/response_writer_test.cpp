// SPDX-License-Identifier: MIT
#include <weir/http/response_writer.hpp>

#include <weir/http/problem.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

struct Request {
  int minor_version = 1;
  bool is_head = false;
  bool keeps_alive = true;
};

class ResponseWriterTest : public testing::Test {
 protected:
  ResponseWriterTest() { date.update(clock.now()); }
  std::string write(const Response& response, Request request = {}) {
    OutputBuffer out;
    const std::string_view rest =
        append_response(out, response, {date, request.minor_version, request.is_head, request.keeps_alive});
    return std::string(out.view()) + std::string(rest);
  }

  base::ManualClock clock;
  DateLine date{clock};
};

constexpr std::string_view kDate = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n";

std::string lines(std::initializer_list<std::string_view> all) {
  std::string out;
  for (const std::string_view line : all) {
    out += line;
    if (!line.ends_with("\r\n")) out += "\r\n";
  }
  return out;
}

TEST_F(ResponseWriterTest, AnAnswerHasDateAndLength) {
  EXPECT_EQ(
      write(Response::text("hi")),
      lines({"HTTP/1.1 200 OK", "Content-Type: text/plain; charset=utf-8", kDate, "Content-Length: 2", ""}) + "hi");
}

TEST_F(ResponseWriterTest, AnEmptyAnswerHasLengthZero) {
  EXPECT_EQ(write(Response()), lines({"HTTP/1.1 200 OK", kDate, "Content-Length: 0", ""}));
}

TEST_F(ResponseWriterTest, AResetContentAnswerHasNone) {
  EXPECT_THAT(write(Response::text("hi").status(205)), testing::EndsWith("Content-Length: 0\r\n\r\n"));
}

TEST_F(ResponseWriterTest, FieldsOfTheHandlerAreSent) {
  Response response = Response::json_text("{}");
  response.add_header("X-A", "1").add_header("X-A", "2");
  EXPECT_EQ(write(response), lines({"HTTP/1.1 200 OK", "Content-Type: application/json", "X-A: 1", "X-A: 2", kDate,
                                    "Content-Length: 2", ""}) +
                                 "{}");
}

TEST_F(ResponseWriterTest, LengthsOfEveryMagnitudeAreWritten) {
  for (const std::size_t size : {9U, 10U, 99U, 100U, 101U, 1000U, 12'345U, 1'000'000U}) {
    Response response;
    response.body(std::string(size, 'x'));
    const std::string text = write(response);
    EXPECT_NE(text.find("\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n"), std::string::npos) << size;
  }
}

TEST_F(ResponseWriterTest, ToHeadTheSameFieldsGoWithoutContent) {
  const Response response = Response::text("hello");
  const std::string to_get = write(response);
  EXPECT_EQ(write(response, {.is_head = true}), to_get.substr(0, to_get.size() - 5));
}

TEST_F(ResponseWriterTest, ALargeAnswerToHeadHasNoContentEither) {
  Response response;
  response.body(std::string(kInlineBodyBytes + 1, 'x'));
  OutputBuffer out;
  EXPECT_EQ(append_response(out, response, {date, 1, true, true}), "");
  EXPECT_TRUE(out.view().ends_with("Content-Length: 16385\r\n\r\n"));
}

TEST_F(ResponseWriterTest, StatusesWithoutContentHaveNeitherLengthNorBody) {
  for (const int status : {204, 304}) {
    Response response(status);
    response.body("not sent");
    EXPECT_EQ(write(response),
              std::string(status == 204 ? "HTTP/1.1 204 No Content\r\n" : "HTTP/1.1 304 Not Modified\r\n") +
                  std::string(kDate) + "\r\n");
  }
}

TEST_F(ResponseWriterTest, AStatusWithoutAPhraseIsSentWithoutOne) {
  EXPECT_TRUE(write(Response(299)).starts_with("HTTP/1.1 299 \r\n"));
}

TEST_F(ResponseWriterTest, ACloseIsAnnounced) {
  EXPECT_EQ(write(Response(), {.keeps_alive = false}),
            lines({"HTTP/1.1 200 OK", kDate, "Content-Length: 0", "Connection: close", ""}));
}

TEST_F(ResponseWriterTest, ToHttp10KeepAliveIsConfirmed) {
  EXPECT_EQ(write(Response(), {.minor_version = 0}),
            lines({"HTTP/1.1 200 OK", kDate, "Content-Length: 0", "Connection: keep-alive", ""}));
  EXPECT_NE(write(Response(), {.minor_version = 0, .keeps_alive = false}).find("Connection: close"), std::string::npos);
}

TEST_F(ResponseWriterTest, ContentUpToTheBoundIsCopiedAndAboveItHandedBack) {
  Response response;
  response.body(std::string(kInlineBodyBytes, 'x'));
  OutputBuffer out;
  EXPECT_EQ(append_response(out, response, {date}), "");
  EXPECT_TRUE(out.view().ends_with("xxx"));

  response.body(std::string(kInlineBodyBytes + 1, 'y'));
  out.clear();
  EXPECT_EQ(append_response(out, response, {date}).size(), kInlineBodyBytes + 1);
  EXPECT_TRUE(out.view().ends_with("\r\n\r\n"));
}

TEST_F(ResponseWriterTest, AnswersFollowEachOther) {
  OutputBuffer out;
  append_response(out, Response::text("1"), {date});
  append_response(out, Response::text("2"), {date});
  EXPECT_EQ(out.view(), write(Response::text("1")) + write(Response::text("2")));
}

TEST_F(ResponseWriterTest, ManyLongFieldsFit) {
  Response response;
  for (int i = 0; i < 100; ++i) response.add_header("X-" + std::to_string(i), std::string(300, 'v'));
  const std::string text = write(response);
  EXPECT_GT(text.size(), 30'000U);
  EXPECT_TRUE(text.ends_with("Content-Length: 0\r\n\r\n"));
}

TEST(OutputBufferTest, GrowingKeepsWhatIsThere) {
  OutputBuffer out;
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    out.append(std::to_string(i));
    expected += std::to_string(i);
  }
  EXPECT_EQ(out.view(), expected);
  out.clear();
  EXPECT_TRUE(out.empty());
}

TEST(ProblemTest, ItNamesStatusTitleAndDetail) {
  const Response response = problem(404, "no such order");
  EXPECT_EQ(response.status(), 404);
  EXPECT_EQ(response.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.body(), R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no such order"})");
}

TEST(ProblemTest, WithoutADetailThereIsNone) {
  EXPECT_EQ(problem(405).body(), R"({"type":"about:blank","title":"Method Not Allowed","status":405})");
}

TEST(ProblemTest, AStatusWithoutAPhraseIsAnError) {
  EXPECT_EQ(problem(499).body(), R"({"type":"about:blank","title":"Error","status":499})");
}

TEST(ProblemTest, TheDetailIsEscaped) {
  EXPECT_EQ(problem(400, "\"\n\xff").body(),
            "{\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"\\\"\\n\xef\xbf\xbd\"}");
}

TEST(ProblemTest, ANumberThatIsNoStatusThrows) {
  EXPECT_THROW(problem(100), std::invalid_argument);
}

}  // namespace
}  // namespace weir::http
