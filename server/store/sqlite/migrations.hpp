// SPDX-License-Identifier: Apache-2.0
// Numbered migrations (server/store/migrations/NNNN_what.sql, embedded in the binary). Each runs
// once in a transaction of its own; its number and SHA-256 are recorded in schema_migration. A
// database that knows a migration this program does not, or knows another text for one, is refused.
#pragma once

#include "server/core/outcome.hpp"
#include "server/store/sqlite/connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::sqlite {

struct Migration {
  int version = 0;  // from 1, rising
  std::string_view name, sql;
};
// All that this program knows, in order.
const std::vector<Migration>& all_migrations();

// Errors: unavailable (store_unavailable), conflict (store_is_newer, migration_changed).
Outcome<void> migrate(Connection& connection, const std::vector<Migration>& migrations,
                      std::int64_t now_ms);

}  // namespace tl::server::sqlite
