// SPDX-License-Identifier: Apache-2.0
// Where a visitor without consent came from, as far as a site that wants it may let a checkout say
// (site.coarse_handover): the channel, a source that our lists know, and a campaign that the site
// has listed. With any other campaign the channel alone. As text: the token of
// throughline/coarse_handover.hpp; an order keeps what was permitted when it was told.
#pragma once

#include "server/core/config.hpp"
#include "throughline/coarse_handover.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

struct CoarseOrigin {
  Channel channel = Channel::unknown;
  std::string source, campaign;
};

// "" when it is none.
std::string coarse_token(std::string_view channel, std::string_view source,
                         std::string_view campaign);
std::optional<CoarseOrigin> read_coarse(std::string_view token);
// What of it the site permits, as a token; "" for nothing.
std::string permitted_coarse(const SiteConfig& site, std::string_view token);

}  // namespace tl::server
