// SPDX-License-Identifier: MIT
// Reads answers off the wire the way a strict client does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weir::model {

struct Answer {
  int status = 0;
  int id = 0;  ///< X-Id; 0 when there is none.
  bool closes = false;
  std::string body;
};

/// Thread: one.
class AnswerReader {
 public:
  void feed(std::string_view bytes) { rest_ += bytes; }
  /// No more bytes will come.
  void end() { is_ended_ = true; }

  /// The next whole answer, if it has arrived. `is_head`: it is one to a HEAD request; `is_1_0`: to one of HTTP/1.0.
  std::optional<Answer> next(bool is_head, bool is_1_0);

  /// What broke the rules; "" when nothing did.
  const std::string& fault() const { return fault_; }
  /// Whether something of a further answer is here.
  bool has_rest() const { return !rest_.empty(); }
  std::string_view rest() const { return rest_; }
  /// How many answers of one status, 102 or 100, have been skipped.
  int processing() const { return processing_; }

 private:
  std::optional<Answer> fail(std::string_view what);
  bool skip_interim();
  std::optional<std::size_t> read_chunks(std::size_t from, std::string& body);

  std::string rest_;
  std::string fault_;
  bool is_ended_ = false;
  int processing_ = 0;
};

}  // namespace weir::model
