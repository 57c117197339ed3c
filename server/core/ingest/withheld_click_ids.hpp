// SPDX-License-Identifier: Apache-2.0
// What stays of URLs and touches without consent to marketing: click ids lose their values, as a
// page without that consent would have sent them.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <string>
#include <string_view>

namespace tl::server {

// The URL as it may be told without marketing consent: click-id values and all else that is not
// known to be harmless are gone, whatever was permitted when it was stored.
std::string without_click_ids(std::string_view url);
// The same of a touch's evidence.
std::string evidence_without_click_ids(const std::string& evidence);

// What is kept: as a page without that consent sends it, with the parameters that the site chose to
// keep, so that the evidence classifies as before. True when there was something to take out.
bool withhold_click_ids(EventRow& event);
bool withhold_click_ids(TouchRow& touch);
// Everything that a visitor's visits hold. Runs in a write.
Outcome<void> withhold_click_ids(Tables& tables, std::string_view site_id, const Id128& visitor);

}  // namespace tl::server
