// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/sale_halves.hpp"

#include "server/core/orders/order_fold.hpp"
#include "server/core/ports/order_store.hpp"
#include "server/core/text/uuid_text.hpp"
#include "throughline/hash.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <tuple>

namespace tl::server {
namespace {

// Stripe writes whole seconds, and the bill's own may come after its payment's.
constexpr std::int64_t kSameMomentMs = 2000;

// Facts that are known to be of one sale.
class Sets {
 public:
  explicit Sets(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t at) {
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }
  std::map<std::size_t, FactGroup> groups() {
    std::map<std::size_t, FactGroup> groups;
    for (std::size_t at = 0; at < parent_.size(); ++at) groups[find(at)].push_back(at);
    return groups;
  }

 private:
  std::vector<std::size_t> parent_;
};

// A group that holds one half only, and what it comes to.
struct LoneHalf {
  std::size_t root = 0;
  std::vector<OrderFact> facts;
  std::set<std::size_t> rows;
  OrderRow order;
};

std::optional<std::int64_t> made_ms(const std::vector<OrderFact>& facts) {
  for (const auto& fact : facts)
    if (fact.half_made_ms) return fact.half_made_ms;
  return std::nullopt;
}

// Whether the payment was begun before the bill was final.
bool is_too_early(const LoneHalf& payment, const LoneHalf& bill) {
  const auto begun = made_ms(payment.facts), final = made_ms(bill.facts);
  return begun && final && *begun + kSameMomentMs < *final;
}

std::int64_t distance_ms(const LoneHalf& bill, const LoneHalf& payment) {
  return std::abs(*bill.order.paid_ms - *payment.order.paid_ms);
}

// An erased customer has no name left; what was taken for one sale by then stays one.
bool have_one_customer(const LoneHalf& bill, const LoneHalf& payment) {
  if (bill.order.customer_id != payment.order.customer_id) return false;
  return !bill.order.customer_id.empty() ||
         std::any_of(bill.rows.begin(), bill.rows.end(),
                     [&](std::size_t row) { return payment.rows.contains(row); });
}

bool may_be_one(const LoneHalf& bill, const LoneHalf& payment) {
  const OrderRow& paid = payment.order;
  const bool is_billed =
      std::any_of(bill.facts.begin(), bill.facts.end(), [&](const OrderFact& fact) {
        return fact.kind == OrderChange::Kind::purchase && fact.amount_minor == paid.amount_minor &&
               fact.currency == paid.currency;
      });
  return is_billed && bill.order.live == paid.live && have_one_customer(bill, payment) &&
         distance_ms(bill, payment) <= kPairingMs && !is_too_early(payment, bill);
}

void pair_halves(const std::vector<LoneHalf>& bills, const std::vector<LoneHalf>& payments,
                 Sets& sets) {
  using Pair =
      std::tuple<std::int64_t, std::string_view, std::string_view, std::size_t, std::size_t>;
  std::vector<Pair> pairs;
  for (const auto& bill : bills)
    for (const auto& payment : payments)
      if (may_be_one(bill, payment))
        pairs.emplace_back(distance_ms(bill, payment), bill.order.order_id, payment.order.order_id,
                           bill.root, payment.root);
  std::sort(pairs.begin(), pairs.end());
  std::set<std::size_t> taken;
  for (const auto& [distance, bill_id, payment_id, bill, payment] : pairs) {
    if (taken.contains(bill) || taken.contains(payment)) continue;
    taken.insert({bill, payment});
    sets.join(bill, payment);
  }
}

std::vector<OrderFact> facts_of(const std::vector<PlacedFact>& facts, const FactGroup& group) {
  std::vector<OrderFact> list;
  for (const auto at : group) list.push_back(facts[at].fact);
  return list;
}

bool is_billed(const OrderFact& fact) {
  return fact.kind == OrderChange::Kind::purchase &&
         (static_cast<int>(fact.half) & static_cast<int>(SaleHalf::bill)) != 0;
}

// Whether the groups of two facts hold a bill each: what both name (a merchant's reference that is
// used again) makes no two bills one.
bool are_two_bills(const std::vector<PlacedFact>& facts, Sets& sets, std::size_t a, std::size_t b) {
  const auto groups = sets.groups();
  for (const auto one : groups.at(sets.find(a)))
    for (const auto other : groups.at(sets.find(b)))
      if (is_billed(facts[one].fact) && is_billed(facts[other].fact) &&
          facts[one].fact.rank == facts[other].fact.rank &&
          facts[one].fact.order_id != facts[other].fact.order_id)
        return true;
  return false;
}

// By their own sale key first, then by the further names.
void join_names(std::string_view site_id, std::string_view provider,
                const std::vector<PlacedFact>& facts, Sets& sets) {
  std::map<std::string, std::size_t> known;
  for (std::size_t at = 0; at < facts.size(); ++at)
    if (!facts[at].fact.order_id.empty())
      sets.join(at, known.try_emplace(facts[at].fact.order_id, at).first->second);
  for (std::size_t at = 0; at < facts.size(); ++at)
    for (auto& name : names_of(site_id, provider, facts[at].fact)) {
      const std::size_t other = known.try_emplace(std::move(name), at).first->second;
      if (sets.find(at) != sets.find(other) && !are_two_bills(facts, sets, at, other))
        sets.join(at, other);
    }
}

void join_rows(const std::vector<PlacedFact>& facts, Sets& sets) {
  std::map<std::size_t, FactGroup> rows;
  for (std::size_t at = 0; at < facts.size(); ++at)
    if (facts[at].row != kNoRow) rows[facts[at].row].push_back(at);
  for (const auto& [row, places] : rows) {
    std::set<std::size_t> with_half;  // groups
    for (std::size_t at = 0; at < facts.size(); ++at)
      if (facts[at].fact.half != SaleHalf::unsaid) with_half.insert(sets.find(at));
    const auto chief = std::find_if(places.begin(), places.end(), [&](std::size_t at) {
      return with_half.contains(sets.find(at));
    });
    const std::size_t chosen = chief == places.end() ? places.front() : *chief;
    for (const auto at : places)
      if (!with_half.contains(sets.find(at))) sets.join(at, chosen);
  }
}

}  // namespace

std::vector<std::string> names_of(std::string_view site_id, std::string_view provider,
                                  const OrderFact& fact) {
  std::vector<std::string> names = fact.aliases;
  if (fact.refund_event_id) names.push_back(uuid_text(*fact.refund_event_id));
  for (const auto& id : fact.restated_ids) names.push_back(uuid_text(id));
  if (fact.order_id.empty()) return names;
  names.push_back(fact.order_id);
  names.push_back(uuid_text(derive_order_event_id(site_id, provider, fact.order_id, "purchase")));
  if (fact.is_stated())
    names.push_back(
        uuid_text(derive_order_event_id(site_id, kStatedProvider, fact.order_id, "purchase")));
  return names;
}

SaleHalf half_of(const std::vector<OrderFact>& facts) {
  int bits = 0;
  for (const auto& fact : facts) bits |= static_cast<int>(fact.half);
  return static_cast<SaleHalf>(bits);
}

bool is_half(const std::vector<OrderFact>& facts) {
  const SaleHalf half = half_of(facts);
  return half == SaleHalf::bill || half == SaleHalf::payment;
}

std::vector<FactGroup> group_facts(std::string_view site_id, std::string_view provider,
                                   const std::vector<PlacedFact>& facts) {
  Sets sets(facts.size());
  join_names(site_id, provider, facts, sets);
  join_rows(facts, sets);

  std::vector<LoneHalf> bills, payments;
  for (const auto& [root, group] : sets.groups()) {
    LoneHalf half;
    half.root = root;
    half.facts = facts_of(facts, group);
    if (!is_half(half.facts)) continue;
    half.order = fold_order(site_id, provider, half.facts);
    if (!half.order.paid_ms) continue;
    for (const auto at : group)
      if (facts[at].row != kNoRow) half.rows.insert(facts[at].row);
    auto& list = half_of(half.facts) == SaleHalf::bill ? bills : payments;
    list.push_back(std::move(half));
  }
  pair_halves(bills, payments, sets);
  std::vector<FactGroup> groups;
  for (auto& [root, group] : sets.groups()) groups.push_back(std::move(group));
  return groups;
}

}  // namespace tl::server
