// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/credit_rollups.hpp"

#include "models/model.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/reports/local_day.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace tl::server {
namespace {

// The model whose rows are the path itself: one a touch, all of them.
constexpr std::string_view kPathModel = "linear";
constexpr std::size_t kSelfReportedBytes = 64;

// What people say of themselves differs in case and blanks.
std::string normalised(std::string_view said) {
  std::string text(cut_utf8(trim(said), kSelfReportedBytes));
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

RollupReason reason_of(const std::vector<CountedConversion>& before,
                       const std::optional<CountedConversion>& after) {
  if (before.empty() || !after) return RollupReason::conversion;
  const ConversionRow& old = before.front().conversion;
  const ConversionRow& now = after->conversion;
  if (old.refunds != now.refunds) return RollupReason::refund;
  if (old.amount_minor != now.amount_minor || before.size() > 1) return RollupReason::amount;
  if (old.is_new_customer != now.is_new_customer) return RollupReason::customer;
  return old.snapshot == now.snapshot ? RollupReason::training : RollupReason::path;
}

// Most restatements find what they found before: what would cancel to the last row is not begun.
bool counts_alike(const CountedConversion& a, const CountedConversion& b) {
  const auto counted = [](const ConversionRow& row) {
    return std::tie(row.live, row.kind, row.currency, row.amount_minor, row.refunds,
                    row.occurred_ms, row.days_to_convert, row.is_new_customer, row.self_reported);
  };
  return counted(a.conversion) == counted(b.conversion) && a.credits == b.credits;
}

// Refunds took all of it back. A lead without a value has nothing to take back.
bool is_returned(const ConversionRow& row, const std::vector<RefundStep>& refunds) {
  return row.amount_minor != 0 && row.amount_minor - sum_of(refunds) <= 0;
}

// Adds one conversion, or takes it away.
class Adding {
 public:
  Adding(RollupStore& rollups, const SiteConfig& site, RollupReason reason, std::int64_t sign)
      : rollups_(rollups), site_(site), reason_(reason), sign_(sign) {}

  Outcome<void> add(const CountedConversion& counted) const {
    const ConversionRow& row = counted.conversion;
    if (!row.live) return {};
    const int day = local_day(row.occurred_ms, site_.timezone);
    const auto refunds = read_refund_steps(row.refunds);
    std::vector<int> refund_days;
    for (const auto& step : refunds) refund_days.push_back(local_day(step.t_ms, site_.timezone));
    TL_CHECK(add_credits(counted, day, refund_days, is_returned(row, refunds)));
    const DayConversion place{day, row.kind, row.currency, row.id};
    TL_CHECK(sign_ < 0 ? rollups_.remove_split(site_.id, place)
                       : rollups_.put_split(site_.id, place, counted.credits));

    const RollupMoney money{sign_ * row.amount_minor, 0,
                            sign_ * (row.amount_minor - sum_of(refunds))};
    DayPath path;
    path.kind = row.kind;
    path.currency = row.currency;
    DayConversions conversions;
    conversions.kind = row.kind;
    conversions.currency = row.currency;
    conversions.lag_days = kLagSuppressed;
    for (const auto& credit : counted.credits) {
      if (credit.model != kPathModel) continue;
      if (credit.touch_id) path.channels += static_cast<char>(credit.channel);
      conversions.lag_days =
          credit.touch_id ? static_cast<int>(row.days_to_convert) : kLagUnattributed;
    }
    const bool is_suppressed = conversions.lag_days == kLagSuppressed;
    const std::int64_t lag_days = std::max(conversions.lag_days, 0);
    for (std::size_t i = 0; i <= refunds.size(); ++i) {
      const bool is_conversion = i == 0;
      path.day = conversions.day = is_conversion ? day : refund_days[i - 1];
      path.money = conversions.money =
          is_conversion ? money : RollupMoney{0, -sign_ * refunds[i - 1].amount_minor, 0};
      path.conversions = conversions.conversions = is_conversion ? sign_ : 0;
      path.lag_days = is_conversion ? sign_ * lag_days : 0;
      conversions.new_customers = is_conversion && row.is_new_customer ? sign_ : 0;
      conversions.returned = is_conversion && is_returned(row, refunds) ? sign_ : 0;
      if (!is_suppressed) TL_CHECK(rollups_.add_path(site_.id, path, reason_));
      TL_CHECK(rollups_.add_conversions(site_.id, conversions, reason_));
    }
    return {};
  }

 private:
  Outcome<void> add_credits(const CountedConversion& counted, int day,
                            const std::vector<int>& refund_days, bool is_taken_back) const {
    const ConversionRow& row = counted.conversion;
    DayCredit delta;
    delta.currency = row.currency;
    delta.kind = row.kind;
    delta.self_reported = normalised(row.self_reported);
    for (const auto& credit : counted.credits) {
      delta.config = credit.config;
      delta.source = {credit.touch_id ? credit.channel : kUnattributedChannel, credit.source,
                      credit.campaign, credit.content, credit.landing_path};
      delta.day = day;
      delta.conversions_micro = sign_ * credit.conversions_micro;
      delta.new_customers_micro = row.is_new_customer ? delta.conversions_micro : 0;
      delta.returned_micro = is_taken_back ? delta.conversions_micro : 0;
      delta.money = {sign_ * credit.value_minor, 0, sign_ * credit.net_minor};
      TL_CHECK(rollups_.add_credit(site_.id, delta, reason_));
      delta.conversions_micro = delta.new_customers_micro = delta.returned_micro = 0;
      for (std::size_t i = 0; i < std::min(credit.refunds.size(), refund_days.size()); ++i) {
        delta.day = refund_days[i];
        delta.money = {0, sign_ * credit.refunds[i], 0};
        TL_CHECK(rollups_.add_credit(site_.id, delta, reason_));
      }
    }
    return {};
  }

  RollupStore& rollups_;
  const SiteConfig& site_;
  RollupReason reason_;
  std::int64_t sign_;
};

}  // namespace

std::string_view rollup_channel_name(Channel channel) {
  return channel == kUnattributedChannel ? models::kUnattributedChannel : channel_name(channel);
}

Outcome<void> restate_rollups(RollupStore& rollups, const SiteConfig& site,
                              const std::vector<CountedConversion>& before,
                              const std::optional<CountedConversion>& after) {
  if (before.size() == 1 && after && counts_alike(before.front(), *after)) return {};
  const RollupReason reason = reason_of(before, after);
  for (const auto& counted : before) TL_CHECK(Adding(rollups, site, reason, -1).add(counted));
  return after ? Adding(rollups, site, reason, 1).add(*after) : Outcome<void>();
}

}  // namespace tl::server
