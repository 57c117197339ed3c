// SPDX-License-Identifier: Apache-2.0
// Which models a site has reports of, which one it reads first, and which days are sealed.
#include "server/store/sqlite/report_store.hpp"

#include <optional>

namespace tl::server::sqlite {

Outcome<std::vector<ModelConfigRow>> SqliteReportStore::configs(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT config, model, rules FROM model_config WHERE site_id = ? ORDER BY model, config");
    query.bind(site_id);
    return all_rows<ModelConfigRow>(query, [](Query& row) {
      ModelConfigRow config;
      row.read(config.config, config.model, config.rules);
      return config;
    });
  });
}

Outcome<std::vector<std::int64_t>> SqliteReportStore::credited(const DayRange& range,
                                                               const CreditChoice& choice) {
  return attempt([&] {
    std::vector<std::int64_t> found;
    for (const auto config : choice.configs) {
      auto query = connection_.query(
          "SELECT 1 FROM day_credit WHERE site_id = ? AND level = 1 AND config = ? AND"
          " day BETWEEN ? AND ? AND currency = ? AND kind = ? LIMIT 1");
      query.bind(range.site_id, config, range.from_day, range.to_day, choice.currency, choice.kind);
      if (query.step()) found.push_back(config);
    }
    return found;
  });
}

Outcome<int> SqliteReportStore::sealed_day(std::string_view site_id) {
  return attempt([&] {
    int day = 0;
    auto query = connection_.query("SELECT day FROM day_seal WHERE site_id = ?");
    if (query.bind(site_id).step()) query.read(day);
    return day;
  });
}

Outcome<std::vector<DayRevision>> SqliteReportStore::revisions(const DayRange& range) {
  return attempt([&] {
    auto query = connection_.query(
        "SELECT day, revision, t_ms, reasons, before FROM day_revision"
        " WHERE site_id = ? AND day BETWEEN ? AND ? ORDER BY day, revision");
    query.bind(range.site_id, range.from_day, range.to_day);
    return all_rows<DayRevision>(query, [](Query& row) {
      DayRevision revision;
      row.read(revision.day, revision.revision, revision.t_ms, revision.reasons, revision.before);
      return revision;
    });
  });
}

Outcome<std::optional<std::string>> SqliteReportStore::default_model(std::string_view site_id) {
  return attempt([&] {
    auto query = connection_.query("SELECT model FROM site_model WHERE site_id = ?");
    query.bind(site_id);
    return first_row<std::string>(query, [](Query& row) {
      std::string model;
      row.read(model);
      return model;
    });
  });
}

Outcome<void> SqliteReportStore::set_default_model(std::string_view site_id, std::string_view model,
                                                   std::int64_t t_ms) {
  return attempt([&] {
    connection_.query("INSERT OR REPLACE INTO site_model (site_id, model, t_ms) VALUES (?,?,?)")
        .bind(site_id, model, t_ms)
        .run();
  });
}

}  // namespace tl::server::sqlite
