// SPDX-License-Identifier: Apache-2.0
// A delivery as every answer shows it (api.md section 3).
#pragma once

#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {

// `next_attempt_at` is null unless it still waits.
nlohmann::ordered_json delivery_summary(const DeliveryRow& row);

}  // namespace tl::server::http
