// SPDX-License-Identifier: Apache-2.0
// The place in a list that is sorted newest first by (time, key): "<t_ms>.<hex of the key's
// bytes>". Opaque to callers of the API; a list goes on with what is strictly older than its
// cursor. An empty or unreadable cursor starts at the top.
#pragma once

#include "server/core/secret_box.hpp"
#include "throughline/text.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace tl::server {

struct ListPlace {
  std::int64_t t_ms = std::numeric_limits<std::int64_t>::max();
  std::string key;
};

inline std::string write_cursor(const ListPlace& place) {
  return std::to_string(place.t_ms) + "." + to_hex(place.key);
}

inline ListPlace read_cursor(std::string_view cursor) {
  ListPlace place;
  const auto point = cursor.find('.');
  if (point == std::string_view::npos) return place;
  std::int64_t t_ms = 0;
  auto key = from_hex(cursor.substr(point + 1));
  if (!parse_decimal(cursor.substr(0, point), t_ms) || !key) return place;
  place.t_ms = t_ms;
  place.key = std::move(*key);
  return place;
}

}  // namespace tl::server
