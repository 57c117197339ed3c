// SPDX-License-Identifier: Apache-2.0
// An owner of one site gives and takes access to it. The account itself may serve other sites too,
// so nobody sets another person's existing password here; that is the command line's.

#include "server/http/users_handler.hpp"

#include "server/core/access/password.hpp"
#include "server/core/access/users.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson user_item(const UserRow& user, Role role) {
  return {{"id", user.id},
          {"email", user.email},
          {"role", role_name(role)},
          {"created_at", write_rfc3339(user.created_ms)}};
}

Outcome<Reply> list_users(const UserRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "admin"));
  OrderedJson items = OrderedJson::array();
  TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
    items = OrderedJson::array();
    TL_TRY(roles, tables.users().users_of(site_id));
    for (const auto& row : roles) {
      TL_TRY(user, tables.users().find_user(row.user_id));
      if (user) items.push_back(user_item(*user, row.role));
    }
    return {};
  }));
  return answer_list(std::move(items), std::nullopt);
}

// A site always keeps an owner.
Outcome<void> check_owner_stays(UserStore& users, const std::string& site_id,
                                std::int64_t user_id) {
  TL_TRY(rows, users.users_of(site_id));
  const auto is_owner = [](const auto& row) { return row.role == Role::owner; };
  const bool is_other = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
    return is_owner(row) && row.user_id != user_id;
  });
  const bool was_owner = std::any_of(rows.begin(), rows.end(), [&](const auto& row) {
    return is_owner(row) && row.user_id == user_id;
  });
  if (!was_owner || is_other) return {};
  return fail(ErrorKind::conflict, "last_owner",
              "This is the site's last owner; make another one first.");
}

Outcome<Reply> add_user(const UserRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "admin"));
  TL_TRY(body, read_json_object(request.body));
  TL_TRY(email, canonical_email(text_at(body, "email")));
  const auto role = parse_role(text_at(body, "role"));
  if (!role) return invalid("bad_role", "role is owner, analyst or viewer.");
  const auto password = text_at(body, "password");
  std::optional<std::string> hash;
  if (!password.empty()) {
    TL_CHECK(check_new_password(password));
    hash = hash_password(password, parts.entropy);
  }
  OrderedJson item;
  const auto done = parts.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(known, tables.users().find_user(email));
    // Known: keeps the password.
    TL_TRY(user, put_user(tables, email, known ? std::nullopt : hash, parts.clock.now_ms()));
    if (*role != Role::owner) TL_CHECK(check_owner_stays(tables.users(), site_id, user.id));
    item = user_item(user, *role);
    return tables.users().put_role({site_id, user.id, *role});
  });
  TL_CHECK(done);
  return answer_json(200, item);
}

Outcome<Reply> remove_user(const UserRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "admin"));
  std::int64_t id = 0;
  const auto param = request.params.find("id");
  if (param == request.params.end() || !parse_decimal(param->second, id))
    return invalid("bad_id", "the id in the path must be a user's number");
  const auto done = parts.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(rows, tables.users().users_of(site_id));
    if (std::none_of(rows.begin(), rows.end(), [&](const auto& row) { return row.user_id == id; }))
      return fail(ErrorKind::not_found, "unknown_user", "this site has no user of that number");
    TL_CHECK(check_owner_stays(tables.users(), site_id, id));
    return tables.users().delete_role(site_id, id);
  });
  TL_CHECK(done);
  return answer_json(200, {{"done", true}});
}

Outcome<Reply> list_audit(const UserRouteParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "admin"));
  TL_TRY(query, read_list_request(request, site_id, parts.find_site));
  OrderedJson items = OrderedJson::array();
  std::optional<std::string> next_cursor;
  TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
    items = OrderedJson::array();
    TL_TRY(page, tables.users().list_audit(query));
    for (const auto& row : page.items)
      items.push_back({{"id", row.id},
                       {"t", write_rfc3339(row.t_ms)},
                       {"actor", row.actor},
                       {"action", row.action},
                       {"detail", row.detail},
                       {"address", row.address}});
    next_cursor = page.next_cursor;
    return {};
  }));
  return answer_list(std::move(items), next_cursor);
}

}  // namespace

std::vector<Route> users_routes(const UserRouteParts& parts) {
  using Show = Outcome<Reply> (*)(const UserRouteParts&, const Request&);
  const auto route = [&parts](const char* method, const char* pattern, const char* summary,
                              Show show, const char* audit_action = "") {
    Route made;
    made.method = method;
    made.pattern = pattern;
    made.summary = summary;
    made.max_body = 8 * 1024;
    made.audit_action = audit_action;
    made.handler = [parts, show](const Request& request) {
      auto reply = show(parts, request);
      return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
    };
    return made;
  };
  return {route("GET", "/api/users", "The people who may use a site", list_users),
          route("POST", "/api/users", "Gives a person a role on a site", add_user, "user_changed"),
          route("DELETE", "/api/users/{id}", "Takes a person's access to a site", remove_user,
                "user_removed"),
          route("GET", "/api/audit-log", "Who did what, newest first", list_audit)};
}

}  // namespace tl::server::http
