// SPDX-License-Identifier: MIT
// On real sockets, whose peers have addresses.
#include <middleware/trusted_proxies.hpp>

#include "tests/app/http_call.hpp"

#include <weir/testing.hpp>
#include <weir/weir.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::middleware {
namespace {

// This machine, and two networks.
const std::vector<std::string> kProxies{"127.0.0.1", "10.0.0.0/8", "fd00::/8"};
const TrustedProxiesOptions kXForwarded{.proxies = kProxies};
const TrustedProxiesOptions kWithHost{.proxies = kProxies, .believes_x_forwarded_host = true};
const TrustedProxiesOptions kForwarded{.proxies = kProxies, .fields = ForwardingFields::kForwarded};

// Answers "client scheme host"; "peer" where the client is who sent the bytes.
void add_route(App& app, const TrustedProxiesOptions& options) {
  app.use(TrustedProxies{options});
  app.get("/").handle([](Context& context) {
    const std::string client = context.client() == context.peer() ? "peer" : context.client();
    return client + " " + std::string(context.scheme()) + " " + std::string(context.host());
  });
}

class RunningApp {
 public:
  explicit RunningApp(const TrustedProxiesOptions& options, const std::string& host = "127.0.0.1",
                      const std::string& unix_path = "")
      : unix_path_(unix_path) {
    app_.settings().host = host;
    app_.settings().port = 0;
    app_.settings().unix_path = unix_path;
    app_.settings().loops = 1;
    app_.settings().has_admin = false;
    app_.settings().log_level = "off";
    app_.settings().drain_idle = std::chrono::milliseconds(0);
    add_route(app_, options);
    app_.start();
  }
  std::string ask(std::string_view fields) const {
    HttpCall call(unix_path_.empty() ? net::Endpoint{"127.0.0.1", app_.port(), ""} : net::Endpoint{"", 0, unix_path_});
    call.send("GET / HTTP/1.1\r\nHost: own.example\r\n" + std::string(fields) + "\r\n");
    const std::string answer = call.read_answer();
    return answer.substr(std::min(answer.find("\r\n\r\n") + 4, answer.size()));
  }

