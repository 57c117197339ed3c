// SPDX-License-Identifier: Apache-2.0
// audit: makes everything derived again from the evidence, in a copy beside the database, and tells
// what differs. Exit code 1 when anything does.

#include "server/core/reports/audit.hpp"

#include "server/cli/opened_store.hpp"
#include "server/cli/progress.hpp"
#include "server/store/open_store.hpp"

#include <filesystem>
#include <iostream>
#include <memory>
#include <system_error>
#include <unistd.h>

namespace tl::server::cli {
namespace {

// A folder for the copy that goes with it. Beside the database, where there is room for it.
class CopyFolder {
 public:
  explicit CopyFolder(const std::string& store_url) {
    const auto colon = store_url.find(':');
    const std::filesystem::path file(store_url.substr(colon + 1));
    auto pattern = (file.parent_path() / ".audit-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~CopyFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  CopyFolder(const CopyFolder&) = delete;
  CopyFolder& operator=(const CopyFolder&) = delete;
  [[nodiscard]] bool is_made() const { return !path_.empty(); }
  [[nodiscard]] std::string file() const { return path_ + "/copy.db"; }

 private:
  std::string path_;
};

void run_audit(Session& session, std::uint32_t limit) {
  const auto opened = open_or_explain(session);
  if (!opened) return;
  warn_of_zones(*opened);
  const CopyFolder folder(opened->config.store_url);
  if (!folder.is_made()) {
    std::cerr << "Cannot make a folder for the copy beside the database.\n";
    session.exit_code = 1;
    return;
  }
  if (const auto copied = opened->store->copy_to(folder.file()); !copied.ok())
    return explain(session, copied.error());
  opened->store.reset();
  const std::int64_t now_ms = opened->clock.now_ms();
  const auto copy = open_store("sqlite:" + folder.file(), opened->box, now_ms);
  if (!copy.ok()) return explain(session, copy.error());
  std::vector<std::shared_ptr<const SiteConfig>> sites;
  for (const auto& site : opened->config.sites)
    sites.push_back(std::make_shared<const SiteConfig>(site));
  Progress progress;
  const auto lines = audit(*copy.value(), sites, limit, now_ms,
                           [&](std::string_view step, std::int64_t done, std::int64_t all) {
                             progress.show("audit", step, done, all);
                           });
  progress.end();
  if (!lines.ok()) return explain(session, lines.error());
  for (const auto& line : lines.value()) std::cout << line << "\n";
  if (lines.value().empty()) {
    std::cout << "Everything derived is what the evidence says.\n";
    return;
  }
  std::cerr << "The lines above differ (- as stored, + as the evidence says); throughline rebuild "
               "makes them right.\n";
  session.exit_code = 1;
}

}  // namespace

void add_audit(CLI::App& parser, Session& session) {
  auto* command =
      parser.add_subcommand("audit", "compare everything derived with the evidence, in a copy");
  const auto limit = std::make_shared<std::uint32_t>(20);
  command->add_option("--limit", *limit, "differences shown a table")->check(CLI::Range(1, 100000));
  command->callback([&session, limit] { run_audit(session, *limit); });
}

}  // namespace tl::server::cli
