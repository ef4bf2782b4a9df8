// SPDX-License-Identifier: MIT
#include <weir/app/config.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace weir::app {
namespace {

using namespace std::chrono_literals;

enum class Colour : unsigned char { kRed, kGreen };

struct Values {
  std::uint16_t port = 8080;
  std::uint64_t body_bytes = 1 << 20;
  std::chrono::milliseconds idle{75'000};
  std::string host = "127.0.0.1";
  bool is_fast = false;
  Colour colour = Colour::kGreen;
  std::string password;
};

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    config.count("port", values.port, "Port.");
    config.text("host", values.host, "Host.");
    config.flag("fast", values.is_fast, "Fast.");
    config.choice("log.colour", values.colour, Choices<Colour>{{"red", Colour::kRed}, {"green", Colour::kGreen}}, "C.");
    config.bytes("limits.body_bytes", values.body_bytes, "Body.").min(1).max(1 << 30);
    config.duration("limits.idle_timeout", values.idle, "Idle.").min(1ms).max(1h);
    config.secret("db.password", values.password, "Password.");
  }

  std::string flag_error(std::string_view name, std::string_view value) {
    const auto result = config.set_flag(name, value);
    return result ? "" : result.error().message();
  }
  std::string environment_error(std::vector<const char*> environment) {
    const auto result = config.load_environment(environment);
    return result ? "" : result.error().message();
  }
  std::string print() const {
    std::ostringstream out;
    config.print(out);
    return out.str();
  }

  Values values;
  Config config;
};

TEST_F(ConfigTest, AKeyIsAlsoAVariableAndAFlag) {
  const Option* option = config.find("limits.body_bytes");
  ASSERT_NE(option, nullptr);
  EXPECT_EQ(option->variable(), "WEIR_LIMITS_BODY_BYTES");
  EXPECT_EQ(option->flag(), "--limits.body-bytes");
}

