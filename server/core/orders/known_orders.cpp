// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/known_orders.hpp"

namespace tl::server {

Outcome<std::optional<OrderRow>> KnownOrders::find(std::string_view provider,
                                                   const std::string& reference) {
  TL_TRY(plain, orders_.find_order(site_id_, provider, reference));
  if (plain) return plain;
  TL_TRY(has_some, has_digests(provider));
  if (!has_some) return plain;
  for (const auto& form : erased_.forms_of(reference)) {
    if (form == reference) continue;
    TL_TRY(row, orders_.find_order(site_id_, provider, form));
    if (!row) continue;
    digests_.insert(form);
    return row;
  }
  return plain;
}

Outcome<std::optional<OrderRow>> KnownOrders::find_anywhere(const std::string& reference) {
  TL_TRY(stated, find(kStatedProvider, reference));
  if (stated) return stated;
  TL_TRY(providers, orders_.providers(site_id_));
  for (const auto& provider : providers) {
    auto row = find(provider, reference);
    if (!row.ok() || row.value()) return row;
  }
  return std::optional<OrderRow>{};
}

// As often as it was erased, a name.
Outcome<std::optional<std::string>> KnownOrders::later_name(std::string_view provider,
                                                            BuyerName kind, std::string account) {
  std::optional<std::string> later;
  for (bool was_erased = !account.empty(); was_erased;) {
    was_erased = false;
    for (const auto& form : erased_.forms_of(account)) {
      if (form == account) continue;
      TL_TRY(has_some, orders_.has_orders_of(site_id_, provider, kind, form));
      was_erased = was_erased || has_some;
    }
    if (was_erased) later = account = erased_.again(account);
  }
  return later;
}

// Nearly always no, which saves a look for each reference.
Outcome<bool> KnownOrders::has_digests(std::string_view provider) {
  const auto known = has_digests_.find(provider);
  if (known != has_digests_.end()) return known->second;
  TL_TRY(has_some, orders_.has_names_from(site_id_, provider, kErasedPrefix, kAfterErasedPrefix));
  has_digests_.emplace(provider, has_some);
  return has_some;
}

}  // namespace tl::server
