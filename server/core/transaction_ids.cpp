// SPDX-License-Identifier: Apache-2.0
#include "server/core/transaction_ids.hpp"

#include "server/core/uuid_text.hpp"
#include "throughline/text.hpp"

#include <optional>
#include <vector>

namespace tl::server {
namespace {

// Its own id, and those of conversions that turned out to be this one: aliases of its order.
Outcome<std::optional<std::string>> known_name(Tables& tables, const std::string& scope,
                                               const ConversionRow& purchase) {
  TL_TRY(own, tables.outbox().transaction_id(scope, purchase.site_id, purchase.id));
  if (own) return own;
  TL_TRY(aliases,
         tables.orders().aliases_of(purchase.site_id, purchase.provider, purchase.order_id));
  for (const auto& alias : aliases) {
    const auto former = parse_uuid(alias);
    if (!former.ok()) continue;
    TL_TRY(told, tables.outbox().transaction_id(scope, purchase.site_id, former.value()));
    if (told) return told;
  }
  return own;
}

}  // namespace

Outcome<std::string> transaction_id_of(Tables& tables, const OrderNumbers& numbers,
                                       const ConversionRow& purchase) {
  TL_TRY(known, known_name(tables, numbers.scope, purchase));
  if (known) return std::move(*known);
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
