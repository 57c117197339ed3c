// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/fetched_events.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/orders/order_fact.hpp"
#include "throughline/hash.hpp"

namespace tl::server {
namespace {

// What of the buyer and of what was sold is told, so that a list which tells more is no repeat. Not
// how it reads: the key outlives a buyer who is erased.
std::uint32_t told_parts(const OrderFact& fact) {
  std::uint32_t parts = 0;
  for (const bool is_told :
       {fact.anonymous_id.has_value(), fact.session_id.has_value(),
        fact.checkout_started_ms.has_value(), !fact.coarse.empty(), fact.email_hash.has_value(),
        fact.phone_hash.has_value(), fact.customer.find("\"country\"") != std::string::npos,
        fact.customer.find("\"fn\"") != std::string::npos,
        fact.customer.find("\"ln\"") != std::string::npos, !fact.customer_id.empty(),
        !fact.subscription_id.empty(), fact.subscription != SubscriptionRole::none,
        fact.items != "[]"})
    parts = parts * 2 + (is_told ? 1 : 0);
  return parts;
}

std::string key_of_facts(const std::vector<OrderChange>& changes, const SiteConfig& site) {
  FieldHash hash("tl-fetched");
  for (const auto& change : changes)
    hash.add(std::to_string(static_cast<int>(change.kind)))
        .add(change.order_id)
        .add(change.change_key)
        .add_u32(told_parts(fact_of(change, site)));
  const Digest digest = hash.finish();
  return "fetched:" + to_hex(digest);
}

}  // namespace

Outcome<WebhookResult> keep_fetched(Orders& orders, const SiteConfig& site,
                                    const std::string& provider, const FetchedEvent& event,
                                    const std::string& counted, std::int64_t now_ms) {
  InboxEntry entry;
  entry.provider = provider;
  entry.event_key = key_of_facts(event.changes, site);
  entry.event_type = event.changes.front().event_type;
  entry.received_ms = now_ms;
  entry.live = event.changes.front().live;
  entry.headers_json = event.headers_json;
  entry.body = event.body;
  return orders.receive_webhook(site, std::move(entry), event.changes, counted);
}

}  // namespace tl::server
