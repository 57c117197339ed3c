// SPDX-License-Identifier: Apache-2.0
// The id finds the row, the hash of the whole key is compared in constant time. Rows are remembered
// for a second; unknown ids never, or a new key would not work at once.

#include "server/http/authorisation.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/access/secret_key.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

constexpr std::int64_t kRememberMs = 1000;
constexpr std::size_t kMaxRemembered = 1024;

std::string_view as_text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool has_scope(std::string_view scopes, std::string_view wanted) {
  if (wanted == "manage") wanted = "write";
  while (!scopes.empty()) {
    const auto comma = scopes.find(',');
    const auto scope = trim(scopes.substr(0, comma));
    if (scope == wanted || scope == "admin") return true;
    scopes = comma == std::string_view::npos ? std::string_view{} : scopes.substr(comma + 1);
  }
  return false;
}

// The least role that has the scope; none when no person has it.
std::optional<Role> role_for(std::string_view scope) {
  if (scope == "read") return Role::viewer;
  if (scope == "manage") return Role::analyst;
  if (scope == "admin") return Role::owner;
  return std::nullopt;
}

// The site that the request names, in its path or its query; "" when it names none. Errors:
// forbidden (wrong_site): two different ones.
Outcome<std::string> named_site(const Request& request) {
  const auto asked = request.query_value("site");
  const auto param = request.params.find("site");
  if (param == request.params.end()) return std::string(asked);
  if (!asked.empty() && asked != param->second)
    return fail(ErrorKind::forbidden, "wrong_site", "The path and the query name different sites.");
  return param->second;
}

}  // namespace

std::string_view key_in_header(const Request& request) {
  const auto key = request.header("x-throughline-key");
  return key.empty() ? request.header("x-aurea-api-key") : key;
}

std::string_view secret_key_in(const Request& request) {
  const auto header = request.header("authorization");
  constexpr std::string_view kBearer = "bearer ";
  if (header.size() > kBearer.size() &&
      equals_ignoring_case(header.substr(0, kBearer.size()), kBearer))
    return trim(header.substr(kBearer.size()));
  const auto key = header.empty() ? key_in_header(request) : std::string_view();
  return key.starts_with("tlsk_") ? key : std::string_view();
}

Outcome<void> check_body_site(std::string_view named, std::string_view site_id) {
  if (named.empty() || named == site_id) return {};
  return fail(ErrorKind::forbidden, "wrong_site",
              "This key belongs to another site than the one in the body.");
}

Outcome<LoggedIn> login_of(Users& users, const Request& request) {
  const auto token = request.cookie(kLoginCookie);
  if (token.empty())
    return fail(ErrorKind::unauthenticated, "missing_login", "Log in at /dashboard first.");
  TL_TRY(who, users.find(token));
  if (!who)
    return fail(ErrorKind::unauthenticated, "login_over",
                "This login has ended; log in at /dashboard again.");
  if (request.method != "GET" && request.method != "HEAD" &&
      !users.is_csrf(token, request.header("x-csrf-token")))
    return fail(ErrorKind::forbidden, "bad_csrf_token",
                "Send the csrf value of GET /api/me as X-CSRF-Token.");
  return std::move(*who);
}

Outcome<ApiKeyRow> Authorisation::find(const std::string& id) {
  const auto now = clock_.now_ms();
  {
    const std::lock_guard lock(mutex_);
    const auto entry = known_.find(id);
    if (entry != known_.end() && now < entry->second.until_ms &&
        now + kRememberMs >= entry->second.until_ms)
      return entry->second.row;
  }
  std::optional<ApiKeyRow> row;
  TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.operations().find_key(id));
    row = std::move(found);
    return {};
  }));
  if (!row)
    return fail(ErrorKind::unauthenticated, "bad_key",
                "This secret key is not known; make one with: throughline key add.");
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxRemembered) known_.clear();
  known_[id] = {*row, now + kRememberMs};
  return *row;
}

Outcome<std::string> Authorisation::authorise(const Request& request, std::string_view scope) {
  TL_TRY(caller, identify(request, scope));
  return std::move(caller.site_id);
}

Outcome<Authorisation::Caller> Authorisation::identify(const Request& request,
                                                       std::string_view scope) {
  const bool is_person = request.header("authorization").empty() &&
                         secret_key_in(request).empty() && !request.cookie(kLoginCookie).empty();
  return is_person ? by_login(request, scope) : by_key(request, scope);
}

void Authorisation::audit(const Request& request, const std::string& action) {
  const auto caller = identify(request, "read");
  if (!caller.ok()) return;
  const AuditRow row{0,
                     caller.value().site_id,
                     clock_.now_ms(),
                     caller.value().actor,
                     action,
                     request.method + " " + request.path.substr(0, 200),
                     truncated_address(request.client_ip)};
  static_cast<void>(store_.write([&](Tables& tables) { return tables.users().append_audit(row); }));
}

Outcome<Authorisation::Caller> Authorisation::by_login(const Request& request,
                                                       std::string_view scope) {
  TL_TRY(who, login_of(users_, request));
  TL_TRY(site, named_site(request));
  if (site.empty()) return invalid("missing_site", "Name the site: add ?site=ID.");
  const auto role = std::find_if(who.sites.begin(), who.sites.end(),
                                 [&](const auto& row) { return row.site_id == site; });
  if (role == who.sites.end())
    return fail(ErrorKind::forbidden, "wrong_site", "Your account has no access to this site.");
  const auto needed = role_for(scope);
  if (!needed)
    return fail(ErrorKind::forbidden, "missing_role",
                "Only servers do this, with a secret key as \"Authorization: Bearer tlsk_…\".");
  if (role->role < *needed)
    return fail(ErrorKind::forbidden, "missing_role",
                std::string("This needs the role ") + role_name(*needed) + "; yours here is " +
                    role_name(role->role) + ".");
  return Caller{site, who.user.email};
}

Outcome<Authorisation::Caller> Authorisation::by_key(const Request& request,
                                                     std::string_view scope) {
  const auto text = secret_key_in(request);
  if (text.empty())
    return fail(ErrorKind::unauthenticated, "missing_key",
                "Send a secret key as \"Authorization: Bearer tlsk_…\"; make one with: throughline "
                "key add.");
  const auto key = parse_secret_key(text);
  const auto unknown = fail(ErrorKind::unauthenticated, "bad_key",
                            "This secret key is not known, mistyped or revoked; make one with: "
                            "throughline key add.");
  if (!key) return unknown;
  TL_TRY(row, find(key->id));
  if (!equal_in_constant_time(as_text(row.hash), as_text(key->hash)) || row.revoked_ms)
    return unknown;
  if (!has_scope(row.scopes, scope)) {
    const std::string needed(scope == "manage" ? "write" : scope);
    return fail(ErrorKind::forbidden, "missing_scope",
                "This key has no " + needed +
                    " scope; make one with: throughline key add --scopes " + needed + ".");
  }
  TL_TRY(site, named_site(request));
  if (!site.empty() && site != row.site_id)
    return fail(ErrorKind::forbidden, "wrong_site",
                "This key belongs to another site than the one asked for.");
  return Caller{row.site_id, "key:" + row.id};
}

}  // namespace tl::server::http
