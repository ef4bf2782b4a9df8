// SPDX-License-Identifier: MIT
// Handlers that wait for time to pass.
#pragma once

#include <tests/routing/lane_fixture.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace weir {

/// Declares handlers that sleep, and counts what becomes of them.
class AsyncTest : public LaneTest {
 protected:
  void add_sleeping(std::string_view pattern, std::chrono::milliseconds duration) {
    app.get(pattern).handle([this, duration](Context& context) -> Task<std::string> {
      const EndOfFrame end(ended);
      ++begun;
      co_await context.sleep(duration);
      ++finished;
      co_return std::string("slept");
    });
  }
  double in_flight(const std::string& route) const {
    return metric(R"(weir_in_flight{method="GET",route=")" + route + "\"}");
  }

  int begun = 0;
  int finished = 0;  // got over their wait
  int ended = 0;     // their frames have gone
};

inline Task<int> add_slowly(const Context* context, int a, int b) {
  co_await context->sleep(std::chrono::milliseconds(10));
  co_return a + b;
}

inline Task<int> add_three(const Context* context, int a, int b, int c) {
  const int two = co_await add_slowly(context, a, b);
  co_return co_await add_slowly(context, two, c);
}

}  // namespace weir
