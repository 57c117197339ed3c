// SPDX-License-Identifier: Apache-2.0
// Day rollups: added to in the transaction of the change; day is yyyymmdd in the site's time zone.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

struct DayTraffic {
  int day = 0;
  Channel channel = Channel::unknown;
  std::string source, campaign;
  std::int64_t touches = 0, sessions = 0;
};
struct DayCredit {
  int day = 0;
  std::string model, currency, kind;
  Channel channel = Channel::unknown;
  std::string source, campaign;
  std::int64_t conversions_micro = 0, value_minor = 0, net_minor = 0;
};

class RollupStore {
 public:
  virtual ~RollupStore() = default;
  virtual Outcome<void> add_traffic(std::string_view site_id, const DayTraffic& delta) = 0;
  virtual Outcome<void> add_credit(std::string_view site_id,
                                   const DayCredit& delta) = 0;  // deltas may be negative
  virtual Outcome<std::vector<DayTraffic>> traffic(std::string_view site_id, int from_day,
                                                   int to_day) = 0;
  virtual Outcome<std::vector<DayCredit>> credits(std::string_view site_id, std::string_view model,
                                                  int from_day, int to_day) = 0;
};

}  // namespace tl::server
