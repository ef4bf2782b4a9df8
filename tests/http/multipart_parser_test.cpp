// SPDX-License-Identifier: MIT
#include <weir/http/multipart_parser.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace weir::http {
namespace {

using namespace std::string_literals;

const std::string kField = "Content-Disposition: form-data; name=\"a\"\r\n";
const std::string kOpen = "--X\r\n" + kField + "\r\n";  // up to the content of the part "a"
const std::string kClose = "\r\n--X--\r\n";

// Writes what it is told, and joins what belongs together: where content is cut has no meaning.
class Recorder final : public MultipartEvents {
 public:
  void on_part(PartHead head) override {
    text += head.name + (head.filename ? " file=" + *head.filename : "") + " type=" + head.content_type + " {";
  }
  void on_content(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    ++content_calls;
    text += bytes;
  }
  void on_part_end() override { text += "}\n"; }

  std::string text;
  std::size_t content_calls = 0;
};

// One parser with its record.
struct Reading {
  explicit Reading(MultipartLimits limits = {}, std::string_view boundary = "X") : parser(boundary, limits, events) {}

  void feed(std::string_view bytes) {
    const MultipartParser::Step step = parser.parse(bytes);
    EXPECT_EQ(step == MultipartParser::Step::kComplete, parser.is_complete());
    is_refused = step == MultipartParser::Step::kRefused;
  }
  std::string outcome() const {
    const Refusal& refusal = parser.refusal();
    if (is_refused)
      return events.text + "refused " + std::to_string(refusal.status) + " " + std::string(refusal.reason);
    return events.text + (parser.is_complete() ? "complete" : "incomplete");
  }

  Recorder events;
  MultipartParser parser;
  bool is_refused = false;
};

std::string read_in_pieces(std::string_view bytes, std::size_t piece, MultipartLimits limits = {}) {
  Reading reading(limits);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) reading.feed(bytes.substr(0, piece));
  return reading.outcome();
}

// Whole, byte by byte, and cut in two anywhere.
void expect_read(std::string_view bytes, const std::string& expected, MultipartLimits limits = {}) {
  EXPECT_EQ(read_in_pieces(bytes, bytes.size(), limits), expected) << bytes;
  EXPECT_EQ(read_in_pieces(bytes, 1, limits), expected) << "byte by byte: " << bytes;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    Reading reading(limits);
    reading.feed(bytes.substr(0, cut));
    reading.feed(bytes.substr(cut));
    ASSERT_EQ(reading.outcome(), expected) << "cut at " << cut << ": " << bytes;
  }
}

void expect_content(const std::string& content) {
  expect_read(kOpen + content + kClose, "a type=text/plain {" + content + "}\ncomplete");
}

// A part whose fields are these.
void expect_head(const std::string& fields, const std::string& head) {
  expect_read("--X\r\n" + fields + "\r\nv" + kClose, head + " {v}\ncomplete");
}

void expect_head_refused(const std::string& fields) {
  expect_read("--X\r\n" + fields + "\r\nv" + kClose, "refused 400 malformed-multipart");
}

TEST(MultipartParserTest, PartsComeInTheirOrder) {
  expect_read("--X\r\n" + kField + "\r\n1\r\n--X\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n22" + kClose,
              "a type=text/plain {1}\nb type=text/plain {22}\ncomplete");
}

TEST(MultipartParserTest, AnEmptyPartHasNoContent) {
  expect_content("");
}

TEST(MultipartParserTest, AFormWithoutPartsIsTaken) {
  expect_read("--X--\r\n", "complete");
  expect_read("\r\n--X--", "complete");
}

TEST(MultipartParserTest, AFileHasItsNameAndType) {
  expect_head(
      "Content-Disposition: form-data; name=\"f\"; filename=\"photo 1.png\"\r\nContent-Type: image/png; q=\"1\"\r\n",
      "f file=photo 1.png type=image/png; q=\"1\"");
  expect_head("Content-Disposition: form-data; name=\"f\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n",
              "f file= type=application/octet-stream");
}

TEST(MultipartParserTest, ContentMayHoldAnyBytes) {
  expect_content("\0\r\n\x80\xff\n\r\r\n\r\n"s);
  expect_content("\r");
  expect_content("\r\n");
  expect_content("\r\n\r\n");
}

