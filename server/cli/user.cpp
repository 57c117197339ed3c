// SPDX-License-Identifier: Apache-2.0
// user add|list|passwd|remove: dashboard accounts, beside a running server. A password is typed
// twice without being shown, or read as the first line of standard input when that is no terminal.

#include "server/cli/audit_entry.hpp"
#include "server/cli/commands.hpp"
#include "server/core/access/password.hpp"
#include "server/core/access/users.hpp"
#include "server/system_sources.hpp"

#include <algorithm>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace tl::server::cli {
namespace {

struct UserOptions {
  std::string email, role = "owner";
  std::vector<std::string> sites;  // none: all that are configured
};

// Shows nothing of what is typed while it lives.
class SilentTerminal {
 public:
  SilentTerminal() {
    tcgetattr(STDIN_FILENO, &before_);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
};

std::string ask_line(const char* prompt) {
  std::string line;
  if (isatty(STDIN_FILENO) != 1) {
    std::getline(std::cin, line);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }
  const SilentTerminal silent;
  std::cerr << prompt << ": " << std::flush;
  std::getline(std::cin, line);
  std::cerr << "\n";
  return line;
}

Outcome<std::string> ask_password() {
  const auto password = ask_line("Password");
  TL_CHECK(check_new_password(password));
  if (isatty(STDIN_FILENO) == 1 && ask_line("Again") != password)
    return invalid("weak_password", "The two passwords differ; nothing was changed.");
  return password;
}

// The named sites, or all; none and a word on stderr when one is not configured.
std::vector<std::string> chosen_sites(Session& session, const Config& config,
                                      const UserOptions& options) {
  std::vector<std::string> sites = options.sites;
  if (sites.empty())
    for (const auto& site : config.sites) sites.push_back(site.id);
  for (const auto& id : sites)
    if (config.site(id) == nullptr) {
      std::cerr << "There is no [[site]] " << id << ".\n";
      session.exit_code = 2;
      return {};
    }
  return sites;
}

void add(Session& session, const UserOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  const auto role = parse_role(options.role);
  if (!role) {
    std::cerr << "A role is owner, analyst or viewer.\n";
    session.exit_code = 2;
    return;
  }
  const auto sites = chosen_sites(session, loaded->config, options);
  const auto email = canonical_email(options.email);
  if (!email.ok()) return explain(session, email.error());
  if (sites.empty()) return;
  bool is_known = false;
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.users().find_user(email.value()));
    is_known = found.has_value();
    return {};
  });
  if (session.exit_code != 0) return;
  std::optional<std::string> hash;
  if (!is_known) {
    const auto password = ask_password();
    if (!password.ok()) return explain(session, password.error());
    SystemEntropy entropy;
    hash = hash_password(password.value(), entropy);
  }
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_TRY(user, put_user(tables, email.value(), hash, SystemClock().now_ms()));
    for (const auto& site : sites) {
      TL_CHECK(tables.users().put_role({site, user.id, *role}));
      TL_CHECK(append_entry(tables, site, "user_changed", email.value()));
    }
    return {};
  });
  if (session.exit_code == 0)
    std::cerr << email.value() << " is " << options.role
              << (is_known ? " and keeps the password" : "") << ".\n";
}

void list(Session& session) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_TRY(users, tables.users().list_users());
    for (const auto& user : users) {
      TL_TRY(sites, tables.users().sites_of(user.id));
      std::cout << user.email;
      for (const auto& site : sites)
        std::cout << "  " << site.site_id << "=" << role_name(site.role);
      std::cout << "\n";
    }
    return {};
  });
}

void set_password(Session& session, const UserOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  const auto email = canonical_email(options.email);
  if (!email.ok()) return explain(session, email.error());
  const auto password = ask_password();
  if (!password.ok()) return explain(session, password.error());
  SystemEntropy entropy;
  const auto hash = hash_password(password.value(), entropy);
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.users().find_user(email.value()));
    if (!found)
      return fail(ErrorKind::not_found, "unknown_user",
                  "There is no user " + email.value() + "; throughline user list shows them.");
    TL_TRY(user, put_user(tables, email.value(), hash, SystemClock().now_ms()));
    TL_TRY(sites, tables.users().sites_of(user.id));
    for (const auto& site : sites)
      TL_CHECK(append_entry(tables, site.site_id, "password_changed", email.value()));
    return {};
  });
  if (session.exit_code == 0) std::cerr << "Changed; every login of this user has ended.\n";
}

void remove(Session& session, const UserOptions& options) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  const auto email = canonical_email(options.email);
  if (!email.ok()) return explain(session, email.error());
  in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
    TL_TRY(user, tables.users().find_user(email.value()));
    if (!user)
      return fail(ErrorKind::not_found, "unknown_user",
                  "There is no user " + email.value() + "; throughline user list shows them.");
    TL_TRY(sites, tables.users().sites_of(user->id));
    for (const auto& site : sites) {
      const bool is_named = options.sites.empty() ||
                            std::find(options.sites.begin(), options.sites.end(), site.site_id) !=
                                options.sites.end();
      if (!is_named) continue;
      TL_CHECK(tables.users().delete_role(site.site_id, user->id));
      TL_CHECK(append_entry(tables, site.site_id, "user_removed", email.value()));
    }
    return tables.users().delete_logins_of(user->id, nullptr);
  });
  if (session.exit_code == 0) std::cerr << email.value() << " has no access any more.\n";
}

}  // namespace

void add_user(CLI::App& parser, Session& session) {
  auto* users = parser.add_subcommand("user", "people who use the dashboard");
  users->require_subcommand(1);
  const auto options = std::make_shared<UserOptions>();
  const auto with_email = [&](CLI::App* command) {
    command->add_option("--email,email", options->email, "the account's e-mail")->required();
    return command;
  };
  auto* adding = with_email(users->add_subcommand("add", "make a user, or give one another role"));
  adding->add_option("--role", options->role, "owner, analyst or viewer");
  adding->add_option("--site", options->sites, "on this site; may repeat; default: all");
  adding->callback([&session, options] { add(session, *options); });
  users->add_subcommand("list", "list users with their sites and roles")->callback([&session] {
    list(session);
  });
  with_email(users->add_subcommand("passwd", "set a user's password, end all logins"))
      ->callback([&session, options] { set_password(session, *options); });
  auto* removing = with_email(users->add_subcommand("remove", "take a user's access"));
  removing->add_option("--site", options->sites, "to this site only; may repeat");
  removing->callback([&session, options] { remove(session, *options); });
}

}  // namespace tl::server::cli
