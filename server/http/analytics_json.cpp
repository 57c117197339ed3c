// SPDX-License-Identifier: Apache-2.0
#include "server/http/analytics_json.hpp"

#include "server/core/reports/report_calendar.hpp"
#include "server/core/reports/report_intervals.hpp"
#include "server/core/text/rfc3339.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

namespace tl::server::http {
namespace {

template <class T>
ReportJson or_null(const std::optional<T>& value) {
  return value ? ReportJson(*value) : ReportJson(nullptr);
}

std::string name_of(Channel channel) {
  return std::string(rollup_channel_name(channel));
}

void put_costs(ReportJson& json, const Figures& figures, Basis basis) {
  json["cost_minor"] = or_null(figures.cost_minor);
  json["clicks"] = figures.clicks;
  json["impressions"] = figures.impressions;
  json["roi"] = or_null(figures.roi(basis));
  json["roas"] = or_null(figures.roas(basis));
  json["cpa_minor"] = or_null(figures.cpa_minor());
  json["cac_minor"] = or_null(figures.cac_minor());
}

// `all_micro`: conversions of all lines, for the share.
ReportJson figures_json(const Figures& figures, Basis basis, std::int64_t all_micro) {
  ReportJson json = {
      {"visits", figures.visits},
      {"unique_visitors", figures.unique_visitors},
      {"conversions", decimal(figures.conversions_micro)},
      {"net_conversions", decimal(figures.net_conversions_micro())},
      {"orders_share", all_micro == 0 ? ReportJson(nullptr)
                                      : ReportJson(static_cast<double>(figures.conversions_micro) /
                                                   static_cast<double>(all_micro))},
      {"new_customers", decimal(figures.new_customers_micro)},
      {"revenue_minor", revenue_of(figures.money, basis)},
      {"refunded_minor", refunded_of(figures.money, basis)},
      {"conversion_rate", or_null(figures.conversion_rate())},
      {"average_order_value_minor", or_null(figures.average_order_value_minor(basis))}};
  put_costs(json, figures, basis);
  return json;
}

void put_source(ReportJson& json, const TrafficSource& source, GroupBy group) {
  json["channel"] = name_of(source.channel);
  const bool is_landing = group == GroupBy::landing_page;
  if (group >= GroupBy::source && !is_landing) json["source"] = source.source;
  if (group >= GroupBy::campaign && !is_landing) json["campaign"] = source.campaign;
  if (group == GroupBy::content) json["content"] = source.content;
  if (is_landing) json["landing_path"] = source.landing_path;
}

// None where lines are no channels: which source of a channel took part is not kept.
Outcome<std::map<Channel, Participation>> participation_of(const ReportContext& context) {
  const ReportQuery& query = context.request.query;
  const SourceFilter& filter = query.filter;
  if (query.group != GroupBy::channel || filter.source || filter.campaign || filter.content ||
      filter.landing_path)
    return std::map<Channel, Participation>{};
  return participation(context.tables.reports(), query);
}

void put_participation(ReportJson& item, const std::map<Channel, Participation>& all,
                       Channel channel) {
  if (all.empty()) return;
  const auto found = all.find(channel);
  const Participation part = found == all.end() ? Participation{} : found->second;
  item["participation"] = {{"conversions", part.conversions},
                           {"revenue_minor", part.revenue_minor}};
}

// What the repeat rule leaves without credit stands in no line: `suppressed` is its sum, and
// `with_suppressed` that and the lines', which is the overview's. Nothing where there is none.
Outcome<void> put_suppressed(const ReportContext& context, const Figures& lines, ReportJson& json) {
  const ReportQuery& query = context.request.query;
  if (is_filtered(query.filter)) return {};
  TL_TRY(conversions, conversion_figures(context.tables.reports(), query));
  const Figures& left = conversions.suppressed;
  if (left.conversions_micro == 0 && left.money == RollupMoney{}) return {};
  Figures all = lines;
  all += left;
  json["suppressed"] = figures_json(left, query.basis, all.conversions_micro);
  json["with_suppressed"] = figures_json(all, query.basis, all.conversions_micro);
  return {};
}

// The lines that cost something as one: what ads gave for their money, without what came for
// nothing. How many visitors they share is not known.
void put_with_cost(const std::vector<SourceFigures>& lines, Basis basis, std::int64_t all_micro,
                   ReportJson& json) {
  Figures paid;
  for (const auto& line : lines)
    if (line.figures.cost_minor.value_or(0) != 0) paid += line.figures;
  if (!paid.cost_minor) return;
  json["with_cost"] = figures_json(paid, basis, all_micro);
  json["with_cost"].erase("unique_visitors");
}

ReportJson overview_figures(const Overview& overview, Basis basis) {
  const Figures& figures = overview.figures;
  ReportJson json = {
      {"visits", figures.visits},
      {"unique_visitors", figures.unique_visitors},
      {"orders", or_null(overview.orders)},
      {"conversions", decimal(figures.conversions_micro)},
      {"net_conversions", decimal(figures.net_conversions_micro())},
      {"new_customers", decimal(figures.new_customers_micro)},
      {"leads", or_null(overview.leads)},
      {"suppressed", or_null(overview.suppressed)},
      {"suppressed_minor", or_null(overview.suppressed_minor)},
      {"revenue_minor", revenue_of(figures.money, basis)},
      {"refunded_minor", refunded_of(figures.money, basis)},
      {"attributed_share", or_null(overview.attributed_share)},
      {"attributed_revenue_share", or_null(overview.attributed_revenue_share)},
      {"unmeasurable_share", or_null(overview.unmeasurable_share)},
      {"average_days_to_convert", or_null(overview.average_days_to_convert)},
      {"conversion_rate", or_null(figures.conversion_rate())},
      {"average_order_value_minor", or_null(figures.average_order_value_minor(basis))}};
  put_costs(json, figures, basis);
  return json;
}

ReportJson day_json(const SeriesDay& day, bool is_whole, bool is_filtered) {
  ReportJson json = {{"day", write_day(day.day)}, {"visits", day.visits}};
  if (is_whole) {
    json["orders"] = is_filtered ? ReportJson(nullptr) : ReportJson(day.orders);
    json["leads"] = is_filtered ? ReportJson(nullptr) : ReportJson(day.leads);
  }
  json["revenue_minor"] = day.revenue_minor;
  json["cost_minor"] = or_null(day.cost_minor);
  json["conversions"] = decimal(day.conversions_micro);
  if (is_whole) {
    json["sealed"] = day.is_sealed;
    json["revision"] = day.revision;
  }
  return json;
}

template <class List>
void cut(List& list, std::uint32_t limit) {
  if (list.size() > limit) list.resize(limit);
}

ReportJson buckets_json(const std::vector<Bucket>& buckets, bool by_days) {
  ReportJson list = ReportJson::array();
  ReportJson none = {{"conversions", 0}, {"revenue_minor", 0}};
  for (const auto& bucket : buckets) {
    ReportJson json;
    if (by_days) {
      json["from_days"] = or_null(bucket.from);
      json["to_days"] = or_null(bucket.to);
    } else {
      json["touches"] = or_null(bucket.from);
      json["and_more"] = bucket.from && !bucket.to;
    }
    json["conversions"] = bucket.conversions;
    json["revenue_minor"] = bucket.revenue_minor;
    if (bucket.from)
      list.push_back(std::move(json));
    else
      none = {{"conversions", bucket.conversions}, {"revenue_minor", bucket.revenue_minor}};
  }
  return {{"buckets", std::move(list)}, {"unattributed", std::move(none)}};
}

}  // namespace

std::string decimal(std::int64_t micro) {
  constexpr std::int64_t kMicro = 1'000'000;
  std::string text = micro < 0 ? "-" : "";
  const std::int64_t magnitude = micro < 0 ? -micro : micro;
  text += std::to_string(magnitude / kMicro);
  if (magnitude % kMicro == 0) return text;
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "%06d", static_cast<int>(magnitude % kMicro));
  std::string fraction = digits.data();
  fraction.erase(fraction.find_last_not_of('0') + 1);
  return text + "." + fraction;
}

