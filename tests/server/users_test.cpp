// SPDX-License-Identifier: Apache-2.0
// Accounts without HTTP: passwords at rest, throttling, logins and how they end.

#include "server/core/access/users.hpp"

#include "server/core/access/password.hpp"
#include "tests/server/support.hpp"

using namespace tl::server;
using namespace tl::server::test;

namespace {

// What is tested here is not how long a hash takes.
constexpr PasswordCosts kCheap{1, 1, 1};

struct Accounts {
  Accounts() : users(*store, store.clock, store.entropy, store.box) {
    const auto hash = hash_password(kPassword, store.entropy, kCheap);
    store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(user, put_user(tables, "a@film.example", hash, kNow));
      TL_CHECK(tables.users().put_role({"demo", user.id, Role::analyst}));
      return {};
    });
  }
  std::string code_of_login(const char* email, const char* password,
                            const char* address = "192.0.2.7") {
    const auto outcome = users.login(email, password, address);
    return outcome.ok() ? "ok" : outcome.error().code;
  }
  bool is_in(const std::string& token) { return value_of(users.find(token)).has_value(); }

  TempStore store;
  Users users;
};

}  // namespace

TEST_CASE("a password is known again by its own hash alone", "[users]") {
  FakeEntropy entropy;
  const auto stored = hash_password(kPassword, entropy);
  CHECK(stored.starts_with("scrypt$15$8$3$"));
  CHECK(stored != hash_password(kPassword, entropy));  // another salt
  CHECK(is_password(kPassword, stored));
  CHECK_FALSE(is_password("correct horse batterz", stored));
  for (const auto* broken :
       {"", "scrypt", "scrypt$15$8$3$$", "plain$correct horse battery", "scrypt$99$8$3$AAAA$AAAA"})
    CHECK_FALSE(is_password(kPassword, broken));
}

