// SPDX-License-Identifier: Apache-2.0
// The figures of the reports, from the day rollups. Definitions: docs/reports.md. Money is in one
// currency, never converted and never added across. Two bases:
//   accrual  what refunds left of each conversion, on the conversion's day
//   cash     amounts on the conversions' days, refunds on their own
// A ratio whose divisor is 0 or unknown is none.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/report_store.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

enum class Basis : std::uint8_t { accrual, cash };

struct ReportQuery {
  DayRange range;
  SourceFilter filter;
  GroupBy group = GroupBy::channel;
  CreditChoice choice;
  Basis basis = Basis::accrual;
};

std::int64_t revenue_of(const RollupMoney& money, Basis basis);
std::int64_t refunded_of(const RollupMoney& money, Basis basis);

// One line of a report: what a source brought and cost.
struct Figures {
  std::int64_t visits = 0, unique_visitors = 0;
  std::int64_t conversions_micro = 0, new_customers_micro = 0;
  std::int64_t returned_micro = 0;  // of the conversions: what refunds took back entirely
  RollupMoney money;
  std::optional<std::int64_t> cost_minor;  // none: no cost was told
  std::int64_t clicks = 0, impressions = 0;

  // All but unique visitors, who do not add up.
  Figures& operator+=(const Figures& other);
  [[nodiscard]] std::int64_t net_conversions_micro() const {
    return conversions_micro - returned_micro;
  }
  [[nodiscard]] std::optional<double> conversion_rate() const;  // conversions per visit
  // Revenue per conversion, on accrual per net conversion.
  [[nodiscard]] std::optional<std::int64_t> average_order_value_minor(Basis basis) const;
  [[nodiscard]] std::optional<double> roas(Basis basis) const;  // revenue / cost
  [[nodiscard]] std::optional<double> roi(Basis basis) const;   // (revenue - cost) / cost
  [[nodiscard]] std::optional<std::int64_t> cpa_minor() const;  // cost / net conversion
  [[nodiscard]] std::optional<std::int64_t> cac_minor() const;  // cost / new customer
};

struct SourceFigures {
  TrafficSource source;
  Figures figures;
  std::string campaign_name;  // of its costs, where the source's campaign is their id
};

// Conversions themselves, whatever a model makes of them: all, those with a touch, and those that
// the repeat rule first_only leaves without any credit, also without that of unattributed.
struct ConversionFigures {
  Figures all, attributed, suppressed;
  std::int64_t leads = 0;     // of any currency
  std::int64_t lag_days = 0;  // of the attributed
};
Outcome<ConversionFigures> conversion_figures(ReportStore& store, const ReportQuery& query);

struct Overview {
  Figures figures;  // of all sources that the filter lets through
  // All below are of the whole site and none under a filter: conversions are no one source's.
  std::optional<std::int64_t> orders, leads;
  std::optional<std::int64_t> suppressed;          // later orders under the repeat rule first_only
  std::optional<std::int64_t> suppressed_minor;    // and their revenue
  std::optional<double> attributed_share;          // conversions with a touch / conversions
  std::optional<double> attributed_revenue_share;  // their revenue / revenue
  std::optional<double> unmeasurable_share;        // revenue of conversions without any touch
  std::optional<double> average_days_to_convert;   // from the first touch; conversions with one
};

[[nodiscard]] bool is_filtered(const SourceFilter& filter);

struct SourceReport {
  std::vector<SourceFigures> lines;
  Figures all;  // unique visitors are not the sum over lines
};

// Sums over the lines' credits are the conversions, exactly; unattributed is a line. Lines come by
// revenue, then conversions, then visits, most first.
Outcome<SourceReport> figures_by_source(ReportStore& store, const ReportQuery& query);
Outcome<Overview> overview(ReportStore& store, const ReportQuery& query);

struct SeriesDay {
  int day = 0, revision = 0;
  bool is_sealed = false;
  std::int64_t visits = 0, revenue_minor = 0, conversions_micro = 0;
  std::int64_t orders = 0, leads = 0;  // of the whole site, whatever the filter
  std::optional<std::int64_t> cost_minor;
};
struct ChannelSeries {
  Channel channel = Channel::unknown;
  std::vector<SeriesDay> days;
};
struct Series {
  std::vector<SeriesDay> days;          // every day of the range
  std::vector<ChannelSeries> channels;  // by revenue, most first
};
Outcome<Series> time_series(ReportStore& store, const ReportQuery& query, bool by_channel);

// One path of channels; empty: no touch.
struct PathFigures {
  std::vector<Channel> channels;
  std::int64_t conversions = 0, revenue_minor = 0;
  std::optional<double> average_days_to_convert;
};
struct PathReport {
  std::vector<PathFigures> lines;  // most conversions first
  std::int64_t conversions = 0;    // of all paths
  std::size_t count = 0;           // of all paths
};
// The first `limit` paths. These and path_length and assists: of the filter the channel alone
// counts, and lets through the conversions whose path holds it.
Outcome<PathReport> paths(ReportStore& store, const ReportQuery& query, std::size_t limit);

struct Bucket {
  std::optional<int> from, to;  // days or touches, both inclusive; none: no touch, or no end
  std::int64_t conversions = 0, revenue_minor = 0;
};
// No filter: days have no channel.
Outcome<std::vector<Bucket>> time_lag(ReportStore& store, const ReportQuery& query);
Outcome<std::vector<Bucket>> path_length(ReportStore& store, const ReportQuery& query);

// Each channel on a path gets the whole conversion: reported apart, for lines do not sum to the
// orders. kUnattributedChannel: conversions without a touch.
struct Participation {
  std::int64_t conversions = 0, revenue_minor = 0;
};
Outcome<std::map<Channel, Participation>> participation(ReportStore& store,
                                                        const ReportQuery& query);

// How often a channel began, ended and helped: assisted counts conversions whose path holds the
// channel anywhere but at its end alone.
struct AssistFigures {
  Channel channel = Channel::unknown;
  std::int64_t first = 0, last = 0, assisted = 0, revenue_assisted_minor = 0;
};
Outcome<std::vector<AssistFigures>> assists(ReportStore& store, const ReportQuery& query);

// Currencies that any conversion of the range has money in, in order.
Outcome<std::vector<std::string>> currencies(ReportStore& store, const DayRange& range);

}  // namespace tl::server
