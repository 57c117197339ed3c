// SPDX-License-Identifier: Apache-2.0
// backup FILE: a consistent copy of the store beside a running server. restore FILE: puts a copy in
// the store's place, while no server runs; whoever was erased since it was made is erased from it
// first. What was there before is kept beside it until the restore has succeeded.

#include "server/cli/audit_entry.hpp"
#include "server/cli/opened_store.hpp"
#include "server/core/privacy/erasure_receipt.hpp"
#include "server/store/open_store.hpp"
#include "server/store/serving_lock.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>

namespace tl::server::cli {
namespace {

namespace fs = std::filesystem;

void back_up(Session& session, const std::string& file) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  if (const auto copied = opened->store->copy_to(file); !copied.ok())
    return explain(session, copied.error());
  const auto told = append_entries(*opened->store, opened->config.sites, "store_backed_up",
                                   fs::path(file).filename().string());
  if (!told.ok()) explain(session, told.error());
  std::cerr << "The store is in " << file << "; it holds personal data, keep it as safe.\n";
}

// The database file of sqlite:PATH.
fs::path store_file(const std::string& url) {
  return url.substr(url.find(':') + 1);
}

// With everything that SQLite keeps beside it.
void remove_store(const fs::path& file) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(file.string() + end, ignored);
}

// `copy` becomes what is to be restored, with the erasures of the present store, and says of which
// backup it is.
Outcome<std::int64_t> prepare_copy(const Config& config, const SecretBox& box, Entropy& entropy,
                                   const fs::path& copy, const fs::path& backup) {
  const std::int64_t now_ms = SystemClock().now_ms();
  TL_TRY(restored, open_store("sqlite:" + copy.string(), box, now_ms));
  TL_CHECK(append_entries(*restored, config.sites, "store_restored", backup.filename().string()));
  if (!fs::exists(store_file(config.store_url))) return std::int64_t{0};
  TL_CHECK(check_alone(config.store_url));
  TL_TRY(current, open_store(config.store_url, box, now_ms));
  return repeat_erasures(*restored, *current, config.sites, entropy, box, now_ms);
}

void restore(Session& session, const std::string& file) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  // No server may begin on what is being replaced.
  const auto lock = ServingLock::take(loaded->config.store_url);
  if (!lock.ok()) return explain(session, lock.error());
  const fs::path target = store_file(loaded->config.store_url);
  const fs::path copy = target.string() + ".restoring";
  remove_store(copy);
  std::error_code problem;
  if (!target.parent_path().empty()) fs::create_directories(target.parent_path(), problem);
  fs::copy_file(file, copy, problem);
  if (problem) {
    std::cerr << "Cannot copy " << file << " beside the store (" << problem.message() << ").\n";
    session.exit_code = 1;
    return;
  }
  fs::permissions(copy, fs::perms::owner_read | fs::perms::owner_write, problem);
  SystemEntropy entropy;
  const SecretBox box(loaded->config.secret, entropy, loaded->config.older_secrets());
  const auto erased = prepare_copy(loaded->config, box, entropy, copy, file);
  if (!erased.ok()) {
    remove_store(copy);
    return explain(session, erased.error());
  }
  remove_store(target);
  fs::rename(copy, target, problem);
  if (problem) {
    std::cerr << "Cannot put " << copy.string() << " in the store's place (" << problem.message()
              << "); it is complete, rename it yourself.\n";
    session.exit_code = 1;
    return;
  }
  std::cerr << "The store is as in " << file << "; erased again: " << erased.value() << ".\n";
}

}  // namespace

void add_backup(CLI::App& parser, Session& session) {
  const auto file = std::make_shared<std::string>();
  auto* saving =
      parser.add_subcommand("backup", "a consistent copy of the store, also while it runs");
  saving->add_option("file", *file, "where to; it must not exist yet")->required();
  saving->callback([&session, file] { back_up(session, *file); });
  auto* restoring =
      parser.add_subcommand("restore", "put a backup in the store's place; stop the server first");
  restoring->add_option("file", *file, "a backup")->required()->check(CLI::ExistingFile);
  restoring->callback([&session, file] { restore(session, *file); });
}

}  // namespace tl::server::cli
