// SPDX-License-Identifier: MIT
// A transform and a decoder that can be seen through, and what they are seen to do.
#pragma once

#include <weir/http/body_transform.hpp>

#include <tests/routing/lane_fixture.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace weir {

/// What the codings of a test have in common. Thread: any.
struct CodingProbe {
  std::atomic<int> made{0};
  std::atomic<int> alive{0};
  std::atomic<int> calls_beside{0};              // of write or decode, on another thread than the test's
  std::function<void(std::string_view)> during;  // each of these
  const std::thread::id home = std::this_thread::get_id();

  void see(std::string_view in) {
    if (std::this_thread::get_id() != home) ++calls_beside;
    if (during) during(in);
  }
};

class Probed {
 public:
  explicit Probed(CodingProbe& probe) : probe_(probe) {
    ++probe_.made;
    ++probe_.alive;
  }
  Probed(const Probed&) = delete;
  Probed& operator=(const Probed&) = delete;
  ~Probed() { --probe_.alive; }

 protected:
  CodingProbe& probe_;
};

/// "ab" becomes "<ab>", a flush "|", the end "!".
class Brackets final : public http::BodyTransform, private Probed {
 public:
  explicit Brackets(CodingProbe& probe) : Probed(probe) {}
  void write(std::string_view in, std::string& out) override {
    probe_.see(in);
    out.append("<").append(in).append(">");
  }
  void flush(std::string& out) override { out += '|'; }
  void finish(std::string& out) override { out += '!'; }
};

/// Takes the brackets away again: every "<" and ">"; "!" is malformed, "?" too long. At the end
/// it adds a space.
class Unbrackets final : public http::ContentDecoder, private Probed {
 public:
  explicit Unbrackets(CodingProbe& probe) : Probed(probe) {}
  std::optional<http::Refusal> decode(std::string_view in, bool is_last, std::string& out) override {
    probe_.see(in);
    for (const char c : in) {
      if (c == '!') return http::Refusal{400, "test", "No exclamation."};
      if (c == '?') return http::Refusal{413, "test", "No question."};
      if (c != '<' && c != '>') out += c;
    }
    if (is_last) out += ' ';
    return std::nullopt;
  }
};

/// Transforms each answer, or those that `wanted` names by their path.
class Bracketing {
 public:
  explicit Bracketing(CodingProbe& probe, std::string wanted = "") : probe_(&probe), wanted_(std::move(wanted)) {}
  void after(Context& context, Response& response) const {
    if (!wanted_.empty() && context.request().raw_path() != wanted_) return;
    context.transform_content(std::make_unique<Brackets>(*probe_));
    response.set_header("X-Coded", "brackets");
  }

 private:
  CodingProbe* probe_;
  std::string wanted_;
};

/// Decodes the content of each request that says so.
class Unbracketing {
 public:
  explicit Unbracketing(CodingProbe& probe) : probe_(&probe) {}
  void before(Context& context) const {
    if (context.header("X-Coded")) context.decode_content(std::make_unique<Unbrackets>(*probe_));
  }

 private:
  CodingProbe* probe_;
};

}  // namespace weir
