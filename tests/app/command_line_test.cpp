// SPDX-License-Identifier: MIT
#include <weir/app/command_line.hpp>

#include <weir/app/config.hpp>

#include <gtest/gtest.h>

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

namespace weir::app {
namespace {

class CommandLineTest : public testing::Test {
 protected:
  CommandLineTest() {
    config.count("port", port, "TCP port to listen on; 0 picks a free one.");
    config.text("host", host, "Address to listen on.");
    config.flag("fast", is_fast, "Hurries.");
    config.secret("password", password, "Opens the store.");
    config.begin_section("Limits and times");
    config.bytes(
        "limits.body_bytes", body_bytes,
        "Largest request body that a route takes unless it has a limit of its own; beyond it the answer is 413.");
    spec.commands = {{"serve", "Serves requests."}, {"routes", "Lists the routes."}, {"jobs", "Jobs.", "show ID"}};
  }

  Invocation parse(std::vector<const char*> arguments) {
    return parse_command_line(config, spec, arguments, environment);
  }
  void expect_usage_error(std::vector<const char*> arguments, const std::string& sentence) {
    const Invocation invocation = parse(std::move(arguments));
    EXPECT_EQ(invocation.exit_code, 2);
    EXPECT_EQ(invocation.err, "quickstart: " + sentence + "\n");
    EXPECT_EQ(invocation.out, "");
  }

