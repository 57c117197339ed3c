// SPDX-License-Identifier: Apache-2.0
// What visitors said and chose, and contacts: which of it is too old to be kept. Goes through the
// visits (retention_walks.hpp), and by time through what no visit leads to.
#pragma once

#include "server/store/sqlite/connection.hpp"

#include <cstdint>
#include <string_view>

namespace tl::server::sqlite {

// `before_ms`: as of RetentionRules. How many rows would go, all at once.
std::int64_t count_old_contacts(Connection& connection, std::string_view site_id,
                                std::int64_t before_ms);
std::int64_t count_old_choices(Connection& connection, std::string_view site_id,
                               std::int64_t before_ms);
// Takes away at most about `limit`; how much of the way that was, 0 when nothing is left.
std::int64_t remove_old_contacts(Connection& connection, std::string_view site_id,
                                 std::int64_t before_ms, std::uint32_t limit);
std::int64_t remove_old_choices(Connection& connection, std::string_view site_id,
                                std::int64_t before_ms, std::uint32_t limit);

}  // namespace tl::server::sqlite
