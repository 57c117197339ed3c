// SPDX-License-Identifier: Apache-2.0
// Whether what is derived is what the evidence says: a copy of the store (one snapshot) is rebuilt
// by the configuration that its credits name, and compared with itself. On a healthy store nothing
// differs.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/reports/rebuild.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// `copy` is thrown away afterwards. A line a difference, "- " as stored, "+ " as it should be; at
// most `limit` a table and side. Errors: unavailable, bug.
Outcome<std::vector<std::string>> audit(
    Store& copy, const std::vector<std::shared_ptr<const SiteConfig>>& sites, std::uint32_t limit,
    std::int64_t now_ms,
    const std::function<void(std::string_view step, std::int64_t done, std::int64_t all)>&
        progress);

}  // namespace tl::server
