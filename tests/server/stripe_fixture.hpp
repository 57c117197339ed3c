// SPDX-License-Identifier: Apache-2.0
// The vocabulary of the order tests: Stripe's events as JSON, and a shop that is told of them and
// shows the rows that came of it.
#pragma once

#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/outbox/event_lane.hpp"
#include "server/core/reports/audit.hpp"
#include "server/providers/registry.hpp"
#include "server/providers/stripe_events.hpp"
#include "tests/server/mortal_store.hpp"
#include "tests/server/support.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

namespace tl::server::test {

class NoClient : public HttpClient {
 public:
  OutgoingAnswer send(const OutgoingRequest&) override { return {}; }
};

using nlohmann::json;

// An event that came `after_s` seconds after kNow.
inline json stripe_event(const std::string& type, json object, std::int64_t after_s = 0) {
  static std::atomic<int> counter{0};
  return {{"id", "evt_" + std::to_string(++counter)},
          {"object", "event"},
          {"created", kNow / 1000 + after_s},
          {"livemode", true},
          {"type", type},
          {"data", {{"object", std::move(object)}}}};
}

inline json visit_metadata(const Id128& anonymous_id = id(2001), const Id128& session_id = id(1001),
                           std::int64_t started_ms = kNow - kMinute) {
  return {{"anonymous_id", uuid(anonymous_id)},
          {"session_id", uuid(session_id)},
          {"checkout_started_at", std::to_string(started_ms)}};
}

inline json paid_session(std::int64_t amount = 2500, const std::string& number = "1") {
  return {{"id", "cs_" + number},
          {"object", "checkout.session"},
          {"mode", "payment"},
          {"payment_status", "paid"},
          {"amount_total", amount},
          {"currency", "eur"},
          {"payment_intent", "pi_" + number},
          {"customer", "cus_1"},
          {"metadata", visit_metadata()},
          {"customer_details",
           {{"email", "Jane@Example.com"},
            {"phone", "+420777123456"},
            {"name", "Jane Roe"},
            {"address", {{"country", "CZ"}}}}}};
}
inline json paid_intent(std::int64_t amount = 2500, const std::string& number = "1") {
  return {{"id", "pi_" + number}, {"object", "payment_intent"},      {"amount_received", amount},
          {"currency", "eur"},    {"latest_charge", "ch_" + number}, {"metadata", json::object()}};
}
inline json paid_charge(std::int64_t amount = 2500, const std::string& number = "1") {
  return {{"id", "ch_" + number},
          {"object", "charge"},
          {"amount", amount},
          {"amount_captured", amount},
          {"amount_refunded", 0},
          {"currency", "eur"},
          {"payment_intent", "pi_" + number},
          {"billing_details", {{"email", "jane@example.com"}}},
          {"metadata", json::object()}};
}
inline json refunded_charge(std::int64_t total, std::int64_t amount = 2500) {
  json charge = paid_charge(amount);
  charge["amount_refunded"] = total;
  return charge;
}
inline json refund(const std::string& refund_id, std::int64_t amount,
                   const std::string& status = "succeeded") {
  return {{"id", refund_id},          {"object", "refund"}, {"amount", amount}, {"currency", "eur"},
          {"payment_intent", "pi_1"}, {"charge", "ch_1"},   {"status", status}};
}
inline json paid_invoice(const std::string& number, const std::string& billing_reason,
                         std::int64_t amount = 1900) {
  return {{"id", "in_" + number},
          {"object", "invoice"},
          {"amount_paid", amount},
          {"currency", "eur"},
          {"billing_reason", billing_reason},
          {"customer_email", "jane@example.com"},
          {"status_transitions", {{"paid_at", kNow / 1000}}},
          {"parent",
           {{"subscription_details", {{"subscription", "sub_1"}, {"metadata", visit_metadata()}}}}},
          {"lines",
           {{"data",
             {{{"description", "1 × Membership"},
               {"amount", amount},
               {"quantity", 1},
               {"pricing", {{"price_details", {{"product", "prod_1"}}}}}}}}}}};
}
inline json paid_by(const std::string& invoice, const std::string& intent) {
  return {{"id", "inpay_" + invoice + intent},
          {"invoice", "in_" + invoice},
          {"payment", {{"type", "payment_intent"}, {"payment_intent", "pi_" + intent}}}};
}

// A site with one visitor (anonymous id 2001, session 1001) who came by an ad, and two
// destinations.
class Shop {
 public:
  Shop() : orders(mortal, store.clock, takes()) {
    site = demo_site();
    site.destinations = {{"meta", "meta", {}, {}}, {"posthog", "posthog", {}, {}}};
    store.put([&](Tables& tables) -> Outcome<void> {
      auto session = given_session(1001, kNow - kHour);
      session.last_ms = kNow - kMinute;
      session.last_content = R"({"id":"film","name":"The Film","category":"watch"})";
      session.first_touch = session.last_touch = id(1);
      TL_CHECK(tables.events().put_session(session));
      TL_TRY(is_new,
             tables.events().insert_touch(given_touch(1, Channel::paid_social, kNow - kHour)));
      static_cast<void>(is_new);
      return {};
    });
  }

