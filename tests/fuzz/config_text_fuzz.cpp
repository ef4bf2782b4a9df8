// SPDX-License-Identifier: MIT
// A configuration file of any content: taken or refused in one clean line, and what was taken can be printed.
//
// Input: the file.
#include <tests/fuzz/pieces.hpp>
#include <weir/app/config.hpp>
#include <weir/app/config_file.hpp>
#include <weir/app/settings.hpp>

#include <sstream>

namespace {

using weir::fuzz::require;

struct Values {
  std::string name = "weir";
  std::string password = "not shown";
  bool is_on = true;
  int mode = 1;
  weir::app::Settings settings;
};

void bind(weir::app::Config& config, Values& values) {
  config.text("name", values.name, "A text.");
  config.count("port", values.settings.port, "A number.");
  config.flag("on", values.is_on, "A switch.");
  config.secret("store.password", values.password, "A secret.");
  config.choice("store.mode", values.mode, weir::app::Choices<int>{{"fast", 0}, {"safe", 1}}, "A choice.");
  config.bytes("limits.body_bytes", values.settings.limits.body_bytes, "A size.").min(16).max(1 << 20);
  config.duration("limits.idle_timeout", values.settings.limits.idle_timeout, "A time.")
      .min(std::chrono::milliseconds(1));
}

std::string printed(const weir::app::Config& config) {
  std::ostringstream out;
  config.print(out);
  return out.str();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Values values;
  weir::app::Config config;
  bind(config, values);
  const auto loaded = weir::app::load_config_text(config, text, "weir.json");
  if (!loaded) {
    const std::string message(loaded.error().message());
    require(message.starts_with("weir.json"), "an error names the file", text, message);
    for (const char c : message) {
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "an error is one clean line", text, message);
    }
  }
  require(values.mode == 0 || values.mode == 1, "a choice is one of its values");
  require(values.settings.limits.body_bytes >= 16 && values.settings.limits.body_bytes <= 1 << 20, "bounds hold");
  require(values.settings.limits.idle_timeout >= std::chrono::milliseconds(1), "bounds hold");
  const std::string shown = printed(config);
  const std::string password = values.password;
  values.password.assign(password.size(), '#');
  require(printed(config) == shown, "what is printed does not depend on a secret", password);
  return 0;
}
