// SPDX-License-Identifier: Apache-2.0
// Plain rows; what they mean is in server/core/access/users.hpp.

#include "server/store/sqlite/user_store.hpp"

#include "server/store/sqlite/page.hpp"

namespace tl::server::sqlite {
namespace {

#define TL_USER_COLUMNS "id, email, password, created_ms, password_changed_ms"

UserRow read_user(Query& query) {
  UserRow user;
  query.read(user.id, user.email, user.password, user.created_ms, user.password_changed_ms);
  return user;
}

UserSiteRow read_role(Query& query) {
  UserSiteRow role;
  query.read(role.site_id, role.user_id, role.role);
  return role;
}

}  // namespace

Outcome<std::optional<UserRow>> SqliteUserStore::find_user(std::string_view email) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_USER_COLUMNS " FROM user_account WHERE email = ?");
    query.bind(email);
    return first_row<UserRow>(query, read_user);
  });
}

Outcome<std::optional<UserRow>> SqliteUserStore::find_user(std::int64_t id) {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_USER_COLUMNS " FROM user_account WHERE id = ?");
    query.bind(id);
    return first_row<UserRow>(query, read_user);
  });
}

Outcome<std::vector<UserRow>> SqliteUserStore::list_users() {
  return attempt([&] {
    auto query = connection_.query("SELECT " TL_USER_COLUMNS " FROM user_account ORDER BY email");
    return all_rows<UserRow>(query, read_user);
  });
}

Outcome<std::int64_t> SqliteUserStore::put_user(const UserRow& user) {
  return attempt([&]() -> std::int64_t {
    if (user.id != 0) {
      connection_
          .query("UPDATE user_account SET password = ?, password_changed_ms = ? WHERE id = ?")
          .bind(user.password, user.password_changed_ms, user.id)
          .run();
      return user.id;
    }
    connection_
        .query(
            "INSERT INTO user_account (email, password, created_ms, password_changed_ms) "
            "VALUES (?,?,?,?)")
        .bind(user.email, user.password, user.created_ms, user.password_changed_ms)
        .run();
    return connection_.last_rowid();
  });
}

Outcome<std::vector<UserSiteRow>> SqliteUserStore::sites_of(std::int64_t user_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT site_id, user_id, role FROM user_site WHERE user_id = ? ORDER BY site_id");
    query.bind(user_id);
    return all_rows<UserSiteRow>(query, read_role);
  });
}

Outcome<std::vector<UserSiteRow>> SqliteUserStore::users_of(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT site_id, user_id, role FROM user_site WHERE site_id = ? ORDER BY user_id");
    query.bind(site_id);
    return all_rows<UserSiteRow>(query, read_role);
  });
}

Outcome<void> SqliteUserStore::put_role(const UserSiteRow& role) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO user_site (site_id, user_id, role) VALUES (?,?,?) "
            "ON CONFLICT DO UPDATE SET role = excluded.role")
        .bind(role.site_id, role.user_id, role.role)
        .run();
  });
}

Outcome<void> SqliteUserStore::delete_role(std::string_view site_id, std::int64_t user_id) {
  return attempt([&] {
    connection_.query("DELETE FROM user_site WHERE site_id = ? AND user_id = ?")
        .bind(site_id, user_id)
        .run();
  });
}

Outcome<std::optional<LoginSessionRow>> SqliteUserStore::find_login(const Digest& hash) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT hash, user_id, created_ms, last_ms FROM login_session WHERE hash = ?");
    query.bind(hash);
    return first_row<LoginSessionRow>(query, [](Query& row) {
      LoginSessionRow login;
      row.read(login.hash, login.user_id, login.created_ms, login.last_ms);
      return login;
    });
  });
}

Outcome<void> SqliteUserStore::put_login(const LoginSessionRow& login) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO login_session (hash, user_id, created_ms, last_ms) VALUES (?,?,?,?) "
            "ON CONFLICT DO UPDATE SET last_ms = max(last_ms, excluded.last_ms)")
        .bind(login.hash, login.user_id, login.created_ms, login.last_ms)
        .run();
  });
}

Outcome<void> SqliteUserStore::delete_login(const Digest& hash) {
  return attempt(
      [&] { connection_.query("DELETE FROM login_session WHERE hash = ?").bind(hash).run(); });
}

Outcome<void> SqliteUserStore::delete_logins_of(std::int64_t user_id, const Digest* except) {
  return attempt([&] {
    const Digest kept = except != nullptr ? *except : Digest{};
    connection_.query("DELETE FROM login_session WHERE user_id = ? AND hash <> ?")
        .bind(user_id, kept)
        .run();
  });
}

Outcome<void> SqliteUserStore::delete_old_logins(std::int64_t last_before_ms,
                                                 std::int64_t created_before_ms) {
  return attempt([&] {
    connection_.query("DELETE FROM login_session WHERE last_ms < ? OR created_ms < ?")
        .bind(last_before_ms, created_before_ms)
        .run();
  });
}

Outcome<void> SqliteUserStore::append_audit(const AuditRow& row) {
  return attempt([&] {
    connection_
        .query(
            "INSERT INTO audit_log (site_id, t_ms, actor, action, detail, address) "
            "VALUES (?,?,?,?,?,?)")
        .bind(row.site_id, row.t_ms, row.actor, row.action, row.detail, row.address)
        .run();
  });
}

Outcome<Page<AuditRow>> SqliteUserStore::list_audit(const ListQuery& list) {
  TL_TRY(range, page_range(list));
  return attempt([&] {
    auto query = connection_.query(
        "SELECT id, site_id, t_ms, actor, action, detail, address FROM audit_log "
        "WHERE site_id = ? AND t_ms >= ? AND t_ms < ? AND (t_ms, id) < (?, ?) "
        "ORDER BY t_ms DESC, id DESC LIMIT ?");
    query.bind(list.site_id, range.from_ms, range.to_ms, range.before.t_ms,
               row_number(range.before), range.limit + 1);
    auto rows = all_rows<AuditRow>(query, [](Query& row) {
      AuditRow entry;
      row.read(entry.id, entry.site_id, entry.t_ms, entry.actor, entry.action, entry.detail,
               entry.address);
      return entry;
    });
    return cut_page(std::move(rows), range.limit,
                    [](const AuditRow& row) { return position(row.t_ms, row.id); });
  });
}

}  // namespace tl::server::sqlite