Outcome<ReportJson> overview_json(const ReportContext& context) {
  const ReportQuery& query = context.request.query;
  TL_TRY(now, overview(context.tables.reports(), query));
  return overview_figures(now, query.basis);
}

Outcome<ReportJson> by_channel_json(const ReportContext& context) {
  const ReportQuery& query = context.request.query;
  ReportStore& store = context.tables.reports();
  TL_TRY(report, figures_by_source(store, query));
  auto& [lines, all] = report;
  std::map<TrafficSource, Figures> before;
  ReportJson totals = figures_json(all, query.basis, all.conversions_micro);
  std::int64_t micro_before = 0;
  if (context.request.compares) {
    TL_TRY(earlier, figures_by_source(store, previous_period(query)));
    micro_before = earlier.all.conversions_micro;
    for (auto& line : earlier.lines) before.emplace(line.source, line.figures);
    totals["previous"] = figures_json(earlier.all, query.basis, micro_before);
  }
  TL_TRY(parts, participation_of(context));
  for (const auto& [channel, part] : parts)
    if (std::none_of(lines.begin(), lines.end(), [&, wanted = channel](const auto& line) {
          return line.source.channel == wanted;
        }))
      lines.push_back({TrafficSource{channel, "", "", "", ""}, {}, ""});
  std::map<TrafficSource, Interval> intervals;
  if (context.request.wants_intervals) {
    TL_TRY(shares, store.shares(query.range, query.choice, query.filter, query.group));
    for (const auto& line : shares)
      if (line.squares != 0) intervals.emplace(line.source, interval_of(line));
  }
  ReportJson sums = {{"totals", std::move(totals)}};
  put_with_cost(lines, query.basis, all.conversions_micro, sums);
  TL_CHECK(put_suppressed(context, all, sums));
  const std::size_t found = lines.size();
  cut(lines, context.request.limit);
  ReportJson items = ReportJson::array();
  for (const auto& line : lines) {
    ReportJson item;
    put_source(item, line.source, query.group);
    if (!line.campaign_name.empty()) item["campaign_name"] = line.campaign_name;
    item.update(figures_json(line.figures, query.basis, all.conversions_micro));
    put_participation(item, parts, line.source.channel);
    if (const auto interval = intervals.find(line.source); interval != intervals.end())
      item["interval"] = {{"low_minor", interval->second.low_minor},
                          {"high_minor", interval->second.high_minor},
                          {"level", kIntervalLevel}};
    if (context.request.compares)
      item["previous"] = figures_json(before[line.source], query.basis, micro_before);
    items.push_back(std::move(item));
  }
  ReportJson body = {{"group_by", group_name(query.group)},
                     {"items", std::move(items)},
                     {"is_cut", found > lines.size()}};
  body.update(sums);
  return body;
}

