// SPDX-License-Identifier: MIT
// A client on one connection, which knows what each of its requests may be answered with.
#pragma once

#include <tests/model/answer_reader.hpp>
#include <tests/model/kinds.hpp>
#include <tests/model/machine.hpp>
#include <weir/net/memory_transport.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace weir::model {

/// What the seed draws; the same on every machine, unlike the distributions of the library.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t pick(std::size_t count) { return static_cast<std::size_t>(engine_() % count); }
  bool chance(unsigned percent) { return pick(100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + pick(values.size()));
  }

 private:
  std::mt19937_64 engine_;
};

struct Sent {
  int id = 0;
  const Kind* kind = nullptr;
  std::size_t content_bytes = 0;
  std::size_t answer_bytes = 0;
  std::chrono::milliseconds sleeps{0};
  std::string hook;
  bool is_head = false;
  bool is_1_0 = false;      ///< HTTP/1.0: its answer closes without saying so.
  std::size_t begin = 0;    ///< Where its bytes begin in the stream.
  std::size_t end = 0;      ///< Where they end.
  base::TimePoint began{};  ///< When its first bytes went.
  base::TimePoint ended{};  ///< When its last bytes went.
  int status = 0;
  bool is_answered = false;
  bool is_void = false;  ///< It will not be answered, and that is right.
};

/// Thread: that of the loop; members marked "on the loop" within its callbacks.
class Client {
 public:
  using Fail = std::function<void(const std::string&)>;
  Client(Machine& machine, Random& random, Fail fail);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Puts a request of a random kind behind what is to be sent.
  void compose(int id);
  bool has_unsent() const { return sent_bytes_ < stream_.size(); }
  std::size_t outstanding() const;
  bool is_open() const { return !is_reset_ && !has_sent_fin_ && !is_closing_ && !peer_.is_ended(); }
  /// Whether the server's side still exists.
  bool is_alive() const { return !is_reset_ && !peer_.is_ended(); }

  // On the loop.
  void send(std::size_t bytes);
  void poke();
  void reset();
  void end_output();
  void set_window(std::size_t bytes);

  /// Takes what has arrived.
  void take() { reader_.feed(peer_.take_received()); }

  /// Checks what was taken.
  void collect();
  /// Nothing more will come: every request was answered, or its connection closed for a reason.
  void check_end();
  const std::vector<Sent>& requests() const { return requests_; }
  std::string describe() const;

 private:
  void begin_request(Sent& request, std::string& text);
  void check_answer(const Answer& answer);
  void check_own_refusal(const Answer& answer, Sent& front);
  static bool is_content_right(const Answer& answer, const Sent& request);
  bool is_allowed(const Answer& answer, const Sent& request) const;
  bool may_time_out(const Sent& request) const;
  bool is_fully_sent(const Sent& request) const { return sent_bytes_ >= request.end; }
  Sent* front();
  void wrong(const std::string& what);

  Machine& machine_;
  Random& random_;
  Fail fail_;
  net::MemoryPeer peer_;
  AnswerReader reader_;
  std::string stream_;
  std::size_t sent_bytes_ = 0;
  std::vector<Sent> requests_;
  const base::TimePoint accepted_;
  base::TimePoint window_set_{};
  bool is_window_limited_ = false;
  bool is_reset_ = false;
  bool has_sent_fin_ = false;
  bool is_closing_ = false;  ///< An answer said so.
  bool was_stalled_ = false;
};

}  // namespace weir::model
