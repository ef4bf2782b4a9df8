// SPDX-License-Identifier: MIT
// Queries, forms and cookies: no NUL comes out, writing and reading again changes nothing, and both ways to look up a
// query parameter agree.
//
// Input: a line with the name to look up, then the text.
#include <tests/fuzz/pieces.hpp>
#include <weir/http/parameters.hpp>

namespace {

using weir::fuzz::require;
using weir::http::Parameters;

std::string encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') {
      encoded += '+';
    } else {
      encoded += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return encoded;
}

void check_form(std::string_view text, std::string_view name) {
  const std::optional<Parameters> form = weir::http::parse_form(text);
  const auto looked_up = weir::http::find_in_query(text, name);
  if (!form) return;
  require(looked_up.has_value(), "a look-up succeeds where the whole query is well-formed", text);
  // "" between two '&' is no parameter; a look-up of the name "" may still see one there.
  if (!name.empty()) {
    const auto found = form->find(name);
    require(found.has_value() == looked_up->has_value() && (!found || *found == **looked_up),
            "a look-up finds what the whole query has", text, name);
  }
  std::string written;
  for (const auto& [key, value] : *form) {
    require(key.find('\0') == std::string::npos && value.find('\0') == std::string::npos, "no NUL is decoded", text);
    written += (written.empty() ? "" : "&") + encode(key) + '=' + encode(value);
  }
  const std::optional<Parameters> again = weir::http::parse_form(written);
  require(again.has_value() && std::equal(form->begin(), form->end(), again->begin(), again->end()),
          "writing and reading again changes nothing", text, written);
  for (const auto& [key, value] : *form) require(!form->find_all(key).empty(), "what is there is found", key, value);
}

void check_cookies(std::string_view text) {
  const Parameters cookies = weir::http::parse_cookies(text);
  for (const auto& [name, value] : cookies) {
    require(!name.empty() && name.find_first_of(std::string_view("=; \t\0", 5)) == std::string::npos,
            "a cookie's name is a token", text, name);
    require(value.find(';') == std::string::npos, "a cookie's value ends at the semicolon", text, value);
    require(text.find(value) != std::string_view::npos, "a cookie's value keeps its bytes", text, value);
    const bool is_plain = value.find_first_of(" \t\"") == std::string::npos;
    const Parameters alone = weir::http::parse_cookies(name + "=" + value);
    require(!is_plain || alone.find(name) == value, "a cookie by itself is read the same", text, value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  weir::fuzz::Input input(data, size);
  const std::string_view name = input.take_until('\n');
  check_form(input.rest(), name);
  check_cookies(input.rest());
  return 0;
}