Outcome<ReportJson> models_compare_json(const ReportContext& context) {
  ReportQuery query = context.request.query;
  ReportStore& store = context.tables.reports();
  TL_TRY(models, all_model_choices(store, context.site));
  query.choice.configs.clear();
  std::map<std::int64_t, std::string> name_of_config;
  ReportJson names = ReportJson::array();
  for (const auto& model : models) {
    names.push_back(model.name);
    for (const auto config : model.configs) {
      query.choice.configs.push_back(config);
      name_of_config[config] = model.name;
    }
  }
  TL_TRY(sums, store.credits(query.range, query.choice, query.filter, query.group));
  std::map<TrafficSource, std::map<std::string, Figures>> lines;
  std::map<std::string, Figures> totals;
  const auto add = [](Figures& figures, const CreditSum& sum) {
    figures.conversions_micro += sum.conversions_micro;
    figures.money.value_minor += sum.money.value_minor;
    figures.money.refund_minor += sum.money.refund_minor;
    figures.money.net_minor += sum.money.net_minor;
  };
  for (const auto& sum : sums) {
    const std::string& name = name_of_config[sum.config];
    add(lines[sum.source][name], sum);
    add(totals[name], sum);
  }
  TL_TRY(parts, participation_of(context));
  for (const auto& [channel, part] : parts) lines[TrafficSource{channel, "", "", "", ""}];
  const auto by_model = [&](std::map<std::string, Figures>& figures) {
    ReportJson json = ReportJson::object();
    for (const auto& model : models) {
      const Figures& one = figures[model.name];
      json[model.name] = {{"conversions", decimal(one.conversions_micro)},
                          {"revenue_minor", revenue_of(one.money, query.basis)}};
    }
    return json;
  };
  // By the shown model's revenue, most first.
  std::vector<TrafficSource> order;
  for (const auto& [source, figures] : lines) order.push_back(source);
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    const auto revenue = [&](const TrafficSource& source) {
      return revenue_of(lines[source][context.model.name].money, query.basis);
    };
    return revenue(a) > revenue(b);
  });
  const std::size_t found = order.size();
  cut(order, context.request.limit);
  ReportJson items = ReportJson::array();
  for (const auto& source : order) {
    ReportJson item;
    put_source(item, source, query.group);
    item["models"] = by_model(lines[source]);
    put_participation(item, parts, source.channel);
    items.push_back(std::move(item));
  }
  ReportJson described = ReportJson::object();
  for (const auto& model : models)
    if (is_data_driven(model.name)) described[model.name] = kDescribesPaths;
  return ReportJson{{"group_by", group_name(query.group)}, {"models", std::move(names)},
                    {"items", std::move(items)},           {"is_cut", found > order.size()},
                    {"totals", by_model(totals)},          {"data_driven", std::move(described)}};
}

