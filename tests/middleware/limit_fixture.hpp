// SPDX-License-Identifier: MIT
// An app whose tests say which client asks.
#pragma once

#include <middleware/rate_limit.hpp>
#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace weir::middleware {

/// Stands for what trusts a proxy and authenticates: the client and the principal are what the test says.
struct AsClient {
  void before(Context& context) const {
    if (const auto address = context.header("X-Test-Client")) context.set_origin(std::string(*address), "", "");
    if (const auto name = context.header("X-Test-User")) context.set_principal(std::string(*name));
  }
};

class LimitTest : public testing::Test {
 protected:
  void add_routes() {
    app.get("/").handle([] { return "hello"; });
    app.get("/throw").handle([] { throw 1; });
  }
  void start() { client.emplace(app); }
  TestClient::Connection connect() { return client->connect(); }

  /// What an app with that limit says of its policy.
  static std::string policy(RateLimitOptions options) {
    App other{"test"};
    other.use(RateLimit{std::move(options)});
    return TestClient(other).get("/").header("RateLimit-Policy").value_or("");
  }

  App app{"test"};
  std::optional<TestClient> client;
};

}  // namespace weir::middleware
