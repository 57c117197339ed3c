// SPDX-License-Identifier: Apache-2.0
// Writes a JSON object key by key, in the order of the calls, so that a body is the same bytes
// every time; numbers are given as text, so that money never passes through a double. Empty texts
// are left out: vendors read them as values.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::destinations {

class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value) {
    return value.empty() ? *this : raw(key, quoted(value));
  }
  JsonObject& number(std::string_view key, std::int64_t value) {
    return raw(key, std::to_string(value));
  }
  JsonObject& flag(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  // A list of texts; without the empty ones, and left out when none is left.
  JsonObject& texts(std::string_view key, const std::vector<std::string>& values) {
    std::string list;
    for (const auto& value : values)
      if (!value.empty()) list += (list.empty() ? "[" : ",") + quoted(value);
    return list.empty() ? *this : raw(key, list + "]");
  }
  // `json`: finished JSON text.
  JsonObject& raw(std::string_view key, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    text_.append(quoted(key)).append(":").append(json);
    return *this;
  }
  [[nodiscard]] bool is_empty() const { return text_.size() == 1; }
  [[nodiscard]] std::string finish() const { return text_ + "}"; }

  // Ill-formed UTF-8 becomes U+FFFD.
  static std::string quoted(std::string_view value) {
    return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }

 private:
  std::string text_ = "{";
};

// Finished JSON texts as one list.
inline std::string json_list(const std::vector<std::string>& entries) {
  std::string list = "[";
  for (const auto& entry : entries) list += (list.size() > 1 ? "," : "") + entry;
  return list + "]";
}

}  // namespace tl::server::destinations
