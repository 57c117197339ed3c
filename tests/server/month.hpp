// SPDX-License-Identifier: Apache-2.0
// A month of a site as a list of things that are told to it: visits, identifications, payments,
// refunds, disputes, leads, own conversions. Each can be told at any time and any number of times.
#pragma once

#include "server/core/attribution/event_conversions.hpp"
#include "server/core/ingest/batch_keeper.hpp"
#include "server/core/ingest/touch_row.hpp"
#include "server/core/orders/orders.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person_evidence.hpp"
#include "server/core/reports/audit.hpp"
#include "server/core/text/uuid_text.hpp"
#include "tests/server/stripe_fixture.hpp"

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace tl::server::test {

// 2026-10-12T00:00:00Z; summer time ends on 25 October in Prague, on 1 November in New York.
inline constexpr std::int64_t kMonth = 1'791'763'200'000;

class MonthWorld {
 public:
  explicit MonthWorld(const std::string& zone)
      : orders(*store, store.clock, Shop::takes()), event_conversions(store.clock) {
    auto made = demo_site();
    made.timezone = zone;
    made.conversion_events = {"trial_started"};
    site = std::make_shared<SiteConfig>(std::move(made));
  }

  // A page view, with a touch when there is a channel, and own events that came with it.
  void visit(std::uint64_t visitor, std::uint64_t session, std::int64_t t_ms,
             std::optional<TrafficSource> source, const std::string& name = "page_view",
             bool is_bot = false) {
    VerifiedEvent verified = event_of(visitor, session, t_ms, name, is_bot);
    const EventRow& event = verified.event;
    if (source) {
      TouchRow touch = given_touch(0, source->channel, t_ms);
      touch.id = event.id;
      touch.session_id = event.session_id;
      touch.anonymous_id = event.anonymous_id;
      touch.source = source->source;
      touch.campaign = source->campaign;
      touch.content = source->content;
      touch.landing_path = source->landing_path;
      touch.is_bot = is_bot;
      verified.touch = std::move(touch);
    }
    keep(std::move(verified));
  }

  // A page view by a link, with the touch that its evidence makes; `change`: before it is kept.
  using Change = std::function<void(TouchRow&)>;
  void arrive(std::uint64_t visitor, std::uint64_t session, std::int64_t t_ms,
              const std::string& url, const std::string& referrer, const Change& change = {}) {
    VerifiedEvent verified = event_of(visitor, session, t_ms, "page_view", /*is_bot=*/false);
    std::string room(kTouchArenaBytes, '\0');
    Out arena(room.data(), room.size());
    const Touch touch = extract_touch(url, referrer, arena);
    Evidence evidence;
    evidence.url = url;
    evidence.referrer = referrer;
    verified.touch = make_touch_row(touch, classifier_.classify(touch), evidence,
                                    touch_fingerprint(touch), verified.event);
    if (change) change(*verified.touch);
    keep(std::move(verified));
  }

  void identify(std::uint64_t visitor, const std::string& email, std::int64_t t_ms) {
    store.put([&](Tables& tables) -> Outcome<void> {
      ContactClaim claim;
      claim.kind = ContactKind::email;
      claim.hash = *contact_hash(ContactKind::email, email, "");
      claim.anonymous_id = id(visitor);
      claim.source = "identify";
      claim.t_ms = t_ms;
      return keep_claim(tables, *site, claim, t_ms);
    });
  }

  void tell(const json& event) { REQUIRE(tell(orders, event).ok()); }
  Outcome<WebhookResult> tell(Orders& by, const json& event) {
    const auto change = read_stripe_event(event, *site);
    REQUIRE(change.ok());
    InboxEntry entry;
    entry.provider = "stripe";
    entry.event_key = change.value().event_key;
    entry.event_type = change.value().event_type;
    entry.received_ms = store.clock.now_ms();
    entry.live = change.value().live;
    entry.headers_json = "{}";
    entry.body = event.dump();
    return by.receive_webhook(*site, std::move(entry), {change.value()});
  }

  void state(const StatedConversion& stated) { REQUIRE(orders.receive_stated(*site, stated).ok()); }

  TempStore store;
  std::shared_ptr<SiteConfig> site;
  std::shared_ptr<std::vector<EventLane>> lanes = std::make_shared<std::vector<EventLane>>();
  Orders orders;
  EventConversions event_conversions;

 private:
  static VerifiedEvent event_of(std::uint64_t visitor, std::uint64_t session, std::int64_t t_ms,
                                const std::string& name, bool is_bot) {
    VerifiedEvent verified;
    EventRow& event = verified.event;
    event = given_event(0, name, t_ms);
    event.session_id = id(session);
    event.anonymous_id = id(visitor);
    event.page_nonce = id(900'000 + session);
    event.is_bot = is_bot;
    event.id = derive_event_id("demo", event.session_id, event.page_nonce,
                               static_cast<std::uint32_t>(t_ms % 100'000), name, t_ms);
    verified.consent = {Choice::granted, Choice::granted};
    verified.session_started_ms = t_ms;
    verified.state.index = 1;
    return verified;
  }

  void keep(VerifiedEvent verified) {
    const std::int64_t t_ms = verified.event.t_ms;
    VerifiedBatch batch;
    batch.events.push_back(std::move(verified));
    const WireBatch wire{};
    Sender sender;
    sender.received_ms = t_ms + 2000;
    const IngestServices services{*store,
                                  store.clock,
                                  store.entropy,
                                  store.box,
                                  store.tokens,
                                  [this](std::string_view) { return site; },
                                  [this](std::string_view) { return lanes; },
                                  &event_conversions};
    BatchKeeper keeper(services, *site, wire, sender, batch, nullptr, "/api/events");
    store.put([&](Tables& tables) { return keeper.keep(tables); });
  }

  TouchClassifier classifier_;
};

// What the audit finds in the world's store.
inline std::vector<std::string> audited(MonthWorld& world) {
  TempFolder folder;
  require_ok(world.store->copy_to(folder.file("copy.db")));
  const auto copy = value_of(open_store("sqlite:" + folder.file("copy.db"), world.store.box, kNow));
  return value_of(audit(*copy, {world.site}, 5, kNow, {}));
}

using Told = std::function<void(MonthWorld&)>;

// An event of Stripe at that moment, its ids by the number of the sale.
inline json sale_event(int number, const std::string& type, json object, std::int64_t t_ms) {
  return {{"id", "evt_" + std::to_string(number) + "_" + type + "_" + std::to_string(t_ms)},
          {"object", "event"},
          {"created", t_ms / 1000},
          {"livemode", true},
          {"type", type},
          {"data", {{"object", std::move(object)}}}};
}

inline json sale_session(int number, std::int64_t amount, const json& metadata,
                         const std::string& email) {
  const std::string text = std::to_string(number);
  return {{"id", "cs_" + text},
          {"object", "checkout.session"},
          {"mode", "payment"},
          {"payment_status", "paid"},
          {"amount_total", amount},
          {"currency", number % 4 == 3 ? "usd" : "eur"},
          {"payment_intent", "pi_" + text},
          {"metadata", metadata},
          {"customer_details", {{"email", email}, {"address", {{"country", "CZ"}}}}}};
}
inline json sale_refund(int number, const std::string& refund_id, std::int64_t amount,
                        const std::string& status) {
  const std::string text = std::to_string(number);
  return {{"id", refund_id},
          {"object", "refund"},
          {"amount", amount},
          {"currency", number % 4 == 3 ? "usd" : "eur"},
          {"payment_intent", "pi_" + text},
          {"charge", "ch_" + text},
          {"status", status}};
}
inline json sale_charge(int number, std::int64_t amount, std::int64_t refunded) {
  const std::string text = std::to_string(number);
  return {{"id", "ch_" + text},
          {"object", "charge"},
          {"amount", amount},
          {"amount_captured", amount},
          {"amount_refunded", refunded},
          {"currency", number % 4 == 3 ? "usd" : "eur"},
          {"payment_intent", "pi_" + text},
          {"metadata", json::object()}};
}

// The month, in the order in which it happened.
inline std::vector<Told> scripted_month() {
  std::vector<Told> month;
  std::mt19937 random(20261012);
  const auto pick = [&](std::int64_t below) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
  };
  const std::vector<TrafficSource> sources = {
      {Channel::paid_search, "google", "spring", "a", "/"},
      {Channel::paid_search, "google", "spring", "b", "/film"},
      {Channel::paid_search, "bing", "spring", "a", "/"},
      {Channel::paid_social, "facebook", "launch", "video", "/film"},
      {Channel::email, "letter", "october", "", "/offer"},
      {Channel::organic_search, "google", "", "", "/"},
      {Channel::referral, "blog.example", "", "", "/film"},
      {Channel::direct, "(direct)", "", "", "/"}};
  struct Session {
    std::uint64_t visitor, number;
    std::int64_t t_ms;
  };
  std::vector<Session> sessions;
  // Nine browsers, the last of them a bot; some moments a millisecond before a local midnight.
  for (std::uint64_t visitor = 1; visitor <= 9; ++visitor)
    for (std::int64_t i = 0; i < 3 + static_cast<std::int64_t>(visitor % 3); ++i) {
      std::int64_t t_ms = kMonth + pick(28 * kDay);
      if (i == 1) t_ms = kMonth + pick(28) * kDay + (i + pick(2)) * 12 * kHour + 22 * kHour - 1;
      const std::uint64_t number = 1000 * visitor + static_cast<std::uint64_t>(i);
      sessions.push_back({visitor, number, t_ms});
      const auto source = sources[static_cast<std::size_t>(pick(8))];
      const auto second = sources[static_cast<std::size_t>(pick(8))];
      const bool is_bot = visitor == 9;
      month.emplace_back(
          [=](MonthWorld& w) { w.visit(visitor, number, t_ms, source, "page_view", is_bot); });
      month.emplace_back(
          [=](MonthWorld& w) { w.visit(visitor, number, t_ms + kMinute, {}, "click", is_bot); });
      if (i % 2 == 0)
        month.emplace_back([=](MonthWorld& w) {
          w.visit(visitor, number, t_ms + 5 * kMinute, second, "page_view", is_bot);
        });
      if (visitor == 4)
        month.emplace_back([=](MonthWorld& w) {
          w.visit(visitor, number, t_ms + 9 * kMinute, {}, "trial_started");
        });
    }
  // One person on two devices, and one whose second browser is known by its e-mail alone.
  month.emplace_back([](MonthWorld& w) { w.identify(1, "one@example.com", kMonth + kDay); });
  month.emplace_back([](MonthWorld& w) { w.identify(2, "one@example.com", kMonth + 9 * kDay); });
  month.emplace_back([](MonthWorld& w) { w.identify(3, "three@example.com", kMonth + 2 * kDay); });

  for (int number = 1; number <= 10; ++number) {
    const auto& session = sessions[static_cast<std::size_t>(number) * 3 % sessions.size()];
    const std::int64_t paid = session.t_ms + (number % 3) * kDay + 10 * kMinute;
    const std::int64_t amount = 1000 + 777 * number;
    json metadata = json::object();
    if (number % 3 != 0)
      metadata = visit_metadata(id(session.visitor), id(session.number), paid - kMinute);
    const std::string email = number <= 4   ? "one@example.com"
                              : number <= 6 ? "three@example.com"
                                            : "buyer" + std::to_string(number) + "@example.com";
    const auto tell = [&month](json event) {
      month.emplace_back([told = std::move(event)](MonthWorld& w) { w.tell(told); });
    };
    tell(sale_event(number, "checkout.session.completed",
                    sale_session(number, amount, metadata, email), paid));
    const std::string first = "re_" + std::to_string(number) + "_a";
    const std::string second = "re_" + std::to_string(number) + "_b";
    if (number % 2 == 0) {
      tell(sale_event(number, "refund.created", sale_refund(number, first, amount / 3, "succeeded"),
                      paid + 3 * kDay));
      tell(sale_event(number, "charge.refunded", sale_charge(number, amount, amount / 3),
                      paid + 3 * kDay));
    }
    if (number % 4 == 0)
      tell(sale_event(number, "refund.created",
                      sale_refund(number, second, amount - amount / 3, "succeeded"),
                      paid + 6 * kDay + 13 * kHour));
    if (number == 6)
      tell(sale_event(number, "refund.updated", sale_refund(number, first, amount / 3, "failed"),
                      paid + 8 * kDay));
    if (number == 5)
      tell(sale_event(number, "charge.dispute.created",
                      {{"id", "dp_5"},
                       {"object", "dispute"},
                       {"amount", amount},
                       {"currency", "eur"},
                       {"charge", "ch_5"},
                       {"payment_intent", "pi_5"},
                       {"status", "needs_response"}},
                      paid + 10 * kDay));
  }
  for (int number = 1; number <= 4; ++number) {
    StatedConversion lead;
    lead.kind = number == 4 ? "signup" : "lead";
    lead.reference = "lead-" + std::to_string(number);
    lead.occurred_ms = kMonth + number * 6 * kDay + 7 * kHour;
    if (number == 1) lead.anonymous_id = id(3);
    if (number == 2) lead.session_id = id(5000);
    lead.customer.email = number == 3 ? "one@example.com" : "lead@example.com";
    lead.self_reported = number % 2 == 0 ? "A Friend" : "podcast";
    lead.digest = sha256(lead.reference);
    month.emplace_back([=](MonthWorld& w) { w.state(lead); });
  }
  // One customer under three names, of which the second purchase says that they are one's.
  for (int number = 1; number <= 3; ++number) {
    StatedConversion sale;
    sale.reference = "known-" + std::to_string(number);
    sale.amount_minor = 500 * number;
    sale.currency = "EUR";
    sale.occurred_ms = kMonth + number * 4 * kDay;
    if (number == 1) sale.anonymous_id = id(8);
    if (number != 1) sale.user_id = "17";
    if (number == 2) sale.anonymous_id = id(8);
    sale.digest = sha256(sale.reference);
    month.emplace_back([=](MonthWorld& w) { w.state(sale); });
  }
  return month;
}

// The month with a subscription whose renewals come after the lookback and after another campaign:
// with the ids of the first, with the buyer's address alone, with nothing. And an order that only
// the account of another leads to its visitor. And some that name a browser which nobody has seen.
inline std::vector<Told> subscribed_month() {
  std::vector<Told> month = scripted_month();
  constexpr int kBills = 20;
  month.emplace_back([](MonthWorld& w) {
    w.visit(8, 8901, kMonth + 8 * kDay,
            TrafficSource{Channel::paid_social, "facebook", "launch", "video", "/film"});
  });
  month.emplace_back([](MonthWorld& w) {
    w.visit(8, 8900, kMonth + 30 * kDay,
            TrafficSource{Channel::email, "letter", "november", "", "/"});
  });
  for (int period = 0; period < 4; ++period) {
    const std::int64_t paid = kMonth + (9 + 21 * period) * kDay + kHour;
    json metadata = json::object();
    if (period < 2) metadata = visit_metadata(id(8), id(8000), paid - kMinute);
    json invoice = {
        {"id", "in_" + std::to_string(kBills + period)},
        {"object", "invoice"},
        {"amount_paid", 900},
        {"currency", "eur"},
        {"billing_reason", period == 0 ? "subscription_create" : "subscription_cycle"},
        {"customer", "cus_8"},
        {"status_transitions", {{"paid_at", paid / 1000}}},
        {"parent", {{"subscription_details", {{"subscription", "sub_8"}, {"metadata", metadata}}}}},
        {"lines", {{"data", json::array()}}}};
    if (period != 3) invoice["customer_email"] = "subscriber@example.com";
    month.emplace_back([told = sale_event(kBills + period, "invoice.paid", invoice, paid)](
                           MonthWorld& w) { w.tell(told); });
  }
  json extra = sale_session(kBills + 9, 4321, json::object(), "");
  extra["customer"] = "cus_8";
  extra["customer_details"] = json::object();
  month.emplace_back([told = sale_event(kBills + 9, "checkout.session.completed", extra,
                                        kMonth + 19 * kDay)](MonthWorld& w) { w.tell(told); });
  // Orders and a lead that name a browser whose first visit comes after them, with the address of
  // somebody known.
  month.emplace_back([](MonthWorld& w) {
    w.visit(10, 10'001, kMonth + 20 * kDay,
            TrafficSource{Channel::email, "letter", "october", "", "/offer"});
  });
  for (int number = 11; number <= 12; ++number) {
    const std::int64_t paid = kMonth + number * kDay + 3 * kHour;
    const json metadata = {{"anonymous_id", uuid_text(id(10))}};
    month.emplace_back([told = sale_event(number, "checkout.session.completed",
                                          sale_session(number, 4000, metadata, "one@example.com"),
                                          paid)](MonthWorld& w) { w.tell(told); });
  }
  StatedConversion early;
  early.kind = "lead";
  early.reference = "lead-early";
  early.occurred_ms = kMonth + 13 * kDay;
  early.anonymous_id = id(10);
  early.customer.email = "three@example.com";
  early.digest = sha256(early.reference);
  month.emplace_back([=](MonthWorld& w) { w.state(early); });
  return month;
}

}  // namespace tl::server::test
