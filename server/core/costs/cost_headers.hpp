// SPDX-License-Identifier: Apache-2.0
// The headers of the ad platforms' exports, as data: English, German, French, Spanish, Czech,
// Italian, Portuguese and Dutch, as their pages show them. Word lists as find_word() reads them.
#pragma once

#include "server/core/costs/cost_columns.hpp"

#include <span>
#include <string_view>

namespace tl::server {

struct CostHeader {
  CostField field;
  std::string_view words;  // the first one that a file has is it
};

struct CostPlatform {
  std::string_view name, source;  // google_ads; google
  Channel channel;
  CostField own_field;               // whose header tells it from the others
  std::string_view month_first_day;  // headers above days like 1/31/2026
  std::span<const CostHeader> headers;

  [[nodiscard]] std::string_view words_of(CostField field) const;
};

// In the order in which they are tried.
std::span<const CostPlatform> cost_platforms();

// What begins a line of sums: "Total", "Gesamt" … Lower case.
std::string_view cost_total_words();
// The channel of a campaign type, in any of these languages: "Search", "Performance Max" …
std::optional<Channel> channel_of_campaign_type(std::string_view type);

}  // namespace tl::server
