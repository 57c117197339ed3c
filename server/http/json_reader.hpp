// SPDX-License-Identifier: Apache-2.0
// JSON from outside: parsed without exceptions, its nesting bounded before parsing, errors with the
// byte at which they are.
#pragma once

#include "server/core/outcome.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace tl::server::http {

inline constexpr std::size_t kMaxJsonDepth = 32;

// Errors: invalid (malformed_json) with the position.
Outcome<nlohmann::json> read_json(std::string_view text);
// read_json, and the outermost value is an object.
Outcome<nlohmann::json> read_json_object(std::string_view text);

// nullptr when it is absent or null.
const nlohmann::json* member(const nlohmann::json& object, std::string_view name);
// A text member, "" when it is absent or of another type.
std::string text_at(const nlohmann::json& object, const char* name);
// The object member of that name, or an empty object.
const nlohmann::json& object_at(const nlohmann::json& object, const char* name);
// How deep arrays and objects nest: 0 for a plain value.
std::size_t depth_of(const nlohmann::json& value);
// Compact text; the value came from read_json, so all of it is valid UTF-8.
std::string json_text(const nlohmann::json& value);

}  // namespace tl::server::http
