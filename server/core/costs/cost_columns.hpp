// SPDX-License-Identifier: Apache-2.0
// Which column of a cost file is what: the headers of the ad platforms' own exports
// (cost_headers.hpp), our own plain one, or a mapping that somebody gives.
//   Google Ads             Day, Campaign, Campaign type, Currency code, Cost, Clicks, Impr.
//   Meta Ads               Day (or Reporting starts/ends), Campaign name, Amount spent (EUR), …
//   TikTok Ads             Date (or By Day), Campaign name, Cost, Currency, …
//   Microsoft Advertising  Gregorian date (or Time period), Campaign name, Currency code, Spend, …
//   plain                  day, channel, source, campaign, amount, currency, clicks, impressions
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/text/delimited_lines.hpp"
#include "throughline/channel.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

enum class CostField : std::uint8_t {
  day,
  last_day,  // where a line may cover several days
  channel,
  campaign_type,
  source,
  campaign,
  amount,
  currency,
  clicks,
  impressions,
  campaign_id,
};
inline constexpr std::size_t kCostFields = 11;
std::string_view cost_field_name(CostField field);

struct CostColumns {
  std::string platform;  // google_ads, meta_ads, tiktok_ads, microsoft_ads, plain, mapped
  std::array<std::optional<std::size_t>, kCostFields> at;
  std::string currency;         // named by the header of the amount: "Amount spent (EUR)"
  std::size_t header_line = 0;  // index of the header among the lines
  std::string source;           // of the platform's clicks
  Channel channel = Channel::unknown;
  bool is_month_first = false;  // 1/31/2026

  [[nodiscard]] std::optional<std::size_t> operator[](CostField field) const {
    return at[static_cast<std::size_t>(field)];
  }
};

// Names of columns by field; replaces what would be recognised for these fields.
using CostMapping = std::map<CostField, std::string>;
// "day=Datum" into the mapping. Errors: invalid (bad_cost_map).
Outcome<void> add_to_cost_mapping(std::string_view pair, CostMapping& mapping);

// The header is the first line that holds a day and an amount; title lines may come before it.
std::optional<CostColumns> find_cost_columns(const std::vector<DelimitedLine>& lines,
                                             const CostMapping& mapping);

}  // namespace tl::server
