// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/new_customers.hpp"

#include "server/core/reports/credit_rollups.hpp"
#include "throughline/hash.hpp"

#include <algorithm>
#include <string_view>

namespace tl::server {
namespace {

Digest digest_of(std::string_view kind, std::string_view value) {
  FieldHash hash("tl-customer");
  hash.add(kind);
  hash.add(value);
  return hash.finish();
}

template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::optional<Digest> customer_of(const ConversionDraft& draft, const ConversionRow& row) {
  if (row.kind != "purchase" || !row.live) return std::nullopt;
  if (draft.email_hash) return digest_of("email", view_of(*draft.email_hash));
  if (draft.phone_hash) return digest_of("phone", view_of(*draft.phone_hash));
  if (draft.user_id_hash) return digest_of("user_id", view_of(*draft.user_id_hash));
  if (row.anonymous_id) return digest_of("anonymous_id", view_of(row.anonymous_id->bytes));
  return std::nullopt;
}

Outcome<void> settle_new_customers(Tables& tables, const SiteConfig& site,
                                   std::vector<std::optional<Digest>> customers) {
  std::sort(customers.begin(), customers.end());
  customers.erase(std::unique(customers.begin(), customers.end()), customers.end());
  for (const auto& customer : customers) {
    if (!customer) continue;
    TL_TRY(rows, tables.orders().first_purchases_of_customer(site.id, *customer));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      ConversionRow& row = rows[i];
      const bool is_new = i == 0 && row.subscription != SubscriptionRole::renewal &&
                          row.subscription != SubscriptionRole::update;
      if (row.is_new_customer == is_new) continue;
      TL_TRY(credits, tables.orders().credits_of(site.id, row.id));
      const CountedConversion before{row, credits};
      row.is_new_customer = is_new;
      TL_CHECK(tables.orders().put_conversion(row));
      TL_CHECK(restate_rollups(tables.rollups(), site, {before},
                               CountedConversion{row, std::move(credits)}));
    }
  }
  return {};
}

}  // namespace tl::server
