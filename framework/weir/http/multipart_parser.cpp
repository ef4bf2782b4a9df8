// SPDX-License-Identifier: MIT
#include <weir/http/multipart_parser.hpp>

#include <weir/base/check.hpp>
#include <weir/base/text.hpp>
#include <weir/http/syntax.hpp>

#include <algorithm>
#include <utility>

namespace weir::http {
namespace {

constexpr std::size_t kBoundaryBytesMax = 70;
constexpr std::string_view kBoundaryChars =  // bchars, RFC 2046 section 5.1.1
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
constexpr std::size_t kLineEndBytes = 2;
constexpr std::string_view kNoDisposition = "A part needs one Content-Disposition of form-data with a name.";

// The second and third are RFC 9110's quoted pairs. Other backslashes stay: browsers send those of a filename as they
// are, and no writer escapes what needs no escape.
struct Escape {
  std::string_view written;
  char meant;
};
constexpr Escape kNameEscapes[] = {{"%22", '"'}, {"\\\"", '"'}, {"\\\\", '\\'}, {"%0D", '\r'}, {"%0A", '\n'}};

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= kBoundaryBytesMax && text.back() != ' ' &&
         text.find_first_not_of(kBoundaryChars) == std::string_view::npos;
}

std::string_view take_token(std::string_view& rest) {
  std::size_t length = 0;
  while (length < rest.size() && syntax::is(rest[length], syntax::kToken)) ++length;
  const std::string_view token = rest.substr(0, length);
  rest.remove_prefix(length);
  return token;
}

// Takes a token, or what is inside of a quoted-string with its escapes still in it.
std::optional<std::string_view> take_value(std::string_view& rest) {
  if (!rest.starts_with('"')) {
    const std::string_view token = take_token(rest);
    return token.empty() ? std::nullopt : std::optional(token);
  }
  for (std::size_t at = 1; at < rest.size(); ++at) {
    if (rest[at] == '\\') {
      ++at;
    } else if (rest[at] == '"') {
      const std::string_view inside = rest.substr(1, at - 1);
      rest.remove_prefix(at + 1);
      return syntax::all(inside, syntax::kFieldValue) ? std::optional(inside) : std::nullopt;
    }
  }
  return std::nullopt;
}

// parameters = *( OWS ";" OWS [ parameter ] ), RFC 9110 section 5.6.6. Gives each name with its raw value to `use`;
// false when one is malformed or `use` returned false.
template <class Use>
bool read_parameters(std::string_view rest, Use use) {
  for (rest = base::trim(rest); !rest.empty(); rest = base::trim(rest)) {
    if (rest.front() != ';') return false;
    rest = base::trim(rest.substr(1));
    if (rest.empty() || rest.front() == ';') continue;
    const std::string_view name = take_token(rest);
    if (name.empty() || !rest.starts_with('=')) return false;
    rest.remove_prefix(1);
    const std::optional<std::string_view> value = take_value(rest);
    if (!value || !use(name, *value)) return false;
  }
  return true;
}

std::string decode_name(std::string_view raw) {
  std::string name;
  while (!raw.empty()) {
    const auto* const escape = std::find_if(std::begin(kNameEscapes), std::end(kNameEscapes),
                                            [raw](const Escape& known) { return raw.starts_with(known.written); });
    const bool is_escape = escape != std::end(kNameEscapes);
    name += is_escape ? escape->meant : raw.front();
    raw.remove_prefix(is_escape ? escape->written.size() : 1);
  }
  return name;
}

// form-data with one name and at most one filename. A tab is the one control character that a field may have.
bool read_disposition(std::string_view value, PartHead& head) {
  if (!base::equals_ignoring_case(take_token(value), "form-data")) return false;
  std::optional<std::string> name;
  const bool is_well_formed = read_parameters(value, [&](std::string_view key, std::string_view raw) {
    const bool is_name = base::equals_ignoring_case(key, "name");
    if (!is_name && !base::equals_ignoring_case(key, "filename")) return true;
    std::optional<std::string>& target = is_name ? name : head.filename;
    if (target || raw.find('\t') != std::string_view::npos) return false;
    target = decode_name(raw);
    return true;
  });
  if (!is_well_formed || !name) return false;
  head.name = *std::move(name);
  return true;
}

// Whether content so encoded is the content itself: RFC 2045 section 6.2.
bool is_identity(std::string_view encoding) {
  const auto is = [encoding](std::string_view name) { return base::equals_ignoring_case(encoding, name); };
  return is("binary") || is("8bit") || is("7bit");
}

}  // namespace

