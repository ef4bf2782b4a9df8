// SPDX-License-Identifier: MIT
#include <weir/app/config_file.hpp>

#include <weir/app/config.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <fstream>

namespace weir::app {
namespace {

struct ConfigFileTest : testing::Test {
  ConfigFileTest() {
    config.count("port", port, "Port.");
    config.text("host", host, "Host.");
    config.flag("fast", is_fast, "Fast.");
    config.bytes("limits.body_bytes", body_bytes, "Body.");
    config.duration("limits.time.idle", idle, "Idle.");
    config.secret("password", password, "Password.");
  }
  std::string load(std::string_view text) {
    const auto result = load_config_text(config, text, "weir.json");
    return result ? "" : result.error().message();
  }

  std::uint16_t port = 8080;
  std::string host = "::";
  bool is_fast = false;
  std::uint64_t body_bytes = 1;
  std::chrono::milliseconds idle{1};
  std::string password;
  Config config;
};

TEST_F(ConfigFileTest, KeysAreNestedOrDotted) {
  EXPECT_EQ(load(R"({"port": 1, "host": "h", "fast": true, "limits": {"body_bytes": "64KiB", "time.idle": "2s"}})"),
            "");
  EXPECT_EQ(port, 1);
  EXPECT_EQ(host, "h");
  EXPECT_TRUE(is_fast);
  EXPECT_EQ(body_bytes, 65'536U);
  EXPECT_EQ(idle, std::chrono::seconds(2));
  EXPECT_EQ(config.find("port")->source().describe(), "file weir.json");
  EXPECT_EQ(load(R"({"limits.body_bytes": 7, "limits": {"time": {"idle": 0}}})"), "");
  EXPECT_EQ(body_bytes, 7U);
  EXPECT_EQ(idle.count(), 0);
  EXPECT_EQ(load("{}"), "");
}

TEST_F(ConfigFileTest, AFileDoesNotOverrideTheEnvironment) {
  const std::vector<const char*> environment{"WEIR_PORT=2"};
  ASSERT_TRUE(config.load_environment(environment));
  EXPECT_EQ(load(R"({"port": 1})"), "");
  EXPECT_EQ(port, 2);
}

TEST_F(ConfigFileTest, UnknownKeysComeWithTheNearest) {
  EXPECT_EQ(load(R"({"limits": {"body_byte": 1}})"),
            "weir.json: unknown key 'limits.body_byte'; did you mean 'limits.body_bytes'?");
  EXPECT_EQ(load(R"({"limtis": {"body_bytes": 1}})"), "weir.json: unknown key 'limtis'; did you mean 'limits'?");
  EXPECT_EQ(load(R"({"something": []})"), "weir.json: unknown key 'something'");
  EXPECT_EQ(load(R"({"": 1})"), "weir.json: unknown key ''");
  EXPECT_EQ(load("{\"\\u001b\": null}"), "weir.json: unknown key '\\x1b'");
}

TEST_F(ConfigFileTest, KeysAreThereOnce) {
  EXPECT_EQ(load(R"({"port": 1, "port": 2})"), "weir.json: key 'port' is there twice");
  EXPECT_EQ(load(R"({"limits": {"body_bytes": 1}, "limits.body_bytes": 1})"),
            "weir.json: key 'limits.body_bytes' is there twice");
  EXPECT_EQ(load(R"({"limits": {}, "limits": {}})"), "weir.json: key 'limits' is there twice");
}

TEST_F(ConfigFileTest, WrongTypesSayWhatWasExpected) {
  const std::string number = ", not a whole number from 0 to 65535";
  EXPECT_EQ(load(R"({"port": {}})"), "weir.json: 'port' is an object" + number);
  EXPECT_EQ(load(R"({"port": [1]})"), "weir.json: 'port' is an array" + number);
  EXPECT_EQ(load(R"({"port": null})"), "weir.json: 'port' is null" + number);
  EXPECT_EQ(load(R"({"port": true})"), "weir.json: 'port': 'true' is not a whole number from 0 to 65535");
  EXPECT_EQ(load(R"({"port": -1})"), "weir.json: 'port': '-1' is not a whole number from 0 to 65535");
  EXPECT_EQ(load(R"({"port": 1.0})"), "weir.json: 'port': '1.0' is not a whole number from 0 to 65535");
  EXPECT_EQ(load(R"({"host": 5})"), "weir.json: 'host': '5' is not a text in quotes");
  EXPECT_EQ(load(R"({"fast": 1})"), "weir.json: 'fast': '1' is not true or false");
  EXPECT_EQ(load(R"({"limits": 5})"), "weir.json: 'limits' is a number, not an object of options");
  EXPECT_EQ(load(R"({"password": 12345})"), "weir.json: 'password': the value is not a text in quotes");
}

TEST_F(ConfigFileTest, TheOutermostValueIsAnObject) {
  EXPECT_EQ(load("[]"), "weir.json: the file holds an array, not an object of options such as {\"port\": 8080}");
  EXPECT_EQ(load("7"), "weir.json: the file holds a number, not an object of options such as {\"port\": 8080}");
}

TEST_F(ConfigFileTest, WhatIsNotJsonIsShownByLineAndColumn) {
  EXPECT_TRUE(load("{\n  \"port\": 1,\n}\n").starts_with("weir.json: line 3, column 1: this is not JSON (syntax error"))
      << load("{\n  \"port\": 1,\n}\n");
  EXPECT_TRUE(load("{\"port\": 1} x").starts_with("weir.json: line 1, column 13: ")) << load("{\"port\": 1} x");
  EXPECT_TRUE(load("").starts_with("weir.json: line 1, column 1: this is not JSON (")) << load("");
  EXPECT_TRUE(load("// c\n{}").starts_with("weir.json: line 1, column ")) << load("// c\n{}");
  EXPECT_NE(load("{\"host\": \"\x80\"}"), "");
  EXPECT_NE(load("{\"port\": 1e999}"), "");
  EXPECT_NE(load(std::string(100'000, '[')), "");
}

TEST_F(ConfigFileTest, FilesAreReadFromDisk) {
  const std::string path = testing::TempDir() + "weir_config_" + std::to_string(::getpid()) + ".json";
  std::ofstream(path) << R"({"port": 81})";
  EXPECT_TRUE(config.load_file(path));
  EXPECT_EQ(port, 81);
  std::ofstream(path) << std::string((1 << 20) + 1, ' ');
  EXPECT_EQ(config.load_file(path).error().message(), "the configuration file " + path + " is larger than 1 MiB");
  ::unlink(path.c_str());
  const auto missing = config.load_file(path);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), base::ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message(), "cannot open the configuration file " + path + ": No such file or directory");
  EXPECT_FALSE(config.load_file(testing::TempDir()));
}

}  // namespace
}  // namespace weir::app
