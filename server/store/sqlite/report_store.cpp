// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/report_store.hpp"

#include "server/core/reports/visitor_sketch.hpp"
#include "server/store/sqlite/folded_traffic.hpp"
#include "server/store/sqlite/placed_costs.hpp"
#include "server/store/sqlite/recent_traffic.hpp"
#include "server/store/sqlite/row_visitor.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace tl::server::sqlite {

// Rows are filtered and grouped here and not by the statement: that costs less a row than SQLite's
// own comparisons, and it would sort rows that already come in the order of their key.

Outcome<TrafficSums> SqliteReportStore::traffic(const DayRange& range, const SourceFilter& filter,
                                                GroupBy group) {
  return attempt([&] {
    SourceSums<std::pair<TrafficSum, VisitorSketch>> sums(group);
    LentSource source;
    const auto spans = spans_of(level_of(filter, group), range.from_day, range.to_day);
    for (const RollupSpan& span : spans)
      read_folded(connection_, range.site_id, span,
                  [&](int, const LentSource& from, std::int64_t touches, std::int64_t visits) {
                    if (!passes(from, filter)) return;
                    TrafficSum& sum = sums.of(from).first;
                    sum.touches += touches;
                    sum.visits += visits;
                  });
    for (const RollupSpan& span : spans) {
      auto query = connection_.query(
          "SELECT channel, source, campaign, content, landing_path, sketch FROM day_visitors"
          " WHERE site_id = ? AND level = ? AND day BETWEEN ? AND ?");
      query.bind(range.site_id, span.level, span.from_day, span.to_day);
      std::string_view sketch;
      while (query.step()) {
        query.read(source.channel, source.source, source.campaign, source.content,
                   source.landing_path);
        if (!passes(source, filter)) continue;
        query.read_from(5, sketch);
        sums.of(source).second.merge(sketch);
      }
    }
    read_recent(connection_, range.site_id, range.from_day, range.to_day,
                [&](int, const LentSource& from, std::int64_t touches, std::int64_t visits,
                    const std::optional<std::uint32_t>& visitor) {
                  if (!passes(from, filter)) return;
                  auto& [sum, visitors] = sums.of(from);
                  sum.touches += touches;
                  sum.visits += visits;
                  if (visitor) visitors.add_hash(*visitor);
                });
    TrafficSums found;
    VisitorSketch all;
    sums.each([&](const TrafficSource& key, std::pair<TrafficSum, VisitorSketch>& pair) {
      auto& [sum, visitors] = pair;
      sum.source = key;
      sum.unique_visitors = visitors.count();
      all.merge(visitors.bytes());
      found.all.touches += sum.touches;
      found.all.visits += sum.visits;
      found.by_source.push_back(std::move(sum));
    });
    found.all.unique_visitors = all.count();
    return found;
  });
}

Outcome<std::vector<CreditSum>> SqliteReportStore::credits(const DayRange& range,
                                                           const CreditChoice& choice,
                                                           const SourceFilter& filter,
                                                           GroupBy group) {
  return attempt([&] {
    const auto level = std::max(level_of(filter, group), RollupLevel::channel);
    const auto spans = credit_spans_of(level, range.from_day, range.to_day);
    std::vector<CreditSum> list;
    for (const std::int64_t config : choice.configs) {
      SourceSums<CreditSum> sums(group);
      const auto add = [&](const RowValues& row) {
        LentSource source;
        std::int64_t conversions = 0, new_customers = 0, returned = 0;
        RollupMoney money;
        row.read(source.channel, source.source, source.campaign, source.content,
                 source.landing_path, conversions, new_customers, returned, money.value_minor,
                 money.refund_minor, money.net_minor);
        if (!passes(source, filter)) return;
        CreditSum& sum = sums.of(source);
        sum.conversions_micro += conversions;
        sum.new_customers_micro += new_customers;
        sum.returned_micro += returned;
        sum.money += money;
      };
      const RowVisitor visitor(add);
      for (const RollupSpan& span : spans)
        connection_
            .query(
                "SELECT each_row(?, channel, source, campaign, content, landing_path,"
                " conversions_micro, new_customers_micro, returned_micro, value_minor,"
                " refund_minor, net_minor) FROM day_credit WHERE site_id = ? AND level = ?"
                " AND config = ? AND day BETWEEN ? AND ? AND currency = ? AND kind = ?")
            .bind(visitor, range.site_id, span.level, config, span.from_day, span.to_day,
                  choice.currency, choice.kind)
            .run();
      for (auto& sum : sums.take()) {
        sum.config = config;
        list.push_back(std::move(sum));
      }
    }
    return list;
  });
}

