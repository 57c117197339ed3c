// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_fold.hpp"

#include "server/core/orders/known_news.hpp"
#include "server/core/orders/order_disputes.hpp"
#include "server/core/orders/order_refunds.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

namespace tl::server {
namespace {

using Kind = OrderChange::Kind;

// Best rank first, the provider's word before the site's, then earliest, and of one payment the
// provider's latest word.
auto standing_of(const OrderFact& fact) {
  return std::tuple(-int{fact.rank}, fact.is_stated(), fact.occurred_ms, -fact.changed_ms);
}

// Then by key: the same list whatever the arrival.
bool comes_before(const OrderFact& a, const OrderFact& b) {
  return std::tuple(standing_of(a), std::string_view(a.change_key)) <
         std::tuple(standing_of(b), std::string_view(b.change_key));
}

// Of one payment that was told with several amounts, and when each was true was not, the one that
// came last counts; of one moment the greatest.
bool is_better_word(const OrderFact* a, const OrderFact* b) {
  const auto place_of = [](const OrderFact& fact) {
    return std::tuple(standing_of(fact), -std::max(fact.recorded_ms, fact.retold_ms),
                      -fact.amount_minor, std::string_view(fact.change_key));
  };
  return place_of(*a) < place_of(*b);
}

bool is_money(const OrderFact& fact) {
  return fact.kind == Kind::purchase || fact.kind == Kind::pending || fact.kind == Kind::failed;
}

// What was told of the amount, the best word first.
std::vector<const OrderFact*> words_on_amount(const std::vector<OrderFact>& facts) {
  std::vector<const OrderFact*> words;
  for (const auto& fact : facts)
    if (is_money(fact)) words.push_back(&fact);
  std::sort(words.begin(), words.end(), is_better_word);
  return words;
}

// What the payments of one sale come to: each part once.
std::int64_t sum_of_parts(const std::vector<const OrderFact*>& words, const OrderFact& chosen) {
  std::map<std::string_view, std::int64_t> parts;
  for (const auto* fact : words)
    if (fact->kind == Kind::purchase && fact->rank == chosen.rank &&
        fact->currency == chosen.currency && !fact->part_id.empty())
      parts.try_emplace(fact->part_id, fact->amount_minor);
  std::int64_t sum = 0;
  for (const auto& [part, amount_minor] : parts) sum += amount_minor;
  return sum;
}

void fold_amount(OrderRow& order, const std::vector<OrderFact>& facts) {
  const auto words = words_on_amount(facts);
  const OrderFact* chosen = nullptr;
  for (const auto* fact : words) {
    const bool is_paid = fact->kind == Kind::purchase;
    const bool is_known_better = fact->is_stated() && order.paid_ms;
    if (is_paid && !is_known_better && (!order.paid_ms || fact->occurred_ms < *order.paid_ms))
      order.paid_ms = fact->occurred_ms;
    if (is_paid)
      order.state = OrderState::paid;
    else if (fact->kind == Kind::failed && order.state == OrderState::pending)
      order.state = OrderState::failed;
    if (chosen == nullptr || (is_paid && chosen->kind != Kind::purchase)) chosen = fact;
  }
  if (chosen == nullptr) return;
  const bool is_part = chosen->kind == Kind::purchase && !chosen->part_id.empty();
  order.amount_minor = is_part ? sum_of_parts(words, *chosen) : chosen->amount_minor;
  if (chosen->items != "[]") order.items = chosen->items;
  order.currency = chosen->currency;
  order.amount_rank = chosen->rank;
}

void take_first(std::string& into, const std::string& text) {
  if (into.empty()) into = text;
}
template <class T>
void take_first(std::optional<T>& into, const std::optional<T>& value) {
  if (!into) into = value;
}

// Of a payment that was told with several amounts, perhaps with several buyers: it is whose the ids
// are.
void keep_one_buyer(std::vector<OrderFact>& facts, const OrderFact& whose) {
  for (auto& fact : facts)
    if (fact.kind == whose.kind && fact.rank == whose.rank && fact.teller == whose.teller &&
        fact.order_id == whose.order_id && fact.part_id == whose.part_id &&
        names_another_buyer(whose, fact))
      make_nobodys(fact);
}

// The ids of one fact, together: the site's own server knows whose order it is, what travelled
// through a payment page is a hint. Answers that fact, if any has ids.
const OrderFact* fold_ids(OrderRow& order, const std::vector<OrderFact>& facts) {
  const OrderFact* chosen = nullptr;
  for (const auto& fact : facts) {
    if (!fact.anonymous_id && !fact.session_id) continue;
    if (chosen == nullptr || (fact.is_stated() && !chosen->is_stated())) chosen = &fact;
  }
  if (chosen == nullptr) return nullptr;
  order.anonymous_id = chosen->anonymous_id;
  order.session_id = chosen->session_id;
  order.ids_stated = chosen->is_stated();
  order.checkout_started_ms = chosen->checkout_started_ms;
  if (order.ids_stated)
    for (const auto& fact : facts) take_first(order.checkout_started_ms, fact.checkout_started_ms);
  return chosen;
}

void fold_details(OrderRow& order, const OrderFact& fact) {
  if (!order.anonymous_id && !order.session_id) take_first(order.coarse, fact.coarse);
  take_first(order.email_hash, fact.email_hash);
  take_first(order.phone_hash, fact.phone_hash);
  take_first(order.user_id, fact.user_id);
  take_first(order.customer, fact.customer);
  take_first(order.customer_id, fact.customer_id);
  take_first(order.subscription_id, fact.subscription_id);
  take_first(order.self_reported, fact.self_reported);
  if (order.items == "[]") order.items = fact.items;
  if (order.subscription == SubscriptionRole::none) order.subscription = fact.subscription;
  if (order.stated_consent == Consent{}) order.stated_consent = fact.stated_consent;
  order.live = order.live && fact.live;
  if (fact.occurred_ms > 0 && (order.created_ms == 0 || fact.occurred_ms < order.created_ms))
    order.created_ms = fact.occurred_ms;
}

}  // namespace

OrderRow fold_order(std::string_view site_id, std::string_view provider,
                    std::vector<OrderFact> facts) {
  std::sort(facts.begin(), facts.end(), comes_before);
  OrderRow order;
  order.site_id = site_id;
  order.provider = provider;
  order.order_id = facts.front().order_id;
  if (const OrderFact* whose = fold_ids(order, facts)) keep_one_buyer(facts, *whose);
  for (const auto& fact : facts) fold_details(order, fact);
  fold_amount(order, facts);
  const bool is_paid = order.state == OrderState::paid;
  const std::int64_t paid_minor = is_paid ? order.amount_minor : 0;
  FoldedRefunds refunds = fold_refunds(facts, order.currency, paid_minor);
  const auto disputes = fold_disputes(facts);
  order.dispute = state_of(disputes);
  take_lost(disputes, order.currency, paid_minor, refunds.steps);
  order.refunded_total_minor = refunds.reported_total_minor;
  order.refunded_minor = sum_of(refunds.steps);
  order.refunds = write_refund_steps(refunds.steps);
  return order;
}

bool is_paid_in_parts(const OrderRow& order, const std::vector<OrderFact>& facts) {
  return std::any_of(facts.begin(), facts.end(), [&order](const OrderFact& fact) {
    return fact.kind == Kind::purchase && fact.rank == order.amount_rank && !fact.part_id.empty();
  });
}

std::int64_t net_minor(const OrderRow& order) {
  return order.state == OrderState::paid ? order.amount_minor - order.refunded_minor : 0;
}

}  // namespace tl::server
