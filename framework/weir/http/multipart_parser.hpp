// SPDX-License-Identifier: MIT
// Takes a form with files (multipart/form-data) apart while it arrives, strictly.
#pragma once

#include <weir/http/refusal.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace weir::http {

/// Whether a Content-Type names multipart/form-data, whatever its parameters.
bool is_multipart_form(std::string_view content_type);

/// The boundary of a form's Content-Type.
///
/// Errors: nullopt when the type is another, when its parameters are malformed, or when there is no single boundary of
///         1 to 70 of the allowed characters; `is_multipart_form` tells the first from the others.
/// Source: RFC 2046 section 5.1.1 for the characters, RFC 9110 section 5.6.6 for the parameters.
std::optional<std::string> multipart_boundary(std::string_view content_type);

/// Bounds of one form; its bytes together are bounded by the limit of the request's body.
struct MultipartLimits {
  std::uint64_t parts = 100;
  std::uint64_t head_bytes = 8 << 10;                                    ///< One part's fields with their line ends.
  std::uint64_t part_bytes = std::numeric_limits<std::uint64_t>::max();  ///< One part's content.
};

/// What a part says of itself. All of it is the client's word: a filename may be a path, a type may be wrong.
///
/// `name` and `filename` are decoded and hold no control characters but a CR or LF that was written as %0D or %0A.
/// Either may be empty: a browser sends an empty filename for a file input without a file.
struct PartHead {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type = "text/plain";  ///< As sent, parameters included.
};

/// Receives a form in the order of its bytes: for each part `on_part`, any number of `on_content`, `on_part_end`.
///
/// A part whose end is not told is not whole, and even a whole one may be followed by a refusal.
class MultipartEvents {
 public:
  virtual void on_part(PartHead head) = 0;
  /// `bytes` are never empty and good until the call returns; where content is cut has no meaning.
  virtual void on_content(std::string_view bytes) = 0;
  virtual void on_part_end() = 0;

 protected:
  ~MultipartEvents() = default;
};

/// Parses a form at any split of its bytes, in linear time; keeps one line of a part's head and no content.
///
/// What parsers are known to read differently is refused, not guessed: text before the first delimiter (but for one
/// CRLF), lines that only begin like a delimiter, line ends other than CRLF in a part's head, folded lines, a second
/// Content-Disposition, Content-Type, name or filename, and encoded content (Content-Transfer-Encoding). Other fields
/// of a part and `filename*` are checked for their grammar and ignored; so is all that follows the close delimiter.
/// A form without parts is taken, as browsers send it.
///
/// Thread:    as any value.
/// Ownership: borrows `events`, which must outlive the parser and must not call it.
/// Errors:    400 "malformed-multipart"; 413 "too-many-parts", "part-too-large" (after the content that fits was handed
///            on) or "part-head-too-large". Not 431: for HTTP a part's head is content.
/// Source:    RFC 7578; RFC 2046 section 5.1.1 for the framing; WHATWG HTML, multipart/form-data encoding algorithm,
///            for the escapes %22, %0D and %0A in names.
class MultipartParser {
 public:
  /// `boundary` is one that `multipart_boundary` returned (checked).
  MultipartParser(std::string_view boundary, MultipartLimits limits, MultipartEvents& events);
  MultipartParser(const MultipartParser&) = delete;
  MultipartParser& operator=(const MultipartParser&) = delete;

  enum class Step { kNeedMore, kComplete, kRefused };
  /// Takes all of `bytes`, and hands on every byte of content that cannot belong to a delimiter. Once complete or
  /// refused it stays so, and further bytes are ignored.
  Step parse(std::string_view bytes);

  bool is_complete() const { return state_ == State::kComplete; }
  /// Why it was refused. Before that, what to answer when the body ends here: that the form is cut short.
  const Refusal& refusal() const { return refusal_; }

 private:
  // kStart          -> kDelimiterEnd      take_start: the first delimiter
  // kDelimiterEnd   -> kPadding, kDelimiterReturn, kCloseDash      take_delimiter_end
  // kPadding        -> kDelimiterReturn   take_delimiter_end
  // kDelimiterReturn -> kHead             begin_part
  // kCloseDash      -> kComplete          take_delimiter_end
  // kHead           -> kHeadReturn        take_head
  // kHeadReturn     -> kHead, kContent    end_head_line, begin_content
  // kContent        -> kDelimiterEnd      match_delimiter
  // any but kComplete -> kRefused         refuse
  enum class State : unsigned char {
    kStart,
    kDelimiterEnd,
    kPadding,
    kDelimiterReturn,
    kCloseDash,
    kHead,
    kHeadReturn,
    kContent,
    kComplete,
    kRefused,
  };

  /// A part's head while it is read.
  struct HeadDraft {
    PartHead head;
    std::string line;
    std::uint64_t bytes = 0;
    bool has_disposition = false;
    bool has_content_type = false;
  };

  /// Takes one byte of framing.
  void take(char c);
  void take_start(char c);
  void take_delimiter_end(char c);
  void take_head(char c);

  void begin_part();
  void end_part();
  void end_head_line();
  void take_field(std::string_view name, std::string_view value);
  void begin_content();

  /// Takes content and what may be a delimiter after it; returns how many bytes that were.
  std::size_t take_content(std::string_view bytes);
  std::size_t take_content_run(std::string_view bytes);
  std::size_t match_delimiter(std::string_view bytes);
  bool hand_on(std::string_view content);

  void refuse(int status, std::string_view reason, std::string_view detail);
  void refuse_form(std::string_view detail);

  const std::string delimiter_;  // CRLF "--" boundary
  const MultipartLimits limits_;
  MultipartEvents& events_;
  Refusal refusal_;
  State state_ = State::kStart;

  // Of the delimiter: how much of it the latest bytes are, and from where on those were taken from the content.
  std::size_t matched_ = 0;
  std::size_t held_from_ = 0;

  std::uint64_t parts_ = 0;
  std::uint64_t part_bytes_left_ = 0;
  HeadDraft draft_;
};

}  // namespace weir::http
