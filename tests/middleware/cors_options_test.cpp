// SPDX-License-Identifier: MIT
// What Cors, and its parts, take for an origin, and which mistakes they name.
#include <middleware/cors.hpp>

#include <middleware/internal/origin.hpp>
#include <middleware/internal/vary.hpp>

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::middleware {
namespace {

using namespace std::chrono_literals;

std::string reason(const CorsOptions& options) {
  try {
    Cors{options};
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(OriginTest, OriginsAreWhatBrowsersSend) {
  for (const char* const origin :
       {"https://a", "http://a.b.c", "https://a.example:8443", "http://a:1", "http://a:65535", "http://127.0.0.1:3000",
        "http://[::1]:3000", "http://[2001:db8::1]", "https://xn--bcher-kva.example", "chrome-extension://abcdef",
        "https://under_score.example", "http://localhost:8080"}) {
    EXPECT_TRUE(internal::is_origin(origin)) << origin;
  }
}

TEST(OriginTest, AnythingElseIsNone) {
  for (const char* const text : {"",
                                 "null",
                                 "a",
                                 "://a",
                                 "https://",
                                 "https:",
                                 "https:/a",
                                 "https//a",
                                 "Https://a",
                                 "https://A",
                                 "1http://a",
                                 "ht_tp://a",
                                 "https://a/",
                                 "https://a/b",
                                 "https://a?b",
                                 "https://a#b",
                                 "https://u@a",
                                 "https://u:p@a",
                                 "https://a:",
                                 "https://a:0",
                                 "https://a:080",
                                 "https://a:65536",
                                 "https://a:99999",
                                 "https://a:123456",
                                 "https://a:1x",
                                 "https://a:-1",
                                 "https://a:1:2",
                                 "https://.a",
                                 "https://a.",
                                 "https://a..b",
                                 "https://*.a",
                                 "https://a b",
                                 " https://a",
                                 "https://a ",
                                 "https://a\\b",
                                 "https://a%20",
                                 "https://\xc3\xa4",
                                 "https://[::1",
                                 "https://[::G]",
                                 "https://[::1]x",
                                 "https://[2001:DB8::1]",
                                 "https://[]",
                                 "https://[::1].a",
                                 "https://a://b"}) {
    EXPECT_FALSE(internal::is_origin(text)) << text;
  }
}

TEST(OriginTest, AHostHas253BytesAtMost) {
  EXPECT_TRUE(internal::is_origin("https://" + std::string(253, 'a')));
  EXPECT_FALSE(internal::is_origin("https://" + std::string(254, 'a')));
  EXPECT_FALSE(internal::is_origin(std::string(100'000, 'a') + "://a"));
}

TEST(OriginListTest, APatternKeepsItsSchemeAndPort) {
  const internal::OriginList list({"http://*.a.example:8080"});
  EXPECT_TRUE(list.contains("http://b.a.example:8080"));
  EXPECT_FALSE(list.contains("https://b.a.example:8080"));
  EXPECT_FALSE(list.contains("http://b.a.example"));
  EXPECT_FALSE(list.contains("http://b.a.example:80800"));
  EXPECT_FALSE(list.contains("http://a.example:8080"));
  EXPECT_FALSE(list.contains("http://b:1.a.example:8080"));
}

TEST(VaryTest, ItIsAddedOnce) {
  http::Response response;
  internal::add_vary(response, "Origin");
  internal::add_vary(response, "ORIGIN");
  internal::add_vary(response, "Origins");
  EXPECT_EQ(response.field_lines(), "Vary: Origin\r\nVary: Origins\r\n");
}

TEST(VaryTest, AStarSaysItAll) {
  http::Response response;
  response.add_header("X-A", "1").add_header("vary", "Accept , *");
  internal::add_vary(response, "Origin");
  EXPECT_EQ(response.field_lines(), "X-A: 1\r\nvary: Accept , *\r\n");
}

TEST(VaryTest, OtherFieldsAreNotMistakenForIt) {
  http::Response response;
  response.add_header("X-Vary", "Origin").add_header("Vary", "X-Origin").add_header("Vary", "");
  internal::add_vary(response, "Origin");
  EXPECT_TRUE(response.field_lines().ends_with("\r\nVary: Origin\r\n"));
}

TEST(CorsOptionsTest, AStarAndCredentialsAreRefused) {
  EXPECT_EQ(reason({.origins = {"*"}, .credentials = true}),
            "Cors: \"*\" and credentials exclude each other: any page could act as who looks at it; list the origins");
  const std::string meaningless =
      "Cors: \"*\" means nothing to browsers where there are credentials: list methods and headers";
  EXPECT_EQ(reason({.origins = {"https://a.example"}, .methods = {"*"}, .credentials = true}), meaningless);
  EXPECT_EQ(reason({.origins = {"https://a.example"}, .headers = {"X-A", "*"}, .credentials = true}), meaningless);
  EXPECT_EQ(reason({.origins = {"https://a.example"}, .exposed_headers = {"*"}, .credentials = true}), meaningless);
  EXPECT_EQ(reason({.origins = {"https://a.example"}, .credentials = true}), "");
}

TEST(CorsOptionsTest, NullAndCredentialsExcludeEachOther) {
  EXPECT_NE(reason({.origins = {"https://a.example", "null"}, .credentials = true}), "");
  EXPECT_EQ(reason({.origins = {"https://a.example", "null"}}), "");
}

TEST(CorsOptionsTest, AStarIsNotOneOfSeveral) {
  EXPECT_EQ(reason({.origins = {"https://a.example", "*"}}),
            "Cors: the origin \"*\" stands for all, and cannot be one of several");
  EXPECT_NE(reason({.origins = {"*", "null"}}), "");
}

TEST(CorsOptionsTest, NoOriginIsRefused) {
  EXPECT_EQ(reason({}), "Cors: it needs at least one origin; leave it out to allow none");
}

TEST(CorsOptionsTest, OriginsThatBrowsersNeverSendAreRefused) {
  EXPECT_EQ(reason({.origins = {"https://a.example/"}}),
            "Cors: the origin \"https://a.example/\" is not what browsers send: scheme://host or scheme://host:port in "
            "lower case, with nothing behind it");
  for (const char* const origin : {"", "a.example", "https://A.example", "NULL", "https://a.example\r\nX: y"}) {
    EXPECT_NE(reason({.origins = {origin}}), "") << origin;
  }
}

TEST(CorsOptionsTest, DefaultPortsAreRefused) {
  EXPECT_EQ(reason({.origins = {"https://a.example:443"}}),
            "Cors: the origin \"https://a.example:443\" has the default port of its scheme, which browsers leave out");
  EXPECT_NE(reason({.origins = {"http://*.a.example:80"}}), "");
  EXPECT_EQ(reason({.origins = {"https://a.example:80", "http://a.example:443", "http://a.example:8080"}}), "");
}

TEST(CorsOptionsTest, AStarStandsAsTheFirstLabelBeforeTwo) {
  EXPECT_EQ(reason({.origins = {"https://*.example.com", "https://*.a.b.example:8443"}}), "");
  for (const char* const origin :
       {"https://*.com", "https://*", "https://*example.com", "https://a*.example.com", "https://a.*.example.com",
        "https://*.*.example.com", "https://*.example.com:*", "*://a.example.com", "http*://a.example.com",
        "*.example.com", "https://*.", "https://*..example.com", "https://**.example.com"}) {
    EXPECT_NE(reason({.origins = {origin}}), "") << origin;
  }
}

TEST(CorsOptionsTest, UnknownMethodsAreRefused) {
  for (const char* const method : {"", "get", "FETCH", "CONNECT", "TRACE", "GET, PUT", "G\r\n"}) {
    EXPECT_NE(reason({.origins = {"*"}, .methods = {method}}), "") << method;
  }
  EXPECT_EQ(reason({.origins = {"*"}, .methods = {"OPTIONS"}}), "");
}

TEST(CorsOptionsTest, WhatIsNoNameOfAHeaderIsRefused) {
  for (const char* const name : {"", "X A", "X-A:", "X-A\r\nX-B", "a,b"}) {
    EXPECT_NE(reason({.origins = {"*"}, .headers = {name}}), "") << name;
    EXPECT_NE(reason({.origins = {"*"}, .exposed_headers = {name}}), "") << name;
  }
}

TEST(CorsOptionsTest, ANegativeAgeIsRefused) {
  EXPECT_EQ(reason({.origins = {"*"}, .max_age = -1s}), "Cors: max_age is negative");
  EXPECT_EQ(reason({.origins = {"*"}, .max_age = 0s}), "");
}

}  // namespace
}  // namespace weir::middleware
