// SPDX-License-Identifier: Apache-2.0
// Webhooks that only name a payment, and the API that tells of it: a shop that asks such an API,
// and what Mollie's and GoCardless's answer.
#pragma once

#include "server/core/orders/order_lookups.hpp"
#include "server/core/text/rfc3339.hpp"
#include "tests/server/listed_orders.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tl::server::test {

// Answers with the objects it holds, by path without the query; 404 for others.
class ApiOfObjects : public HttpClient {
 public:
  OutgoingAnswer send(const OutgoingRequest& request) override {
    sent.push_back(request);
    if (during) during();
    if (status != 200) {
      auto answer = answered_with(status, "trouble");
      if (!retry_after.empty()) answer.headers["retry-after"] = retry_after;
      return answer;
    }
    const auto start = request.url.find('/', request.url.find("//") + 2);
    const auto path = request.url.substr(start, request.url.find('?') - start);
    const auto found = objects.find(path);
    return found == objects.end() ? answered_with(404, "{}")
                                  : answered_with(200, found->second.dump());
  }
  std::map<std::string, json> objects;
  std::vector<OutgoingRequest> sent;
  int status = 200;
  std::string retry_after;
  std::function<void()> during;
};

// What GoCardless's API tells of a payment to which nothing happened.
inline json gocardless_history() {
  return {{"events", json::array()}};
}

class Asker {
 public:
  explicit Asker(const std::string& provider)
      : config(provider_config(provider)),
        lookups(OrderLookupParts{shop.mortal, client, shop.store.clock, shop.store.entropy,
                                 shop.orders, find_provider_api, [this] { ++changed; },
                                 [this](const LookupRow& lookup, const ServerError& error) {
                                   troubles.push_back(lookup.subject + " " + error.code);
                                 }}) {
    config.api_key = "key";
    config.base_url = "https://api.example/";
    if (provider == "gocardless") client.objects["/events"] = gocardless_history();
  }
  WebhookResult tell(const std::string& body, const Headers& headers, const Headers& more = {}) {
    Headers all = headers;
    all.insert(all.end(), more.begin(), more.end());
    const auto changes = value_of(read_as(config.provider, all, body, config));
    InboxEntry entry;
    entry.provider = config.provider;
    entry.event_key = changes.front().event_key;
    entry.event_type = changes.front().event_type;
    entry.received_ms = shop.store.clock.now_ms();
    entry.headers_json = "{}";
    entry.body = body;
    return value_of(
        sent_until_kept([&] { return shop.orders.receive_webhook(shop.site, entry, changes); }));
  }
  WebhookResult tell_signed(const json& body, const Headers& more = {}) {
    return tell(body.dump(), signed_headers(config.provider, body.dump(), {}, {}), more);
  }
  // One round; what a kill cut off stays queued for the next.
  void run() {
    const auto done = lookups.run_due(shop.site, config);
    if (done.ok() || done.error().code != kKilled) require_ok(done);
  }
  std::int64_t waiting() {
    std::int64_t waiting = 0;
    for (const bool is_proven : {true, false})
      waiting += shop.store.get([&](Tables& t) {
        return t.fetches().count_lookups("demo", config.provider, is_proven, 0);
      });
    return waiting;
  }
  std::vector<OrderRow> orders() { return shop.all_orders(); }

  Shop shop;
  ApiOfObjects client;
  PaymentConfig config;
  int changed = 0;
  std::vector<std::string> troubles;
  OrderLookups lookups;
};

inline json mollie_payment(const std::string& status = "paid") {
  return {{"resource", "payment"},
          {"id", "tr_7UhSN1zuXS"},
          {"mode", "live"},
          {"status", status},
          {"amount", {{"currency", "EUR"}, {"value", "25.00"}}},
          {"sequenceType", "oneoff"},
          {"customerId", "cst_1"},
          {"createdAt", "2026-09-21T14:10:00+00:00"},
          {"paidAt", "2026-09-21T14:13:20+00:00"},
          {"billingAddress",
           {{"email", "jane@example.com"},
            {"givenName", "Jane"},
            {"familyName", "Roe"},
            {"country", "CZ"}}},
          {"metadata", visit_metadata()}};
}
inline const std::string kMolliePath = "/v2/payments/tr_7UhSN1zuXS";
inline const std::string kMollieNotice = "id=tr_7UhSN1zuXS";

inline json mollie_refund(const std::string& id, const std::string& value,
                          const std::string& status) {
  return {{"id", id},
          {"amount", {{"currency", "EUR"}, {"value", value}}},
          {"status", status},
          {"createdAt", "2026-09-22T10:00:00+00:00"}};
}

inline json gocardless_events(const std::vector<json>& events) {
  return {{"events", json(events)}, {"meta", {{"webhook_id", "WB123"}}}};
}
inline json gocardless_event(const std::string& id, const std::string& action,
                             const std::string& payment, std::int64_t t_ms = kNow) {
  return {{"id", id},
          {"created_at", write_rfc3339(t_ms)},
          {"resource_type", "payments"},
          {"action", action},
          {"links", {{"payment", payment}}}};
}
inline json gocardless_payment(const std::string& id, std::int64_t amount,
                               const std::string& status) {
  return {{"payments",
           {{"id", id},
            {"created_at", "2026-09-21T14:13:20.000Z"},
            {"amount", amount},
            {"currency", "GBP"},
            {"status", status},
            {"metadata", visit_metadata()},
            {"links", {{"mandate", "MD1"}, {"creditor", "CR1"}}}}}};
}

// The payment PM1 and all that happened to it, a day apart, as the API tells it.
class DebitHistory {
 public:
  explicit DebitHistory(Asker& asker) : asker_(asker) {}
  json happens(const std::string& action, const std::string& status) {
    asker_.client.objects["/payments/PM1"] = gocardless_payment("PM1", 2500, status);
    const json event =
        gocardless_event("EVP" + std::to_string(++events_), action, "PM1", last_ms());
    auto& listed = asker_.client.objects["/events"]["events"];
    listed.insert(listed.begin(), event);  // the latest first
    return event;
  }
  OrderRow tell(const std::string& action, const std::string& status) {
    const json event = happens(action, status);
    asker_.tell_signed(gocardless_events({event}));
    asker_.run();
    return asker_.orders().front();
  }
  [[nodiscard]] std::int64_t last_ms() const { return kNow + events_ * 24 * kHour; }

 private:
  Asker& asker_;
  int events_ = 0;
};

}  // namespace tl::server::test