  std::uint16_t port = 8080;
  std::string host = "127.0.0.1";
  bool is_fast = false;
  std::string password;
  std::uint64_t body_bytes = 1 << 20;
  Config config;
  CommandLineSpec spec{"quickstart", "1.2.3", "A small service.", {}};
  std::vector<const char*> environment;
};

TEST_F(CommandLineTest, WithoutACommandItServes) {
  const Invocation invocation = parse({});
  EXPECT_EQ(invocation.command, "serve");
  EXPECT_EQ(invocation.exit_code, std::nullopt);
  EXPECT_EQ(invocation.out + invocation.err, "");
}

TEST_F(CommandLineTest, ArgvBeginsWithTheProgramsName) {
  const std::array<const char*, 3> argv{"/bin/serve", "routes", nullptr};
  EXPECT_EQ(parse_command_line(config, spec, 2, argv.data(), {}).command, "routes");
  EXPECT_EQ(parse_command_line(config, spec, 0, argv.data() + 2, {}).command, "serve");
}

TEST_F(CommandLineTest, FlagsStandBeforeOrAfterTheCommand) {
  const Invocation invocation = parse({"--port", "1", "routes", "--host=::", "--limits.body-bytes", "2KiB", "--fast"});
  EXPECT_EQ(invocation.command, "routes");
  EXPECT_EQ(invocation.exit_code, std::nullopt) << invocation.err;
  EXPECT_EQ(port, 1);
  EXPECT_EQ(host, "::");
  EXPECT_EQ(body_bytes, 2048U);
  EXPECT_TRUE(is_fast);
}

TEST_F(CommandLineTest, ValuesAreTakenAsTheyAre) {
  EXPECT_EQ(parse({"--host", "[::1]"}).err, "");
  EXPECT_EQ(host, "[::1]");
  EXPECT_EQ(parse({"--host", "serve", "routes"}).command, "routes");
  EXPECT_EQ(host, "serve");
  EXPECT_EQ(parse({"--host", "--port"}).err, "");
  EXPECT_EQ(host, "--port");
  EXPECT_EQ(parse({"--host=a=b"}).err, "");
  EXPECT_EQ(host, "a=b");
  EXPECT_EQ(parse({"--host=", "routes"}).command, "routes");
  EXPECT_EQ(host, "");
}

TEST_F(CommandLineTest, TheLastOfEqualFlagsCounts) {
  EXPECT_EQ(parse({"--port", "1", "serve", "--port", "2", "--fast", "--fast=no"}).err, "");
  EXPECT_EQ(port, 2);
  EXPECT_FALSE(is_fast);
}

TEST_F(CommandLineTest, CommandsHaveTheirArguments) {
  const Invocation invocation = parse({"jobs", "show", "--port", "1", "serve", "[a,b]", "--", "--port", "--"});
  EXPECT_EQ(invocation.command, "jobs");
  EXPECT_EQ(invocation.arguments, (std::vector<std::string>{"show", "serve", "[a,b]", "--port", "--"}))
      << invocation.err;
  EXPECT_EQ(port, 1);
}

TEST_F(CommandLineTest, WrongUsageIsOneSentenceAndExitCode2) {
  expect_usage_error({"--prot", "8080"}, "unknown flag --prot; did you mean --port?");
  expect_usage_error({"serve", "--prot=8080"}, "unknown flag --prot; did you mean --port?");
  expect_usage_error({"--helf"}, "unknown flag --helf; did you mean --help?");
  expect_usage_error({"-x"}, "unknown flag -x");
  expect_usage_error({"--limits.body_byte", "1"}, "unknown flag --limits.body_byte; did you mean --limits.body-bytes?");
  expect_usage_error({"sevre"}, "unknown command 'sevre'; did you mean serve?");
  expect_usage_error({"serve", "routes"}, "serve takes no arguments, but there is 'routes'");
  expect_usage_error({"serve", "--fast="}, "serve takes no arguments, but there is ''");
  expect_usage_error({"serve", "--port"}, "--port needs a value");
  expect_usage_error({"--port", "-1"}, "--port: '-1' is not a whole number from 0 to 65535");
  expect_usage_error({"--port", "--host"}, "--port: '--host' is not a whole number from 0 to 65535");
  expect_usage_error({"--fast=perhaps"}, "--fast: 'perhaps' is not true or false");
}

TEST_F(CommandLineTest, ASecretIsRefused) {
  const Invocation invocation = parse({"--password", "hunter2"});
  EXPECT_EQ(invocation.exit_code, 2);
  EXPECT_NE(invocation.err.find("WEIR_PASSWORD"), std::string::npos);
  EXPECT_EQ(invocation.err.find("hunter2"), std::string::npos);
}

TEST_F(CommandLineTest, FlagsWinOverTheEnvironmentAndThatOverTheFile) {
  const std::string path = testing::TempDir() + "weir_command_line_" + std::to_string(::getpid()) + ".json";
  std::ofstream(path) << R"({"port": 1, "host": "file", "limits": {"body_bytes": 3}})";
  const std::string variable = "WEIR_CONFIG=" + path;
  environment = {"WEIR_PORT=2", "WEIR_HOST=environment", variable.c_str()};
  EXPECT_EQ(parse({"--port=3"}).err, "");
  EXPECT_EQ(port, 3);
  EXPECT_EQ(host, "environment");
  EXPECT_EQ(body_bytes, 3U);
  environment = {"WEIR_CONFIG=/nowhere"};
  EXPECT_EQ(parse({"serve", "--config", path.c_str()}).err, "");
  ::unlink(path.c_str());
}

TEST_F(CommandLineTest, AFileThatIsNotThereIsExitCode1) {
  const Invocation invocation = parse({"--config", "/nowhere/weir.json"});
  EXPECT_EQ(invocation.exit_code, 1);
  EXPECT_EQ(invocation.err,
            "quickstart: cannot open the configuration file /nowhere/weir.json: No such file or directory\n");
  EXPECT_EQ(parse({"--config="}).exit_code, 1);
}

TEST_F(CommandLineTest, AnUnknownVariableIsExitCode2) {
  environment = {"WEIR_PROT=1"};
  expect_usage_error({}, "unknown environment variable WEIR_PROT; did you mean WEIR_PORT?");
}

TEST_F(CommandLineTest, HelpAndVersionNeedNothingElse) {
  environment = {"WEIR_PROT=1"};
  const Invocation version = parse({"serve", "--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.out, "quickstart 1.2.3\n");
  EXPECT_EQ(parse({"-h"}).exit_code, 0);
  EXPECT_EQ(parse({"serve", "--help"}).out, parse({"--help"}).out);
}

TEST_F(CommandLineTest, HelpNamesEverythingWithin100Columns) {
  const std::string help = parse({"--help"}).out;
  for (const char* part :
       {"Usage: quickstart", "A small service.", "  routes ", "jobs show ID", "--port N ", "(WEIR_PORT, default 8080)",
        "  --fast ", "--config FILE", "WEIR_CONFIG", "\nLimits and times:\n  --limits.body-bytes SIZE ",
        "(WEIR_LIMITS_BODY_BYTES, default 1MiB)", "WEIR_PASSWORD"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << "\n" << help;
  }
  EXPECT_LT(help.find("--config"), help.find("--limits"));
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100U) << line;
}

TEST_F(CommandLineTest, PrintingTheConfigurationEndsWithIt) {
  const Invocation invocation = parse({"--print-config", "--port", "7"});
  EXPECT_TRUE(invocation.print_config);
  EXPECT_EQ(invocation.exit_code, 0);
  EXPECT_TRUE(invocation.out.starts_with("port              = 7          flag --port\n")) << invocation.out;
}

TEST(ProcessEnvironmentTest, HoldsThePath) {
  bool has_path = false;
  for (const std::string_view assignment : process_environment()) has_path |= assignment.starts_with("PATH=");
  EXPECT_TRUE(has_path);
}

}  // namespace
}  // namespace weir::app
