// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/report_store.hpp"

#include "server/core/costs/cost_places.hpp"
#include "server/core/reports/visitor_sketch.hpp"
#include "server/store/sqlite/credit_split.hpp"
#include "server/store/sqlite/recent_traffic.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace tl::server::sqlite {

// Rows are filtered and grouped here and not by the statement: that costs less a row than SQLite's
// own comparisons, and it would sort rows that already come in the order of their key.

namespace {

struct HashOfBytes {
  using is_transparent = void;
  std::size_t operator()(std::string_view bytes) const {
    return std::hash<std::string_view>{}(bytes);
  }
};

// Folded traffic. `each` is told the day, the source (lent until it returns), touches and visits.
template <class Each>
void read_folded(Connection& connection, std::string_view site_id, const RollupSpan& span,
                 Each&& each) {
  const auto visit = [&](const RowValues& row) {
    int day = 0;
    LentSource source;
    std::int64_t touches = 0, visits = 0;
    row.read(day, source.channel, source.source, source.campaign, source.content,
             source.landing_path, touches, visits);
    each(day, source, touches, visits);
  };
  const RowVisitor visitor(visit);
  connection
      .query(
          "SELECT each_row(?, day, channel, source, campaign, content, landing_path, touches,"
          " visits) FROM day_traffic WHERE site_id = ? AND level = ? AND day BETWEEN ? AND ?")
      .bind(visitor, site_id, span.level, span.from_day, span.to_day)
      .run();
}

// What the costs name: few things, however many rows of cost and of traffic there are.
std::vector<CostRow> named_costs(Connection& connection, const DayRange& range,
                                 std::string_view currency) {
  auto query = connection.query(
      "SELECT DISTINCT channel, source, campaign, campaign_id, platform FROM cost"
      " WHERE site_id = ? AND day BETWEEN ? AND ? AND currency = ?");
  query.bind(range.site_id, range.from_day, range.to_day, currency);
  return all_rows<CostRow>(query, [](Query& row) {
    CostRow cost;
    row.read(cost.channel, cost.source, cost.campaign, cost.campaign_id, cost.platform);
    return cost;
  });
}

CostPlaces cost_places(Connection& connection, const DayRange& range,
                       const std::vector<CostRow>& costs) {
  constexpr int kLastDay = 99991231;
  CostPlaces places;
  const auto add = [&](CostPlaces::When when, const std::vector<RollupSpan>& spans, int from_day,
                       int to_day) {
    SourceSums<TrafficSum> sums(GroupBy::campaign);
    const auto count = [&](int, const LentSource& source, std::int64_t touches, std::int64_t,
                           const auto&...) {
      if (places.seeks(source.campaign)) sums.of(source).touches += touches;
    };
    for (const RollupSpan& span : spans) read_folded(connection, range.site_id, span, count);
    read_recent(connection, range.site_id, from_day, to_day, count);
    sums.each([&](const TrafficSource& source, const TrafficSum& sum) {
      places.add_traffic(when, source, sum.touches);
    });
  };
  if (places.seek(costs))
    add(CostPlaces::When::asked, spans_of(RollupLevel::campaign, range.from_day, range.to_day),
        range.from_day, range.to_day);
  if (places.seek(costs))
    add(CostPlaces::When::ever, {{RollupLevel::campaign_ever, 0, 0}}, 0, kLastDay);
  return places;
}

// Costs where they stand in reports, or as they were told where no report would show the
// difference. `each` is told the cost, the source and the part.
template <class Each>
void read_costs(Connection& connection, const DayRange& range, std::string_view currency,
                bool are_placed, Each&& each) {
  auto query = connection.query(
      "SELECT day, channel, source, campaign, campaign_id, platform, amount_minor, clicks,"
      " impressions FROM cost WHERE site_id = ? AND day BETWEEN ? AND ? AND currency = ?");
  query.bind(range.site_id, range.from_day, range.to_day, currency);
  CostPlaces places;
  if (are_placed) places = cost_places(connection, range, named_costs(connection, range, currency));
  CostRow cost;
  while (query.step()) {
    query.read(cost.day, cost.channel, cost.source, cost.campaign, cost.campaign_id, cost.platform,
               cost.amount_minor, cost.clicks, cost.impressions);
    places.split(cost, [&](const TrafficSource& source, const CostPart& part) {
      each(cost, lent(source), part);
    });
  }
}

// The lines that sources of splits belong to, found by their bytes: a report over many conversions
// reads each source once.
class SourceLines {
 public:
  SourceLines(const SourceFilter& filter, GroupBy group) : filter_(filter), sums_(group) {}

  // none: the filter keeps it out.
  ShareSums* of(std::string_view bytes) {
    if (const auto known = lines_.find(bytes); known != lines_.end()) return known->second;
    const LentSource source = read_split_source(bytes);
    ShareSums* const line = passes(source, filter_) ? &sums_.of(source) : nullptr;
    lines_.emplace(bytes, line);
    return line;
  }
  std::vector<ShareSums> take() { return sums_.take(); }

 private:
  const SourceFilter& filter_;
  SourceSums<ShareSums> sums_;
  std::unordered_map<std::string, ShareSums*, HashOfBytes, std::equal_to<>> lines_;
};

}  // namespace

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

