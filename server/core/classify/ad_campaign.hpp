// SPDX-License-Identifier: Apache-2.0
// What a touch's campaign is called: by its tags, and where these name none by the id under which
// the ad platform knows it, which its export names beside the cost. Google adds one to every click
// by itself, so that links without tags meet their costs too (docs/reports.md).
#pragma once

#include "throughline/touch.hpp"

#include <string>
#include <string_view>

namespace tl::server {

// `source`: what the touch's source is called. Empty: nothing names a campaign.
std::string campaign_of(const Touch& touch, std::string_view source);

// The id is known to be there, and its value was withheld.
bool is_campaign_withheld(const Touch& touch);

}  // namespace tl::server
