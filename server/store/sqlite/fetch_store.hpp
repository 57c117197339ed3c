// SPDX-License-Identifier: Apache-2.0
// FetchStore on SQLite.
#pragma once

#include "server/core/ports/fetch_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteFetchStore : public FetchStore {
 public:
  explicit SqliteFetchStore(Connection& connection) : connection_(connection) {}

  Outcome<std::optional<ImportMark>> find_import(std::string_view site_id,
                                                 std::string_view provider) override;
  Outcome<void> put_import(const ImportMark& mark) override;
  Outcome<void> remove_import(std::string_view site_id, std::string_view provider) override;
  Outcome<void> ask(const LookupRow& lookup) override;
  Outcome<std::int64_t> count_lookups(std::string_view site_id, std::string_view provider,
                                      bool is_proven, std::int64_t asked_since_ms) override;
  Outcome<std::vector<LookupRow>> due_lookups(std::string_view site_id, std::string_view provider,
                                              std::int64_t now_ms, std::uint32_t limit) override;
  Outcome<void> put_off(const LookupRow& lookup) override;
  Outcome<void> remove_lookup(const LookupRow& lookup) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
