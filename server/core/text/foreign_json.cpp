// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/foreign_json.hpp"

#include "throughline/text.hpp"

#include <cstddef>

namespace tl::server {
namespace {

constexpr std::size_t kEscapeLength = 6;  // \ud83d

enum class Half { none, high, low };

Half surrogate_half(std::string_view escape) {
  if (escape.size() < kEscapeLength || escape[0] != '\\' || escape[1] != 'u') return Half::none;
  if (escape[2] != 'd' && escape[2] != 'D') return Half::none;
  const int second = hex_value(escape[3]);
  if (second < 8 || hex_value(escape[4]) < 0 || hex_value(escape[5]) < 0) return Half::none;
  return second < 12 ? Half::high : Half::low;
}

}  // namespace

std::string_view with_whole_surrogates(std::string_view json, std::string& repaired) {
  if (json.find("\\u") == std::string_view::npos) return json;
  bool is_repaired = false;
  for (auto at = json.find('\\'); at != std::string_view::npos;) {
    std::size_t length = 2;  // the backslash and what it escapes, which may be another one
    const Half half = surrogate_half(json.substr(at));
    if (half != Half::none) {
      length = kEscapeLength;
      if (half == Half::high && surrogate_half(json.substr(at + length)) == Half::low) {
        length *= 2;
      } else {
        if (!is_repaired) repaired = json;
        is_repaired = true;
        repaired.replace(at, kEscapeLength, "\\ufffd");
      }
    }
    at = json.find('\\', at + length);
  }
  return is_repaired ? std::string_view(repaired) : json;
}

}  // namespace tl::server
