// SPDX-License-Identifier: Apache-2.0
// import-costs FILE.csv: ad costs from an export, all lines or none. What the file says again for a
// day, source and campaign replaces what was there.

#include "server/cli/audit_entry.hpp"
#include "server/cli/commands.hpp"
#include "server/core/costs/cost_file.hpp"
#include "server/core/costs/costs.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/system_sources.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

namespace tl::server::cli {
namespace {

struct ImportOptions {
  std::string file, site, source, channel, currency, date_format, decimal;
  std::vector<std::string> mapping;
  bool is_dry = false;
};

void refuse(Session& session, const std::string& what) {
  std::cerr << what << "\n";
  session.exit_code = 2;
}

bool read_options(Session& session, const ImportOptions& given, const Config& config,
                  const SiteConfig*& site, CostFileOptions& options) {
  site = given.site.empty() && config.sites.size() == 1 ? &config.sites.front()
                                                        : config.site(given.site);
  if (site == nullptr) {
    refuse(session, "There is no [[site]] \"" + given.site + "\"; name one with --site.");
    return false;
  }
  for (const auto& pair : given.mapping) {
    if (const auto added = add_to_cost_mapping(pair, options.mapping); !added.ok()) {
      refuse(session, "--map: " + added.error().detail + ".");
      return false;
    }
  }
  if (!given.channel.empty()) {
    Channel channel{};
    if (!parse_channel(given.channel, channel)) {
      refuse(session, "--channel " + given.channel + " is no channel; use one like paid_search.");
      return false;
    }
    options.channel = channel;
  }
  if (given.date_format == "mdy") options.date_order = DateOrder::month_first;
  if (given.date_format == "dmy") options.date_order = DateOrder::day_first;
  if (given.decimal == "point") options.decimal = DecimalMark::point;
  if (given.decimal == "comma") options.decimal = DecimalMark::comma;
  // Ad accounts may be a day ahead of the site.
  options.last_day = add_days(local_day(SystemClock().now_ms(), site->timezone), 1);
  options.source = given.source;
  options.currency = given.currency;
  options.site_currency = site->currency;
  options.origin = std::filesystem::path(given.file).filename().string();
  return true;
}

void tell(const CostFile& file) {
  constexpr std::size_t kMostShown = 50;
  for (std::size_t i = 0; i < std::min(file.errors.size(), kMostShown); ++i)
    std::cerr << "line " << file.errors[i].line << ": " << file.errors[i].code << ": "
              << file.errors[i].message << "\n";
  if (file.errors.size() > kMostShown)
    std::cerr << "and " << file.errors.size() - kMostShown << " more\n";
  std::cerr << "Nothing was imported.\n";
}

void import_costs(Session& session, const ImportOptions& given) {
  const auto loaded = load_or_explain(session);
  if (!loaded) return;
  const SiteConfig* site = nullptr;
  CostFileOptions options;
  if (!read_options(session, given, loaded->config, site, options)) return;
  std::ifstream in(given.file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.is_open() || in.bad()) {
    std::cerr << "Cannot read " << given.file << ".\n";
    session.exit_code = 1;
    return;
  }
  auto file = read_cost_file(bytes, options);
  if (!file.ok()) return explain(session, file.error());
  if (!file.value().errors.empty()) {
    tell(file.value());
    session.exit_code = 1;
    return;
  }
  KeptCosts kept{static_cast<std::int64_t>(file.value().rows.size()), 0};
  if (!given.is_dry)
    in_store(session, loaded->config, [&](Tables& tables) -> Outcome<void> {
      TL_TRY(made, keep_costs(tables.costs(), site->id, file.value().rows, /*replaces=*/true,
                              SystemClock().now_ms()));
      kept = made;
      return append_entry(tables, site->id, "costs_imported", file.value().platform);
    });
  if (session.exit_code != 0) return;
  std::cout << (given.is_dry ? "would keep " : "kept ") << kept.kept << " rows ("
            << file.value().platform << "), replaced " << kept.replaced << ", left out "
            << file.value().skipped << " total lines\n";
}

}  // namespace

void add_import_costs(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("import-costs", "ad costs from a platform's CSV export");
  const auto options = std::make_shared<ImportOptions>();
  command->add_option("file", options->file, "CSV, TSV; UTF-8 or UTF-16")->required();
  command->add_option("--site", options->site, "the site whose ads these are");
  command->add_option("--map", options->mapping, "FIELD=COLUMN; may repeat");
  command->add_option("--source", options->source, "for all lines, like google");
  command->add_option("--channel", options->channel, "for all lines, like paid_search");
  command->add_option("--currency", options->currency, "for all lines, like EUR");
  command->add_option("--date-format", options->date_format, "mdy or dmy, for dates like 1/2/2026")
      ->check(CLI::IsMember({"mdy", "dmy"}));
  command->add_option("--decimal", options->decimal, "point or comma, for amounts like 2.500")
      ->check(CLI::IsMember({"point", "comma"}));
  command->add_flag("--dry-run", options->is_dry, "read and tell, keep nothing");
  command->callback([&session, options] { import_costs(session, *options); });
}

}  // namespace tl::server::cli
