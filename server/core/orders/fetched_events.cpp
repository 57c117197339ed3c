// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/fetched_events.hpp"

#include "server/core/access/secret_box.hpp"

namespace tl::server {
namespace {

std::string key_of_facts(const std::vector<OrderChange>& changes) {
  FieldHash hash("tl-fetched");
  for (const auto& change : changes)
    hash.add(std::to_string(static_cast<int>(change.kind)))
        .add(change.order_id)
        .add(change.change_key);
  const Digest digest = hash.finish();
  return "fetched:" + to_hex(digest);
}

}  // namespace

Outcome<WebhookResult> keep_fetched(Orders& orders, const SiteConfig& site,
                                    const std::string& provider, const FetchedEvent& event,
                                    const std::string& counted, std::int64_t now_ms) {
  InboxEntry entry;
  entry.provider = provider;
  entry.event_key = key_of_facts(event.changes);
  entry.event_type = event.changes.front().event_type;
  entry.received_ms = now_ms;
  entry.live = event.changes.front().live;
  entry.headers_json = event.headers_json;
  entry.body = event.body;
  return orders.receive_webhook(site, std::move(entry), event.changes, counted);
}

}  // namespace tl::server
