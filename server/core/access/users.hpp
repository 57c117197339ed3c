// SPDX-License-Identifier: Apache-2.0
// Dashboard accounts: who somebody is (password, login), and what they may do on which site (role).
// A login is 32 random bytes that only the browser keeps; it ends after 12 idle hours, after 7
// days, at logout and when the password changes. Thread-safe.
#pragma once

#include "server/core/access/login_throttle.hpp"
#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/ports/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

const char* role_name(Role role);
std::optional<Role> parse_role(std::string_view name);
// Trimmed and in lower case. Errors: invalid (bad_email).
Outcome<std::string> canonical_email(std::string_view text);
// An address as the log keeps it: IPv4 without its last byte, IPv6 its first 48 bits.
std::string truncated_address(std::string_view address);

struct LoggedIn {
  UserRow user;
  std::vector<UserSiteRow> sites;
  std::string token;  // the cookie's value
};

class Users {
 public:
  Users(Store& store, const Clock& clock, Entropy& entropy, const SecretBox& box);

  // Errors: limited (too_many_logins), unauthenticated (wrong_login): the same, and as slow, for an
  // unknown account as for a wrong password.
  Outcome<LoggedIn> login(std::string_view email, std::string_view password,
                          std::string_view address);
  Outcome<void> logout(std::string_view token);
  // Who is logged in with this token; none when it is unknown or over.
  Outcome<std::optional<LoggedIn>> find(std::string_view token);
  // What a page must send along with everything but a GET: bound to the login.
  [[nodiscard]] std::string csrf_of(std::string_view token) const;
  [[nodiscard]] bool is_csrf(std::string_view token, std::string_view csrf) const;

  // Ends every other login of the user. Errors: unauthenticated (wrong_login), invalid
  // (weak_password), limited (too_many_logins).
  Outcome<void> change_password(const LoggedIn& who, std::string_view current,
                                std::string_view wanted, std::string_view address);

 private:
  Store& store_;
  const Clock& clock_;
  Entropy& entropy_;
  Digest csrf_key_;
  std::string nobodys_password_;  // what unknown accounts are compared with
  LoginThrottle throttle_;
};

// Finds or makes the account of a canonical e-mail. With a password (hashed before the transaction,
// it takes long): sets it and ends every login. Errors: invalid (missing_password): new, without.
Outcome<UserRow> put_user(Tables& tables, const std::string& email,
                          const std::optional<std::string>& password_hash, std::int64_t now_ms);

}  // namespace tl::server
