// SPDX-License-Identifier: MIT
// However its bytes are split, a message is read or refused alike.
#include "tests/http/parse.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weir::http {
namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string bytes;
  std::string expected;  // of the whole; what is not told here only has to be the same for every split
};

std::string long_text(std::size_t length) {
  return std::string(length, 'a');
}

Limits small_limits() {
  Limits limits;
  limits.head_bytes = 512;
  limits.target_bytes = 64;
  limits.fields = 4;
  limits.body_bytes = 16;
  return limits;
}

const Case kCases[] = {
    {"get", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 host=a [Host=a] body=\n"},
    {"two in one", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\n\r\n",
     "GET /1 1.1 host=a [Host=a] body=\nGET /2 1.1 host=b [Host=b] body=\n"},
    {"fixed body and a next", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n",
     "POST / 1.1 host=a [Host=a] [Content-Length=3] body=abc\nGET / 1.0 host= close body=\n"},
    {"chunked",
     "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n2\r\nde\r\n0\r\nT: v\r\n\r\n",
     "PUT /x 1.1 host=a [Host=a] [Transfer-Encoding=chunked] body=abcde\n"},
    {"empty content", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
     "POST / 1.1 host=a [Host=a] [Content-Length=0] body=\n"},
    {"empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 host=a [Host=a] body=\n"},
    {"absolute form", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://b/ 1.1 host=b [Host=a] body=\n"},
    {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1.1 host=a [Host=a] body=\n"},
    {"space around values", "GET / HTTP/1.1\r\nHost:  a \t\r\nX:\r\nY: \t \r\n\r\n",
     "GET / 1.1 host=a [Host=a] [X=] [Y=] body=\n"},
    {"unfinished", "GET / HTTP/1.1\r\nHost: a\r\n", "unfinished"},
    {"no host", "GET / HTTP/1.1\r\n\r\n", "refused 400 bad-host"},
    {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "refused 400 bad-host"},
    {"bare line feed", "GET / HTTP/1.1\nHost: a\n\n", "refused 400 malformed-request"},
    {"bare line feed after a field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "refused 400 malformed-request"},
    {"bare carriage return", "GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n", "refused 400 malformed-request"},
    {"folded field", "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", "refused 400 malformed-request"},
    {"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "refused 400 malformed-request"},
    {"space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "refused 400 malformed-request"},
    {"nul in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, "refused 400 malformed-request"},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 400 malformed-request"},
    {"space at the line's end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "refused 400 malformed-request"},
    {"simple request", "GET /\r\n\r\n", "refused 400 malformed-request"},
    {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 501 method-not-implemented"},
    {"a method that llhttp knows", "PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 501 method-not-implemented"},
    {"lower case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 501 method-not-implemented"},
    {"trace", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", "refused 501 method-not-implemented"},
    {"connect", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "refused 501 method-not-implemented"},
    {"version 2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "refused 505 version-not-supported"},
    {"version 1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "refused 505 version-not-supported"},
    {"version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", "refused 505 version-not-supported"},
    {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "refused 505 version-not-supported"},
    {"no version", "GET / HTTX/1.1\r\nHost: a\r\n\r\n", "refused 400 malformed-request"},
    {"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", ""},
    {"long target", "GET /" + long_text(64) + " HTTP/1.1\r\nHost: a\r\n\r\n", "refused 414 target-too-long"},
    {"target at its limit", "GET /" + long_text(63) + " HTTP/1.1\r\nHost: a\r\n\r\n",
     "GET /" + long_text(63) + " 1.1 host=a [Host=a] body=\n"},
    {"large head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + long_text(600) + "\r\n\r\n", "refused 431 head-too-large"},
    {"many fields", "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n", "refused 431 too-many-fields"},
    {"fields at their limit", "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
     "GET / 1.1 host=a [Host=a] [A=1] [B=2] [C=3] body=\n"},
    {"large body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 17\r\n\r\n", "refused 413 body-too-large"},
    {"large chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n",
     "refused 413 body-too-large"},
    {"length and coding", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
     "refused 400 malformed-framing"},
    {"bad chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc",
     "refused 400 malformed-chunk"},
    {"other expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n", "refused 417 expectation-failed"},
};

TEST(RequestParserSplitTest, TheWholeIsReadAsTheTableSays) {
  for (const Case& item : kCases) {
    if (item.expected.empty()) continue;
    EXPECT_EQ(parse_all(item.bytes, item.bytes.size(), small_limits()), item.expected) << item.name;
  }
}

TEST(RequestParserSplitTest, PiecesOfEverySizeGiveTheSameEvents) {
  for (const Case& item : kCases) {
    const std::string whole = parse_all(item.bytes, item.bytes.size(), small_limits());
    for (std::size_t piece = 1; piece < item.bytes.size() && piece < 150; ++piece) {
      ASSERT_EQ(parse_all(item.bytes, piece, small_limits()), whole) << item.name << " in pieces of " << piece;
    }
  }
}

}  // namespace
}  // namespace weir::http