Outcome<std::vector<ConversionSum>> SqliteReportStore::conversions(const DayRange& range,
                                                                   bool by_day) {
  return attempt([&] {
    std::map<std::tuple<int, std::string, std::string, int>, ConversionSum> sums;
    const auto add = [&](const RowValues& row) {
      int day = 0, lag_days = 0;
      std::string_view kind, currency;
      ConversionSum part;
      row.read(day, kind, currency, lag_days, part.conversions, part.new_customers, part.returned,
               part.money.value_minor, part.money.refund_minor, part.money.net_minor);
      if (!by_day) day = 0;
      ConversionSum& sum = sums[{day, std::string(kind), std::string(currency), lag_days}];
      sum.conversions += part.conversions;
      sum.new_customers += part.new_customers;
      sum.returned += part.returned;
      sum.money += part.money;
    };
    const RowVisitor visitor(add);
    connection_
        .query(
            "SELECT each_row(?, day, kind, currency, lag_days, conversions, new_customers, "
            "returned,"
            " value_minor, refund_minor, net_minor) FROM day_conversions WHERE site_id = ?"
            " AND day BETWEEN ? AND ?")
        .bind(visitor, range.site_id, range.from_day, range.to_day)
        .run();
    std::vector<ConversionSum> list;
    for (auto& [key, sum] : sums) {
      std::tie(sum.day, sum.kind, sum.currency, sum.lag_days) = key;
      list.push_back(std::move(sum));
    }
    return list;
  });
}

Outcome<std::vector<PathSum>> SqliteReportStore::paths(const DayRange& range, std::string_view kind,
                                                       std::string_view currency) {
  return attempt([&] {
    std::vector<PathSum> list;
    std::unordered_map<std::string, std::size_t, HashOfBytes, std::equal_to<>> places;
    const auto add = [&](const RowValues& row) {
      std::string_view channels;
      std::int64_t conversions = 0, lag_days = 0;
      RollupMoney money;
      row.read(channels, conversions, lag_days, money.value_minor, money.refund_minor,
               money.net_minor);
      auto place = places.find(channels);
      if (place == places.end()) {
        place = places.emplace(channels, list.size()).first;
        list.push_back({std::string(channels), 0, 0, {}});
      }
      PathSum& sum = list[place->second];
      sum.conversions += conversions;
      sum.lag_days += lag_days;
      sum.money += money;
    };
    const RowVisitor visitor(add);
    connection_
        .query(
            "SELECT each_row(?, channels, conversions, lag_days, value_minor, refund_minor,"
            " net_minor) FROM day_path WHERE site_id = ? AND day BETWEEN ? AND ? AND kind = ?"
            " AND currency = ?")
        .bind(visitor, range.site_id, range.from_day, range.to_day, kind, currency)
        .run();
    return list;
  });
}

Outcome<std::vector<SelfReportedSum>> SqliteReportStore::self_reported(const DayRange& range,
                                                                       const CreditChoice& choice) {
  return attempt([&] {
    std::map<std::pair<std::string, Channel>, SelfReportedSum> sums;
    for (const std::int64_t config : choice.configs) {
      auto query = connection_.query(
          "SELECT self_reported, channel, conversions_micro, value_minor, refund_minor, net_minor"
          " FROM day_self_reported WHERE site_id = ? AND config = ? AND day BETWEEN ? AND ?"
          " AND currency = ? AND kind = ?");
      query.bind(range.site_id, config, range.from_day, range.to_day, choice.currency, choice.kind);
      while (query.step()) {
        SelfReportedSum part;
        query.read(part.self_reported, part.channel, part.conversions_micro, part.money.value_minor,
                   part.money.refund_minor, part.money.net_minor);
        SelfReportedSum& sum = sums[{part.self_reported, part.channel}];
        sum.conversions_micro += part.conversions_micro;
        sum.money += part.money;
      }
    }
    std::vector<SelfReportedSum> list;
    for (auto& [key, sum] : sums) {
      std::tie(sum.self_reported, sum.channel) = key;
      list.push_back(std::move(sum));
    }
    return list;
  });
}

Outcome<std::vector<ShareSums>> SqliteReportStore::shares(const DayRange& range,
                                                          const CreditChoice& choice,
                                                          const SourceFilter& filter,
                                                          GroupBy group) {
  return attempt([&] {
    SourceLines lines(filter, group);
    auto query = connection_.query(
        "SELECT split FROM conversion_split WHERE site_id = ? AND day BETWEEN ? AND ?"
        " AND kind = ? AND currency = ?");
    query.bind(range.site_id, range.from_day, range.to_day, choice.kind, choice.currency);
    std::string_view bytes;
    CreditSplit split;
    std::vector<std::pair<ShareSums*, std::int64_t>> parts;  // of one conversion, each line once
    while (query.step()) {
      query.read(bytes);
      read_split(bytes, choice.configs, split);
      parts.clear();
      for (const auto& [place, minor] : split.shares) {
        ShareSums* const line = lines.of(split.sources[place]);
        if (line == nullptr) continue;
        const auto found = std::find_if(parts.begin(), parts.end(),
                                        [&](const auto& known) { return known.first == line; });
        if (found == parts.end())
          parts.emplace_back(line, minor);
        else
          found->second += minor;
      }
      for (const auto& [line, minor] : parts) line->add(minor);
    }
    return lines.take();
  });
}

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
