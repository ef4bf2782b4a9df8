// SPDX-License-Identifier: MIT
// Runs every case of every table: over a real socket as a whole, and through memory at every split of its bytes.
#include "answers.hpp"
#include "case.hpp"
#include "service.hpp"
#include "socket_client.hpp"

#include <weir/app/test_client.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace weir::conformance {
namespace {

// Larger messages are split at both ends and on a grid, not everywhere.
constexpr std::size_t kSplitEverywhereBytes = 2048;
constexpr std::size_t kFeedBytewiseBytes = 12'000;

class ConformanceTest : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    service_ = std::make_unique<Service>();
    service_->app().start();
  }
  static void TearDownTestSuite() { service_.reset(); }

  Transcript run_over_socket(const Case& test_case);
  Transcript run_in_memory(const Case& test_case, const std::vector<std::string_view>& pieces);
  void check_splits(const Case& test_case);

  static std::unique_ptr<Service> service_;
};

std::unique_ptr<Service> ConformanceTest::service_;

Transcript ConformanceTest::run_over_socket(const Case& test_case) {
  SocketClient client(service_->port());
  client.send(test_case.bytes);
  if (test_case.is_half_closed) client.end_output();
  Received received;
  do {
    received = count_answers(test_case, client.received());
  } while (received.complete < test_case.answers.size() && client.receive());

  const bool must_close = test_case.ending == Ending::kClosed || test_case.is_half_closed ||
                          (test_case.ending == Ending::kEither && received.announces_close);
  Transcript transcript;
  transcript.is_closed = must_close;
  if (!must_close) {
    transcript.is_probed = true;
    client.send(kProbe);
    client.end_output();
  }
  EXPECT_TRUE(client.receive_all()) << (client.is_reset() ? "the server reset the connection"
                                                          : "the server does not close");
  transcript.output = client.received();
  return transcript;
}

Transcript ConformanceTest::run_in_memory(const Case& test_case, const std::vector<std::string_view>& pieces) {
  app::TestClient client(service_->app());
  app::TestClient::Connection connection = client.connect();
  Transcript transcript;
  for (const std::string_view piece : pieces) transcript.output += connection.send(piece);
  if (test_case.is_half_closed) {
    connection.end_output();
    transcript.output += connection.receive();
  }
  transcript.is_closed = connection.is_closed();
  // Also where the connection has closed: nothing that follows may be answered.
  const std::string more = connection.send(kProbe);
  transcript.is_probed = !transcript.is_closed;
  transcript.output += more;
  const bool may_end_so =
      test_case.ending == Ending::kEither || transcript.is_closed == (test_case.ending == Ending::kClosed);
  EXPECT_TRUE(may_end_so) << (transcript.is_closed ? "the server closed" : "the server did not close");
  return transcript;
}

void ConformanceTest::check_splits(const Case& test_case) {
  const std::string_view bytes = test_case.bytes;
  const bool is_small = bytes.size() <= kSplitEverywhereBytes;
  const std::size_t step = is_small ? 1 : bytes.size() / 16 + 1;
  for (std::size_t at = 1; at < bytes.size();) {
    const std::string wrong = verify(test_case, run_in_memory(test_case, {bytes.substr(0, at), bytes.substr(at)}));
    ASSERT_EQ(wrong, "") << "split after " << at << " of " << bytes.size() << " bytes";
    if (HasFailure()) return;
    const bool is_at_an_end = at < 32 || bytes.size() - at <= 32;
    at += is_small || is_at_an_end ? 1 : std::min(step, bytes.size() - at - 32);
  }
  if (bytes.size() > kFeedBytewiseBytes) return;
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); ++at) pieces.push_back(bytes.substr(at, 1));
  ASSERT_EQ(verify(test_case, run_in_memory(test_case, pieces)), "") << "byte by byte";
}

TEST_P(ConformanceTest, Holds) {
  const Case& test_case = GetParam();
  ASSERT_EQ(verify(test_case, run_over_socket(test_case)), "") << "over a socket";
  const Transcript whole = run_in_memory(test_case, {test_case.bytes});
  ASSERT_EQ(verify(test_case, whole), "") << "in memory, as a whole";
  if (test_case.interims >= 0) {
    int interims = 0;
    for (std::string_view rest = whole.output; rest.find("HTTP/1.1 100 ") != std::string_view::npos; ++interims) {
      rest.remove_prefix(rest.find("HTTP/1.1 100 ") + 1);
    }
    EXPECT_EQ(interims, test_case.interims);
  }
  check_splits(test_case);
  EXPECT_TRUE(ask(service_->port(), get("/plaintext")).ends_with("\r\n\r\nHello, World!")) << "the server is not up";
}

std::string case_id(const testing::TestParamInfo<Case>& info) {
  return info.param.id;
}

INSTANTIATE_TEST_SUITE_P(RequestLine, ConformanceTest, testing::ValuesIn(request_line_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Field, ConformanceTest, testing::ValuesIn(field_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Host, ConformanceTest, testing::ValuesIn(host_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Framing, ConformanceTest, testing::ValuesIn(framing_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Smuggling, ConformanceTest, testing::ValuesIn(smuggling_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Chunked, ConformanceTest, testing::ValuesIn(chunked_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Expect, ConformanceTest, testing::ValuesIn(expect_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Method, ConformanceTest, testing::ValuesIn(method_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Connection, ConformanceTest, testing::ValuesIn(connection_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Target, ConformanceTest, testing::ValuesIn(target_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Response, ConformanceTest, testing::ValuesIn(response_cases()), case_id);
INSTANTIATE_TEST_SUITE_P(Limit, ConformanceTest, testing::ValuesIn(limit_cases()), case_id);

TEST(ConformanceSuiteTest, HasAtLeast400Cases) {
  std::size_t count = 0;
  for (const auto& cases :
       {request_line_cases(), field_cases(), host_cases(), framing_cases(), smuggling_cases(), chunked_cases(),
        expect_cases(), method_cases(), connection_cases(), target_cases(), response_cases(), limit_cases()}) {
    count += cases.size();
    for (const Case& test_case : cases) EXPECT_TRUE(test_case.clause.find(' ') != std::string::npos) << test_case.id;
  }
  std::cout << count << " conformance cases\n";
  EXPECT_GE(count, 400U);
}

}  // namespace
}  // namespace weir::conformance
