// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/report_store.hpp"

#include "server/core/durations.hpp"
#include "server/core/local_day.hpp"
#include "server/core/report_calendar.hpp"
#include "server/core/rfc3339.hpp"
#include "server/core/visitor_sketch.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace tl::server::sqlite {

// What is filtered by, as ?4 to ?8; null does not filter.
#define TL_FILTER                                                       \
  " AND (?4 IS NULL OR channel = ?4) AND (?5 IS NULL OR source = ?5)"   \
  " AND (?6 IS NULL OR campaign = ?6) AND (?7 IS NULL OR content = ?7)" \
  " AND (?8 IS NULL OR landing_path = ?8)"

Outcome<std::vector<TrafficSum>> SqliteReportStore::traffic(const DayRange& range,
                                                            const SourceFilter& filter,
                                                            GroupBy group) {
  return attempt([&] {
    const int level = level_of(filter, group);
    Groups<std::pair<TrafficSum, VisitorSketch>> groups;
    LentSource source;
    {
      auto query = connection_.query(
          "SELECT channel, source, campaign, content, landing_path, touches, visits FROM"
          " day_traffic WHERE site_id = ?1 AND level = ?9 AND day BETWEEN ?2 AND ?3" TL_FILTER);
      query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
                 filter.campaign, filter.content, filter.landing_path, level);
      while (query.step()) {
        std::int64_t touches = 0, visits = 0;
        query.read(source.channel, source.source, source.campaign, source.content,
                   source.landing_path, touches, visits);
        TrafficSum& sum = group_of(groups, source, group).first;
        sum.touches += touches;
        sum.visits += visits;
      }
    }
    auto query = connection_.query(
        "SELECT channel, source, campaign, content, landing_path, sketch FROM day_visitors"
        " WHERE site_id = ?1 AND level = ?9 AND day BETWEEN ?2 AND ?3" TL_FILTER);
    query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
               filter.campaign, filter.content, filter.landing_path, level);
    std::string_view sketch;
    while (query.step()) {
      query.read(source.channel, source.source, source.campaign, source.content,
                 source.landing_path, sketch);
      group_of(groups, source, group).second.merge(sketch);
    }
    std::vector<TrafficSum> sums;
    for (auto& [key, found] : groups) {
      found.first.source = key;
      found.first.unique_visitors = found.second.count();
      sums.push_back(std::move(found.first));
    }
    return sums;
  });
}

Outcome<std::vector<CreditSum>> SqliteReportStore::credits(const DayRange& range,
                                                           const CreditChoice& choice,
                                                           const SourceFilter& filter,
                                                           GroupBy group) {
  return attempt([&] {
    const int level = std::max(level_of(filter, group), 1);
    std::vector<CreditSum> sums;
    for (const std::int64_t config : choice.configs) {
      Groups<CreditSum> groups;
      auto query = connection_.query(
          "SELECT channel, source, campaign, content, landing_path, conversions_micro,"
          " new_customers_micro, value_minor, refund_minor, net_minor FROM day_credit"
          " WHERE site_id = ?1 AND level = ?9 AND config = ?10 AND day BETWEEN ?2 AND ?3"
          " AND currency = ?11 AND kind = ?12" TL_FILTER);
      query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
                 filter.campaign, filter.content, filter.landing_path, level, config,
                 choice.currency, choice.kind);
      LentSource source;
      while (query.step()) {
        std::int64_t conversions = 0, new_customers = 0;
        RollupMoney money;
        query.read(source.channel, source.source, source.campaign, source.content,
                   source.landing_path, conversions, new_customers, money.value_minor,
                   money.refund_minor, money.net_minor);
        CreditSum& sum = group_of(groups, source, group);
        sum.conversions_micro += conversions;
        sum.new_customers_micro += new_customers;
        sum.money += money;
      }
      for (auto& sum : values_of(groups)) {
        sum.config = config;
        sums.push_back(std::move(sum));
      }
    }
    return sums;
  });
}

