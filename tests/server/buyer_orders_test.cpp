// SPDX-License-Identifier: Apache-2.0
// What a buyer's other orders tell of one: renewals take the first payment's path, and subscription
// or customer account lead to the visitor where nothing else does, whichever is told first.
#include "server/core/attribution/buyer_orders.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/ingest/consent_change.hpp"
#include "server/core/text/rfc3339.hpp"
#include "tests/server/provider_scripts.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// An invoice of subscription sub_1 on that day, of a buyer who is named by nothing else.
json bill(int day, const char* reason, std::int64_t amount = 1900) {
  json invoice = paid_invoice(std::to_string(day), reason, amount);
  invoice["status_transitions"]["paid_at"] = kNow / 1000 + day * 86400;
  invoice["customer_email"] = nullptr;
  invoice["parent"]["subscription_details"]["metadata"] = json::object();
  return stripe_event("invoice.paid", invoice, day * 86400);
}
json with_ids(json event) {
  event["data"]["object"]["parent"]["subscription_details"]["metadata"] = visit_metadata();
  return event;
}
json first_bill() {
  return with_ids(bill(0, "subscription_create"));
}
json renewal(int day) {
  return bill(day, "subscription_cycle");
}

json sale_of_customer(const std::string& number, const std::string& customer, json metadata) {
  json session = paid_session(2500, number);
  session["customer"] = customer;
  session["customer_details"] = json::object();
  session["metadata"] = std::move(metadata);
  return stripe_event("checkout.session.completed", session);
}

void come(Shop& shop, std::uint64_t number, std::int64_t t_ms, Channel channel) {
  TouchRow touch = given_touch(number, channel, t_ms);
  SessionRow session = given_session(5000 + number, t_ms);
  touch.session_id = session.id;
  session.first_touch = session.last_touch = touch.id;
  shop.store.put([&](Tables& t) -> Outcome<void> {
    TL_CHECK(t.events().put_session(session));
    TL_CHECK(t.events().insert_touch(touch));
    return {};
  });
}

std::string credited(Shop& shop, const ConversionRow& row) {
  std::string text;
  for (const auto& credit : shop.credits(row.id))
    if (credit.model == "linear" || credit.model == "last_non_direct")
      text += credit.model + " " + std::string(channel_name(credit.channel)) +
              (credit.touch_id ? " " : " unattributed ") + std::to_string(credit.value_minor) +
              "\n";
  return text;
}

// Tells them in every order; each shop is then looked at.
template <class Check>
void in_any_order(const std::vector<json>& told, Check check) {
  std::vector<std::size_t> places(told.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  do {
    std::string order;
    for (const auto place : places) order += std::to_string(place);
    INFO("told " << order);
    Shop shop;
    for (const auto place : places) REQUIRE(shop.tell(told[place]).ok());
    check(shop);
    check_audit(shop);
  } while (std::next_permutation(places.begin(), places.end()));
}

}  // namespace

TEST_CASE("a renewal takes the path of the first payment, whatever came since", "[buyer]") {
  in_any_order({first_bill(), renewal(35), renewal(400)}, [](Shop& shop) {
    // Beyond the lookback, and after another campaign.
    come(shop, 9, kNow + 30 * kDay, Channel::email);
    REQUIRE(shop.tell(renewal(36)).ok());
    const auto first = *shop.conversion("in_0");
    REQUIRE(first.first_touch == id(1));
    for (const int day : {35, 36, 400}) {
      const auto row = *shop.conversion("in_" + std::to_string(day));
      INFO("day " << day);
      CHECK(row.subscription == SubscriptionRole::renewal);
      CHECK(row.occurred_ms / kDay == (kNow + day * kDay) / kDay);
      CHECK(row.match_type == MatchType::subscription);
      CHECK(row.anonymous_id == id(2001));
      CHECK_FALSE(row.session_id);
      CHECK(row.touches == 1);
      CHECK(row.first_touch == id(1));
      CHECK(row.last_touch == id(1));
      CHECK(credited(shop, row) == credited(shop, first));
      CHECK(parse_snapshot(row.snapshot).path_of == first.id);
      CHECK(parse_snapshot(row.snapshot).occurred_ms == first.occurred_ms);
    }
  });
}

TEST_CASE("the ids of a renewal and its address are no path of their own", "[buyer]") {
  json by_address = renewal(20);
  by_address["data"]["object"]["customer_email"] = "jane@example.com";
  json first = first_bill();
  first["data"]["object"]["customer_email"] = "jane@example.com";
  in_any_order({first, with_ids(renewal(10)), by_address}, [](Shop& shop) {
    CHECK(shop.conversion("in_10")->match_type == MatchType::anonymous_id);
    CHECK(shop.conversion("in_20")->match_type == MatchType::subscription);
    for (const char* order : {"in_10", "in_20"})
      CHECK(parse_snapshot(shop.conversion(order)->snapshot).path_of ==
            shop.conversion("in_0")->id);
  });
}

