// SPDX-License-Identifier: Apache-2.0
// What a command did, in the audit log: by "cli", from no address.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/store.hpp"

#include <string>
#include <vector>

namespace tl::server::cli {

// An entry of one site. `detail`: whom or what it was done to.
Outcome<void> append_entry(Tables& tables, const std::string& site_id, const char* action,
                           const std::string& detail);
Outcome<void> append_entry(Store& store, const std::string& site_id, const char* action,
                           const std::string& detail);
// Of what concerns the whole store, an entry of each site.
Outcome<void> append_entries(Store& store, const std::vector<SiteConfig>& sites, const char* action,
                             const std::string& detail);

}  // namespace tl::server::cli
