// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/new_customers.hpp"

#include "server/core/record_names.hpp"
#include "server/core/reports/credit_rollups.hpp"
#include "throughline/hash.hpp"

#include <algorithm>
#include <string_view>

namespace tl::server {
namespace {

template <class Bytes>
Digest customer_digest(std::string_view kind, const Bytes& bytes) {
  FieldHash hash("tl-customer");
  hash.add(kind);
  hash.add(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return hash.finish();
}

Digest customer_digest(const ContactRef& contact) {
  return customer_digest(contact_kind_name(contact.kind), contact.hash);
}

}  // namespace

std::optional<Digest> customer_of(const ConversionRow& row, const MatchEvidence& evidence,
                                  const Person& person) {
  if (row.kind != "purchase" || !row.live) return std::nullopt;
  if (person.name) return customer_digest(*person.name);
  const auto own = contacts_of(evidence);
  const bool is_known = !person.ids.empty() && !person.is_too_large;
  if (!is_known && !own.empty()) return customer_digest(own.front());
  if (person.ids.empty()) return std::nullopt;
  return customer_digest("anonymous_id", person.ids.front().bytes);
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