TEST_CASE("a changed address makes no other buyer of one subscription", "[buyer]") {
  json first = first_bill(), later = with_ids(renewal(31));
  first["data"]["object"]["customer_email"] = "jane@example.com";
  later["data"]["object"]["customer_email"] = "new@example.com";
  in_any_order({first, later}, [](Shop& shop) {
    CHECK(shop.conversion("in_0")->match_type == MatchType::session);
    CHECK(shop.conversion("in_31")->match_type == MatchType::anonymous_id);
  });
}

TEST_CASE("where the first payment is not known the oldest leads", "[buyer]") {
  Shop shop;
  REQUIRE(shop.tell(with_ids(renewal(20))).ok());
  REQUIRE(shop.tell(renewal(50)).ok());
  CHECK(shop.conversion("in_20")->touches == 1);
  CHECK(parse_snapshot(shop.conversion("in_50")->snapshot).path_of == shop.conversion("in_20")->id);
  REQUIRE(shop.tell(first_bill()).ok());  // an import brings it
  for (const char* order : {"in_20", "in_50"})
    CHECK(parse_snapshot(shop.conversion(order)->snapshot).path_of == shop.conversion("in_0")->id);
  check_audit(shop);
}

TEST_CASE("what follows a trial takes the path of its start", "[buyer][trial]") {
  in_any_order({with_ids(bill(0, "subscription_create", 0)), with_ids(renewal(31)), renewal(61)},
               [](Shop& shop) {
                 CHECK(shop.conversion("in_31")->subscription == SubscriptionRole::first);
                 for (const char* order : {"in_31", "in_61"}) {
                   CHECK(shop.conversion(order)->touches == 1);
                   CHECK(parse_snapshot(shop.conversion(order)->snapshot).path_of ==
                         shop.conversion("in_0")->id);
                 }
               });
}

TEST_CASE("a first payment without ids is its subscription's visitor's", "[buyer]") {
  in_any_order({bill(0, "subscription_create"), with_ids(renewal(20)), renewal(50)},
               [](Shop& shop) {
                 CHECK(shop.conversion("in_0")->match_type == MatchType::subscription);
                 for (const char* order : {"in_0", "in_20", "in_50"}) {
                   CHECK(shop.conversion(order)->anonymous_id == id(2001));
                   CHECK(shop.conversion(order)->touches == 1);
                 }
               });
}

TEST_CASE("single sales in one membership at Whop follow no other", "[buyer]") {
  const auto payment = [](const std::string& number, int day, const char* reason, json metadata) {
    return Told{"",
                json{{"type", "payment.succeeded"},
                     {"data",
                      {{"id", "pay_" + number},
                       {"total", 20},
                       {"currency", "eur"},
                       {"billing_reason", reason},
                       {"paid_at", write_rfc3339(kNow + day * kDay)},
                       {"user", {{"id", "user_1"}, {"email", "jane@example.com"}}},
                       {"membership", {{"id", "mem_1"}}},
                       {"metadata", std::move(metadata)}}}}
                    .dump(),
                number};
  };
  std::vector<Told> told = {payment("1", 0, "one_time", visit_metadata()),
                            payment("2", 3, "one_time", visit_metadata()),
                            payment("3", 4, "subscription_create", visit_metadata()),
                            payment("4", 34, "subscription_cycle", json::object())};
  const auto by_key = [](const Told& a, const Told& b) { return a.key < b.key; };
  do {
    Shop shop;
    tell_all(shop, "whop", told);
    for (const char* single : {"pay_1", "pay_2"}) {
      CHECK(shop.conversion(single)->subscription == SubscriptionRole::none);
      CHECK_FALSE(parse_snapshot(shop.conversion(single)->snapshot).path_of);
    }
    CHECK(shop.conversion("pay_3")->subscription == SubscriptionRole::first);
    CHECK(parse_snapshot(shop.conversion("pay_4")->snapshot).path_of ==
          shop.conversion("pay_3")->id);
    check_audit(shop);
  } while (std::next_permutation(told.begin(), told.end(), by_key));
}

