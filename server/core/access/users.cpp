// SPDX-License-Identifier: Apache-2.0

#include "server/core/access/users.hpp"

#include "server/core/access/password.hpp"
#include "server/core/durations.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::int64_t kIdleMs = 12 * kHourMs, kLongestMs = 7 * kDayMs;
constexpr std::size_t kTokenBytes = 32;

ServerError wrong_login() {
  return fail(ErrorKind::unauthenticated, "wrong_login",
              "This e-mail and password do not belong together. Forgotten? On the server: "
              "throughline user passwd --email YOU.");
}

// Told to every site of the user.
Outcome<void> audit_everywhere(UserStore& users, std::int64_t user_id, AuditRow row) {
  TL_TRY(sites, users.sites_of(user_id));
  for (const auto& site : sites) {
    row.site_id = site.site_id;
    TL_CHECK(users.append_audit(row));
  }
  return {};
}

}  // namespace

const char* role_name(Role role) {
  switch (role) {
    case Role::owner:
      return "owner";
    case Role::analyst:
      return "analyst";
    case Role::viewer:
      break;
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view name) {
  for (const auto role : {Role::viewer, Role::analyst, Role::owner})
    if (name == role_name(role)) return role;
  return std::nullopt;
}

Outcome<std::string> canonical_email(std::string_view text) {
  std::string email(trim(text));
  for (auto& c : email) c = ascii_lower(c);
  const auto at = email.find('@');
  const bool is_sane = std::all_of(email.begin(), email.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
  });
  if (is_sane && at != std::string::npos && at > 0 && at + 1 < email.size() && email.size() <= 254)
    return email;
  return invalid("bad_email", "An account is named by an e-mail address of up to 254 characters.");
}

std::string truncated_address(std::string_view address) {
  if (const auto dot = address.rfind('.'); dot != std::string_view::npos)
    return std::string(address.substr(0, dot)) + ".0";
  std::size_t end = 0;
  for (int groups = 0; groups < 3 && end != std::string_view::npos; ++groups)
    end = address.find(':', end == 0 ? 0 : end + 1);
  return end == std::string_view::npos ? std::string(address)
                                       : std::string(address.substr(0, end)) + "::";
}

Users::Users(Store& store, const Clock& clock, Entropy& entropy, const SecretBox& box)
    : store_(store),
      clock_(clock),
      entropy_(entropy),
      csrf_key_(box.derive("dashboard-csrf")),
      nobodys_password_(nobodys_password()) {}

Outcome<LoggedIn> Users::login(std::string_view email, std::string_view password,
                               std::string_view address) {
  const auto now = clock_.now_ms();
  const auto canonical = canonical_email(email);
  const std::string account =
      canonical.ok() ? canonical.value() : std::string(email.substr(0, 254));
  if (const auto wait = throttle_.take(account, address, now); wait > 0)
    return ServerError{ErrorKind::limited, "too_many_logins",
                       "Too many failed logins for this account or from this address; wait.", wait};
  LoggedIn who;
  bool is_known = false;
  TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.users().find_user(account));
    is_known = found.has_value();
    if (found) who.user = std::move(*found);
    return {};
  }));
  const bool is_right = is_password(password, is_known ? who.user.password : nobodys_password_);
  AuditRow audit{0, "", now, account, "login", "", truncated_address(address)};
  if (!is_known || !is_right) {
    audit.action = "login_failed";
    // Written for unknown accounts too, so that both take as long; what was typed is not kept.
    if (!is_known) audit.actor = "unknown";
    TL_CHECK(store_.write([&](Tables& tables) {
      return is_known ? audit_everywhere(tables.users(), who.user.id, audit)
                      : tables.users().append_audit(audit);
    }));
    return wrong_login();
  }
  throttle_.succeeded(account, address);

  std::array<std::uint8_t, kTokenBytes> bytes{};
  entropy_.fill(bytes.data(), bytes.size());
  who.token = to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const auto kept = store_.write([&](Tables& tables) -> Outcome<void> {
    auto& users = tables.users();
    TL_CHECK(users.delete_old_logins(now - kIdleMs, now - kLongestMs));
    TL_CHECK(users.put_login({sha256(who.token), who.user.id, now, now}));
    TL_TRY(sites, users.sites_of(who.user.id));
    who.sites = std::move(sites);
    return audit_everywhere(users, who.user.id, audit);
  });
  TL_CHECK(kept);
  return who;
}