bool is_multipart_form(std::string_view content_type) {
  return base::equals_ignoring_case(base::trim(base::take_until(content_type, ';')), "multipart/form-data");
}

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  if (!is_multipart_form(content_type)) return std::nullopt;
  std::optional<std::string> boundary;
  const std::string_view parameters = content_type.substr(std::min(content_type.find(';'), content_type.size()));
  const bool is_well_formed = read_parameters(parameters, [&boundary](std::string_view name, std::string_view raw) {
    if (!base::equals_ignoring_case(name, "boundary")) return true;
    // Raw, as no character of a boundary needs an escape.
    if (boundary || !is_boundary(raw)) return false;
    boundary = raw;
    return true;
  });
  return is_well_formed ? boundary : std::nullopt;
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartLimits limits, MultipartEvents& events)
    : delimiter_("\r\n--" + std::string(boundary)),
      limits_(limits),
      events_(events),
      refusal_{400, "malformed-multipart", "The form ends before its close delimiter."} {
  // The matching relies on it: CR is the delimiter's first character and no other.
  WEIR_CHECK(is_boundary(boundary));
}

MultipartParser::Step MultipartParser::parse(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::kComplete && state_ != State::kRefused) {
    if (state_ == State::kContent) {
      bytes.remove_prefix(take_content(bytes));
    } else {
      take(bytes.front());
      bytes.remove_prefix(1);
    }
  }
  if (state_ == State::kRefused) return Step::kRefused;
  return is_complete() ? Step::kComplete : Step::kNeedMore;
}

void MultipartParser::take(char c) {
  switch (state_) {
    case State::kStart:
      return take_start(c);
    case State::kHead:
    case State::kHeadReturn:
      return take_head(c);
    default:
      return take_delimiter_end(c);
  }
}

void MultipartParser::take_start(char c) {
  if (matched_ == 0 && c == '-') matched_ = kLineEndBytes;  // The first delimiter goes without its CRLF.
  if (c != delimiter_[matched_]) return refuse_form("The form does not begin with its boundary.");
  if (++matched_ == delimiter_.size()) state_ = State::kDelimiterEnd;
}

// delimiter transport-padding CRLF, or delimiter "--". Anything else makes a line that some take for a delimiter and
// some for content.
void MultipartParser::take_delimiter_end(char c) {
  const bool is_in_line = state_ == State::kDelimiterEnd || state_ == State::kPadding;
  if (is_in_line && syntax::is_blank(c)) {
    state_ = State::kPadding;
  } else if (is_in_line && c == '\r') {
    state_ = State::kDelimiterReturn;
  } else if (state_ == State::kDelimiterReturn && c == '\n') {
    begin_part();
  } else if (state_ == State::kDelimiterEnd && c == '-') {
    state_ = State::kCloseDash;
  } else if (state_ == State::kCloseDash && c == '-') {
    state_ = State::kComplete;
    end_part();
  } else {
    refuse_form("A delimiter of the form is malformed.");
  }
}

void MultipartParser::begin_part() {
  end_part();
  if (parts_ == limits_.parts) return refuse(413, "too-many-parts", "The form has more parts than this server reads.");
  ++parts_;
  draft_ = HeadDraft();
  state_ = State::kHead;
}

// Of the part before the delimiter; there is none before the first.
void MultipartParser::end_part() {
  if (parts_ > 0) events_.on_part_end();
}

void MultipartParser::take_head(char c) {
  if (++draft_.bytes > limits_.head_bytes) {
    refuse(413, "part-head-too-large", "The head of a part is longer than this server reads.");
  } else if (state_ == State::kHeadReturn && c == '\n') {
    end_head_line();
  } else if (state_ == State::kHeadReturn || (c != '\r' && !syntax::is(c, syntax::kFieldValue))) {
    refuse_form("The head of a part has a control character or a line end other than CRLF.");
  } else if (c == '\r') {
    state_ = State::kHeadReturn;
  } else {
    draft_.line += c;
  }
}

