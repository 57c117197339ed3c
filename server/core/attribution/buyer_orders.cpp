// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/buyer_orders.hpp"

#include "server/core/attribution/apart_payment.hpp"
#include "server/core/attribution/attribution_rules.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/orders/subscription_role.hpp"
#include "server/core/people/person.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server {
namespace {

constexpr auto kMostWithIds = static_cast<std::uint32_t>(kMostTies + 1);
constexpr std::uint32_t kAllPayments = 10'000;

Outcome<std::optional<ConversionRow>> purchase_of(OrderStore& orders, const OrderRow& order) {
  return orders.find_conversion_of_order(order.site_id, order.provider, order.order_id, "purchase");
}

// It is nobody's; a change of that choice may change this.
void withhold_match(const Id128& visitor, Match& match) {
  match.type = MatchType::none;
  match.handover = "withheld";
  match.anonymous_id.reset();
  match.session.reset();
  match.person.ids.clear();
  match.person.seen_ids.push_back(visitor);
}

// Of that visitor; what was looked at before led nowhere, and may yet.
Outcome<void> take_person(Tables& tables, std::string_view site_id, const Id128& visitor,
                          Match& match) {
  TL_TRY(person, find_person(tables, site_id, {visitor, {}}));
  const Person& seen = match.person;
  person.seen_ids.insert(person.seen_ids.end(), seen.seen_ids.begin(), seen.seen_ids.end());
  person.seen_contacts.insert(person.seen_contacts.end(), seen.seen_contacts.begin(),
                              seen.seen_contacts.end());
  match.person = std::move(person);
  return {};
}

// What changes whom others are taken for, or what they are credited to.
bool tells_same(const ConversionRow& a, const ConversionRow& b) {
  return a.snapshot == b.snapshot && a.match_type == b.match_type &&
         a.anonymous_id == b.anonymous_id && a.subscription == b.subscription;
}

bool is_bound(const ConversionPath& path) {
  return path.handover == "bound";
}

}  // namespace

Outcome<NamedVisitor> visitor_of_buyer(Tables& tables, const SiteConfig& site,
                                       const std::string& provider, BuyerName name,
                                       const std::string& value) {
  NamedVisitor named;
  if (value.empty()) return named;
  OrderStore& orders = tables.orders();
  TL_TRY(with_ids, orders.earliest_with_ids(site.id, provider, name, value, kMostWithIds));
  std::set<Id128> visitors;
  for (const auto& order : with_ids) {
    TL_TRY(row, purchase_of(orders, order));
    if (!row) continue;
    ConversionDraft draft = draft_of(order);
    TL_TRY(role, role_of(orders, site.id, draft));
    draft.subscription = role;
    TL_TRY(match, match_ids(tables, evidence_of(site, draft, row->recorded_ms)));
    if (!match.anonymous_id) continue;
    if (!named.id) named.id = match.anonymous_id;
    visitors.insert(*match.anonymous_id);
    if (name == BuyerName::subscription) break;
  }
  named.is_shared = visitors.size() > kMostTies;
  if (named.is_shared) named.id.reset();
  return named;
}

Outcome<void> match_by_orders(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                              const MatchEvidence& evidence, Match& match) {
  if (match.type != MatchType::none || match.is_nobodys() || !draft.live) return {};
  MatchType type = MatchType::subscription;
  TL_TRY(subscriber, visitor_of_buyer(tables, site, draft.provider, BuyerName::subscription,
                                      draft.subscription_id));
  std::optional<Id128> visitor = subscriber.id;
  if (!visitor) {
    type = MatchType::customer;
    TL_TRY(customer,
           visitor_of_buyer(tables, site, draft.provider, BuyerName::customer, draft.customer_id));
    visitor = customer.id;
  }
  if (!visitor) return {};
  TL_TRY(is_withheld, is_storage_withheld(tables, evidence, *visitor));
  if (is_withheld) {
    withhold_match(*visitor, match);
    return {};
  }
  match.type = type;
  match.anonymous_id = visitor;
  return take_person(tables, site.id, *visitor, match);
}

Outcome<std::optional<ConversionRow>> first_payment(Tables& tables, const SiteConfig& site,
                                                    const ConversionDraft& draft,
                                                    const Match& match) {
  const std::optional<ConversionRow> none;
  if (draft.subscription != SubscriptionRole::renewal &&
      draft.subscription != SubscriptionRole::update)
    return none;
  TL_TRY(leading, leading_payments(tables.orders(), site.id, draft));
  const auto& oldest = leading.oldest;
  if (!leading.first) {
    const auto known_ms = oldest ? oldest->paid_ms.value_or(draft.occurred_ms) : draft.occurred_ms;
    TL_TRY(apart, apart_payment(tables, site, draft, match, std::min(known_ms, draft.occurred_ms)));
    if (apart) return std::move(apart);
  }
  const auto& leads = leading.first ? leading.first : oldest;
  if (!leads || leads->order_id == draft.order_id) return none;
  TL_TRY(row, purchase_of(tables.orders(), *leads));
  return row && row->match_type != MatchType::none ? std::move(row) : none;
}

