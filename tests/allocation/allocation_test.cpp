// SPDX-License-Identifier: MIT
// Counts the heap allocations of a loop's thread while it answers requests on a kept-alive connection: there are none.
// A program of its own, because it replaces the allocation functions.
#include "tests/app/http_call.hpp"

#include <weir/loop/frame_pool.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>

namespace {

// On while the thread is a loop that a test looks at.
thread_local bool t_is_counting = false;
std::atomic<std::uint64_t> allocations{0};

void note_allocation() noexcept {
  if (t_is_counting) allocations.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WEIR_HAS_SANITIZER_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define WEIR_HAS_SANITIZER_MALLOC 1
#endif
#endif

#ifdef WEIR_HAS_SANITIZER_MALLOC
// From <sanitizer/allocator_interface.h>, which g++ does not bring along.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*,
                                                                           std::size_t),  // NOLINT
                                                         void (*on_free)(const volatile void*));
namespace {
void on_malloc(const volatile void*, std::size_t) {
  note_allocation();
}
void on_free(const volatile void*) {}
[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}  // namespace
#else
// In front of glibc's own, for operator new and the C libraries alike.
extern "C" {
void* __libc_malloc(std::size_t size);                     // NOLINT: glibc's names
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT
void* __libc_realloc(void* memory, std::size_t size);      // NOLINT
void* malloc(std::size_t size) noexcept {
  note_allocation();
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
  note_allocation();
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  note_allocation();
  return __libc_realloc(memory, size);
}
}
#endif

namespace weir {
namespace {

class AllocationTest : public testing::Test {
 protected:
  AllocationTest() {
    app.settings().port = 0;
    app.settings().loops = 1;
    app.settings().log_level = "off";
    app.settings().drain_idle = std::chrono::milliseconds(0);
    app.get("/plaintext").handle([] { return "Hello, World!"; });
    app.get("/json").handle([] { return object({{"message", "Hello, World!"}}); });
    app.get("/users/{id}").handle([](Context& ctx) { return object({{"id", ctx.path("id")}}); });
    app.get("/async").handle([]() -> Task<JsonText> { co_return object({{"message", "Hello, World!"}}); });
    app.get("/allocates").handle([] { return std::string(200, 'x'); });
    app.get("/begin").handle([] {
      t_is_counting = true;
      return "";
    });
    app.get("/end").handle([] {
      t_is_counting = false;
      return "";
    });
    app.start();
  }

  static constexpr int kBatches = 50;

  /// The allocations of a round of requests, each batch of them sent in one piece. Of several rounds the fewest, as the
  /// Date is rendered anew when a second begins.
  std::uint64_t allocations_of(const std::string& target, int batch = 1) {
    constexpr int kRounds = 5;
    HttpCall call(app.port());
    std::string requests;
    for (int i = 0; i < batch; ++i) requests += "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n";
    std::uint64_t fewest = UINT64_MAX;
    for (int round = 0; round <= kRounds; ++round) {  // the first is the warm-up
      call.get("/begin");
      allocations.store(0);
      for (int i = 0; i < kBatches; ++i) {
        call.send(requests);
        for (int answer = 0; answer < batch; ++answer) {
          EXPECT_TRUE(call.read_answer().starts_with("HTTP/1.1 200 OK\r\n"));
        }
      }
      call.get("/end");
      if (round > 0) fewest = std::min(fewest, allocations.load());
    }
    return fewest;
  }

  App app{"allocation"};
};

TEST_F(AllocationTest, PlainTextAllocatesNothing) {
  EXPECT_EQ(allocations_of("/plaintext"), 0U);
}

TEST_F(AllocationTest, JsonAllocatesNothing) {
  EXPECT_EQ(allocations_of("/json"), 0U);
}

TEST_F(AllocationTest, APathParameterAllocatesNothing) {
  EXPECT_EQ(allocations_of("/users/12345678"), 0U);
}

TEST_F(AllocationTest, AnEscapedPathParameterAllocatesNothing) {
  EXPECT_EQ(allocations_of("/users/a%20b"), 0U);
}

TEST_F(AllocationTest, ACoroutineThatDoesNotWaitAllocatesNothing) {
  // Its own frame and that of what drives it, where frames come from the heap so that a sanitizer sees their end.
  constexpr unsigned kFrames = loop::kFramesAreRecycled ? 0 : 2;
  EXPECT_EQ(allocations_of("/async"), kFrames * kBatches);
}

TEST_F(AllocationTest, PipelinedRequestsAllocateNothing) {
  EXPECT_EQ(allocations_of("/plaintext", 16), 0U);
}

// Without this a counter that counts nothing would pass.
TEST_F(AllocationTest, AHandlerThatAllocatesIsNoticed) {
  EXPECT_GE(allocations_of("/allocates"), 50U);
}

}  // namespace
}  // namespace weir
