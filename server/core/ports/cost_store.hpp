// SPDX-License-Identifier: Apache-2.0
// What ads cost, by day, channel, source and campaign. Errors everywhere: unavailable.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct CostRow {
  int day = 0;  // yyyymmdd
  Channel channel = Channel::unknown;
  std::string source, campaign, campaign_id, currency;  // campaign_id: the platform's; may be empty
  std::int64_t amount_minor = 0, clicks = 0, impressions = 0;
  std::int64_t imported_ms = 0;
  std::string origin;    // api, or the file's name
  std::string platform;  // whose export told channel and source: google_ads …; empty: a person did
};

class CostStore {
 public:
  virtual ~CostStore() = default;
  // Removes what is there for the row's day, source and campaign, by its name or its id, in any
  // channel and currency. Returns how many rows went.
  virtual Outcome<std::int64_t> remove_scope(std::string_view site_id, const CostRow& row) = 0;
  // Adds to what is there for the same day, channel, source, campaign, its id and
  // currency.
  virtual Outcome<void> add(std::string_view site_id, const CostRow& row) = 0;
  // Newest day first; `after`: the last row of the page before.
  virtual Outcome<std::vector<CostRow>> list(std::string_view site_id, int from_day, int to_day,
                                             const std::optional<CostRow>& after,
                                             std::uint32_t limit) = 0;
};

}  // namespace tl::server
