// SPDX-License-Identifier: Apache-2.0
// What the reports are made of: sums by the site's own calendar day (yyyymmdd), changed in the
// transaction of what they sum, and a pure function of it. Everything is added as a difference;
// differences of one transaction are folded, so that what cancels is never written and rows that
// reach zero leave. Read them through ReportStore.
//   A day up to the site's sealed day was published: whatever changes its sums also writes a
//   revision of that day with the reason and the rows as they were. Sealing is history, no part of
//   the pure function.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// The channel of credit that no touch got: a row like any other, in rollups alone.
inline constexpr auto kUnattributedChannel = static_cast<Channel>(255);
std::string_view rollup_channel_name(Channel channel);  // also "unattributed"

// What is counted by: an arrival's source down to its landing page.
struct TrafficSource {
  Channel channel = Channel::unknown;
  std::string source, campaign, content, landing_path;
  auto operator<=>(const TrafficSource&) const = default;
};

struct DayTraffic {
  int day = 0;
  TrafficSource source;
  std::int64_t touches = 0, visits = 0;
  std::vector<std::uint32_t> visitors;  // VisitorSketch hashes of those who made the touches
  std::vector<std::uint32_t> left{};    // of those whose touches here are erased or moved
};

// Money as both bases need it: value and refunds on their own days (cash), the net value on the
// conversion's day (accrual).
struct RollupMoney {
  std::int64_t value_minor = 0;
  std::int64_t refund_minor = 0;  // <= 0, on the refund's own day
  std::int64_t net_minor = 0;
  RollupMoney& operator+=(const RollupMoney& other) {
    value_minor += other.value_minor;
    refund_minor += other.refund_minor;
    net_minor += other.net_minor;
    return *this;
  }
  bool operator==(const RollupMoney&) const = default;
};

struct DayCredit {
  int day = 0;
  std::int64_t config = 0;  // model_config
  std::string currency, kind;
  TrafficSource source;
  std::string self_reported;  // counted apart when not empty, by channel
  std::int64_t conversions_micro = 0;
  std::int64_t new_customers_micro = 0;
  std::int64_t returned_micro = 0;  // of the conversions: what refunds took back entirely
  RollupMoney money;
};

// Conversions by the channels of their path. `channels`: one byte a touch, in path order.
struct DayPath {
  int day = 0;
  std::string kind, currency, channels;
  std::int64_t conversions = 0, lag_days = 0;  // lag_days: sum
  RollupMoney money;
};

// Conversions themselves, whatever the models say of them.
inline constexpr int kLagUnattributed = -1;  // no touch
inline constexpr int kLagSuppressed = -2;    // a later conversion under the repeat rule first_only
struct DayConversions {
  int day = 0;
  std::string kind, currency;
  int lag_days = kLagUnattributed;  // from the path's first touch
  std::int64_t conversions = 0, new_customers = 0, returned = 0;
  RollupMoney money;
};

// Where a conversion stands among those of its day.
struct DayConversion {
  int day = 0;
  std::string kind, currency;
  Id128 id;
};

// Why sums change; named in the revision of a sealed day.
enum class RollupReason : std::uint8_t {
  touch,
  conversion,
  refund,
  path,
  amount,
  customer,
  rebuild,
  training  // the same path by a model that has learned: never of a published figure, no revision
};

// The time zone that a site's days were counted by, and the one that it was configured with last.
struct SiteZone {
  std::string counted, configured;
};

class RollupStore {
 public:
  virtual ~RollupStore() = default;
  virtual Outcome<void> add_traffic(std::string_view site_id, DayTraffic delta) = 0;
  virtual Outcome<void> add_credit(std::string_view site_id, DayCredit delta,
                                   RollupReason reason) = 0;
  virtual Outcome<void> add_path(std::string_view site_id, DayPath delta, RollupReason reason) = 0;
  virtual Outcome<void> add_conversions(std::string_view site_id, DayConversions delta,
                                        RollupReason reason) = 0;
  // What one conversion gave, net of refunds; for reports that need conversions singly.
  virtual Outcome<void> put_split(std::string_view site_id, const DayConversion& conversion,
                                  const std::vector<CreditRow>& credits) = 0;
  virtual Outcome<void> remove_split(std::string_view site_id, const DayConversion& conversion) = 0;
  // What a config number stands for; repeating it changes nothing.
  virtual Outcome<void> name_config(std::string_view site_id, std::int64_t config,
                                    std::string_view model, std::string_view rules) = 0;

  // Of the days that were published, by channel alone: rows as written, few however many touches.
  virtual Outcome<std::vector<DayTraffic>> published_traffic(std::string_view site_id) = 0;
  // What a rebuild changed of published days, which it does not add as differences: a revision of
  // each, with the channels' traffic as it was. Days that were not published are left out.
  virtual Outcome<void> revise_traffic(std::string_view site_id,
                                       const std::vector<DayTraffic>& before) = 0;
  // Up to and with `day`; never backwards. true when it moved.
  virtual Outcome<bool> seal_days(std::string_view site_id, int day) = 0;

  virtual Outcome<std::optional<SiteZone>> zone(std::string_view site_id) = 0;
  virtual Outcome<void> set_zone(std::string_view site_id, const SiteZone& zone) = 0;

  // Rows as committed, at their finest; for tests and the audit.
  virtual Outcome<std::vector<DayTraffic>> traffic(std::string_view site_id, int from_day,
                                                   int to_day) = 0;
  // `model`: its whole stored name.
  virtual Outcome<std::vector<DayCredit>> credits(std::string_view site_id, std::string_view model,
                                                  int from_day, int to_day) = 0;
};

}  // namespace tl::server
