// SPDX-License-Identifier: Apache-2.0
// From a URL of the configuration to a store: sqlite:PATH.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tl::server {

// Opens, creates and migrates. Keeps a reference to `box`. Errors: invalid (bad_store_url,
// not_built_yet), unavailable (store_unavailable), conflict (store_is_newer, migration_changed).
Outcome<std::unique_ptr<Store>> open_store(std::string_view url, const SecretBox& box,
                                           std::int64_t now_ms);
// Whether nobody else has the store open, a running server above all. Errors: conflict
// (store_in_use), unavailable (store_unavailable).
Outcome<void> check_alone(std::string_view url);
// For the configuration check: whether this program can open such URLs.
Outcome<void> check_store_url(std::string_view url);
Outcome<void> check_cache_url(std::string_view url);  // only memory: is built

}  // namespace tl::server