Outcome<ReportJson> paths_json(const ReportContext& context) {
  const AnalyticsRequest& request = context.request;
  TL_TRY(report, paths(context.tables.reports(), request.query, request.limit));
  const std::int64_t total = report.conversions;
  ReportJson items = ReportJson::array();
  for (const auto& path : report.lines) {
    ReportJson names = ReportJson::array();
    for (const Channel channel : path.channels) names.push_back(name_of(channel));
    items.push_back({{"path", std::move(names)},
                     {"conversions", path.conversions},
                     {"revenue_minor", path.revenue_minor},
                     {"average_days_to_convert", or_null(path.average_days_to_convert)},
                     {"share", total == 0 ? ReportJson(nullptr)
                                          : ReportJson(static_cast<double>(path.conversions) /
                                                       static_cast<double>(total))}});
  }
  return ReportJson{{"items", std::move(items)},
                    {"is_cut", report.count > report.lines.size()},
                    {"total_conversions", total},
                    {"total_paths", report.count}};
}

Outcome<ReportJson> time_series_json(const ReportContext& context) {
  const bool by_channel = context.request.has_group;
  TL_TRY(series, time_series(context.tables.reports(), context.request.query, by_channel));
  ReportJson items = ReportJson::array();
  const bool filtered = is_filtered(context.request.query.filter);
  for (const auto& day : series.days) items.push_back(day_json(day, true, filtered));
  ReportJson json = {{"interval", "day"}, {"items", std::move(items)}};
  if (!by_channel) return json;
  ReportJson channels = ReportJson::array();
  for (const auto& channel : series.channels) {
    ReportJson days = ReportJson::array();
    for (const auto& day : channel.days) days.push_back(day_json(day, false, filtered));
    channels.push_back({{"channel", name_of(channel.channel)}, {"items", std::move(days)}});
  }
  json["channels"] = std::move(channels);
  return json;
}

Outcome<ReportJson> time_lag_json(const ReportContext& context) {
  TL_TRY(buckets, time_lag(context.tables.reports(), context.request.query));
  return buckets_json(buckets, /*by_days=*/true);
}

Outcome<ReportJson> path_length_json(const ReportContext& context) {
  TL_TRY(buckets, path_length(context.tables.reports(), context.request.query));
  return buckets_json(buckets, /*by_days=*/false);
}

Outcome<ReportJson> assists_json(const ReportContext& context) {
  TL_TRY(lines, assists(context.tables.reports(), context.request.query));
  ReportJson items = ReportJson::array();
  for (const auto& line : lines)
    items.push_back(
        {{"channel", name_of(line.channel)},
         {"first", line.first},
         {"last", line.last},
         {"assisted", line.assisted},
         {"assist_ratio", line.last == 0 ? ReportJson(nullptr)
                                         : ReportJson(static_cast<double>(line.assisted) /
                                                      static_cast<double>(line.last))},
         {"revenue_assisted_minor", line.revenue_assisted_minor}});
  return ReportJson{{"items", std::move(items)}};
}

Outcome<ReportJson> self_reported_json(const ReportContext& context) {
  const ReportQuery& query = context.request.query;
  TL_TRY(sums, context.tables.reports().self_reported(query.range, query.choice));
  // A touch on the path that got no credit was not measured as the answer.
  std::erase_if(sums, [wanted = query.filter.channel](const SelfReportedSum& sum) {
    return (wanted && sum.channel != *wanted) || sum.conversions_micro == 0;
  });
  std::stable_sort(sums.begin(), sums.end(),
                   [](const SelfReportedSum& a, const SelfReportedSum& b) {
                     return a.conversions_micro > b.conversions_micro;
                   });
  cut(sums, context.request.limit);
  ReportJson items = ReportJson::array();
  for (const auto& sum : sums)
    items.push_back({{"self_reported", sum.self_reported},
                     {"channel", name_of(sum.channel)},
                     {"conversions", decimal(sum.conversions_micro)},
                     {"revenue_minor", revenue_of(sum.money, query.basis)}});
  return ReportJson{{"items", std::move(items)}};
}

Outcome<ReportJson> revisions_json(const ReportContext& context) {
  const DayRange& range = context.request.query.range;
  TL_TRY(revisions, context.tables.reports().revisions(range));
  TL_TRY(sealed, context.tables.reports().sealed_day(range.site_id));
  cut(revisions, context.request.limit);
  ReportJson items = ReportJson::array();
  for (const auto& revision : revisions)
    items.push_back({{"day", write_day(revision.day)},
                     {"revision", revision.revision},
                     {"changed_at", write_rfc3339(revision.t_ms)},
                     {"reasons", revision.reasons},
                     {"before", ReportJson::parse(revision.before, nullptr, false)}});
  return ReportJson{
      {"sealed_through", sealed == 0 ? ReportJson(nullptr) : ReportJson(write_day(sealed))},
      {"items", std::move(items)}};
}

}  // namespace tl::server::http
