// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/transaction_ids.hpp"

#include "server/core/text/uuid_text.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace tl::server {
namespace {

Outcome<bool> was_told(Tables& tables, std::string_view destination, const std::string& site_id,
                       const Id128& sale) {
  TL_TRY(rows, tables.outbox().deliveries_of_event(site_id, sale));
  return std::any_of(rows.begin(), rows.end(), [&](const DeliveryRow& row) {
    return row.destination == destination && (row.first_sent_ms || row.delivered_ms);
  });
}

// Sales that were told before names were kept were told bare, and go on so: this one, those that
// turned out to be it, and others of their numbers.
Outcome<void> keep_told_names(Tables& tables, const OrderNumbers& numbers,
                              std::string_view destination, const ConversionRow& purchase) {
  const std::string& site_id = purchase.site_id;
  const auto keep = [&](const std::string& name, const Id128& sale) -> Outcome<void> {
    TL_TRY(told, was_told(tables, destination, site_id, sale));
    if (!told) return {};
    const std::string bare(cut_utf8(name, numbers.most_bytes));
    TL_CHECK(tables.outbox().claim_transaction_id(numbers.scope, bare, site_id, sale));
    return {};
  };
  TL_CHECK(keep(purchase.order_id, purchase.id));
  TL_TRY(names, tables.orders().aliases_of(site_id, purchase.provider, purchase.order_id));
  names.push_back(purchase.order_id);
  TL_TRY(providers, tables.orders().providers(site_id));
  for (const auto& name : names)
    for (const auto& provider : providers)
      TL_CHECK(keep(name, derive_order_event_id(site_id, provider, name, "purchase")));
  return {};
}

}  // namespace

// Its own id, and those of conversions that turned out to be this one: aliases of its order.
Outcome<std::optional<std::string>> known_transaction_id(Tables& tables,
                                                         const OrderNumbers& numbers,
                                                         const ConversionRow& purchase) {
  TL_TRY(own, tables.outbox().transaction_id(numbers.scope, purchase.site_id, purchase.id));
  if (own) return own;
  TL_TRY(aliases,
         tables.orders().aliases_of(purchase.site_id, purchase.provider, purchase.order_id));
  for (const auto& alias : aliases) {
    const auto former = parse_uuid(alias);
    if (!former.ok()) continue;
    TL_TRY(told, tables.outbox().transaction_id(numbers.scope, purchase.site_id, former.value()));
    if (told) return told;
  }
  return own;
}

Outcome<std::string> assign_transaction_id(Tables& tables, const OrderNumbers& numbers,
                                           std::string_view destination,
                                           const ConversionRow& purchase) {
  TL_TRY(known, known_transaction_id(tables, numbers, purchase));
  if (known) return std::move(*known);
  TL_CHECK(keep_told_names(tables, numbers, destination, purchase));
  TL_TRY(told, known_transaction_id(tables, numbers, purchase));
  if (told) return std::move(*told);
  std::vector<std::string> names;
  if (numbers.tag_provider.empty() || numbers.tag_provider == purchase.provider)
    names.push_back(purchase.order_id);
  names.push_back(purchase.provider + "-" + purchase.order_id);
  names.push_back(purchase.site_id + "-" + names.back());
  for (auto& name : names) {
    name = cut_utf8(name, numbers.most_bytes);
    TL_TRY(is_free, tables.outbox().claim_transaction_id(numbers.scope, name, purchase.site_id,
                                                         purchase.id));
    if (is_free) return std::move(name);
  }
  std::string own = uuid_text(purchase.id);
  TL_CHECK(tables.outbox().claim_transaction_id(numbers.scope, own, purchase.site_id, purchase.id));
  return own;
}

}  // namespace tl::server
