// SPDX-License-Identifier: Apache-2.0
// One answer of the line commands: JSON on one line, its members in the documented order.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace tl::server::cli {

// What is no UTF-8 becomes U+FFFD.
inline std::string json_line(const nlohmann::ordered_json& answer) {
  return answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace tl::server::cli
