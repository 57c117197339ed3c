// SPDX-License-Identifier: Apache-2.0
#include "server/core/order_ledger.hpp"

#include "server/core/order_fold.hpp"
#include "server/core/sale_halves.hpp"
#include "server/core/uuid_text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

struct KnownSale {
  std::vector<OrderRow> rows;  // distinct
  std::vector<OrderFact> facts;
  std::int64_t recorded_minor = 0;  // sum of deltas
  bool knows_fact = false;
};

OrderKey key_of(const OrderRow& row) {
  return {row.provider, row.order_id};
}

// Adds a row with all its facts, unless it turns out to be a sale of its own.
Outcome<void> take_in(OrderStore& store, const LedgerEntry& entry, OrderRow row, KnownSale& known) {
  TL_TRY(changes, store.changes_of(entry.site_id, row.provider, row.order_id));
  std::vector<OrderFact> facts;
  for (const auto& change : changes) facts.push_back(read_fact(change));
  std::vector<OrderFact> told = known.facts;
  told.push_back(entry.fact);
  if (are_two_sales(told, facts)) return {};
  for (const auto& change : changes) {
    known.recorded_minor += change.delta_minor;
    known.knows_fact = known.knows_fact || change.change_key == entry.fact.change_key;
  }
  known.facts.insert(known.facts.end(), facts.begin(), facts.end());
  known.rows.push_back(std::move(row));
  return {};
}

Outcome<KnownSale> find_known(OrderStore& store, const LedgerEntry& entry,
                              const std::vector<std::string>& references) {
  std::vector<std::string_view> providers = {entry.provider};
  // What the site stated under one of the references is the same sale; a test payment is nobody's.
  if (entry.fact.live && entry.provider != kStatedProvider) providers.push_back(kStatedProvider);
  KnownSale known;
  for (const auto provider : providers) {
    for (const auto& reference : references) {
      TL_TRY(row, store.find_order(entry.site_id, provider, reference));
      if (!row) continue;
      const bool is_seen = std::any_of(known.rows.begin(), known.rows.end(), [&](const auto& seen) {
        return key_of(seen) == key_of(*row);
      });
      if (!is_seen) known.rows.push_back(std::move(*row));
    }
  }
  std::vector<OrderRow> found;
  found.swap(known.rows);
  for (auto& row : found) TL_CHECK(take_in(store, entry, std::move(row), known));
  return known;
}

}  // namespace

Outcome<LedgerStep> record_fact(OrderStore& store, const LedgerEntry& entry) {
  std::vector<std::string> references = {entry.fact.order_id};
  references.insert(references.end(), entry.aliases.begin(), entry.aliases.end());
  TL_TRY(known, find_known(store, entry, references));

  LedgerStep step;
  step.is_new_fact = !known.knows_fact;
  if (step.is_new_fact) known.facts.push_back(entry.fact);
  TL_TRY(other_half, find_other_half(store, fold_order(entry.site_id, entry.provider, known.facts),
                                     known.facts));
  if (other_half) TL_CHECK(take_in(store, entry, std::move(*other_half), known));
  std::int64_t refunded_before = 0;
  for (const auto& row : known.rows) refunded_before += row.refunded_minor;
  step.order = fold_order(entry.site_id, entry.provider, std::move(known.facts));
  const std::string& order_id = step.order.order_id;

  for (const auto& row : known.rows) {
    if (key_of(row) == key_of(step.order)) continue;
    step.former.push_back(key_of(row));
    TL_CHECK(store.merge_order(entry.site_id, key_of(row), key_of(step.order)));
  }
  for (const auto& reference : references)
    if (reference != order_id)
      TL_CHECK(store.add_alias(entry.site_id, entry.provider, reference, order_id));
  if (step.is_new_fact) {
    OrderFact fact = entry.fact;
    const std::int64_t refunded = step.order.refunded_minor;
    if (refunded > refunded_before) {
      step.refund_event_id = derive_order_event_id(entry.site_id, entry.provider, order_id,
                                                   "refund:" + std::to_string(refunded));
      fact.refund_event_id = step.refund_event_id;
      fact.refund_event_minor = refunded - refunded_before;
      TL_CHECK(store.add_alias(entry.site_id, entry.provider, uuid_text(*step.refund_event_id),
                               order_id));
    }
    OrderChangeRow row = change_row(fact);
    row.site_id = entry.site_id;
    row.provider = entry.provider;
    row.order_id = order_id;
    row.recorded_ms = entry.recorded_ms;
    row.delta_minor = net_minor(step.order) - known.recorded_minor;
    TL_CHECK(store.append_change(row));
  }
  TL_CHECK(store.put_order(step.order));
  return step;
}

Outcome<std::int64_t> refund_event_amount(OrderStore& store, const OrderRow& order,
                                          const Id128& event_id) {
  TL_TRY(changes, store.changes_of(order.site_id, order.provider, order.order_id));
  for (const auto& change : changes) {
    const OrderFact fact = read_fact(change);
    if (fact.refund_event_id == event_id) return fact.refund_event_minor;
  }
  return std::int64_t{0};
}

}  // namespace tl::server