Outcome<void> Users::logout(std::string_view token) {
  return store_.write([&](Tables& tables) { return tables.users().delete_login(sha256(token)); });
}

Outcome<std::optional<LoggedIn>> Users::find(std::string_view token) {
  const auto now = clock_.now_ms();
  std::optional<LoggedIn> who;
  LoginSessionRow login;
  TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
    who.reset();
    auto& users = tables.users();
    TL_TRY(found, users.find_login(sha256(token)));
    if (!found || now - found->last_ms >= kIdleMs || now - found->created_ms >= kLongestMs)
      return {};
    TL_TRY(user, users.find_user(found->user_id));
    if (!user) return {};
    TL_TRY(sites, users.sites_of(user->id));
    login = *found;
    who = LoggedIn{std::move(*user), std::move(sites), std::string(token)};
    return {};
  }));
  // Not at every request: a page asks many things at once.
  if (who && now - login.last_ms >= kMinuteMs) {
    login.last_ms = now;
    TL_CHECK(store_.write([&](Tables& tables) -> Outcome<void> {
      // Somebody may have logged out in between.
      TL_TRY(still, tables.users().find_login(login.hash));
      return still ? tables.users().put_login(login) : Outcome<void>();
    }));
  }
  return who;
}

std::string Users::csrf_of(std::string_view token) const {
  return to_base64url(view_of(hmac_sha256(view_of(csrf_key_), token)));
}

bool Users::is_csrf(std::string_view token, std::string_view csrf) const {
  return equal_in_constant_time(csrf_of(token), csrf);
}

Outcome<void> Users::change_password(const LoggedIn& who, std::string_view current,
                                     std::string_view wanted, std::string_view address) {
  const auto now = clock_.now_ms();
  TL_CHECK(check_new_password(wanted));
  if (const auto wait = throttle_.take(who.user.email, address, now); wait > 0)
    return ServerError{ErrorKind::limited, "too_many_logins",
                       "Too many wrong passwords for this account or from this address; wait.",
                       wait};
  if (!is_password(current, who.user.password))
    return fail(ErrorKind::forbidden, "wrong_password", "The current password is another one.");
  throttle_.succeeded(who.user.email, address);
  auto user = who.user;
  user.password = hash_password(wanted, entropy_);
  user.password_changed_ms = now;
  const auto kept = sha256(who.token);
  return store_.write([&](Tables& tables) -> Outcome<void> {
    auto& users = tables.users();
    TL_CHECK(users.put_user(user));
    TL_CHECK(users.delete_logins_of(user.id, &kept));
    return audit_everywhere(
        users, user.id,
        {0, "", now, user.email, "password_changed", "", truncated_address(address)});
  });
}

Outcome<UserRow> put_user(Tables& tables, const std::string& email,
                          const std::optional<std::string>& password_hash, std::int64_t now_ms) {
  TL_TRY(found, tables.users().find_user(email));
  if (!found && !password_hash)
    return invalid("missing_password", email + " is new and needs a first password.");
  UserRow user = found ? std::move(*found) : UserRow{0, email, "", now_ms, now_ms};
  if (!password_hash) return user;
  user.password = *password_hash;
  user.password_changed_ms = now_ms;
  TL_TRY(id, tables.users().put_user(user));
  user.id = id;
  TL_CHECK(tables.users().delete_logins_of(id, nullptr));
  return user;
}

}  // namespace tl::server
