// SPDX-License-Identifier: Apache-2.0
// Lists over HTTP: ?from= and ?to= (RFC 3339 or a day of the site), ?limit= (at most 1,000),
// ?cursor=;
// answered as {"items":[…],"next_cursor":…}.
#pragma once

#include "server/core/outbox/event_lane.hpp"
#include "server/core/outcome.hpp"
#include "server/core/records.hpp"
#include "server/http/exchange.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace tl::server::http {

// `more`: what this list can be asked by beside site, from, to, limit and cursor. Errors: invalid
// (unknown_parameter, repeated_parameter; bad_time: no time, or from after to; bad_limit),
// not_found (unknown_site).
Outcome<ListQuery> read_list_request(const Request& request, const std::string& site_id,
                                     const SiteLookup& find_site,
                                     const std::vector<std::string>& more = {});
Reply answer_list(nlohmann::ordered_json items, const std::optional<std::string>& next_cursor);
Reply answer_json(int status, const nlohmann::ordered_json& json);

}  // namespace tl::server::http
