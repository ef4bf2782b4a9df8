// SPDX-License-Identifier: MIT
// However the bytes of a connection are cut, the parser reads the same requests and refuses at the same place.
//
// Input: a byte of options, three lengths of pieces, then the connection's bytes.
#include <tests/fuzz/pieces.hpp>
#include <weir/http/request_parser.hpp>

#include <array>

namespace {

using weir::fuzz::require;
using weir::http::Request;
using weir::http::RequestParser;
using Step = RequestParser::Step;

constexpr std::uint8_t kSmallLimits = 1;
constexpr std::uint8_t kDetaches = 2;
constexpr std::uint8_t kDiscards = 4;

// Feeds one connection and writes down what happened on it.
class Reading {
 public:
  Reading(const weir::http::Limits& limits, std::uint8_t options)
      : limits_(limits), options_(options), parser_(limits) {}

  bool take(std::span<char> piece) {
    std::span<const char> rest(piece);
    while (!rest.empty()) {
      const RequestParser::Progress progress = parser_.parse(rest);
      require(progress.consumed <= rest.size(), "a parser consumes no more than it was given");
      rest = rest.subspan(progress.consumed);
      consumed_ += progress.consumed;
      if (!note(progress.step, rest)) return false;
    }
    return true;
  }

  /// The requests, one after the other.
  const std::string& log() const { return log_; }
  /// What became of the bytes after the last of them.
  std::string end() const {
    if (!refusal_.empty()) return refusal_;
    return parser_.has_begun() ? (parser_.is_head_complete() ? "in body" : "in head") : "idle";
  }
  bool is_refused() const { return !refusal_.empty(); }
  /// Where the last complete request ended.
  std::size_t last_end() const { return last_end_; }

 private:
  bool note(Step step, std::span<const char> rest) {
    switch (step) {
      case Step::kNeedMore:
        require(rest.empty(), "kNeedMore means that everything was consumed");
        return true;
      case Step::kHead:
        require(parser_.has_body() && parser_.is_head_complete(), "kHead announces content");
        head_ = describe_head();
        if (!parser_.set_body_limit(limits_.body_bytes)) return refuse();
        if ((options_ & kDiscards) != 0) parser_.discard_body();
        path_at_head_ = parser_.request().raw_path();
        return true;
      case Step::kComplete:
        complete();
        return true;
      case Step::kRefused:
        return refuse();
    }
    std::abort();
  }

  void complete() {
    const std::string head = describe_head();
    if (parser_.has_body()) {
      require(head == head_, "the head stays what it was while the content is read", head_, head);
      require(path_at_head_ == parser_.request().raw_path(), "views made at kHead stay good");
    }
    log_ += head;
    if ((options_ & kDiscards) == 0) log_.append("body ").append(parser_.request().body()) += '\n';
    if ((options_ & kDetaches) != 0) {
      parser_.detach();
      require(parser_.request().body().empty(), "detach lets go of the content");
      require(describe_head() == head, "a detached head is the same head");
    }
    parser_.reset();
    last_end_ = consumed_;
  }

  bool refuse() {
    const weir::http::Refusal& refusal = parser_.refusal();
    require(refusal.status >= 400 && refusal.status < 600 && !refusal.reason.empty(),
            "a refusal has status and reason");
    refusal_ = "refused " + std::to_string(refusal.status) + ' ' + std::string(refusal.reason);
    return false;
  }

  std::string describe_head() const {
    const Request& request = parser_.request();
    std::string text(to_string(request.method()));
    text.append(" ").append(request.target()).append("\npath ").append(request.raw_path());
    text.append("\nquery ").append(request.raw_query()).append("\nhost ").append(request.host());
    text += "\n1." + std::to_string(request.minor_version()) + (parser_.wants_keep_alive() ? " keep" : " close") +
            (parser_.expects_continue() ? " continue\n" : "\n");
    for (std::size_t i = 0; i < request.field_count(); ++i) {
      const weir::http::Field field = request.field(i);
      text.append(field.name).append("=").append(field.value).append("\n");
      require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
              "a value has no line end and no NUL");
      require(request.header(field.name).has_value(), "a field is found by its name");
    }
    require(request.field_count() <= limits_.fields && request.target().size() <= limits_.target_bytes,
            "an accepted head keeps the limits");
    return text;
  }

  const weir::http::Limits& limits_;
  std::uint8_t options_;
  RequestParser parser_;
  std::string log_;
  std::string head_;
  std::string_view path_at_head_;
  std::string refusal_;
  std::size_t consumed_ = 0;
  std::size_t last_end_ = 0;
};

void read_all(std::string_view bytes, std::string_view lengths, Reading& reading) {
  weir::fuzz::for_each_piece(bytes, weir::fuzz::as_lengths(lengths),
                             [&reading](std::span<char> piece) { return reading.take(piece); });
}

// Whether a bound is what a head runs into: then the cut decides if that is seen before something else that is wrong.
bool is_oversized(std::string_view head, const weir::http::Limits& limits) {
  head.remove_prefix(std::min(head.find_first_not_of("\r\n"), head.size()));
  const std::size_t end = head.find("\r\n\r\n");
  head = head.substr(0, end == std::string_view::npos ? end : end + 4);
  const auto lines = static_cast<std::uint64_t>(std::count(head.begin(), head.end(), '\n'));
  return head.size() > limits.head_bytes || head.substr(0, head.find('\n')).size() > limits.target_bytes ||
         lines > limits.fields;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const std::uint8_t options = input.take_byte();
  const std::string_view lengths = input.take(3);
  weir::http::Limits limits;
  if ((options & kSmallLimits) != 0) {
    limits.target_bytes = 48;
    limits.head_bytes = 256;
    limits.fields = 4;
    limits.body_bytes = 64;
    limits.chunk_extension_bytes = 16;
  }
  Reading whole(limits, options);
  read_all(input.rest(), {}, whole);
  for (const std::string_view cut : {std::string_view("\1"), lengths}) {
    Reading in_pieces(limits, options);
    read_all(input.rest(), cut, in_pieces);
    require(whole.log() == in_pieces.log(), "any cut gives the same requests", whole.log(), in_pieces.log());
    if (whole.is_refused() && in_pieces.is_refused() && is_oversized(input.rest().substr(whole.last_end()), limits)) {
      continue;
    }
    require(whole.end() == in_pieces.end(), "any cut ends the same way", whole.end(), in_pieces.end());
  }
  return 0;
}
