// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/retention.hpp"

#include "server/core/durations.hpp"
#include "server/core/privacy/expired_people.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace tl::server {
namespace {

struct RetentionRule {
  RetainedKind kind;
  std::string_view name;
  std::int64_t RetentionRules::*days;
};
constexpr std::array kRetentionRules = {
    RetentionRule{RetainedKind::visits, "visits", &RetentionRules::event_days},
    RetentionRule{RetainedKind::click_ids, "click_ids", &RetentionRules::click_id_days},
    RetentionRule{RetainedKind::contacts, "contacts", &RetentionRules::contact_days},
    RetentionRule{RetainedKind::consent_states, "consent_states", &RetentionRules::consent_days},
    RetentionRule{RetainedKind::webhook_bodies, "webhook_bodies", &RetentionRules::webhook_days},
    RetentionRule{RetainedKind::delivery_answers, "delivery_answers",
                  &RetentionRules::delivery_days},
    RetentionRule{RetainedKind::coarse_counts, "coarse_counts", &RetentionRules::coarse_days},
    RetentionRule{RetainedKind::consent_receipts, "consent_receipts",
                  &RetentionRules::receipt_days},
    RetentionRule{RetainedKind::audit_entries, "audit_entries", &RetentionRules::audit_log_days}};

// Click ids are of use for as long as their touches count.
std::int64_t kept_days(const RetentionRule& rule, const SiteConfig& site) {
  const std::int64_t days = site.retention.*rule.days;
  if (days == 0 || rule.kind != RetainedKind::click_ids) return days;
  return std::max(days, site.lookback_ms / kDayMs);
}

template <class Each>
Outcome<std::vector<ExpiredRows>> each_rule(const SiteConfig& site, std::int64_t now_ms,
                                            Each&& each) {
  std::vector<ExpiredRows> found;
  for (const auto& rule : kRetentionRules) {
    ExpiredRows expired{rule.name, kept_days(rule, site), 0};
    if (expired.days > 0) {
      TL_TRY(rows, each(rule.kind, now_ms - expired.days * kDayMs));
      expired.rows = rows;
    }
    found.push_back(expired);
  }
  return found;
}

}  // namespace

Outcome<std::vector<ExpiredRows>> count_expired(Tables& tables, const SiteConfig& site,
                                                std::int64_t now_ms) {
  TL_TRY(found, each_rule(site, now_ms, [&](RetainedKind kind, std::int64_t before_ms) {
           return tables.privacy().count_expired(site.id, kind, before_ms);
         }));
  TL_TRY(people,
         find_expired_people(tables, site, now_ms, std::numeric_limits<std::size_t>::max()));
  found.push_back({"leads", site.retention.lead_days, people.leads});
  found.push_back({"order_contacts", site.retention.order_contact_days,
                   static_cast<std::int64_t>(people.orders.size())});
  return std::move(found);
}

Outcome<std::vector<ExpiredRows>> remove_expired(Tables& tables, const SiteConfig& site,
                                                 std::int64_t now_ms, std::uint32_t limit) {
  TL_TRY(removed, each_rule(site, now_ms, [&](RetainedKind kind, std::int64_t before_ms) {
           return tables.privacy().remove_expired(site.id, kind, before_ms, limit);
         }));
  if (std::any_of(removed.begin(), removed.end(), [](const auto& kind) { return kind.rows > 0; }))
    tables.privacy().forget_soon();
  return removed;
}

}  // namespace tl::server