Outcome<std::vector<CostSum>> SqliteReportStore::costs(const DayRange& range,
                                                       std::string_view currency,
                                                       const SourceFilter& filter, GroupBy group) {
  // Costs are known down to the campaign.
  if (filter.content || filter.landing_path || group >= GroupBy::content)
    return std::vector<CostSum>{};
  return attempt([&] {
    Groups<CostSum> groups;
    auto query = connection_.query(
        "SELECT channel, source, campaign, amount_minor, clicks, impressions FROM cost"
        " WHERE site_id = ?1 AND day BETWEEN ?2 AND ?3 AND currency = ?7"
        " AND (?4 IS NULL OR channel = ?4) AND (?5 IS NULL OR source = ?5)"
        " AND (?6 IS NULL OR campaign = ?6)");
    query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
               filter.campaign, currency);
    while (query.step()) {
      LentSource source;
      CostSum part;
      query.read(source.channel, source.source, source.campaign, part.amount_minor, part.clicks,
                 part.impressions);
      CostSum& sum = group_of(groups, source, group);
      sum.amount_minor += part.amount_minor;
      sum.clicks += part.clicks;
      sum.impressions += part.impressions;
    }
    return values_of(groups);
  });
}

Outcome<std::vector<DaySum>> SqliteReportStore::days(const DayRange& range,
                                                     const CreditChoice& choice,
                                                     const SourceFilter& filter) {
  return attempt([&] {
    const int level = level_of(filter, GroupBy::channel);
    std::map<std::pair<int, Channel>, DaySum> sums;
    int day = 0;
    Channel channel{};
    {
      auto query = connection_.query(
          "SELECT day, channel, visits FROM day_traffic"
          " WHERE site_id = ?1 AND level = ?9 AND day BETWEEN ?2 AND ?3" TL_FILTER);
      query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
                 filter.campaign, filter.content, filter.landing_path, level);
      while (query.step()) {
        std::int64_t visits = 0;
        query.read(day, channel, visits);
        sums[{day, channel}].visits += visits;
      }
    }
    for (const std::int64_t config : choice.configs) {
      auto query = connection_.query(
          "SELECT day, channel, conversions_micro, value_minor, refund_minor, net_minor FROM"
          " day_credit WHERE site_id = ?1 AND level = ?9 AND config = ?10 AND day BETWEEN ?2 AND ?3"
          " AND currency = ?11 AND kind = ?12" TL_FILTER);
      query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
                 filter.campaign, filter.content, filter.landing_path, std::max(level, 1), config,
                 choice.currency, choice.kind);
      while (query.step()) {
        std::int64_t conversions = 0;
        RollupMoney money;
        query.read(day, channel, conversions, money.value_minor, money.refund_minor,
                   money.net_minor);
        DaySum& sum = sums[{day, channel}];
        sum.conversions_micro += conversions;
        sum.money += money;
      }
    }
    if (!filter.content && !filter.landing_path) {
      auto query = connection_.query(
          "SELECT day, channel, amount_minor FROM cost WHERE site_id = ?1 AND day BETWEEN ?2 AND ?3"
          " AND currency = ?7 AND (?4 IS NULL OR channel = ?4) AND (?5 IS NULL OR source = ?5)"
          " AND (?6 IS NULL OR campaign = ?6)");
      query.bind(range.site_id, range.from_day, range.to_day, filter.channel, filter.source,
                 filter.campaign, choice.currency);
      while (query.step()) {
        std::int64_t amount = 0;
        query.read(day, channel, amount);
        sums[{day, channel}].cost_minor += amount;
      }
    }
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
    auto query = connection_.query(
        "SELECT CASE WHEN ?4 THEN day ELSE 0 END AS d, kind, currency, lag_days, sum(conversions),"
        " sum(new_customers), sum(value_minor), sum(refund_minor), sum(net_minor)"
        " FROM day_conversions WHERE site_id = ?1 AND day BETWEEN ?2 AND ?3"
        " GROUP BY d, kind, currency, lag_days");
    query.bind(range.site_id, range.from_day, range.to_day, by_day);
    return all_rows<ConversionSum>(query, [](Query& row) {
      ConversionSum sum;
      row.read(sum.day, sum.kind, sum.currency, sum.lag_days, sum.conversions, sum.new_customers,
               sum.money.value_minor, sum.money.refund_minor, sum.money.net_minor);
      return sum;
    });
  });
}

