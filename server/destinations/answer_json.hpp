// SPDX-License-Identifier: Apache-2.0
// Reading a vendor's answer, of which nothing may be taken for granted: what is missing or of
// another type reads as empty.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace tl::server::destinations {

inline const nlohmann::json& answer_part(const nlohmann::json& object, const char* key) {
  static const nlohmann::json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}
inline std::string answer_text(const nlohmann::json& object, const char* key) {
  const auto& part = answer_part(object, key);
  return part.is_string() ? part.get<std::string>() : std::string();
}
inline std::int64_t answer_integer(const nlohmann::json& object, const char* key,
                                   std::int64_t otherwise = 0) {
  const auto& part = answer_part(object, key);
  return part.is_number_integer() ? part.get<std::int64_t>() : otherwise;
}
// Of an event in the batch; `none` when the vendor names none.
inline std::size_t answer_index(const nlohmann::json& object, const char* key, std::size_t none) {
  const std::int64_t index = answer_integer(object, key, -1);
  return index < 0 ? none : static_cast<std::size_t>(index);
}

}  // namespace tl::server::destinations
