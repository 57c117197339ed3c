// SPDX-License-Identifier: Apache-2.0
// Reading the day rollups: sums over a range of days, grouped and filtered by source. Nothing here
// reads touches or events. Errors everywhere: unavailable (store_unavailable).
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/rollup_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server {

struct DayRange {
  std::string site_id;
  int from_day = 0, to_day = 0;  // yyyymmdd, both inclusive
};

// Empty: everything. Texts are compared exactly.
struct SourceFilter {
  std::optional<Channel> channel;
  std::optional<std::string> source, campaign, content, landing_path;
};

// How a result is grouped: all in one, or by the columns down to the named one. landing_page groups
// by channel and landing page alone.
enum class GroupBy : std::uint8_t { none, channel, source, campaign, content, landing_page };

struct TrafficSum {
  TrafficSource source;
  std::int64_t touches = 0, visits = 0, unique_visitors = 0;
};
struct TrafficSums {
  std::vector<TrafficSum> by_source;
  TrafficSum all;  // each visitor once, however many sources brought them
};
struct CreditSum {
  TrafficSource source;
  std::int64_t config = 0;
  std::int64_t conversions_micro = 0, new_customers_micro = 0, returned_micro = 0;
  RollupMoney money;
};
struct CostSum {
  TrafficSource source;
  std::string campaign_name;  // of the costs, where the source's campaign is their id
  std::int64_t amount_minor = 0, clicks = 0, impressions = 0;
};
struct DaySum {
  int day = 0;
  Channel channel = Channel::unknown;
  std::int64_t visits = 0, conversions_micro = 0, cost_minor = 0;
  RollupMoney money;
};
struct ConversionSum {
  int day = 0;  // 0 in sums over days
  std::string kind, currency;
  int lag_days = 0;
  std::int64_t conversions = 0, new_customers = 0, returned = 0;
  RollupMoney money;
};
// Conversions by the channels of their path, one byte a touch; empty: no touch.
struct PathSum {
  std::string channels;
  std::int64_t conversions = 0, lag_days = 0;
  RollupMoney money;
};
struct SelfReportedSum {
  std::string self_reported;
  Channel channel = Channel::unknown;
  std::int64_t conversions_micro = 0;
  RollupMoney money;
};
// What conversions gave to a line, net of refunds: the sums of their shares' powers.
struct ShareSums {
  TrafficSource source;
  std::int64_t total_minor = 0;
  double squares = 0, cubes = 0, fourths = 0;
  bool has_gain = false, has_loss = false;  // a share above, below 0

  void add(std::int64_t minor) {
    const auto share = static_cast<double>(minor);
    total_minor += minor;
    squares += share * share;
    cubes += share * share * share;
    fourths += share * share * share * share;
    has_gain = has_gain || minor > 0;
    has_loss = has_loss || minor < 0;
  }
};
struct ModelConfigRow {
  std::int64_t config = 0;
  std::string model, rules;
};
struct DayRevision {
  int day = 0, revision = 0;
  std::int64_t t_ms = 0;
  std::string reasons, before;  // before: JSON
};

// Which credits: of these configurations, this kind of conversion and currency.
struct CreditChoice {
  std::vector<std::int64_t> configs;
  std::string kind, currency;
};

class ReportStore {
 public:
  virtual ~ReportStore() = default;

  virtual Outcome<TrafficSums> traffic(const DayRange& range, const SourceFilter& filter,
                                       GroupBy group) = 0;
  // Grouped by configuration too.
  virtual Outcome<std::vector<CreditSum>> credits(const DayRange& range, const CreditChoice& choice,
                                                  const SourceFilter& filter, GroupBy group) = 0;
  virtual Outcome<std::vector<CostSum>> costs(const DayRange& range, std::string_view currency,
                                              const SourceFilter& filter, GroupBy group) = 0;
  // Visits, credits and costs of each day and channel that has any.
  virtual Outcome<std::vector<DaySum>> days(const DayRange& range, const CreditChoice& choice,
                                            const SourceFilter& filter) = 0;
  // By kind, currency and lag; `by_day` also by day.
  virtual Outcome<std::vector<ConversionSum>> conversions(const DayRange& range, bool by_day) = 0;
  // In no order.
  virtual Outcome<std::vector<PathSum>> paths(const DayRange& range, std::string_view kind,
                                              std::string_view currency) = 0;
  virtual Outcome<std::vector<SelfReportedSum>> self_reported(const DayRange& range,
                                                              const CreditChoice& choice) = 0;
  // Conversion by conversion: the one question that sums of days cannot answer. Its cost grows with
  // the conversions of the range.
  virtual Outcome<std::vector<ShareSums>> shares(const DayRange& range, const CreditChoice& choice,
                                                 const SourceFilter& filter, GroupBy group) = 0;
  virtual Outcome<std::vector<ModelConfigRow>> configs(std::string_view site_id) = 0;
  // Those of the choice that gave credit in the range.
  virtual Outcome<std::vector<std::int64_t>> credited(const DayRange& range,
                                                      const CreditChoice& choice) = 0;

  virtual Outcome<int> sealed_day(std::string_view site_id) = 0;  // 0: none yet
  // Oldest first.
  virtual Outcome<std::vector<DayRevision>> revisions(const DayRange& range) = 0;

  // The model that somebody made the site's default; none: the configuration's.
  virtual Outcome<std::optional<std::string>> default_model(std::string_view site_id) = 0;
  virtual Outcome<void> set_default_model(std::string_view site_id, std::string_view model,
                                          std::int64_t t_ms) = 0;
};

}  // namespace tl::server