Outcome<std::vector<CostSum>> SqliteReportStore::costs(const DayRange& range,
                                                       std::string_view currency,
                                                       const SourceFilter& filter, GroupBy group) {
  // Costs are known down to the campaign.
  if (filter.content || filter.landing_path || group >= GroupBy::content)
    return std::vector<CostSum>{};
  return attempt([&] {
    SourceSums<CostSum> sums(group);
    const bool are_placed =
        group != GroupBy::none || filter.channel || filter.source || filter.campaign;
    read_costs(connection_, range, currency, are_placed,
               [&](const CostRow& cost, const LentSource& source, const CostPart& part) {
                 if (!passes(source, filter)) return;
                 CostSum& sum = sums.of(source);
                 if (group == GroupBy::campaign && !source.campaign.empty() &&
                     source.campaign == cost.campaign_id)
                   sum.campaign_name = cost.campaign;
                 sum.amount_minor += part.amount_minor;
                 sum.clicks += part.clicks;
                 sum.impressions += part.impressions;
               });
    return sums.take();
  });
}

Outcome<std::vector<DaySum>> SqliteReportStore::days(const DayRange& range,
                                                     const CreditChoice& choice,
                                                     const SourceFilter& filter) {
  return attempt([&] {
    const RollupLevel level = level_of(filter, GroupBy::channel);
    std::map<std::pair<int, Channel>, DaySum> sums;
    read_folded(connection_, range.site_id, {level, range.from_day, range.to_day},
                [&](int day, const LentSource& from, std::int64_t, std::int64_t visits) {
                  if (passes(from, filter)) sums[{day, from.channel}].visits += visits;
                });
    read_recent(
        connection_, range.site_id, range.from_day, range.to_day,
        [&](int on, const LentSource& from, std::int64_t, std::int64_t visits, const auto&) {
          if (passes(from, filter)) sums[{on, from.channel}].visits += visits;
        });
    const auto add = [&](const RowValues& row) {
      int day = 0;
      LentSource source;
      std::int64_t conversions = 0;
      RollupMoney money;
      row.read(day, source.channel, source.source, source.campaign, source.content,
               source.landing_path, conversions, money.value_minor, money.refund_minor,
               money.net_minor);
      if (!passes(source, filter)) return;
      DaySum& sum = sums[{day, source.channel}];
      sum.conversions_micro += conversions;
      sum.money += money;
    };
    const RowVisitor visitor(add);
    for (const std::int64_t config : choice.configs)
      connection_
          .query(
              "SELECT each_row(?, day, channel, source, campaign, content, landing_path,"
              " conversions_micro, value_minor, refund_minor, net_minor) FROM day_credit"
              " WHERE site_id = ? AND level = ? AND config = ? AND day BETWEEN ? AND ?"
              " AND currency = ? AND kind = ?")
          .bind(visitor, range.site_id, std::max(level, RollupLevel::channel), config,
                range.from_day, range.to_day, choice.currency, choice.kind)
          .run();
    if (!filter.content && !filter.landing_path)
      read_costs(connection_, range, choice.currency, /*are_placed=*/true,
                 [&](const CostRow& cost, const LentSource& from, const CostPart& part) {
                   if (passes(from, filter))
                     sums[{cost.day, from.channel}].cost_minor += part.amount_minor;
                 });
    std::vector<DaySum> list;
    for (auto& [key, sum] : sums) {
      std::tie(sum.day, sum.channel) = key;
      list.push_back(sum);
    }
    return list;
  });
}

}  // namespace tl::server::sqlite
