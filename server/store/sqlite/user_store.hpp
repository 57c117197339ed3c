// SPDX-License-Identifier: Apache-2.0
// UserStore on SQLite.
#pragma once

#include "server/core/ports/user_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteUserStore : public UserStore {
 public:
  explicit SqliteUserStore(Connection& connection) : connection_(connection) {}

  Outcome<std::optional<UserRow>> find_user(std::string_view email) override;
  Outcome<std::optional<UserRow>> find_user(std::int64_t id) override;
  Outcome<std::vector<UserRow>> list_users() override;
  Outcome<std::int64_t> put_user(const UserRow& user) override;

  Outcome<std::vector<UserSiteRow>> sites_of(std::int64_t user_id) override;
  Outcome<std::vector<UserSiteRow>> users_of(std::string_view site_id) override;
  Outcome<void> put_role(const UserSiteRow& role) override;
  Outcome<void> delete_role(std::string_view site_id, std::int64_t user_id) override;

  Outcome<std::optional<LoginSessionRow>> find_login(const Digest& hash) override;
  Outcome<void> put_login(const LoginSessionRow& login) override;
  Outcome<void> delete_login(const Digest& hash) override;
  Outcome<void> delete_logins_of(std::int64_t user_id, const Digest* except) override;
  Outcome<void> delete_old_logins(std::int64_t last_before_ms,
                                  std::int64_t created_before_ms) override;

  Outcome<void> append_audit(const AuditRow& row) override;
  Outcome<Page<AuditRow>> list_audit(const ListQuery& query) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
