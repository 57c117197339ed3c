// SPDX-License-Identifier: Apache-2.0
// Links that a site's partners share, told by a parameter of the site's own choice
// (affiliate_params: via, ref, aff …). decide() does not know them, so that both sides agree; what
// is settled here changes how a touch is classified and stored, never the verdict.
#pragma once

#include "server/core/config.hpp"
#include "throughline/touch.hpp"

#include <string_view>

namespace tl::server {

// Makes the partner named in the page's address the source of the touch, and "affiliate" its
// medium, unless a campaign or a paid click says where it came from. Views into `url`.
void settle_partner(Touch& touch, std::string_view url, const SiteConfig& site);

}  // namespace tl::server
