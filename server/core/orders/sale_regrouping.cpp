// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/sale_regrouping.hpp"

#include "server/core/text/uuid_text.hpp"

#include <map>
#include <utility>

namespace tl::server {
namespace {

struct OwnedConversion {
  SaleGroup* sale = nullptr;
  ConversionRow row;
};

// Which sale a name belongs to.
class NameOwners {
 public:
  NameOwners(const LedgerEntry& entry, const Regrouped& regrouped) : regrouped_(regrouped) {
    for (auto& sale : regrouped.sales)
      for (const auto at : sale.facts)
        for (auto& name : names_of(entry.site_id, entry.provider, regrouped.facts[at].fact))
          by_name_.try_emplace(std::move(name), &sale);
  }

  // A name that no fact has any more (erased) goes with that of the row.
  [[nodiscard]] SaleGroup& find(const std::string& name, std::size_t row) const {
    for (const auto* known : {&name, &regrouped_.rows[row].order_id})
      if (const auto found = by_name_.find(*known); found != by_name_.end()) return *found->second;
    for (auto& sale : regrouped_.sales)
      if (sale.rows.contains(row)) return sale;
    return regrouped_.sales.front();
  }

 private:
  const Regrouped& regrouped_;
  std::map<std::string, SaleGroup*> by_name_;
};

// A conversion stays with the sale whose event id it has. Until a sale's conversions are joined
// they are kept under its own order and under names of it.
Outcome<void> hand_over(OrderStore& store, std::vector<OwnedConversion>&& conversions) {
  for (auto& [sale, row] : conversions) {
    row.provider = sale->changed.order.provider;
    row.order_id = uuid_text(row.id);
    TL_CHECK(store.put_conversion(row));
  }
  std::set<const SaleGroup*> served;
  for (auto& [sale, row] : conversions) {
    const OrderRow& order = sale->changed.order;
    if (served.insert(sale).second) {
      row.order_id = order.order_id;
      TL_CHECK(store.put_conversion(row));
      continue;
    }
    sale->changed.former.push_back({row.provider, row.order_id});
    TL_CHECK(store.add_alias(order.site_id, order.provider, row.order_id, order.order_id));
  }
  return {};
}

}  // namespace

std::vector<std::string> references_of(const OrderFact& fact) {
  std::vector<std::string> references = {fact.order_id};
  references.insert(references.end(), fact.aliases.begin(), fact.aliases.end());
  return references;
}

Outcome<void> regroup(OrderStore& store, const LedgerEntry& entry, const Regrouped& regrouped) {
  const NameOwners owners(entry, regrouped);
  std::set<std::size_t> rows;
  std::map<SaleGroup*, std::set<std::string>> names;
  for (auto& sale : regrouped.sales) {
    rows.insert(sale.rows.begin(), sale.rows.end());
    for (const auto at : sale.facts) {
      const OrderFact& fact = regrouped.facts[at].fact;
      for (auto& reference : references_of(fact)) names[&sale].insert(std::move(reference));
      if (fact.refund_event_id) names[&sale].insert(uuid_text(*fact.refund_event_id));
    }
  }
  std::vector<OwnedConversion> conversions;
  for (const auto row : rows) {
    const OrderKey key = key_of(regrouped.rows[row]);
    TL_TRY(aliases, store.aliases_of(entry.site_id, key.provider, key.order_id));
    for (auto& alias : aliases) names[&owners.find(alias, row)].insert(alias);
    TL_TRY(conversion,
           store.find_conversion_of_order(entry.site_id, key.provider, key.order_id, "purchase"));
    if (conversion)
      conversions.push_back({&owners.find(uuid_text(conversion->id), row), std::move(*conversion)});
    TL_CHECK(store.remove_order(entry.site_id, key));
  }
  for (const auto& [sale, all] : names)
    for (const auto& name : all)
      if (const OrderRow& order = sale->changed.order; name != order.order_id)
        TL_CHECK(store.add_alias(order.site_id, order.provider, name, order.order_id));
  if (regrouped.sales.size() > 1) return hand_over(store, std::move(conversions));
  for (const auto& [sale, row] : conversions)
    if (const OrderKey key{row.provider, row.order_id}; key != key_of(sale->changed.order))
      sale->changed.former.push_back(key);
  return {};
}

}  // namespace tl::server
