// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/derived_ids.hpp"

#include "server/core/reports/local_day.hpp"
#include "server/core/text/uuid_text.hpp"
#include "throughline/hash.hpp"

#include <set>
#include <utility>

namespace tl::server {
namespace {

// So many orders of one name may there have been (fresh_conversion_id in conversions.cpp).
constexpr int kMostOfOneName = 3;

}  // namespace

Outcome<void> DerivedIds::renew(ConversionRow& conversion, const Replaced& replaced) {
  TL_TRY(fresh, renewed(conversion.id, conversion.kind, replaced));
  if (!fresh) return {};
  TL_TRY(credits, tables_.orders().credits_of(site_.id, conversion.id));
  TL_CHECK(tables_.privacy().rename_conversion(site_.id, conversion.id, *fresh));
  renewed_[conversion.id] = *fresh;
  // The one of the rollups that knows its id.
  DayConversion split{local_day(conversion.occurred_ms, site_.timezone), conversion.kind,
                      conversion.currency, std::exchange(conversion.id, *fresh)};
  if (!conversion.live) return {};
  TL_CHECK(tables_.rollups().remove_split(site_.id, split));
  split.id = *fresh;
  return tables_.rollups().put_split(site_.id, split, credits);
}

Outcome<void> DerivedIds::renew_joined(const OrderKey& order, const Replaced& replaced) {
  TL_TRY(aliases, tables_.orders().aliases_of(site_.id, order.provider, order.order_id));
  for (const auto& alias : aliases) {
    const auto id = parse_uuid(alias);
    if (!id.ok()) continue;
    TL_TRY(fresh, renewed(id.value(), "purchase", replaced));
    if (fresh) TL_CHECK(rename_alias(order, id.value(), *fresh));
  }
  return {};
}

Outcome<void> DerivedIds::renew_refund(const OrderKey& order, Id128& event_id) {
  const Id128 fresh = entropy_.id();
  TL_CHECK(rename_alias(order, event_id, fresh));
  event_id = fresh;
  return {};
}

Id128 DerivedIds::present(const Id128& conversion_id) const {
  const auto found = renewed_.find(conversion_id);
  return found == renewed_.end() ? conversion_id : found->second;
}

// None: it was made of nothing that was replaced.
Outcome<std::optional<Id128>> DerivedIds::renewed(const Id128& id, const std::string& kind,
                                                  const Replaced& replaced) {
  TL_TRY(told, tables_.orders().providers(site_.id));
  std::set<std::string> providers(told.begin(), told.end());
  providers.emplace(kStatedProvider);
  for (const auto& provider : providers)
    for (const auto& [reference, digest] : replaced) {
      std::string numbered = kind;
      for (int i = 0; i < kMostOfOneName; ++i, numbered += '+') {
        if (derive_order_event_id(site_.id, provider, reference, numbered) != id) continue;
        const Id128 fresh = derive_order_event_id(site_.id, provider, digest, numbered);
        TL_TRY(taken, tables_.orders().find_conversion(site_.id, fresh));
        return std::optional(taken && taken->id == fresh ? entropy_.id() : fresh);
      }
    }
  return std::optional<Id128>{};
}

Outcome<void> DerivedIds::rename_alias(const OrderKey& order, const Id128& id, const Id128& fresh) {
  TL_CHECK(tables_.privacy().remove_alias(site_.id, order, uuid_text(id)));
  TL_CHECK(tables_.orders().add_alias(site_.id, order.provider, uuid_text(fresh), order.order_id));
  return tables_.privacy().rename_conversion(site_.id, id, fresh);
}

}  // namespace tl::server
