// SPDX-License-Identifier: Apache-2.0
// A fuzzed input as text, and the parts that a corpus file is written in: lines at the front, then
// the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace tl::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the first line off, without its end.
inline std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
  return line;
}

// What must hold whatever comes in.
inline void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace tl::fuzz
