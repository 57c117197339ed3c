// SPDX-License-Identifier: Apache-2.0
// Dashboard users, their roles, their logins, and the audit log.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// Each may do what the ones below may. Stored as numbers.
enum class Role : std::uint8_t {
  viewer = 1,   // reads
  analyst = 2,  // also costs, the site's model, retries
  owner = 3     // also users and the audit log
};

struct UserRow {
  std::int64_t id = 0;  // 0: not stored yet
  std::string email;    // canonical: trimmed, lower case
  std::string password;
  std::int64_t created_ms = 0, password_changed_ms = 0;
};

struct UserSiteRow {
  std::string site_id;
  std::int64_t user_id = 0;
  Role role = Role::viewer;
};

struct LoginSessionRow {
  Digest hash{};
  std::int64_t user_id = 0, created_ms = 0, last_ms = 0;
};

struct AuditRow {
  std::int64_t id = 0;
  std::string site_id;
  std::int64_t t_ms = 0;
  std::string actor, action, detail, address;
};

class UserStore {
 public:
  virtual ~UserStore() = default;

  virtual Outcome<std::optional<UserRow>> find_user(std::string_view email) = 0;
  virtual Outcome<std::optional<UserRow>> find_user(std::int64_t id) = 0;
  virtual Outcome<std::vector<UserRow>> list_users() = 0;
  virtual Outcome<std::int64_t> put_user(const UserRow& user) = 0;  // its id

  virtual Outcome<std::vector<UserSiteRow>> sites_of(std::int64_t user_id) = 0;
  virtual Outcome<std::vector<UserSiteRow>> users_of(std::string_view site_id) = 0;
  virtual Outcome<void> put_role(const UserSiteRow& role) = 0;
  virtual Outcome<void> delete_role(std::string_view site_id, std::int64_t user_id) = 0;

  virtual Outcome<std::optional<LoginSessionRow>> find_login(const Digest& hash) = 0;
  virtual Outcome<void> put_login(const LoginSessionRow& login) = 0;
  virtual Outcome<void> delete_login(const Digest& hash) = 0;
  virtual Outcome<void> delete_logins_of(std::int64_t user_id, const Digest* except) = 0;
  // Logins last used or begun before these times.
  virtual Outcome<void> delete_old_logins(std::int64_t last_before_ms,
                                          std::int64_t created_before_ms) = 0;

  virtual Outcome<void> append_audit(const AuditRow& row) = 0;
  virtual Outcome<Page<AuditRow>> list_audit(const ListQuery& query) = 0;
};

}  // namespace tl::server