TEST_CASE("a renewal that is refunded takes back its own share", "[buyer]") {
  Shop shop;
  REQUIRE(shop.tell(first_bill()).ok());
  REQUIRE(shop.tell(renewal(35)).ok());
  REQUIRE(shop.tell(stripe_event("invoice_payment.paid", paid_by("35", "1"), 35 * 86400)).ok());
  REQUIRE(shop.tell(stripe_event("refund.created", refund("re_1", 900), 36 * 86400)).ok());
  for (const auto& credit : shop.credits(shop.conversion("in_35")->id))
    if (credit.model == "linear") CHECK(credit.net_minor == 1000);
  for (const auto& credit : shop.credits(shop.conversion("in_0")->id))
    if (credit.model == "linear") CHECK(credit.net_minor == 1900);
  check_audit(shop);
}

TEST_CASE("a touch that is told late changes the renewals with the first payment", "[buyer]") {
  Shop shop;
  REQUIRE(shop.tell(first_bill()).ok());
  REQUIRE(shop.tell(renewal(35)).ok());
  come(shop, 7, kNow - 2 * kHour, Channel::referral);
  shop.store.put([&](Tables& t) {
    return restate_conversions(t, shop.site, visitor_key(id(2001)), kNow - 2 * kHour, kNow);
  });
  CHECK(shop.conversion("in_35")->touches == 2);
  CHECK(shop.conversion("in_35")->first_touch == id(7));
  check_audit(shop);
}

TEST_CASE("under first_only a renewal gets no credit", "[buyer]") {
  Shop shop;
  shop.site.repeat_rule = models::RepeatRule::first_only;
  REQUIRE(shop.tell(renewal(35)).ok());
  REQUIRE(shop.tell(first_bill()).ok());
  CHECK_FALSE(shop.credits(shop.conversion("in_0")->id).empty());
  CHECK(shop.credits(shop.conversion("in_35")->id).empty());
  check_audit(shop);
}

TEST_CASE("a renewal after storage was refused is nobody's", "[buyer][consent]") {
  Shop shop;
  const auto choose = [&](Choice storage, int day) {
    shop.store.put([&](Tables& t) {
      return put_choice(t, shop.site, id(2001), {{storage, storage}, kNow + day * kDay});
    });
  };
  choose(Choice::granted, -1);
  REQUIRE(shop.tell(first_bill()).ok());
  choose(Choice::denied, 20);
  REQUIRE(shop.tell(renewal(35)).ok());
  choose(Choice::granted, 40);
  REQUIRE(shop.tell(renewal(65)).ok());
  CHECK(shop.conversion("in_0")->match_type == MatchType::session);
  CHECK(shop.conversion("in_35")->match_type == MatchType::none);
  CHECK(shop.conversion("in_35")->touches == 0);
  CHECK(parse_snapshot(shop.conversion("in_35")->snapshot).handover == "withheld");
  CHECK(shop.conversion("in_65")->match_type == MatchType::subscription);
  check_audit(shop);
}

TEST_CASE("an order is joined by the customer account where nothing else joins it", "[buyer]") {
  in_any_order({sale_of_customer("1", "cus_7", visit_metadata()),
                sale_of_customer("2", "cus_7", json::object()),
                sale_of_customer("3", "cus_8", json::object())},
               [](Shop& shop) {
                 CHECK(shop.conversion("cs_1")->match_type == MatchType::session);
                 CHECK(shop.conversion("cs_2")->match_type == MatchType::customer);
                 CHECK(shop.conversion("cs_2")->anonymous_id == id(2001));
                 CHECK(shop.conversion("cs_2")->touches == 1);
                 CHECK(shop.conversion("cs_3")->match_type == MatchType::none);
               });
}

TEST_CASE("an account of too many visitors joins nobody, and a guest has none", "[buyer]") {
  Shop shop;
  const auto sell = [&](std::uint64_t number, const std::string& customer) {
    shop.store.put([&](Tables& t) {
      auto session = given_session(3000 + number, kNow - kHour);
      session.anonymous_id = id(4000 + number);
      return t.events().put_session(session);
    });
    REQUIRE(shop.tell(sale_of_customer(std::to_string(number), customer,
                                       visit_metadata(id(4000 + number), id(3000 + number))))
                .ok());
  };
  REQUIRE(shop.tell(sale_of_customer("90", "till", json::object())).ok());
  for (std::uint64_t number = 1; number <= 16; ++number) sell(number, "till");
  CHECK(shop.conversion("cs_90")->match_type == MatchType::customer);
  sell(17, "till");
  CHECK(shop.conversion("cs_90")->match_type == MatchType::none);
  sell(18, "0");
  REQUIRE(shop.tell(sale_of_customer("91", "0", json::object())).ok());
  CHECK(shop.conversion("cs_91")->match_type == MatchType::none);
  check_audit(shop);
}
