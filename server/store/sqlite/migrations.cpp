// SPDX-License-Identifier: Apache-2.0
// The table of embedded migrations and the runner.

#include "server/store/sqlite/migrations.hpp"

#include "throughline/hash.hpp"

#include <cstddef>

extern "C" {
extern const unsigned char tl_migration_0001[];
extern const std::size_t tl_migration_0001_size;
extern const unsigned char tl_migration_0002[];
extern const std::size_t tl_migration_0002_size;
extern const unsigned char tl_migration_0003[];
extern const std::size_t tl_migration_0003_size;
extern const unsigned char tl_migration_0004[];
extern const std::size_t tl_migration_0004_size;
extern const unsigned char tl_migration_0005[];
extern const std::size_t tl_migration_0005_size;
extern const unsigned char tl_migration_0006[];
extern const std::size_t tl_migration_0006_size;
extern const unsigned char tl_migration_0007[];
extern const std::size_t tl_migration_0007_size;
extern const unsigned char tl_migration_0008[];
extern const std::size_t tl_migration_0008_size;
extern const unsigned char tl_migration_0009[];
extern const std::size_t tl_migration_0009_size;
extern const unsigned char tl_migration_0010[];
extern const std::size_t tl_migration_0010_size;
extern const unsigned char tl_migration_0011[];
extern const std::size_t tl_migration_0011_size;
extern const unsigned char tl_migration_0012[];
extern const std::size_t tl_migration_0012_size;
extern const unsigned char tl_migration_0013[];
extern const std::size_t tl_migration_0013_size;
extern const unsigned char tl_migration_0014[];
extern const std::size_t tl_migration_0014_size;
extern const unsigned char tl_migration_0015[];
extern const std::size_t tl_migration_0015_size;
extern const unsigned char tl_migration_0016[];
extern const std::size_t tl_migration_0016_size;
extern const unsigned char tl_migration_0017[];
extern const std::size_t tl_migration_0017_size;
extern const unsigned char tl_migration_0018[];
extern const std::size_t tl_migration_0018_size;
extern const unsigned char tl_migration_0019[];
extern const std::size_t tl_migration_0019_size;
extern const unsigned char tl_migration_0020[];
extern const std::size_t tl_migration_0020_size;
extern const unsigned char tl_migration_0021[];
extern const std::size_t tl_migration_0021_size;
extern const unsigned char tl_migration_0022[];
extern const std::size_t tl_migration_0022_size;
extern const unsigned char tl_migration_0023[];
extern const std::size_t tl_migration_0023_size;
extern const unsigned char tl_migration_0024[];
extern const std::size_t tl_migration_0024_size;
extern const unsigned char tl_migration_0025[];
extern const std::size_t tl_migration_0025_size;
extern const unsigned char tl_migration_0026[];
extern const std::size_t tl_migration_0026_size;
extern const unsigned char tl_migration_0027[];
extern const std::size_t tl_migration_0027_size;
extern const unsigned char tl_migration_0028[];
extern const std::size_t tl_migration_0028_size;
extern const unsigned char tl_migration_0029[];
extern const std::size_t tl_migration_0029_size;
extern const unsigned char tl_migration_0030[];
extern const std::size_t tl_migration_0030_size;
}

