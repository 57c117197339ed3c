// SPDX-License-Identifier: Apache-2.0
// Who asks, and for which site. Servers send `Authorization: Bearer tlsk_<id>_<secret>`, or the key
// in the header in which other trackers take theirs: the site
// comes from the key, a `site` in the request may only repeat it; a key that was just made works at
// once, a revoked one stops within a second. People send the dashboard's cookie: they name the
// site, their role there decides, and everything but a GET needs the X-CSRF-Token of their login.
// Thread-safe.
//
//   scope    key's scope   role       for
//   read     read          viewer     reading
//   write    write         -          stating facts and money: servers only
//   manage   write         analyst    costs, the site's model, retries and replays
//   admin    admin         owner      users, the audit log
#pragma once

#include "server/core/access/users.hpp"
#include "server/core/clock.hpp"
#include "server/core/ports/store.hpp"
#include "server/http/exchange.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace tl::server::http {

inline constexpr std::string_view kLoginCookie = "tl_dashboard";

// The dashboard login of a request. Errors: unauthenticated (missing_login, login_over), forbidden
// (bad_csrf_token): not a GET, and without the login's token.
Outcome<LoggedIn> login_of(Users& users, const Request& request);

// The key in the headers of other trackers, X-Throughline-Key or X-Aurea-API-Key: a write key or a
// secret one; "" for none.
std::string_view key_in_header(const Request& request);
// The secret key: as "Authorization: Bearer", else in one of those headers; "" for none.
std::string_view secret_key_in(const Request& request);

// The site that a body names, "" for none, may only repeat the key's. Errors: forbidden
// (wrong_site).
Outcome<void> check_body_site(std::string_view named, std::string_view site_id);

class Authorisation {
 public:
  Authorisation(Store& store, const Clock& clock, Users& users)
      : store_(store), clock_(clock), users_(users) {}

  struct Caller {
    std::string site_id;
    std::string actor;  // as the audit log names it: key:<id> or an e-mail
  };
  // Errors: unauthenticated (missing_key, bad_key, login_over), forbidden (missing_scope,
  // wrong_site, missing_role, bad_csrf_token), invalid (missing_site), unavailable.
  Outcome<Caller> identify(const Request& request, std::string_view scope);
  Outcome<std::string> authorise(const Request& request, std::string_view scope);
  // Writes who did this, to the audit log. For requests that were allowed; a store that cannot
  // write has refused them already.
  void audit(const Request& request, const std::string& action);

 private:
  struct Known {
    ApiKeyRow row;
    std::int64_t until_ms = 0;
  };
  Outcome<ApiKeyRow> find(const std::string& id);
  Outcome<Caller> by_key(const Request& request, std::string_view scope);
  Outcome<Caller> by_login(const Request& request, std::string_view scope);

  Store& store_;
  const Clock& clock_;
  Users& users_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;  // found ones only
};

}  // namespace tl::server::http
