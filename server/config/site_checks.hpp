// SPDX-License-Identifier: Apache-2.0
// What must hold between several keys of a site, or between sites.
#pragma once

#include "server/config/section_reader.hpp"
#include "server/core/config.hpp"

#include <string>

namespace tl::server {

// `config`: the sites read before this one.
void check_site(const SiteConfig& site, int line, const std::string& label, const Config& config,
                ConfigProblems& problems);
void check_checkout(const CheckoutItem& item, int line, const std::string& label,
                    ConfigProblems& problems);

}  // namespace tl::server
