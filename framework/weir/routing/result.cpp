// SPDX-License-Identifier: MIT
#include <weir/routing/result.hpp>

#include <weir/routing/json/json_writer.hpp>

#include <string>

namespace weir::routing {

void write_json_result(const base::described::TypeTable& type, const void* value, http::Response& response) {
  constexpr std::size_t kKeptBytes = 64 << 10;
  // Grows once per thread; the response then gets a copy of the right size.
  thread_local std::string text;
  text.clear();
  append_json(text, type, value);
  response.set_json(text);
  if (text.capacity() > kKeptBytes) std::string().swap(text);
}

}  // namespace weir::routing
