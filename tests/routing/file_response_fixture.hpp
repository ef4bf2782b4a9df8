// SPDX-License-Identifier: MIT
// An app that answers with files, and hooks that keep what they saw.
#pragma once

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <tests/routing/temporary_folder.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir {

/// Counts what the hooks saw.
struct Seen {
  struct Notes {
    std::vector<int> statuses;
    std::vector<std::string> types;
    std::vector<Outcome> outcomes;
  };
  std::shared_ptr<Notes> notes = std::make_shared<Notes>();
  void after(Context&, Response& response) const {
    notes->statuses.push_back(response.status());
    notes->types.emplace_back(response.header("Content-Type").value_or(""));
    response.set_header("X-After", "1");
  }
  void done(Context&, const Outcome& outcome) const { notes->outcomes.push_back(outcome); }
};

class FileResponseTest : public testing::Test {
 protected:
  FileResponseTest() {
    app.use(seen);
    app.settings().limits.handler_timeout = std::chrono::seconds(30);
  }

  // Files are read by other threads: the loop is driven until it is there.
  static bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
  }

  /// One request; waits until a `done` hook has heard of its end.
  std::string send(std::string_view request) {
    auto connection = client().connect();
    std::string answer = connection.send(request);
    const std::size_t before = done_count_++;
    EXPECT_TRUE(eventually([&] {
      answer += connection.receive();
      return seen.notes->outcomes.size() > before;
    }));
    return answer + connection.receive();
  }
  std::string get(std::string_view target) {
    return send("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  static std::string content_of(std::string_view answer) {
    return std::string(answer.substr(answer.find("\r\n\r\n") + 4));
  }

  TestClient& client() {
    if (!client_) client_ = std::make_unique<TestClient>(app);
    return *client_;
  }

  TemporaryFolder folder;
  App app{"test"};
  Seen seen;

 private:
  std::unique_ptr<TestClient> client_;
  std::size_t done_count_ = 0;
};

}  // namespace weir
