// SPDX-License-Identifier: MIT
#include <weir/routing/json/json_reader.hpp>

#include <weir/base/utf8.hpp>
#include <weir/routing/json/internal/reader.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

namespace weir::routing {
namespace {

namespace ondemand = simdjson::ondemand;
using base::described::TypeTable;
using internal::kNotJson;
using internal::Reader;
using simdjson::SUCCESS;

constexpr const char* kBehind = "There is more behind the value.";
constexpr std::size_t kKeptTextBytes = 64 << 10;

/// A parser with room for its text; the memory is used again.
struct Workspace {
  ondemand::parser parser;
  std::unique_ptr<char[]> text;
  std::size_t capacity = 0;
  bool is_busy = false;  // by a reader further up the stack

  simdjson::padded_string_view copy(std::string_view source) {
    const std::size_t wanted = source.size() + simdjson::SIMDJSON_PADDING;
    if (wanted > capacity) {
      text.reset(new char[wanted]);
      capacity = wanted;
    }
    std::memcpy(text.get(), source.data(), source.size());
    std::memset(text.get() + source.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(text.get(), source.size(), capacity);
  }
  void shrink() {
    if (capacity <= kKeptTextBytes + simdjson::SIMDJSON_PADDING) return;
    text.reset();
    capacity = 0;
    parser = ondemand::parser();
  }
};

void refuse_syntax(Failures& failures, std::string detail, std::size_t offset) {
  failures = {};
  detail.append(" (byte ").append(std::to_string(offset)).append(")");
  failures.add({Place::kBody, "", "syntax", std::move(detail), "\"offset\":" + std::to_string(offset), 400});
}

// What simdjson finds before it looks at the structure, and does not say where.
void refuse_bytes(Failures& failures, std::string_view text) {
  std::size_t string_begin = std::string_view::npos;
  for (std::size_t i = 0; i < text.size();) {
    const bool is_inside = string_begin != std::string_view::npos;
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = base::utf8_sequence_length(text.substr(i));
    if (length == 0) return refuse_syntax(failures, "It is not valid UTF-8.", i);
    if (is_inside && c < 0x20) return refuse_syntax(failures, "A string has a control character.", i);
    if (c == '"') string_begin = is_inside ? std::string_view::npos : i;
    const bool is_escape = is_inside && c == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    i += is_escape ? 2 : length;
  }
  if (string_begin != std::string_view::npos) return refuse_syntax(failures, "A string has no end.", string_begin);
  refuse_syntax(failures, kNotJson, 0);
}

// simdjson reads objects and arrays; another value, which is `wrapped`, is read as the only item of an array.
bool read_root(ondemand::document& document, bool is_wrapped, const TypeTable& type, void* target, Reader& reader) {
  ondemand::value root;
  if (const auto error = document.get_value().get(root); error != SUCCESS) return reader.broken(error);
  if (!is_wrapped) return reader.read(root, type, target, nullptr, nullptr);
  ondemand::array array;
  if (const auto error = root.get_array().get(array); error != SUCCESS) return reader.broken(error);
  std::size_t count = 0;
  for (auto next : array) {
    ondemand::value item;
    if (const auto error = next.get(item); error != SUCCESS) return reader.broken(error);
    if (++count > 1) return reader.broken(kBehind);
    if (!reader.read(item, type, target, nullptr, nullptr)) return false;
  }
  return count == 1 || reader.broken(kNotJson);
}

bool read_with(Workspace& work, std::string_view source, const TypeTable& type, void* target, Failures& failures) {
  const std::size_t first = source.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    refuse_syntax(failures, "The JSON is empty.", 0);
    return false;
  }
  const bool is_wrapped = source[first] != '{' && source[first] != '[';
  std::string wrapped;
  if (is_wrapped) wrapped.append("[").append(source).append("]");
  const auto text = work.copy(is_wrapped ? wrapped : source);
  ondemand::document document;
  if (work.parser.iterate(text).get(document) != SUCCESS) {
    refuse_bytes(failures, source);
    return false;
  }
  Reader reader(work.parser, failures);
  const bool is_read = read_root(document, is_wrapped, type, target, reader);
  const char* at = nullptr;
  const bool is_at_end = document.current_location().get(at) == simdjson::OUT_OF_BOUNDS;
  if (is_read && is_at_end) return failures.empty();
  if (reader.error_place() != nullptr) at = reader.error_place();
  std::size_t offset = at == nullptr ? source.size() : static_cast<std::size_t>(at - text.data());
  if (at != nullptr && is_wrapped && offset > 0) --offset;
  if (is_read && is_wrapped) offset = source.rfind(']', offset - 1);  // it closed the array around the value
  refuse_syntax(failures, is_read ? kBehind : reader.syntax_error(), std::min(offset, source.size()));
  return false;
}

}  // namespace

bool read_json(std::string_view text, const TypeTable& type, void* target, Failures& failures) {
  thread_local Workspace kept;
  if (kept.is_busy) {
    Workspace own;
    return read_with(own, text, type, target, failures);
  }
  struct Use {
    Use() { kept.is_busy = true; }
    ~Use() {
      kept.is_busy = false;
      kept.shrink();
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
  };
  const Use use;
  return read_with(kept, text, type, target, failures);
}

}  // namespace weir::routing
