// SPDX-License-Identifier: Apache-2.0
// OperationsStore on SQLite: rejects, totals, API keys.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/ports/operations_store.hpp"
#include "server/store/sqlite/connection.hpp"
#include "server/store/sqlite/group_sums.hpp"

namespace tl::server::sqlite {

class SqliteOperationsStore : public OperationsStore {
 public:
  SqliteOperationsStore(Connection& connection, const SecretBox& box, GroupSums& sums)
      : connection_(connection), box_(box), sums_(sums) {}

  Outcome<std::int64_t> insert_reject(const RejectRow& reject) override;
  Outcome<std::optional<RejectRow>> find_reject(std::string_view site_id, std::int64_t id) override;
  Outcome<Page<RejectRow>> list_rejects(const ListQuery& query) override;
  Outcome<void> mark_replayed(std::int64_t id, std::int64_t t_ms, std::string_view result) override;
  Outcome<void> delete_reject(std::string_view site_id, std::int64_t id) override;
  Outcome<void> delete_old_rejects(std::int64_t before_ms) override;

  Outcome<void> count(std::string_view site_id, std::string_view name, std::int64_t delta) override;
  Outcome<std::vector<CounterTotal>> counters() override;

  Outcome<void> put_key(const ApiKeyRow& key) override;
  Outcome<std::optional<ApiKeyRow>> find_key(std::string_view id) override;
  Outcome<std::vector<ApiKeyRow>> list_keys(std::string_view site_id) override;

 private:
  Connection& connection_;
  const SecretBox& box_;
  GroupSums& sums_;
};

}  // namespace tl::server::sqlite
