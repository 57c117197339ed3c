// SPDX-License-Identifier: Apache-2.0
// A touch as the API shows it (api.md section 3); `t` is UTC milliseconds as on the wire.
#pragma once

#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {

nlohmann::ordered_json touch_item(const TouchRow& touch);

}  // namespace tl::server
