// SPDX-License-Identifier: Apache-2.0
// The rules of the path as a text, and the number of a model configuration: what a credit was split
// by. A changed rule or parameter is another configuration; what was split before keeps its own
// until `throughline rebuild`.
#pragma once

#include "models/path.hpp"
#include "server/core/config.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server {

models::AttributionRules rules_of(const SiteConfig& site);

// "click_lookback_ms=2592000000:view_lookback_ms=86400000:lookback=fixed:direct=drop_if_any_other:
// collapse=none:repeat=every"
std::string rules_text(const models::AttributionRules& rules);
// What rules_text wrote; what it does not name stays as by default.
models::AttributionRules read_rules(std::string_view text);

// From the SHA-256 of the model's stored name and the rules; never negative.
std::int64_t config_number(std::string_view model, std::string_view rules);

}  // namespace tl::server
