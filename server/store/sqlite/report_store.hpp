// SPDX-License-Identifier: Apache-2.0
// ReportStore on SQLite. Each question reads the coarsest level that can answer it.
#pragma once

#include "server/core/ports/report_store.hpp"
#include "server/store/sqlite/connection.hpp"

namespace tl::server::sqlite {

class SqliteReportStore : public ReportStore {
 public:
  explicit SqliteReportStore(Connection& connection) : connection_(connection) {}

  Outcome<TrafficSums> traffic(const DayRange& range, const SourceFilter& filter,
                               GroupBy group) override;
  Outcome<std::vector<CreditSum>> credits(const DayRange& range, const CreditChoice& choice,
                                          const SourceFilter& filter, GroupBy group) override;
  Outcome<std::vector<CostSum>> costs(const DayRange& range, std::string_view currency,
                                      const SourceFilter& filter, GroupBy group) override;
  Outcome<std::vector<DaySum>> days(const DayRange& range, const CreditChoice& choice,
                                    const SourceFilter& filter) override;
  Outcome<std::vector<ConversionSum>> conversions(const DayRange& range, bool by_day) override;
  Outcome<std::vector<PathSum>> paths(const DayRange& range, std::string_view kind,
                                      std::string_view currency) override;
  Outcome<std::vector<SelfReportedSum>> self_reported(const DayRange& range,
                                                      const CreditChoice& choice) override;
  Outcome<std::vector<ShareSums>> shares(const DayRange& range, const CreditChoice& choice,
                                         const SourceFilter& filter, GroupBy group) override;
  Outcome<std::vector<ModelConfigRow>> configs(std::string_view site_id) override;
  Outcome<std::vector<std::int64_t>> credited(const DayRange& range,
                                              const CreditChoice& choice) override;
  Outcome<int> sealed_day(std::string_view site_id) override;
  Outcome<std::vector<DayRevision>> revisions(const DayRange& range) override;
  Outcome<std::optional<std::string>> default_model(std::string_view site_id) override;
  Outcome<void> set_default_model(std::string_view site_id, std::string_view model,
                                  std::int64_t t_ms) override;

 private:
  Connection& connection_;
};

}  // namespace tl::server::sqlite
