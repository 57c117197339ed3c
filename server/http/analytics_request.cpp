// SPDX-License-Identifier: Apache-2.0
#include "server/http/analytics_request.hpp"

#include "server/core/orders/currency.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/http/csv_table.hpp"
#include "server/http/query_names.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace tl::server::http {
namespace {

constexpr int kMostDays = 1100;
constexpr int kDefaultDays = 30;
constexpr std::int64_t kMostLines = 10'000;

struct GroupName {
  const char* name;
  GroupBy group;
};
constexpr std::array kGroups = {
    GroupName{"channel", GroupBy::channel}, GroupName{"source", GroupBy::source},
    GroupName{"campaign", GroupBy::campaign}, GroupName{"content", GroupBy::content},
    GroupName{"landing", GroupBy::landing_page}};

// One of two words, the first by default. Errors: `code`.
Outcome<bool> is_second(const Request& request, const char* name, const char* first,
                        const char* second, const char* code) {
  const auto text = request.query_value(name);
  if (text.empty() || text == first) return false;
  if (text == second) return true;
  return invalid(
      code, std::string(name) + "=" + std::string(text) + " must be " + first + " or " + second);
}

Outcome<std::optional<int>> read_day(const Request& request, const char* name) {
  const auto is_named = [&](const auto& each) { return each.first == name; };
  if (std::none_of(request.query.begin(), request.query.end(), is_named))
    return std::optional<int>{};
  const auto text = request.query_value(name);
  const auto day = parse_day(text);
  if (!day)
    return invalid("bad_date",
                   std::string(name) + "=" + std::string(text) + " " + day_complaint(text));
  return day;
}

Outcome<void> read_range(const Request& request, const SiteConfig& site, std::int64_t now_ms,
                         DayRange& range) {
  TL_TRY(from, read_day(request, "startDate"));
  TL_TRY(to, read_day(request, "endDate"));
  range.site_id = site.id;
  const int today = local_day(now_ms, site.timezone);
  range.to_day = to.value_or(from ? std::max(*from, today) : today);
  range.from_day = from.value_or(add_days(range.to_day, 1 - kDefaultDays));
  if (range.from_day > range.to_day)
    return invalid("bad_date", "startDate=" + write_day(range.from_day) +
                                   " is after endDate=" + write_day(range.to_day) + "; swap them");
  const int days = days_between(range.from_day, range.to_day) + 1;
  if (days > kMostDays)
    return invalid("range_too_large",
                   "the range has " + std::to_string(days) + " days; ask for at most 1,100");
  return {};
}

Outcome<void> read_filter(const Request& request, SourceFilter& filter) {
  if (const auto name = request.query_value("channel"); !name.empty()) {
    Channel channel{};
    if (name == rollup_channel_name(kUnattributedChannel))
      channel = kUnattributedChannel;
    else if (!parse_channel(name, channel))
      return invalid("unknown_channel", "channel=" + std::string(name) +
                                            " is no channel; take one that a report names");
    filter.channel = channel;
  }
  // An empty value is a value: touches without a campaign.
  const auto read = [&](const char* name, std::optional<std::string>& value) {
    for (const auto& [key, text] : request.query)
      if (key == name) value = text;
  };
  read("source", filter.source);
  read("campaign", filter.campaign);
  read("content", filter.content);
  read("landing", filter.landing_path);
  return {};
}

}  // namespace

const char* group_name(GroupBy group) {
  for (const auto& known : kGroups)
    if (known.group == group) return known.name;
  return "none";
}

ReportQuery previous_period(const ReportQuery& query) {
  ReportQuery before = query;
  const int days = days_between(query.range.from_day, query.range.to_day) + 1;
  before.range.from_day = add_days(query.range.from_day, -days);
  before.range.to_day = add_days(query.range.to_day, -days);
  return before;
}

Outcome<void> check_takes(const AnalyticsRequest& asked, const ReportTakes& takes,
                          std::string_view report) {
  using Takes = ReportTakes;
  const std::string name(report);
  const SourceFilter& filter = asked.query.filter;
  if (is_filtered(filter) && takes.filters == Takes::Filters::none)
    return invalid("bad_filter", name + " knows nothing by source; leave the filters out");
  if ((filter.source || filter.campaign || filter.content || filter.landing_path) &&
      takes.filters == Takes::Filters::channel)
    return invalid("bad_filter", name + " knows channels only; of the filters it takes channel");
  if (asked.has_group && takes.groups == Takes::Groups::none)
    return invalid("bad_group", name + " has lines of its own; leave groupBy out");
  if (asked.has_group && takes.groups == Takes::Groups::channel &&
      asked.query.group != GroupBy::channel)
    return invalid("bad_group", name + " takes groupBy=channel only");
  if (asked.compares && takes.compares == Takes::Compares::no)
    return invalid("bad_compare", name + " has no period to compare with; leave compare out");
  if (asked.wants_intervals && !takes.intervals)
    return invalid("bad_intervals", name + " has no intervals; by-channel has them");
  if (asked.wants_intervals && asked.query.basis == Basis::cash)
    return invalid("bad_intervals", "intervals are those of basis=accrual; leave one of both out");
  return {};
}

Outcome<AnalyticsRequest> read_analytics_request(const Request& request, const SiteConfig& site,
                                                 std::int64_t now_ms) {
  static const std::vector<std::string> kNames = {
      "site",     "startDate", "endDate", "attributionModel", "channel",  "source",
      "campaign", "content",   "landing", "groupBy",          "currency", "basis",
      "kind",     "compare",   "limit",   "intervals",        "format"};
  AnalyticsRequest made;
  TL_CHECK(check_query_names(request, kNames));
  TL_CHECK(read_range(request, site, now_ms, made.query.range));
  TL_CHECK(read_filter(request, made.query.filter));
  if (const auto name = request.query_value("groupBy"); !name.empty()) {
    made.has_group = false;
    for (const auto& known : kGroups)
      if (name == known.name) {
        made.query.group = known.group;
        made.has_group = true;
      }
    if (!made.has_group)
      return invalid("bad_group", "groupBy=" + std::string(name) +
                                      " must be channel, source, campaign, content or landing");
  }
  made.query.choice.currency = site.currency;
  if (const auto text = request.query_value("currency"); !text.empty()) {
    TL_TRY(currency, parse_currency(text));
    made.query.choice.currency = std::move(currency);
  }
  made.query.choice.kind = "purchase";
  if (const auto kind = request.query_value("kind"); !kind.empty()) {
    made.query.choice.kind = kind;
  }
  TL_TRY(is_cash, is_second(request, "basis", "accrual", "cash", "bad_basis"));
  made.query.basis = is_cash ? Basis::cash : Basis::accrual;
  TL_TRY(compares, is_second(request, "compare", "none", "previous", "bad_compare"));
  made.compares = compares;
  TL_TRY(is_csv, wants_csv(request));
  made.is_csv = is_csv;
  TL_TRY(wants_intervals, is_second(request, "intervals", "false", "true", "bad_intervals"));
  made.wants_intervals = wants_intervals;
  if (const auto text = request.query_value("limit"); !text.empty()) {
    std::int64_t limit = 0;
    if (!parse_decimal(text, limit) || limit < 1 || limit > kMostLines)
      return invalid("bad_limit", "limit must be a whole number from 1 to 10000");
    made.limit = static_cast<std::uint32_t>(limit);
  }
  made.model = request.query_value("attributionModel");
  return made;
}

}  // namespace tl::server::http