TEST(MultipartParserTest, WhatIsNotQuiteADelimiterIsContent) {
  for (const char* const text :
       {"\r\n--", "\r\n-", "\r\n--x", "\r\n-X", "\r\n--\r\n--Y", "\n--X\r\n", "\r--X\r\n", "text--X\r\n", "text--X--",
        "\r\r\n--Y", "\r\n\r\n--Y", "\r\n-\r\n--", "\r\n --X", "--Y", "-", "--", "--\r", "-\r\n-"}) {
    expect_content(text);
  }
}

TEST(MultipartParserTest, ALongBoundaryIsMatchedAcrossItsOwnRepetitions) {
  const std::string boundary = "-----------------------------9051914041544843365972754266";
  const std::string content = "\r\n" + boundary + "\r\n--" + boundary.substr(0, 56) + "\r\n----";
  const std::string form = "--" + boundary + "\r\n" + kField + "\r\n" + content + "\r\n--" + boundary + "--\r\n";
  for (std::size_t cut = 0; cut <= form.size(); ++cut) {
    Reading reading({}, boundary);
    reading.feed(std::string_view(form).substr(0, cut));
    reading.feed(std::string_view(form).substr(cut));
    ASSERT_EQ(reading.outcome(), "a type=text/plain {" + content + "}\ncomplete") << cut;
  }
}

// RFC 2046 section 5.1.1: no line of a part starts with the boundary, so the end of the head is the delimiter's CRLF.
TEST(MultipartParserTest, ADelimiterRightAfterTheHeadEndsAnEmptyPart) {
  expect_read(kOpen + "--X--", "a type=text/plain {}\ncomplete");
  expect_read(kOpen + kOpen + "1" + kClose, "a type=text/plain {}\na type=text/plain {1}\ncomplete");
}

TEST(MultipartParserTest, DelimitersMayBePadded) {
  expect_read("--X \t\r\n" + kField + "\r\n1\r\n--X  \r\n" + kField + "\r\n2" + kClose,
              "a type=text/plain {1}\na type=text/plain {2}\ncomplete");
}

TEST(MultipartParserTest, WhatFollowsTheCloseDelimiterIsIgnored) {
  for (const char* const epilogue : {"", "\r\n", "  \r\n", "\r\ntext\r\n--X\r\n", "text"}) {
    expect_read(kOpen + "1\r\n--X--" + epilogue, "a type=text/plain {1}\ncomplete");
  }
}

TEST(MultipartParserTest, OnlyOneLineEndMayComeFirst) {
  expect_read("\r\n" + kOpen + "1" + kClose, "a type=text/plain {1}\ncomplete");
  for (const char* const preamble :
       {"text\r\n", "\r\n\r\n", "\n", "\r", " ", "-", "\r\n-", "--Y\r\n", "\r\ntext\r\n"}) {
    expect_read(preamble + kOpen + "1" + kClose, "refused 400 malformed-multipart");
  }
}

TEST(MultipartParserTest, ALineThatOnlyBeginsLikeADelimiterIsRefused) {
  for (const std::string& end : {"Y"s, "\n"s, "\rY"s, "\r\r\n"s, "-Y"s, "-\r\n"s, " Y"s, " --"s, " \n"s, "\0"s}) {
    const std::string rest = end + "\r\n" + kField;
    expect_read("--X" + rest, "refused 400 malformed-multipart");
    expect_read(kOpen + "1\r\n--X" + rest, "a type=text/plain {1refused 400 malformed-multipart");
  }
}

TEST(MultipartParserTest, ACutFormIsNotComplete) {
  const std::string form = kOpen + "text\r\n--X--";
  for (std::size_t size = 0; size < form.size(); ++size) {
    Reading reading;
    reading.feed(std::string_view(form).substr(0, size));
    EXPECT_FALSE(reading.parser.is_complete()) << size;
    EXPECT_FALSE(reading.is_refused) << size;
    EXPECT_EQ(reading.parser.refusal().status, 400) << size;
    EXPECT_EQ(reading.parser.refusal().reason, "malformed-multipart") << size;
    EXPECT_EQ(reading.events.text.find('}'), std::string::npos) << size;
  }
}

TEST(MultipartParserTest, ContentIsHandedOnAtOnceButForWhatMayBeADelimiter) {
  Reading reading;
  reading.feed(kOpen + "abc");
  EXPECT_TRUE(reading.events.text.ends_with("{abc"));
  reading.feed("d\r\n--");
  EXPECT_TRUE(reading.events.text.ends_with("{abcd"));
  reading.feed("Y");
  EXPECT_TRUE(reading.events.text.ends_with("{abcd\r\n--Y"));
}