Outcome<bool> match_as_first(Tables& tables, const MatchEvidence& evidence,
                             const ConversionRow& first, Match& match) {
  if (match.handover == "withheld") return false;
  // Its buyer gave no consent: of the first one's path nothing but a channel is taken.
  if (match.handover == "coarse" && first.match_type != MatchType::coarse) return false;
  if (first.anonymous_id) {
    TL_TRY(is_withheld, is_storage_withheld(tables, evidence, *first.anonymous_id));
    if (is_withheld) {
      withhold_match(*first.anonymous_id, match);
      return false;
    }
    match.person.seen_ids.push_back(*first.anonymous_id);
    if (match.person.ids.empty())
      TL_CHECK(take_person(tables, evidence.site_id, *first.anonymous_id, match));
  }
  const bool has_own_ids =
      match.type == MatchType::session || match.type == MatchType::anonymous_id;
  // Whose ids it carries itself is asked for consent, whoever began the subscription.
  if (has_own_ids) return true;
  match.type = identifies_visitor(first.match_type) ? MatchType::subscription : first.match_type;
  match.anonymous_id = first.anonymous_id;
  return true;
}

ConversionPath path_of_first(const ConversionRow& first, ConversionRow& row) {
  ConversionPath path = parse_snapshot(first.snapshot);
  path.path_of = first.id;
  if (read_rules(path.rules).repeat_rule == models::RepeatRule::first_only && !path.previous_ms)
    path.previous_ms = first.occurred_ms;
  row.touches = first.touches;
  row.first_touch = first.first_touch;
  row.last_touch = first.last_touch;
  row.days_to_convert = first.days_to_convert;
  row.content = first.content;
  return path;
}

namespace {

// Those of the subscription that follow this payment, did, or wait for somebody's ids.
Outcome<void> restate_subscription(Tables& tables, const SiteConfig& site,
                                   const ConversionDraft& draft, const ConversionRow* before,
                                   const ConversionRow& row, bool has_ids, std::int64_t now_ms) {
  OrderStore& orders = tables.orders();
  TL_TRY(leading, leading_payments(orders, site.id, draft));
  const auto is_it = [&](const std::optional<OrderRow>& order) {
    return order && order->order_id == draft.order_id;
  };
  // Before the oldest one the others look for what began them.
  const bool was_elsewhen = before != nullptr && before->occurred_ms != row.occurred_ms;
  const bool leads =
      is_it(leading.first) || is_it(leading.oldest) || (was_elsewhen && !leading.first);
  const bool led = before != nullptr && before->match_type != MatchType::none &&
                   !parse_snapshot(before->snapshot).path_of;
  if (!leads && !led && !has_ids) return {};
  TL_TRY(payments, orders.earliest_of_subscription(site.id, draft.provider, draft.subscription_id,
                                                   kAllPayments));
  for (const auto& payment : payments) {
    if (payment.order_id == draft.order_id) continue;
    TL_TRY(other, purchase_of(orders, payment));
    if (!other) continue;
    const auto other_first = parse_snapshot(other->snapshot).path_of;
    const bool waits = has_ids && (other->match_type == MatchType::none ||
                                   (other->match_type == MatchType::subscription && !other_first));
    if (leads || waits || other_first == row.id)
      TL_CHECK(restate_conversion(tables, site, *other, now_ms));
  }
  return {};
}

// Those of the customer that nothing but another order's ids leads anywhere.
Outcome<void> restate_customer(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                               std::int64_t now_ms) {
  OrderStore& orders = tables.orders();
  TL_TRY(with_ids, orders.earliest_with_ids(site.id, draft.provider, BuyerName::customer,
                                            draft.customer_id, kMostWithIds));
  const bool is_asked = std::any_of(with_ids.begin(), with_ids.end(), [&](const OrderRow& order) {
    return order.order_id == draft.order_id;
  });
  if (!is_asked) return {};
  const bool is_shared = with_ids.size() > kMostTies;
  TL_TRY(bought, orders.paid_orders_of_customer(site.id, draft.provider, draft.customer_id, 0,
                                                std::numeric_limits<std::int64_t>::max()));
  for (const auto& order : bought) {
    if (order.order_id == draft.order_id || !order.live) continue;
    TL_TRY(other, purchase_of(orders, order));
    if (!other) continue;
    // The last of too many visitors leaves no renewal a beginning by that name.
    const bool is_by_name = other->match_type == MatchType::customer ||
                            (other->match_type == MatchType::subscription && is_shared);
    if (other->match_type == MatchType::none || is_by_name)
      TL_CHECK(restate_conversion(tables, site, *other, now_ms));
  }
  return {};
}

}  // namespace

Outcome<void> restate_buyer(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                            const ConversionRow* before, const ConversionRow& row,
                            std::int64_t now_ms) {
  if (draft.kind != "purchase" || (!draft.live && before == nullptr)) return {};
  if (before != nullptr && tells_same(*before, row)) {
    // What it sold may be told late, and is in no row.
    const bool may_begin = draft.restates == Restates::no && draft.subscription_id.empty();
    return may_begin ? restate_begun(tables, site, draft, before, row, now_ms) : Outcome<void>{};
  }
  const bool has_name = !draft.subscription_id.empty() || !draft.customer_id.empty();
  const bool has_ids =
      has_name && (is_bound(parse_snapshot(row.snapshot)) ||
                   (before != nullptr && is_bound(parse_snapshot(before->snapshot))));
  if (!draft.subscription_id.empty())
    TL_CHECK(restate_subscription(tables, site, draft, before, row, has_ids, now_ms));
  TL_CHECK(restate_begun(tables, site, draft, before, row, now_ms));
  if (has_ids && !draft.customer_id.empty())
    TL_CHECK(restate_customer(tables, site, draft, now_ms));
  return {};
}

}  // namespace tl::server