TEST_F(ConfigTest, EveryKindTakesItsText) {
  EXPECT_EQ(environment_error({"PATH=/bin", "WEIR_PORT=0", "WEIR_HOST=", "WEIR_FAST=yes", "WEIR_LOG_COLOUR=red",
                               "WEIR_LIMITS_BODY_BYTES=64KiB", "WEIR_LIMITS_IDLE_TIMEOUT=250ms", "WEIR_DB_PASSWORD=a=b",
                               "WEIR_CONFIG=x.json"}),
            "");
  EXPECT_EQ(values.port, 0);
  EXPECT_EQ(values.host, "");
  EXPECT_TRUE(values.is_fast);
  EXPECT_EQ(values.colour, Colour::kRed);
  EXPECT_EQ(values.body_bytes, 65'536U);
  EXPECT_EQ(values.idle, 250ms);
  EXPECT_EQ(values.password, "a=b");
}

TEST_F(ConfigTest, StrongerSourcesWinInAnyOrder) {
  EXPECT_EQ(flag_error("--port", "3"), "");
  EXPECT_EQ(environment_error({"WEIR_PORT=2", "WEIR_HOST=b"}), "");
  EXPECT_EQ(values.port, 3);
  EXPECT_EQ(values.host, "b");
  EXPECT_EQ(config.find("port")->source().describe(), "flag --port");
  EXPECT_EQ(environment_error({"WEIR_PORT=x"}),
            "environment variable WEIR_PORT: 'x' is not a whole number from 0 to 65535");
}

TEST_F(ConfigTest, NumbersAreChecked) {
  for (const char* text : {"", "-1", "65536", "1.5", "80x", " 80", "99999999999999999999"}) {
    EXPECT_EQ(flag_error("--port", text), "--port: '" + std::string(text) + "' is not a whole number from 0 to 65535");
  }
  const std::string size = " is not a size from 1 to 1GiB (such as 512, 64KiB or 1MiB)";
  EXPECT_EQ(flag_error("--limits.body-bytes", "0"), "--limits.body-bytes: '0'" + size);
  EXPECT_EQ(flag_error("--limits.body-bytes", "2GiB"), "--limits.body-bytes: '2GiB'" + size);
  EXPECT_EQ(flag_error("--limits.idle-timeout", "10"),
            "--limits.idle-timeout: '10' is not a duration from 1ms to 1h (such as 250ms, 10s or 5m)");
  EXPECT_EQ(flag_error("--limits.body-bytes", "1GiB"), "");
  EXPECT_EQ(values.body_bytes, 1U << 30U);
}

TEST_F(ConfigTest, RangesWithOneEndSayThat) {
  std::uint64_t size = 0;
  std::uint64_t count = 0;
  config.bytes("a", size, "").min(2);
  config.count("b", count, "");
  EXPECT_EQ(flag_error("a", "1"), "--a: '1' is not a size of at least 2 (such as 512, 64KiB or 1MiB)");
  EXPECT_EQ(flag_error("b", "x"), "--b: 'x' is not a whole number");
  EXPECT_EQ(flag_error("b", "18446744073709551615"), "");
  EXPECT_EQ(count, std::numeric_limits<std::uint64_t>::max());
}

TEST_F(ConfigTest, SwitchesAndChoicesAreChecked) {
  EXPECT_EQ(flag_error("--fast", "maybe"), "--fast: 'maybe' is not true or false");
  EXPECT_EQ(flag_error("--fast", "TRUE"), "");
  EXPECT_EQ(flag_error("--fast", "0"), "");
  EXPECT_FALSE(values.is_fast);
  EXPECT_EQ(flag_error("--log.colour", "Red"), "--log.colour: 'Red' is not one of red, green");
}

TEST_F(ConfigTest, UnknownNamesComeWithTheNearest) {
  EXPECT_EQ(environment_error({"WEIR_PROT=1"}), "unknown environment variable WEIR_PROT; did you mean WEIR_PORT?");
  EXPECT_EQ(environment_error({"WEIR_CONFIGS=1"}),
            "unknown environment variable WEIR_CONFIGS; did you mean WEIR_CONFIG?");
  EXPECT_EQ(flag_error("--limits.body-byte", "1"),
            "unknown flag --limits.body-byte; did you mean --limits.body-bytes?");
  EXPECT_EQ(flag_error("--quite-something-else", "1"), "unknown flag --quite-something-else");
}

TEST_F(ConfigTest, SecretsAreNeitherShownNorTakenFromFlags) {
  const std::string error = flag_error("--db.password", "hunter2");
  EXPECT_EQ(error,
            "--db.password: a secret is not taken from the command line, where other users can read it; set "
            "WEIR_DB_PASSWORD or 'db.password' in the configuration file instead");
  EXPECT_EQ(environment_error({"WEIR_DB_PASSWORD=hunter2"}), "");
  EXPECT_EQ(print().find("hunter2"), std::string::npos);
  EXPECT_NE(print().find("= ********"), std::string::npos);
}

TEST_F(ConfigTest, ValuesInErrorsAreEscaped) {
  EXPECT_EQ(flag_error("--port", "\x1b[2J\n"), "--port: '\\x1b[2J\\x0a' is not a whole number from 0 to 65535");
}

TEST_F(ConfigTest, PrintingShowsValuesAndOriginsAligned) {
  EXPECT_EQ(flag_error("--port", "9"), "");
  EXPECT_EQ(environment_error({"WEIR_HOST=a b"}), "");
  EXPECT_EQ(print(),
            "port                = 9      flag --port\n"
            "host                = \"a b\"  environment WEIR_HOST\n"
            "fast                = false  default\n"
            "log.colour          = green  default\n"
            "limits.body_bytes   = 1MiB   default\n"
            "limits.idle_timeout = 75s    default\n"
            "db.password         = \"\"     default\n");
}

TEST(ConfigDeathTest, BadKeysAbort) {
  Config config;
  std::string text;
  config.text("a.b_c", text, "");
  EXPECT_DEATH(config.text("a.b.c", text, ""), "is_new");  // The same variable.
  EXPECT_DEATH(config.text("a..b", text, ""), "is_key");
  EXPECT_DEATH(config.text("a.", text, ""), "is_key");
  EXPECT_DEATH(config.text("A", text, ""), "is_key");
  EXPECT_DEATH(config.text("config", text, ""), "is_reserved");
}

}  // namespace
}  // namespace weir::app
