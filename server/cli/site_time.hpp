// SPDX-License-Identifier: Apache-2.0
// Times as a person writes them on the command line.
#pragma once

#include "server/core/config.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tl::server::cli {

// RFC 3339, or a date, which begins at the site's own midnight; none for other text.
std::optional<std::int64_t> parse_site_time(const std::string& written, const SiteConfig& site);

}  // namespace tl::server::cli