namespace tl::server::sqlite {
namespace {

std::string_view embedded(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

// Throws SQLite::Exception; the transaction rolls back when it goes out of scope.
void apply(Connection& connection, const Migration& migration, const Digest& checksum,
           std::int64_t now_ms) {
  SQLite::Transaction transaction(connection.database());
  connection.execute(std::string(migration.sql));
  connection
      .query("INSERT INTO schema_migration (version, name, checksum, applied_ms) VALUES (?,?,?,?)")
      .bind(migration.version, migration.name, checksum, now_ms)
      .run();
  transaction.commit();
}

ServerError changed(const Migration& migration) {
  return fail(ErrorKind::conflict, "migration_changed",
              "the database was migrated with another text of migration " +
                  std::to_string(migration.version) + " (" + std::string(migration.name) +
                  "); run the program version that made it, or restore a backup");
}

Outcome<void> migrate_or_throw(Connection& connection, const std::vector<Migration>& migrations,
                               std::int64_t now_ms) {
  connection.execute(
      "CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, "
      "name TEXT NOT NULL, checksum BLOB NOT NULL, applied_ms INTEGER NOT NULL)");
  const int newest = migrations.empty() ? 0 : migrations.back().version;
  int found = 0;
  {
    auto query = connection.query("SELECT coalesce(max(version), 0) FROM schema_migration");
    query.step();
    query.read(found);
  }
  if (found > newest)
    return fail(ErrorKind::conflict, "store_is_newer",
                "the database is at migration " + std::to_string(found) +
                    " but this program knows only " + std::to_string(newest) +
                    "; use the newer program, or restore a backup made before the upgrade");
  for (const Migration& migration : migrations) {
    const Digest checksum = sha256(migration.sql);
    auto query = connection.query("SELECT checksum FROM schema_migration WHERE version = ?");
    if (query.bind(migration.version).step()) {
      Digest recorded{};
      query.read(recorded);
      if (recorded != checksum) return changed(migration);
    } else {
      apply(connection, migration, checksum, now_ms);
    }
  }
  return {};
}

}  // namespace

const std::vector<Migration>& all_migrations() {
  static const std::vector<Migration> migrations = {
      {1, "line", embedded(tl_migration_0001, tl_migration_0001_size)},
      {2, "people", embedded(tl_migration_0002, tl_migration_0002_size)},
      {3, "reports", embedded(tl_migration_0003, tl_migration_0003_size)},
      {4, "dashboard", embedded(tl_migration_0004, tl_migration_0004_size)},
      {5, "privacy", embedded(tl_migration_0005, tl_migration_0005_size)},
      {6, "returned", embedded(tl_migration_0006, tl_migration_0006_size)},
      {7, "withheld_storage", embedded(tl_migration_0007, tl_migration_0007_size)},
      {8, "recent_traffic", embedded(tl_migration_0008, tl_migration_0008_size)},
      {9, "coarse_handover", embedded(tl_migration_0009, tl_migration_0009_size)},
      {10, "consent_strings", embedded(tl_migration_0010, tl_migration_0010_size)},
      {11, "contact_times", embedded(tl_migration_0011, tl_migration_0011_size)},
      {12, "ad_views", embedded(tl_migration_0012, tl_migration_0012_size)},
      {13, "storage_choices", embedded(tl_migration_0013, tl_migration_0013_size)},
      {14, "old_views", embedded(tl_migration_0014, tl_migration_0014_size)},
      {15, "withdrawn_claims", embedded(tl_migration_0015, tl_migration_0015_size)},
      {16, "transaction_ids", embedded(tl_migration_0016, tl_migration_0016_size)},
      {17, "cost_places", embedded(tl_migration_0017, tl_migration_0017_size)},
      {18, "reject_key", embedded(tl_migration_0018, tl_migration_0018_size)},
      {19, "lookup_order", embedded(tl_migration_0019, tl_migration_0019_size)},
      {20, "import_account", embedded(tl_migration_0020, tl_migration_0020_size)},
      {21, "kept_bodies", embedded(tl_migration_0021, tl_migration_0021_size)},
      {22, "apart_orders", embedded(tl_migration_0022, tl_migration_0022_size)},
      {23, "conversion_kinds", embedded(tl_migration_0023, tl_migration_0023_size)},
      {24, "hot_contacts", embedded(tl_migration_0024, tl_migration_0024_size)},
      {25, "undelivered", embedded(tl_migration_0025, tl_migration_0025_size)},
      {26, "told_amounts", embedded(tl_migration_0026, tl_migration_0026_size)},
      {27, "said_choices", embedded(tl_migration_0027, tl_migration_0027_size)},
      {28, "four_weeks", embedded(tl_migration_0028, tl_migration_0028_size)},
      {29, "delivery_accounts", embedded(tl_migration_0029, tl_migration_0029_size)},
      {30, "custom_names", embedded(tl_migration_0030, tl_migration_0030_size)},
  };
  return migrations;
}

Outcome<void> migrate(Connection& connection, const std::vector<Migration>& migrations,
                      std::int64_t now_ms) {
  try {
    return migrate_or_throw(connection, migrations, now_ms);
  } catch (const SQLite::Exception& cause) {
    return store_unavailable(cause);
  }
}

}  // namespace tl::server::sqlite