  static DestinationTakes takes() {
    return [](const DestinationConfig& destination, std::string_view event) {
      return event == "purchase" || (event == "refund" && destination.kind == "posthog");
    };
  }

  // Of browsers' events: one lane for each purpose.
  static LaneLookup lanes() {
    return [](std::string_view) {
      return std::make_shared<const std::vector<EventLane>>(std::vector<EventLane>{
          {"meta", Purpose::marketing, {"*"}}, {"posthog", Purpose::storage, {"*"}}});
    };
  }

  Outcome<WebhookResult> tell(const json& event) {
    const auto change = read_stripe_event(event, site);
    if (!change.ok()) return change.error();
    InboxEntry entry;
    entry.provider = "stripe";
    entry.event_key = change.value().event_key;
    entry.event_type = change.value().event_type;
    entry.received_ms = store.clock.now_ms();
    entry.live = change.value().live;
    entry.headers_json = "{}";
    entry.body = event.dump();
    return sent_until_kept([&] { return orders.receive_webhook(site, entry, {change.value()}); });
  }
  std::string told(const json& event) { return value_of(tell(event)).result; }
  // The site's own server says that an order was paid.
  StatedResult state(const std::string& reference, std::int64_t amount = 2500,
                     const Consent& consent = {}) {
    StatedConversion stated;
    stated.reference = reference;
    stated.amount_minor = amount;
    stated.currency = "EUR";
    stated.occurred_ms = kNow - kMinute;
    stated.session_id = id(1001);
    stated.user_id = "u-7";
    stated.consent = consent;
    stated.digest = sha256(reference + " " + std::to_string(amount));
    return value_of(sent_until_kept([&] { return orders.receive_stated(site, stated); }));
  }

  std::vector<OrderRow> all_orders() {
    return store
        .get([](Tables& t) {
          return t.orders().list_orders({"demo", {}, {}, 1000, {}}, std::nullopt);
        })
        .items;
  }
  std::optional<OrderRow> order(const std::string& reference) {
    return store.get(
        [&](Tables& t) { return t.orders().find_order_by_reference("demo", reference); });
  }
  std::optional<ConversionRow> conversion(const std::string& reference) {
    const auto row = order(reference);
    if (!row) return std::nullopt;
    return store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", row->provider, row->order_id, "purchase");
    });
  }
  std::vector<ConversionRow> conversions() {
    return store
        .get([&](Tables& t) {
          return t.orders().list_conversions({"demo", {}, {}, 1000, {}});
        })
        .items;
  }
  std::vector<CreditRow> credits(const Id128& conversion) {
    return store.get([&](Tables& t) { return t.orders().credits_of("demo", conversion); });
  }
  std::vector<DayCredit> days(const std::string& model = "linear") {
    return store.get([&](Tables& t) { return t.rollups().credits("demo", model, 0, 99991231); });
  }
  std::vector<DeliveryRow> deliveries() {
    return store
        .get([&](Tables& t) {
          return t.outbox().list_deliveries({"demo", {}, {}, 1000, {}}, std::nullopt, "");
        })
        .items;
  }
  SessionRow session(std::uint64_t number = 1001) {
    return *store.get([&](Tables& t) { return t.events().find_session("demo", id(number)); });
  }

  // What destinations were told to take back of an order.
  std::int64_t told_back(const OrderRow& row) {
    std::int64_t sum = 0;
    for (const auto& change : store.get([&](Tables& t) {
           return t.orders().changes_of(row.site_id, row.provider, row.order_id);
         }))
      sum += read_fact(change).refund_event_minor;
    return sum;
  }

  TempStore store;
  MortalStore mortal{store};
  SiteConfig site;
  Orders orders;
};

// Changes the shop's store. Touches that a test puts there are in no sum of traffic, also when a
// withdrawal moves them.
inline void check_audit(Shop& shop) {
  const auto lines =
      value_of(audit(*shop.store, {std::make_shared<const SiteConfig>(shop.site)}, 50, kNow, {}));
  for (const auto& line : lines)
    if (!line.substr(1).starts_with(" day_traffic ") &&
        !line.substr(1).starts_with(" day_visitors "))
      FAIL_CHECK(line);
}

}  // namespace tl::server::test
