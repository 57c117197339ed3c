// SPDX-License-Identifier: Apache-2.0
// Values that may be absent, as the API and an export write them.
#pragma once

#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>

namespace tl::server {

inline nlohmann::ordered_json id_or_null(const std::optional<Id128>& id) {
  return id ? nlohmann::ordered_json(uuid_text(*id)) : nlohmann::ordered_json(nullptr);
}

inline nlohmann::ordered_json time_or_null(const std::optional<std::int64_t>& t_ms) {
  return t_ms ? nlohmann::ordered_json(write_rfc3339(*t_ms)) : nlohmann::ordered_json(nullptr);
}

}  // namespace tl::server