TEST_CASE("a password follows RFC 7914's second test vector", "[users]") {
  // N = 1024, r = 8, p = 16, salt "NaCl"; the first 32 bytes of its 64 are those of a 32-byte key.
  const auto hash = from_hex("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
  REQUIRE(hash.has_value());
  const auto stored = "scrypt$10$8$16$" + to_base64url("NaCl") + "$" + to_base64url(*hash);
  CHECK(is_password("password", stored));
  CHECK_FALSE(is_password("passwort", stored));
}

TEST_CASE("weak passwords and odd addresses are refused", "[users]") {
  for (const auto* weak : {"", "short", "aaaaaaaaaaaaaaaa"})
    CHECK(check_new_password(weak).error().code == "weak_password");
  CHECK(check_new_password(std::string(1025, 'x') + "y").error().code == "weak_password");
  CHECK(value_of(canonical_email("  A@Film.Example ")) == "a@film.example");
  for (const auto* odd : {"", "nobody", "@x", "a@", "a b@x", "a@x\nb"})
    CHECK(canonical_email(odd).error().code == "bad_email");
}

TEST_CASE("an unknown account and a wrong password answer alike", "[users]") {
  Accounts accounts;
  const auto unknown = accounts.users.login("b@film.example", kPassword, "192.0.2.7");
  const auto wrong = accounts.users.login("a@film.example", "something else", "192.0.2.7");
  REQUIRE_FALSE(unknown.ok());
  REQUIRE_FALSE(wrong.ok());
  CHECK(unknown.error().code == "wrong_login");
  CHECK(unknown.error().code == wrong.error().code);
  CHECK(unknown.error().detail == wrong.error().detail);
}

TEST_CASE("a login ends when idle, when old and at logout", "[users]") {
  Accounts accounts;
  auto& clock = accounts.store.clock;
  const auto token = value_of(accounts.users.login("A@film.example", kPassword, "::1")).token;
  CHECK(accounts.is_in(token));
  CHECK_FALSE(accounts.is_in(token + "x"));

  clock.advance(11 * kHour);
  CHECK(accounts.is_in(token));  // and counts as used
  clock.advance(11 * kHour);
  CHECK(accounts.is_in(token));
  clock.advance(12 * kHour);
  CHECK_FALSE(accounts.is_in(token));

  const auto busy = value_of(accounts.users.login("a@film.example", kPassword, "::1")).token;
  for (int i = 0; i < 17; ++i) {
    clock.advance(10 * kHour - 1);
    accounts.is_in(busy);
  }
  CHECK_FALSE(accounts.is_in(busy));  // after seven days, though never idle

  const auto third = value_of(accounts.users.login("a@film.example", kPassword, "::1")).token;
  require_ok(accounts.users.logout(third));
  CHECK_FALSE(accounts.is_in(third));
}

TEST_CASE("a new password ends every other login", "[users]") {
  Accounts accounts;
  const auto here = value_of(accounts.users.login("a@film.example", kPassword, "::1"));
  const auto there = value_of(accounts.users.login("a@film.example", kPassword, "::1"));

  const auto wrong =
      accounts.users.change_password(here, "not the current one", "another good one", "::1");
  CHECK(wrong.error().code == "wrong_password");
  require_ok(accounts.users.change_password(here, kPassword, "another good one", "::1"));

  CHECK(accounts.is_in(here.token));
  CHECK_FALSE(accounts.is_in(there.token));
  CHECK(accounts.code_of_login("a@film.example", kPassword) == "wrong_login");
  CHECK(accounts.code_of_login("a@film.example", "another good one") == "ok");
}

TEST_CASE("guessing gets slower for the account and for the address, known or not", "[users]") {
  LoginThrottle throttle;
  for (int i = 0; i < 5; ++i) CHECK(throttle.take("a", "address " + std::to_string(i), kNow) == 0);
  CHECK(throttle.take("a", "fresh address", kNow) == 2'000);
  CHECK(throttle.take("b", "fresh address", kNow) == 0);
  CHECK(throttle.take("a", "fresh address", kNow + 2'000) == 0);
  CHECK(throttle.take("a", "fresh address", kNow + 2'000) == 4'000);
  CHECK(throttle.take("a", "fresh address", kNow + 2'000 + kHour) == 0);  // forgotten

  for (int i = 0; i < 20; ++i) CHECK(throttle.take("user " + std::to_string(i), "one", kNow) == 0);
  CHECK(throttle.take("yet another", "one", kNow) > 0);

  std::int64_t now = kNow;
  for (int i = 0; i < 40; ++i) now += throttle.take("target", "x", now);
  CHECK(throttle.take("target", "x", now) <= 15 * kMinute);
}

TEST_CASE("a right password clears the account's count", "[users]") {
  Accounts accounts;
  for (int i = 0; i < 4; ++i) accounts.code_of_login("a@film.example", "wrong password");
  CHECK(accounts.code_of_login("a@film.example", kPassword) == "ok");
  for (int i = 0; i < 5; ++i)
    CHECK(accounts.code_of_login("a@film.example", "wrong password") == "wrong_login");
  CHECK(accounts.code_of_login("a@film.example", kPassword) == "too_many_logins");
}

TEST_CASE("a token's CSRF value belongs to it alone", "[users]") {
  Accounts accounts;
  CHECK(accounts.users.is_csrf("one", accounts.users.csrf_of("one")));
  CHECK_FALSE(accounts.users.is_csrf("two", accounts.users.csrf_of("one")));
  CHECK_FALSE(accounts.users.is_csrf("one", ""));
}

TEST_CASE("logins, right and wrong, stand in the audit log with a truncated address", "[users]") {
  Accounts accounts;
  accounts.code_of_login("a@film.example", "wrong password", "192.0.2.77");
  accounts.code_of_login("a@film.example", kPassword, "2001:db8:1:2::77");
  const auto log = accounts.store.get([](Tables& tables) {
    ListQuery query;
    query.site_id = "demo";
    return tables.users().list_audit(query);
  });
  REQUIRE(log.items.size() == 2);
  CHECK(log.items[0].action == "login");
  CHECK(log.items[0].address == "2001:db8:1::");
  CHECK(log.items[1].action == "login_failed");
  CHECK(log.items[1].address == "192.0.2.0");
}