void MultipartParser::end_head_line() {
  if (draft_.line.empty()) return begin_content();
  state_ = State::kHead;
  std::string_view value = draft_.line;
  const std::string_view name = take_token(value);
  // A folded line has no name either.
  if (name.empty() || !value.starts_with(':')) return refuse_form("A field of a part is malformed.");
  take_field(name, base::trim(value.substr(1)));
  draft_.line.clear();
}

void MultipartParser::take_field(std::string_view name, std::string_view value) {
  if (base::equals_ignoring_case(name, "content-disposition")) {
    if (std::exchange(draft_.has_disposition, true) || !read_disposition(value, draft_.head)) {
      refuse_form(kNoDisposition);
    }
  } else if (base::equals_ignoring_case(name, "content-type")) {
    if (std::exchange(draft_.has_content_type, true)) return refuse_form("A part has two types.");
    if (!value.empty()) draft_.head.content_type = value;
  } else if (base::equals_ignoring_case(name, "content-transfer-encoding")) {
    if (!is_identity(value)) refuse_form("A part has encoded content; forms are sent as they are.");
  }
}

void MultipartParser::begin_content() {
  if (!draft_.has_disposition) return refuse_form(kNoDisposition);
  // No line of a part may start with the boundary, its first one included (RFC 2046 section 5.1.1, body-part): a
  // delimiter right here has the CRLF that ended the head, which is not content.
  matched_ = kLineEndBytes;
  held_from_ = kLineEndBytes;
  part_bytes_left_ = limits_.part_bytes;
  state_ = State::kContent;
  events_.on_part(std::move(draft_.head));
}

std::size_t MultipartParser::take_content(std::string_view bytes) {
  const std::size_t matched = matched_ > 0 ? match_delimiter(bytes) : 0;
  if (matched == bytes.size() || state_ != State::kContent) return matched;
  // Not a delimiter after all. What was held back is the same as its front, so it need not have been kept.
  const std::string_view held = std::string_view(delimiter_).substr(held_from_, matched_ - held_from_);
  matched_ = 0;
  held_from_ = 0;
  if (!hand_on(held)) return bytes.size();
  return matched + take_content_run(bytes.substr(matched));
}

// Hands content on in one piece up to the delimiter, or to the end but for what may become one.
std::size_t MultipartParser::take_content_run(std::string_view bytes) {
  for (std::size_t at = bytes.find('\r'); at != std::string_view::npos; at = bytes.find('\r', at)) {
    const std::size_t matched = match_delimiter(bytes.substr(at));
    const std::size_t end = at + matched;
    if (state_ != State::kContent || end == bytes.size()) {
      hand_on(bytes.substr(0, at));
      return end;
    }
    // Linear, as the next candidate cannot begin within this one: a delimiter has no second CR.
    matched_ = 0;
    at = end;
  }
  hand_on(bytes);
  return bytes.size();
}

// Goes on with the delimiter at the front of `bytes`; returns how many of them are of it.
std::size_t MultipartParser::match_delimiter(std::string_view bytes) {
  std::size_t count = 0;
  while (count < bytes.size() && matched_ < delimiter_.size() && bytes[count] == delimiter_[matched_]) {
    ++count;
    ++matched_;
  }
  if (matched_ == delimiter_.size()) state_ = State::kDelimiterEnd;
  return count;
}

bool MultipartParser::hand_on(std::string_view content) {
  const std::size_t taken = std::min<std::uint64_t>(content.size(), part_bytes_left_);
  part_bytes_left_ -= taken;
  if (taken > 0) events_.on_content(content.substr(0, taken));
  if (taken == content.size()) return true;
  refuse(413, "part-too-large", "The content of a part is longer than this resource takes.");
  return false;
}

void MultipartParser::refuse(int status, std::string_view reason, std::string_view detail) {
  state_ = State::kRefused;
  refusal_ = {status, reason, detail};
}

void MultipartParser::refuse_form(std::string_view detail) {
  refuse(400, "malformed-multipart", detail);
}

}  // namespace weir::http
