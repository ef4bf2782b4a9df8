// SPDX-License-Identifier: MIT
// Streams that break off: the client can tell, and what was answered before reaches it.
#include <tests/routing/lane_fixture.hpp>

#include <gmock/gmock.h>

#include <stdexcept>

namespace weir {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class BrokenStreamTest : public LaneTest {
 protected:
  BrokenStreamTest() {
    app.get("/whole").handle([] { return "whole"; });
    app.get("/breaks").handle([](StreamWriter out) -> Task<void> {
      co_await out.write("part");
      throw std::runtime_error("it broke off");
    });
  }
};

TEST_F(BrokenStreamTest, ChunksHaveNoEnd) {
  start();
  auto connection = send(get_request("/breaks"));
  ASSERT_TRUE(client->run_until([&] { return connection.is_closed(); }));
  EXPECT_FALSE(connection.is_reset());
  const std::string received = connection.receive();
  EXPECT_THAT(received, HasSubstr("\r\n4\r\npart\r\n"));
  EXPECT_THAT(received, Not(EndsWith("0\r\n\r\n")));
}

TEST_F(BrokenStreamTest, WhereTheCloseIsTheEndThereIsAReset) {
  start();
  auto connection = send("GET /breaks HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(client->run_until([&] { return connection.is_closed(); }));
  EXPECT_TRUE(connection.is_reset());
  auto whole = send("GET /whole HTTP/1.0\r\n\r\n");
  EXPECT_EQ(whole.read_answer().body, "whole");
  EXPECT_TRUE(whole.is_closed());
  EXPECT_FALSE(whole.is_reset());
}

TEST_F(BrokenStreamTest, AnswersBeforeItThatWaitForTheClientAreNotLost) {
  start();
  auto connection = connect();
  connection.set_receive_window(10);
  connection.write(get_request("/whole") + get_request("/breaks"));
  EXPECT_FALSE(connection.is_closed());
  connection.set_receive_window(SIZE_MAX);
  ASSERT_TRUE(client->run_until([&] { return connection.is_closed(); }));
  const std::string received = connection.receive();
  EXPECT_THAT(received, HasSubstr("\r\n\r\nwhole"));
  EXPECT_THAT(received, EndsWith("\r\n4\r\npart\r\n"));
}

TEST_F(BrokenStreamTest, ThereIsNothingToCutFromTheAnswerToHead) {
  start();
  auto connection = send("HEAD /breaks HTTP/1.1\r\nHost: a\r\n\r\n");
  connection.write(get_request("/whole"));
  EXPECT_THAT(connection.receive(), EndsWith("whole"));
  EXPECT_FALSE(connection.is_closed());
}

}  // namespace
}  // namespace weir
