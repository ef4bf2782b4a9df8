// SPDX-License-Identifier: MIT
#include <weir/app/config_file.hpp>

#include <weir/app/config.hpp>
#include <weir/base/text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace weir::app {
namespace {

using nlohmann::json;

// Takes the parser's events one by one: a document in memory would have lost the keys that are there twice.
class Reader final : public nlohmann::json_sax<json> {
 public:
  Reader(Config& config, std::string_view text, const std::string& path) : config_(config), text_(text), path_(path) {}

  /// Why reading stopped, if it did.
  std::optional<base::Error> take_error() { return std::move(error_); }

  bool null() override { return refuse("null"); }
  bool boolean(bool value) override { return take(value ? "true" : "false", ValueShape::kBoolean); }
  bool number_integer(number_integer_t value) override { return take(std::to_string(value), ValueShape::kNumber); }
  bool number_unsigned(number_unsigned_t value) override { return take(std::to_string(value), ValueShape::kNumber); }
  bool number_float(number_float_t, const string_t& text) override { return take(text, ValueShape::kNumber); }
  bool string(string_t& value) override { return take(value, ValueShape::kText); }
  bool binary(binary_t&) override { return false; }  // JSON text has none.
  bool start_array(std::size_t) override { return refuse("an array"); }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override {
    if (!prefixes_.empty() && !config_.is_group(key_)) return refuse("an object");
    prefixes_.push_back(prefixes_.empty() ? "" : key_ + '.');
    return true;
  }
  bool end_object() override {
    prefixes_.pop_back();
    return true;
  }
  bool key(string_t& name) override {
    key_ = prefixes_.back() + name;
    return seen_.insert(key_).second || fail("key " + shown_key() + " is there twice");
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) override;

 private:
  std::string shown_key() const { return "'" + base::escape_for_log(key_) + "'"; }
  bool take(std::string_view value, ValueShape shape);
  bool refuse(const std::string& what);
  bool fail(const std::string& sentence) {
    error_.emplace(base::ErrorCode::kInvalidArgument, path_ + ": " + sentence);
    return false;
  }

  Config& config_;
  std::string_view text_;
  const std::string& path_;
  std::vector<std::string> prefixes_;  // Of each open object: its key and a dot; of the outermost: nothing.
  std::string key_;                    // Of the value to come, in full.
  std::set<std::string> seen_;
  std::optional<base::Error> error_;
};

bool Reader::take(std::string_view value, ValueShape shape) {
  Option* const option = config_.find(key_);
  if (prefixes_.empty() || option == nullptr) {
    constexpr std::array<const char*, 3> kShapes{"text", "a number", "true or false"};
    return refuse(kShapes[static_cast<std::size_t>(shape)]);
  }
  const auto taken = option->set(value, shape, {SourceKind::kFile, path_});
  return taken || fail(shown_key() + ": " + taken.error().message());
}

// A value of a kind that nothing here can take.
bool Reader::refuse(const std::string& what) {
  if (prefixes_.empty()) return fail("the file holds " + what + ", not an object of options such as {\"port\": 8080}");
  if (config_.is_group(key_)) return fail(shown_key() + " is " + what + ", not an object of options");
  const Option* const option = config_.find(key_);
  if (option == nullptr) return fail("unknown key " + shown_key() + config_.suggestion(key_));
  return fail(shown_key() + " is " + what + ", not " + option->expected());
}

bool Reader::parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& problem) {
  const std::string_view read = text_.substr(0, position == 0 ? 0 : position - 1);
  const auto line = std::count(read.begin(), read.end(), '\n') + 1;
  const std::size_t column = read.size() - (read.rfind('\n') + 1) + 1;
  // The library's sentence follows its own idea of the place.
  std::string_view detail = problem.what();
  for (const std::string_view mark : {"] ", ": "}) {
    const std::size_t at = detail.find(mark);
    if (at != std::string_view::npos) detail.remove_prefix(at + mark.size());
  }
  return fail("line " + std::to_string(line) + ", column " + std::to_string(column) + ": this is not JSON (" +
              base::escape_for_log(detail, 160) + ")");
}

base::Result<std::string> read_file(const std::string& path) {
  constexpr std::size_t kLimit = 1 << 20;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (!file) return base::Error::from_errno(errno, "cannot open the configuration file " + path);
  std::string text(kLimit + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return base::Error::from_errno(errno, "cannot read the configuration file " + path);
  if (text.size() > kLimit) {
    return base::Error(base::ErrorCode::kInvalidArgument, "the configuration file " + path + " is larger than 1 MiB");
  }
  return text;
}

}  // namespace

base::Result<void> load_config_file(Config& config, const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  return load_config_text(config, text.value(), path);
}

base::Result<void> load_config_text(Config& config, std::string_view text, const std::string& path) {
  Reader reader(config, text, path);
  if (json::sax_parse(text, &reader)) return {};
  auto error = reader.take_error();
  WEIR_CHECK(error.has_value());
  return std::move(*error);
}

}  // namespace weir::app
