// SPDX-License-Identifier: Apache-2.0
// Figures by day: every day of the range stands there, also those on which nothing happened.
#include "models/credit.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/reports/reports.hpp"

#include <algorithm>
#include <map>

namespace tl::server {
namespace {

using DayLine = std::map<int, SeriesDay>;

void add_part(DayLine& line, const DaySum& sum, Basis basis) {
  SeriesDay& day = line[sum.day];
  day.visits += sum.visits;
  day.conversions_micro += sum.conversions_micro;
  day.revenue_minor += revenue_of(sum.money, basis);
  if (sum.cost_minor != 0) day.cost_minor = day.cost_minor.value_or(0) + sum.cost_minor;
}

std::vector<SeriesDay> filled(DayLine& line, const DayRange& range) {
  std::vector<SeriesDay> list;
  for (const int day : days_of(range.from_day, range.to_day)) {
    list.push_back(line[day]);
    list.back().day = day;
  }
  return list;
}

}  // namespace

Outcome<Series> time_series(ReportStore& store, const ReportQuery& query, bool by_channel) {
  TL_TRY(sums, store.days(query.range, query.choice, query.filter));
  DayLine all;
  std::map<Channel, DayLine> lines;
  for (const auto& sum : sums) {
    add_part(all, sum, query.basis);
    if (by_channel) add_part(lines[sum.channel], sum, query.basis);
  }
  TL_TRY(conversions, store.conversions(query.range, /*by_day=*/true));
  for (const auto& sum : conversions) {
    SeriesDay& day = all[sum.day];
    if (sum.kind == "lead") day.leads += sum.conversions;
    if (sum.kind != query.choice.kind || sum.currency != query.choice.currency) continue;
    day.orders += sum.conversions;
    // Like the overview: also what the repeat rule leaves without credit.
    if (sum.lag_days != kLagSuppressed || is_filtered(query.filter)) continue;
    day.conversions_micro += sum.conversions * models::kWholeConversionMicro;
    day.revenue_minor += revenue_of(sum.money, query.basis);
  }
  TL_TRY(revisions, store.revisions(query.range));
  for (const auto& revision : revisions) all[revision.day].revision = revision.revision;
  TL_TRY(sealed, store.sealed_day(query.range.site_id));

  Series series;
  series.days = filled(all, query.range);
  for (auto& day : series.days) day.is_sealed = day.day <= sealed;
  std::vector<std::pair<std::int64_t, Channel>> order;
  for (const auto& [channel, line] : lines) {
    std::int64_t revenue = 0;
    for (const auto& [day, part] : line) revenue += part.revenue_minor;
    order.emplace_back(-revenue, channel);
  }
  std::sort(order.begin(), order.end());
  for (const auto& [revenue, channel] : order)
    series.channels.push_back({channel, filled(lines[channel], query.range)});
  return series;
}

}  // namespace tl::server
