// SPDX-License-Identifier: Apache-2.0
// Headers are compared without case. Platforms are told apart by a column that only they have; the
// names are those of the exports' English form (others: --map).

#include "server/core/cost_columns.hpp"

#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, kCostFields> kFieldNames = {
    "day",      "last_day", "channel",  "campaign_type", "source",
    "campaign", "amount",   "currency", "clicks",        "impressions"};

struct HeaderName {
  CostField field;
  std::string_view name;
};

struct Platform {
  std::string_view name, source;
  Channel channel;
  bool is_month_first;
  std::string_view own_column;  // that tells it from the others; a prefix
  std::vector<HeaderName> headers;
};

const std::vector<Platform>& platforms() {
  using F = CostField;
  static const std::vector<Platform> list = {
      {"meta_ads",
       "facebook",
       Channel::paid_social,
       false,
       "amount spent",
       {{F::day, "day"},
        {F::day, "reporting starts"},
        {F::last_day, "reporting ends"},
        {F::campaign, "campaign name"},
        {F::amount, "amount spent"},
        {F::currency, "currency"},
        {F::clicks, "link clicks"},
        {F::clicks, "clicks (all)"},
        {F::impressions, "impressions"}}},
      {"microsoft_ads",
       "bing",
       Channel::paid_search,
       true,
       "spend",
       {{F::day, "gregorian date"},
        {F::day, "time period"},
        {F::day, "timeperiod"},
        {F::campaign, "campaign name"},
        {F::campaign, "campaignname"},
        {F::campaign, "campaign"},
        {F::campaign_type, "campaign type"},
        {F::amount, "spend"},
        {F::currency, "currency code"},
        {F::currency, "currencycode"},
        {F::clicks, "clicks"},
        {F::impressions, "impressions"}}},
      {"tiktok_ads",
       "tiktok",
       Channel::paid_social,
       false,
       "by day",
       {{F::day, "by day"},
        {F::campaign, "campaign name"},
        {F::amount, "cost"},
        {F::amount, "total cost"},
        {F::currency, "currency"},
        {F::clicks, "clicks (destination)"},
        {F::clicks, "clicks"},
        {F::clicks, "clicks (all)"},
        {F::impressions, "impressions"}}},
      {"tiktok_ads",
       "tiktok",
       Channel::paid_social,
       false,
       "date",
       {{F::day, "date"},
        {F::campaign, "campaign name"},
        {F::amount, "cost"},
        {F::amount, "total cost"},
        {F::currency, "currency"},
        {F::clicks, "clicks (destination)"},
        {F::clicks, "clicks"},
        {F::clicks, "clicks (all)"},
        {F::impressions, "impressions"}}},
      {"google_ads",
       "google",
       Channel::paid_search,
       false,
       "cost",
       {{F::day, "day"},
        {F::campaign, "campaign"},
        {F::campaign_type, "campaign type"},
        {F::campaign_type, "advertising channel type"},
        {F::amount, "cost"},
        {F::currency, "currency code"},
        {F::currency, "currency"},
        {F::clicks, "clicks"},
        {F::impressions, "impr."},
        {F::impressions, "impressions"}}},
      {"plain",
       "",
       Channel::unknown,
       false,
       "amount",
       {{F::day, "day"},
        {F::channel, "channel"},
        {F::source, "source"},
        {F::campaign, "campaign"},
        {F::amount, "amount"},
        {F::currency, "currency"},
        {F::clicks, "clicks"},
        {F::impressions, "impressions"}}},
  };
  return list;
}

// "Amount spent (EUR)" names its currency; the name without it is what counts.
std::string_view without_currency(std::string_view header, std::string& currency) {
  constexpr std::size_t kParenthesis = 5;  // "(EUR)"
  if (header.size() <= kParenthesis || header.back() != ')') return header;
  const auto open = header.size() - kParenthesis;
  if (header[open] != '(') return header;
  for (std::size_t i = open + 1; i + 1 < header.size(); ++i)
    if (header[i] < 'A' || header[i] > 'Z') return header;
  currency = header.substr(open + 1, 3);
  return trim(header.substr(0, open));
}

bool has_column(const DelimitedLine& line, std::string_view name) {
  return std::any_of(line.cells.begin(), line.cells.end(), [&](const std::string& cell) {
    std::string ignored;
    return equals_ignoring_case(without_currency(cell, ignored), name);
  });
}

void place(const DelimitedLine& line, CostField field, std::string_view name,
           CostColumns& columns) {
  auto& at = columns.at[static_cast<std::size_t>(field)];
  for (std::size_t i = 0; i < line.cells.size() && !at; ++i) {
    std::string currency;
    const bool is_it = equals_ignoring_case(without_currency(line.cells[i], currency), name) ||
                       equals_ignoring_case(line.cells[i], name);
    if (!is_it) continue;
    at = i;
    if (field == CostField::amount) columns.currency = currency;
  }
}

bool is_complete(const CostColumns& columns) {
  return columns[CostField::day] && columns[CostField::amount];
}

}  // namespace

std::string_view cost_field_name(CostField field) {
  return kFieldNames[static_cast<std::size_t>(field)];
}

std::optional<CostField> parse_cost_field(std::string_view name) {
  for (std::size_t i = 0; i < kCostFields; ++i)
    if (kFieldNames[i] == name) return static_cast<CostField>(i);
  return std::nullopt;
}

std::optional<CostColumns> find_cost_columns(const std::vector<DelimitedLine>& lines,
                                             const CostMapping& mapping) {
  constexpr std::size_t kMostTitleLines = 30;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostTitleLines); ++i) {
    const DelimitedLine& line = lines[i];
    CostColumns mapped;
    mapped.platform = "mapped";
    mapped.header_line = i;
    for (const auto& [field, name] : mapping) place(line, field, name, mapped);
    for (const auto& platform : platforms()) {
      if (!has_column(line, platform.own_column)) continue;
      CostColumns columns = mapped;
      for (const auto& [field, name] : platform.headers) place(line, field, name, columns);
      if (!is_complete(columns)) continue;
      columns.platform = platform.name;
      columns.source = platform.source;
      columns.channel = platform.channel;
      columns.is_month_first = platform.is_month_first;
      return columns;
    }
    if (is_complete(mapped)) return mapped;
  }
  return std::nullopt;
}

std::optional<Channel> channel_of_campaign_type(std::string_view type) {
  struct Type {
    std::string_view name;
    Channel channel;
  };
  static constexpr std::array kTypes = {
      Type{"search", Channel::paid_search},       Type{"display", Channel::display},
      Type{"audience", Channel::display},         Type{"video", Channel::paid_video},
      Type{"shopping", Channel::paid_shopping},   Type{"performance max", Channel::cross_network},
      Type{"demand gen", Channel::cross_network}, Type{"app", Channel::cross_network},
      Type{"smart", Channel::cross_network}};
  for (const auto& known : kTypes)
    if (equals_ignoring_case(type, known.name)) return known.channel;
  return std::nullopt;
}

}  // namespace tl::server