Outcome<std::vector<DayPath>> SqliteReportStore::paths(const DayRange& range, std::string_view kind,
                                                       std::string_view currency) {
  return attempt([&] {
    std::map<std::string, DayPath, std::less<>> sums;
    auto query = connection_.query(
        "SELECT channels, conversions, lag_days, value_minor, refund_minor, net_minor FROM day_path"
        " WHERE site_id = ? AND day BETWEEN ? AND ? AND kind = ? AND currency = ?");
    query.bind(range.site_id, range.from_day, range.to_day, kind, currency);
    DayPath part;
    while (query.step()) {
      query.read(part.channels, part.conversions, part.lag_days, part.money.value_minor,
                 part.money.refund_minor, part.money.net_minor);
      DayPath& sum = sums[part.channels];
      sum.conversions += part.conversions;
      sum.lag_days += part.lag_days;
      sum.money += part.money;
    }
    std::vector<DayPath> list;
    for (auto& [channels, sum] : sums) {
      sum.channels = channels;
      sum.kind = kind;
      sum.currency = currency;
      list.push_back(std::move(sum));
    }
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

Outcome<std::vector<ConversionShares>> SqliteReportStore::shares(const DayRange& range,
                                                                 std::string_view timezone,
                                                                 const CreditChoice& choice,
                                                                 const SourceFilter& filter,
                                                                 GroupBy group) {
  // No zone is further than a day from UTC; the day itself decides.
  const auto from_ms = parse_rfc3339(write_day(range.from_day)).value_or(0) - kDayMs;
  const auto to_ms = parse_rfc3339(write_day(range.to_day)).value_or(0) + 2 * kDayMs;
  return attempt([&] {
    std::map<Id128, ConversionShares> by_conversion;
    for (const std::int64_t config : choice.configs) {
      auto query = connection_.query(
          "SELECT c.id, c.occurred_ms, CASE WHEN r.touch_id IS NULL THEN 255 ELSE r.channel END,"
          " r.source, r.campaign, r.content, r.landing_path, r.net_minor FROM conversion c"
          " JOIN model_config m ON m.site_id = c.site_id AND m.config = ?1"
          " JOIN credit r ON r.site_id = c.site_id AND r.conversion_id = c.id AND"
          " r.model = m.model AND r.config = ?1"
          " WHERE c.site_id = ?2 AND c.occurred_ms BETWEEN ?3 AND ?4 AND c.live = 1"
          " AND c.kind = ?5 AND c.currency = ?6");
      query.bind(config, range.site_id, from_ms, to_ms, choice.kind, choice.currency);
      Id128 id;
      std::int64_t occurred_ms = 0, minor = 0;
      std::optional<std::int64_t> dated_ms;
      bool is_within = false;
      LentSource source;
      while (query.step()) {
        query.read(id, occurred_ms, source.channel, source.source, source.campaign, source.content,
                   source.landing_path, minor);
        if (occurred_ms != dated_ms) {
          const int day = local_day(occurred_ms, timezone);
          is_within = day >= range.from_day && day <= range.to_day;
          dated_ms = occurred_ms;
        }
        if (!is_within || !passes(source, filter)) continue;
        by_conversion[id].parts.emplace_back(owned(cut(source, group)), minor);
      }
    }
    std::vector<ConversionShares> list;
    for (auto& [id, shares] : by_conversion) list.push_back(std::move(shares));
    return list;
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