 private:
  App app_{"test"};
  std::string unix_path_;
};

std::string told(const TrustedProxiesOptions& options, std::string_view fields) {
  return RunningApp(options).ask(fields);
}

std::string told_for(std::string_view forwarded_for) {
  return told(kXForwarded, "X-Forwarded-For: " + std::string(forwarded_for) + "\r\n");
}

std::string told_by(std::string_view forwarded) {
  return told(kForwarded, "Forwarded: " + std::string(forwarded) + "\r\n");
}

std::string repeat(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string reason(const TrustedProxiesOptions& options) {
  try {
    TrustedProxies{options};
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

constexpr std::string_view kEverySpoof =
    "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil.example\r\n"
    "Forwarded: for=198.51.100.1;proto=https;host=evil.example\r\n"
    "X-Real-IP: 198.51.100.1\r\nTrue-Client-IP: 198.51.100.1\r\nX-Original-Host: evil.example\r\n";

// ---- whom to believe ----

TEST(TrustedProxiesTest, AnUntrustedPeerIsNotBelieved) {
  EXPECT_EQ(told({.proxies = {"10.0.0.0/8", "unix"}, .believes_x_forwarded_host = true}, kEverySpoof),
            "peer http own.example");
  EXPECT_EQ(told({.proxies = {"10.0.0.0/8"}, .fields = ForwardingFields::kForwarded}, kEverySpoof),
            "peer http own.example");
}

TEST(TrustedProxiesTest, APeerWithoutAnAddressIsNotBelieved) {
  App app{"test"};
  add_route(app, kWithHost);
  TestClient(app)
      .get("/", {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "evil"}})
      .expect_body("peer http test");
}

TEST(TrustedProxiesTest, WithoutFieldsAProxyIsTheClient) {
  EXPECT_EQ(told(kXForwarded, ""), "peer http own.example");
  EXPECT_EQ(told(kForwarded, ""), "peer http own.example");
}

TEST(TrustedProxiesTest, OneFamilyIsBelievedAlone) {
  EXPECT_EQ(told(kWithHost, "Forwarded: for=198.51.100.1;proto=https;host=evil.example\r\n"), "peer http own.example");
  EXPECT_EQ(told(kForwarded, "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: e\r\n"),
            "peer http own.example");
  EXPECT_EQ(told(kWithHost, "X-Forwarded-For: 203.0.113.7\r\nForwarded: for=198.51.100.1;proto=https;host=e\r\n"),
            "203.0.113.7 http own.example");
  EXPECT_EQ(told(kForwarded, "X-Forwarded-Proto: https\r\nX-Forwarded-Host: e\r\nForwarded: for=203.0.113.7\r\n"),
            "203.0.113.7 http own.example");
}

TEST(TrustedProxiesTest, AUnixSocketIsTrustedWhereItIsListed) {
  const std::string path =
      (std::filesystem::temp_directory_path() / ("weir-proxies-" + std::to_string(::getpid()))).string();
  constexpr std::string_view kField = "X-Forwarded-For: 203.0.113.7\r\n";
  EXPECT_EQ(RunningApp({.proxies = {"unix"}}, "", path).ask(kField), "203.0.113.7 http own.example");
  EXPECT_EQ(RunningApp({.proxies = {"127.0.0.1"}}, "", path).ask(kField), "peer http own.example");
  EXPECT_EQ(told({.proxies = {"unix"}}, kField), "peer http own.example");
}

TEST(TrustedProxiesTest, AnIpv4PeerOfAnIpv6SocketIsThatAddress) {
  const auto ask = [](const TrustedProxiesOptions& options) {
    return RunningApp(options, "::").ask("X-Forwarded-For: 203.0.113.7\r\n");
  };
  try {
    EXPECT_EQ(ask({.proxies = {"127.0.0.1"}}), "203.0.113.7 http own.example");
    EXPECT_EQ(ask({.proxies = {"::1"}}), "peer http own.example");
  } catch (const std::runtime_error& error) {
    GTEST_SKIP() << "there is no IPv6 here: " << error.what();
  }
}

// ---- X-Forwarded-For ----

TEST(ForwardedForWalkTest, TheLastUntrustedAddressIsTheClient) {
  EXPECT_EQ(told_for("203.0.113.7"), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for("198.51.100.1, 203.0.113.7"), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for("198.51.100.1, 203.0.113.7, 10.0.0.2, fd00::1"), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for("10.0.0.9, 203.0.113.7, 10.0.0.2"), "203.0.113.7 http own.example");
}

TEST(ForwardedForWalkTest, WhereAllAreTrustedTheFirstIsTheClient) {
  EXPECT_EQ(told_for("10.0.0.3, 10.0.0.2"), "10.0.0.3 http own.example");
}

TEST(ForwardedForWalkTest, NodesMayHavePortsAndBrackets) {
  EXPECT_EQ(told_for("203.0.113.7:4711, 10.0.0.2:80"), "203.0.113.7:4711 http own.example");
  EXPECT_EQ(told_for("2001:db8::1"), "[2001:db8::1] http own.example");
  EXPECT_EQ(told_for("[2001:DB8::1]:4711, [fd00::1]"), "[2001:db8::1]:4711 http own.example");
}

TEST(ForwardedForWalkTest, MappedAddressesAreIpv4Ones) {
  EXPECT_EQ(told_for("198.51.100.1, ::ffff:203.0.113.7, ::ffff:10.0.0.2"), "203.0.113.7 http own.example");
}

TEST(ForwardedForWalkTest, SeveralFieldsAreOneList) {
  EXPECT_EQ(told(kXForwarded,
                 "X-Forwarded-For: 198.51.100.1\r\nx-forwarded-for: 203.0.113.7\r\nX-FORWARDED-FOR: 10.0.0.2\r\n"),
            "203.0.113.7 http own.example");
}

TEST(ForwardedForWalkTest, WhatIsMalformedEndsTheWalk) {
  for (const char* const malformed :
       {"garbage", "unknown", "_hidden", "203.0.113.7.evil.org", "999.0.113.7", "203.0.113.7:99999", "203.0.113.007",
        "<script>", "\"203.0.113.7\"", "203.0.113.7;", "127.1", "10.0.0.0/8", "-", "%00", "\x80"}) {
    EXPECT_EQ(told_for("203.0.113.7, " + std::string(malformed)), "peer http own.example") << malformed;
    EXPECT_EQ(told_for("203.0.113.7, " + std::string(malformed) + ", 10.0.0.2"), "10.0.0.2 http own.example")
        << malformed;
  }
}

TEST(ForwardedForWalkTest, WhatIsMalformedBeforeTheClientDoesNotMatter) {
  EXPECT_EQ(told_for("\"garbage, 203.0.113.7"), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for("a b c,,;=\"\\\", 203.0.113.7, 10.0.0.2"), "203.0.113.7 http own.example");
}

TEST(ForwardedForWalkTest, EmptyElementsAreNone) {
  EXPECT_EQ(told_for(""), "peer http own.example");
  EXPECT_EQ(told_for(" , ,"), "peer http own.example");
  EXPECT_EQ(told_for("203.0.113.7, ,10.0.0.2,,"), "203.0.113.7 http own.example");
}

TEST(ForwardedForWalkTest, ItEndsAfter32Elements) {
  EXPECT_EQ(told_for("203.0.113.7" + repeat(", 10.0.0.2", 31)), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for("203.0.113.7" + repeat(", 10.0.0.2", 32)), "10.0.0.2 http own.example");
  EXPECT_EQ(told_for("203.0.113.7, 10.0.0.2" + repeat(",", 30)), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for("203.0.113.7, 10.0.0.2" + repeat(",", 31)), "10.0.0.2 http own.example");
}

TEST(ForwardedForWalkTest, AHundredSpoofedElementsChangeNothing) {
  EXPECT_EQ(told_for(repeat("10.0.0.2, ", 100) + "203.0.113.7"), "203.0.113.7 http own.example");
  EXPECT_EQ(told_for(repeat("198.51.100.1, ", 100) + "203.0.113.7, 10.0.0.2"), "203.0.113.7 http own.example");
  EXPECT_EQ(told(kXForwarded, repeat("X-Forwarded-For: 198.51.100.1\r\n", 90) + "X-Forwarded-For: 203.0.113.7\r\n"),
            "203.0.113.7 http own.example");
}

TEST(ForwardedForWalkTest, ALongFieldOfQuotesAndBackslashesIsGarbage) {
  EXPECT_EQ(told_for(repeat("\\", 10'000) + "\"" + repeat(",\\\"", 2'000)), "peer http own.example");
}

// ---- X-Forwarded-Proto and -Host ----

TEST(ForwardedProtoTest, TheLastOneCounts) {
  EXPECT_EQ(told(kXForwarded, "X-Forwarded-Proto: https\r\n"), "peer https own.example");
  EXPECT_EQ(told(kXForwarded, "X-Forwarded-Proto: https, http\r\n"), "peer http own.example");
  EXPECT_EQ(told(kXForwarded, "X-Forwarded-Proto: http\r\nX-Forwarded-Proto: HTTPS\r\n"), "peer https own.example");
}

TEST(ForwardedProtoTest, AnUnknownOneIsNotTold) {
  for (const char* const proto : {"", "ftp", "https\x80", "https://", "javascript", "\"https\"", "https, x"}) {
    EXPECT_EQ(told(kXForwarded, "X-Forwarded-Proto: " + std::string(proto) + "\r\n"), "peer http own.example") << proto;
  }
}

TEST(ForwardedHostTest, ItCountsWhereItIsAskedFor) {
  EXPECT_EQ(told(kXForwarded, "X-Forwarded-Host: a.example\r\n"), "peer http own.example");
  EXPECT_EQ(told(kXForwarded, "X-Forwarded-Host: a.example\r\nX-Forwarded-For: 203.0.113.7\r\n"),
            "203.0.113.7 http own.example");
  EXPECT_EQ(told(kWithHost, "X-Forwarded-Host: a.example:8443\r\n"), "peer http a.example:8443");
}

TEST(ForwardedHostTest, TheLastOneCounts) {
  EXPECT_EQ(told(kWithHost, "X-Forwarded-Host: evil.example, a.example\r\n"), "peer http a.example");
  EXPECT_EQ(told(kWithHost, "X-Forwarded-Host: evil.example\r\nX-Forwarded-Host: a.example\r\n"),
            "peer http a.example");
}

TEST(ForwardedHostTest, AHarmfulOneIsNotTold) {
  for (const char* const host : {"a.example/x", "a.example?x", "u@evil.example", "a b", "<script>", "a\"b", "a'b",
                                 "a.example:x", "a%0d%0a", ""}) {
    EXPECT_EQ(told(kWithHost, "X-Forwarded-Host: " + std::string(host) + "\r\n"), "peer http own.example") << host;
  }
}

// ---- Forwarded ----

TEST(ForwardedWalkTest, TheElementOfTheClientTellsAll) {
  EXPECT_EQ(told_by("for=203.0.113.7;proto=https;host=a.example"), "203.0.113.7 https a.example");
  EXPECT_EQ(told_by("for=198.51.100.1;host=evil.example, for=203.0.113.7;proto=https;host=a.example, "
                    "for=10.0.0.2;proto=http;host=inner.example"),
            "203.0.113.7 https a.example");
  EXPECT_EQ(told_by("for=203.0.113.7, for=10.0.0.2;proto=https;host=inner.example"), "203.0.113.7 http own.example");
}

TEST(ForwardedWalkTest, NodesMayBeQuoted) {
  EXPECT_EQ(told_by(R"(For="[2001:db8::1]:4711", for="[fd00::1]")"), "[2001:db8::1]:4711 http own.example");
}

TEST(ForwardedWalkTest, SeveralFieldsAreOneList) {
  EXPECT_EQ(told(kForwarded,
                 "Forwarded: for=198.51.100.1;host=evil\r\nForwarded: for=203.0.113.7\r\nForwarded: for=10.0.0.2\r\n"),
            "203.0.113.7 http own.example");
}

TEST(ForwardedWalkTest, NamelessNodesEndTheWalk) {
  for (const char* const node : {"unknown", "_hidden", "\"_hidden:_p\""}) {
    EXPECT_EQ(told_by("for=198.51.100.1;host=evil, for=" + std::string(node) + ";proto=https;host=a.example"),
              "peer https a.example");
    EXPECT_EQ(told_by("for=198.51.100.1;host=evil, for=" + std::string(node) + ";proto=https, for=10.0.0.2;host=b"),
              "10.0.0.2 https own.example");
  }
  EXPECT_EQ(told_by("for=198.51.100.1;host=evil, proto=https"), "peer https own.example");
}

TEST(ForwardedWalkTest, WhatIsMalformedEndsTheWalk) {
  for (const char* const malformed :
       {"garbage", "for=", "for=\"203.0.113.7", "for=203.0.113.7:80;host=evil", "for=203.0.113.7;for=203.0.113.8",
        "host=evil;host=evil2", "for=[::1];host=evil", "for=999.0.0.1;host=evil;proto=https", "203.0.113.7"}) {
    EXPECT_EQ(told_by("for=198.51.100.1;host=evil, " + std::string(malformed)), "peer http own.example") << malformed;
    EXPECT_EQ(told_by("for=198.51.100.1;host=evil, " + std::string(malformed) + ", for=10.0.0.2;proto=https;host=b"),
              "10.0.0.2 https b")
        << malformed;
  }
}

TEST(ForwardedWalkTest, WhatAClientLeftOpenDoesNotHideWhatAProxyAdds) {
  for (const char* const spoof :
       {"for=\"", "for=\"10.0.0.2", "for=10.0.0.2;x=\"\\", "\\\"\"", "for=10.0.0.2;host=\"evil"}) {
    EXPECT_EQ(told_by(std::string(spoof) + ", for=203.0.113.7;host=a"), "203.0.113.7 http a") << spoof;
    EXPECT_EQ(told_by(std::string(spoof) + R"(, for="203.0.113.7";host="a")"), "203.0.113.7 http a") << spoof;
  }
}

TEST(ForwardedWalkTest, ItEndsAfter32Elements) {
  EXPECT_EQ(told_by("for=203.0.113.7" + repeat(", for=10.0.0.2", 31)), "203.0.113.7 http own.example");
  EXPECT_EQ(told_by("for=203.0.113.7" + repeat(", for=10.0.0.2", 32)), "10.0.0.2 http own.example");
  EXPECT_EQ(told_by(repeat("for=10.0.0.2;host=evil, ", 100) + "for=203.0.113.7"), "203.0.113.7 http own.example");
}

// ---- options ----

TEST(TrustedProxiesOptionsTest, NobodyIsRefused) {
  EXPECT_EQ(reason({}), "TrustedProxies: it needs at least one proxy");
}

TEST(TrustedProxiesOptionsTest, WhatIsNoRangeIsRefused) {
  EXPECT_EQ(
      reason({.proxies = {"10.0.0.0/8", "proxy.example"}}),
      "TrustedProxies: \"proxy.example\" is neither an address, nor a range such as 10.0.0.0/8 or fd00::/8 without "
      "bits behind its prefix, nor \"unix\"");
  for (const char* const proxy : {"", "10.0.0.1/8", "10.0.0.0/33", "[::1]", "127.0.0.1:80", "UNIX", "*"}) {
    EXPECT_NE(reason({.proxies = {proxy}}), "") << proxy;
  }
  EXPECT_EQ(reason({.proxies = {"10.0.0.0/8", "::1", "unix"}}), "");
}

TEST(TrustedProxiesOptionsTest, EverybodyIsRefused) {
  EXPECT_EQ(reason({.proxies = {"0.0.0.0/0"}}),
            "TrustedProxies: \"0.0.0.0/0\" would believe every client: list the addresses of the proxies");
  EXPECT_NE(reason({.proxies = {"::/0"}}), "");
  EXPECT_NE(reason({.proxies = {"::ffff:0.0.0.0/96"}}), "");
}

}  // namespace
}  // namespace weir::middleware