TEST(MultipartParserTest, ContentFullOfAlmostDelimitersComesInOnePiece) {
  for (const std::string_view unit : {"\r", "\r\n", "\r\n--", "\r\n--Y", "-", "\r\r\n-"}) {
    std::string content = "text";
    while (content.size() < 100'000) content += unit;
    Reading reading;
    reading.feed(kOpen + content + kClose);
    EXPECT_EQ(reading.outcome(), "a type=text/plain {" + content + "}\ncomplete");
    EXPECT_EQ(reading.events.content_calls, 1U);
  }
}

TEST(MultipartParserTest, BytesAfterTheEndOrARefusalChangeNothing) {
  Reading complete;
  complete.feed("--X--");
  complete.feed(kOpen);
  EXPECT_EQ(complete.outcome(), "complete");
  Reading refused;
  refused.feed("text");
  refused.feed(kOpen);
  EXPECT_EQ(refused.outcome(), "refused 400 malformed-multipart");
}

TEST(MultipartHeadTest, NamesAreTokensOrQuotedWithEscapes) {
  const std::pair<const char*, const char*> names[] = {
      {"a", "a"},
      {"\"a b\"", "a b"},
      {"\"\"", ""},
      {"\"a;b=c, d\"", "a;b=c, d"},
      {"\"\\\"a\\\\\"", "\"a\\"},
      {"\"%22a%22\"", "\"a\""},
      {"\"a%0D%0Ab\"", "a\r\nb"},
      {"\"%0d%0a%41%00%25%2%\"", "%0d%0a%41%00%25%2%"},
      {"\"C:\\dir\\file\"", "C:\\dir\\file"},
      {"\"\xc3\xa9\xff\"", "\xc3\xa9\xff"},
  };
  for (const auto& [written, meant] : names) {
    expect_head("Content-Disposition: form-data; name="s + written + "\r\n", meant + " type=text/plain"s);
    expect_head("Content-Disposition: form-data; name=n; filename="s + written + "\r\n",
                "n file="s + meant + " type=text/plain");
  }
}

TEST(MultipartHeadTest, CaseAndBlanksDoNotMatter) {
  expect_head("CONTENT-DISPOSITION:Form-Data ;NAME=a\t; FileName=\"b\" ; \r\ncontent-TYPE:\t text/html \r\n",
              "a file=b type=text/html");
}

TEST(MultipartHeadTest, OtherFieldsAndParametersAreIgnored) {
  expect_head("X-Other: \"\x80\r\nContent-Length: 7\r\n" + kField + "X-Empty:\r\n", "a type=text/plain");
  expect_head("Content-Disposition: form-data; x=y; name=a; filename*=UTF-8''%e2%82%ac; z=\";\"\r\n",
              "a type=text/plain");
  expect_head("Content-Disposition: form-data; filename*=UTF-8''b; filename=c; name=a\r\n", "a file=c type=text/plain");
}

TEST(MultipartHeadTest, AnEmptyTypeIsNone) {
  expect_head(kField + "Content-Type: \r\n", "a type=text/plain");
}

TEST(MultipartHeadTest, OnlyContentSentAsItIsIsTaken) {
  for (const char* const encoding : {"binary", "8bit", "7BIT"}) {
    expect_head(kField + "Content-Transfer-Encoding: " + encoding + "\r\n", "a type=text/plain");
  }
  for (const char* const encoding : {"base64", "quoted-printable", "", "binary, base64"}) {
    expect_head_refused(kField + "Content-Transfer-Encoding: " + encoding + "\r\n");
  }
}

TEST(MultipartHeadTest, APartNeedsOneDispositionWithAName) {
  expect_head_refused("");
  expect_head_refused("Content-Type: text/plain\r\n");
  expect_head_refused(kField + kField);
  for (const char* const value : {"",
                                  "form-data",
                                  "form-data;",
                                  "form-data; filename=\"b\"",
                                  "attachment; name=a",
                                  "form-datax; name=a",
                                  "; name=a",
                                  "form-data name=a",
                                  "form-data, name=a",
                                  "form-data; name",
                                  "form-data; name=",
                                  "form-data; =a",
                                  "form-data; name =a",
                                  "form-data; name= a",
                                  "form-data; name=a; name=b",
                                  "form-data; name=a; NAME=a",
                                  "form-data; name=a; filename=b; filename=c",
                                  "form-data; name=a b",
                                  "form-data; name=\"a",
                                  "form-data; name=\"",
                                  "form-data; name=\"a\\\"",
                                  "form-data; name=\"a\"b",
                                  "form-data; name=\"a\" b",
                                  "form-data; name=a\"b\"",
                                  "form-data; name=\"a\"\"b\"",
                                  "form-data; name=\xc3\xa9",
                                  "form-data; name*=UTF-8''a",
                                  "form-data; name=a; x",
                                  "form-data; name=a; filename*=a b",
                                  "form-data; name=a; x=\"",
                                  "\"form-data\"; name=a"}) {
    expect_head_refused("Content-Disposition: "s + value + "\r\n");
  }
}

TEST(MultipartHeadTest, ControlCharactersAreRefused) {
  for (const std::string& text : {"\0"s, "\x01"s, "\t"s, "\x1f"s, "\x7f"s, "\r"s, "\n"s}) {
    expect_head_refused("Content-Disposition: form-data; name=\"a" + text + "\"\r\n");
    expect_head_refused("Content-Disposition: form-data; name=a; filename=\"" + text + "\"\r\n");
    if (text != "\t") expect_head_refused(kField + "X: " + text + "y\r\n");
  }
}

TEST(MultipartHeadTest, MalformedFieldsAreRefused) {
  for (const char* const line : {"X", ": y", "X : y", "X y: z", " X: y", "\xc3\xa9: y", "\"X\": y", "--Y"}) {
    expect_head_refused(kField + line + "\r\n");
  }
}

TEST(MultipartHeadTest, FoldedLinesAreRefused) {
  expect_head_refused("Content-Disposition: form-data;\r\n name=\"a\"\r\n");
  expect_head_refused(kField + "\ty: z\r\n");
}

TEST(MultipartHeadTest, LineEndsAreExactlyCrlf) {
  const std::string refused = "refused 400 malformed-multipart";
  expect_read("--X\r\nContent-Disposition: form-data; name=a\n\r\nv" + kClose, refused);
  expect_read("--X\r\nContent-Disposition: form-data; name=a\n\nv" + kClose, refused);
  expect_read("--X\r\nContent-Disposition: form-data; name=a\r\r\n\r\nv" + kClose, refused);
  expect_read("--X\r\n" + kField + "\nv" + kClose, refused);
  expect_read("--X\r\n" + kField + "\rv" + kClose, refused);
}

TEST(MultipartHeadTest, ADelimiterWithinAHeadIsRefused) {
  expect_head_refused(kField + "--X\r\n");
}

TEST(MultipartHeadTest, SecondTypesAreRefused) {
  expect_head_refused(kField + "Content-Type: a/b\r\nContent-Type: a/b\r\n");
}

TEST(MultipartLimitsTest, AsManyPartsAsAllowedAreTaken) {
  const std::string two = kOpen + "1\r\n" + kOpen + "2";
  MultipartLimits limits;
  limits.parts = 2;
  expect_read(two + kClose, "a type=text/plain {1}\na type=text/plain {2}\ncomplete", limits);
  expect_read(two + "\r\n" + kOpen + kClose, "a type=text/plain {1}\na type=text/plain {2}\nrefused 413 too-many-parts",
              limits);
  limits.parts = 0;
  expect_read("--X--", "complete", limits);
  expect_read(kOpen + kClose, "refused 413 too-many-parts", limits);
}

TEST(MultipartLimitsTest, AHeadAtItsLimitIsTakenAndOneByteMoreRefused) {
  MultipartLimits limits;
  limits.head_bytes = kField.size() + 2;
  const std::string two = kOpen + "1\r\n" + kOpen + "2" + kClose;
  expect_read(two, "a type=text/plain {1}\na type=text/plain {2}\ncomplete", limits);
  --limits.head_bytes;
  expect_read(two, "refused 413 part-head-too-large", limits);
}

TEST(MultipartLimitsTest, AnEndlessHeadIsRefusedAtItsLimit) {
  EXPECT_EQ(read_in_pieces("--X\r\nX: " + std::string(8189, 'y'), 1000), "incomplete");
  EXPECT_EQ(read_in_pieces("--X\r\nX: " + std::string(8190, 'y'), 1000), "refused 413 part-head-too-large");
}

TEST(MultipartLimitsTest, ContentAtItsLimitIsTakenAndOneByteMoreRefused) {
  MultipartLimits limits;
  limits.part_bytes = 4;
  expect_read(kOpen + "1234\r\n" + kOpen + "\r\n-5" + kClose,
              "a type=text/plain {1234}\na type=text/plain {\r\n-5}\ncomplete", limits);
  expect_read(kOpen + "12345" + kClose, "a type=text/plain {1234refused 413 part-too-large", limits);
  expect_read(kOpen + "12\r\n--" + kClose, "a type=text/plain {12\r\nrefused 413 part-too-large", limits);
  expect_read(kOpen + "1234\r" + kClose, "a type=text/plain {1234refused 413 part-too-large", limits);
  limits.part_bytes = 0;
  expect_read(kOpen + kClose, "a type=text/plain {}\ncomplete", limits);
  expect_read(kOpen + "1" + kClose, "a type=text/plain {refused 413 part-too-large", limits);
}

TEST(MultipartBoundaryTest, TheParameterIsFound) {
  const std::string seventy(70, 'b');
  const std::pair<std::string, std::string> types[] = {
      {"multipart/form-data; boundary=X", "X"},
      {"multipart/form-data;boundary=X", "X"},
      {" Multipart/Form-Data \t;\t BOUNDARY=X ", "X"},
      {"multipart/form-data; boundary=\"X\"", "X"},
      {"multipart/form-data; boundary=\"a b'()+_,-./:=?z\"", "a b'()+_,-./:=?z"},
      {"multipart/form-data; charset=utf-8; boundary=X; x=\"; boundary=Y\"", "X"},
      {"multipart/form-data; ; boundary=X;", "X"},
      {"multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW"},
      {"multipart/form-data; boundary=" + seventy, seventy},
      {"multipart/form-data; boundary=\" X\"", " X"},
  };
  for (const auto& [type, boundary] : types) {
    EXPECT_TRUE(is_multipart_form(type)) << type;
    EXPECT_EQ(multipart_boundary(type), boundary) << type;
  }
}

TEST(MultipartBoundaryTest, AFormWithoutAValidBoundaryIsStillAForm) {
  for (const std::string& parameters : {""s,
                                        ";"s,
                                        "; boundary"s,
                                        "; boundary="s,
                                        "; boundary=\"\""s,
                                        "; boundary=\"X \""s,
                                        "; boundary=\" \""s,
                                        "; boundary=\"X"s,
                                        "; boundary=X\""s,
                                        "; boundary=X Y"s,
                                        "; boundary = X"s,
                                        "; boundary=a/b"s,
                                        "; boundary=a!b"s,
                                        "; boundary=\"a!b\""s,
                                        "; boundary=\"a\\-b\""s,
                                        "; boundary=\"a\tb\""s,
                                        "; boundary=\"a\r\nb\""s,
                                        "; boundary=\"\0\""s,
                                        "; boundary=\xc3\xa9"s,
                                        "; boundary=X; boundary=X"s,
                                        "; boundary=X; y"s,
                                        "; boundary=X, y"s,
                                        "; boundary*=UTF-8''X"s,
                                        "; xboundary=X"s,
                                        "; boundary=" + std::string(71, 'b')}) {
    EXPECT_TRUE(is_multipart_form("multipart/form-data" + parameters)) << parameters;
    EXPECT_EQ(multipart_boundary("multipart/form-data" + parameters), std::nullopt) << parameters;
  }
}

TEST(MultipartBoundaryTest, OtherTypesAreNoForms) {
  for (const char* const type :
       {"", ";", "; boundary=X", "multipart/mixed; boundary=X", "multipart/form-datax; boundary=X",
        "multipart/form-data boundary=X", "multipart/ form-data; boundary=X", "application/x-www-form-urlencoded",
        "text/plain; x=\"multipart/form-data\"; boundary=X", "multipart/form-data, text/plain; boundary=X"}) {
    EXPECT_FALSE(is_multipart_form(type)) << type;
    EXPECT_EQ(multipart_boundary(type), std::nullopt) << type;
  }
}

TEST(MultipartBoundaryDeathTest, AParserWantsAValidBoundary) {
  EXPECT_DEATH(Reading({}, ""), "is_boundary");
  EXPECT_DEATH(Reading({}, "\r"), "is_boundary");
}

}  // namespace
}  // namespace weir::http
