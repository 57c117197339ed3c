// SPDX-License-Identifier: Apache-2.0
// Renewals at providers whose first order names no subscription: they take its path by what else
// names the buyer, whichever is told first.
#include "server/core/attribution/apart_payment.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "server/core/outbox/dispatch_gathering.hpp"
#include "tests/server/lookup_fixture.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// By what a payment names its buyer and what was bought.
struct Names {
  std::string customer = "7", email = "jane@example.com";
  bool ids = false;
  int product = 0;  // of a shop that tells products
  int euros = 20;
  std::uint64_t visitor = 2001;  // with ids
  bool began = true;             // says when its checkout did
};
const Names kFirst = {"7", "jane@example.com", true};
constexpr std::int64_t kOtherBegan = kNow + 10 * kDay - kMinute;
// Of the account's other browser.
Names other_sale(int product, int euros) {
  return {"7", "jane@example.com", true, product, euros, 2002};
}
Names of_product(Names names, int product) {
  names.product = product;
  return names;
}
// Of the checkout that kFirst had.
Names same_checkout(int product, int euros, bool began = true) {
  return {"7", "jane@example.com", true, product, euros, 2001, began};
}

std::string day_text(int day) {
  return write_rfc3339(kNow + day * kDay);
}
json ids_of(const Names& names) {
  if (!names.ids) return json::object();
  json ids =
      names.visitor == 2001 ? visit_metadata() : visit_metadata(id(2002), id(1002), kOtherBegan);
  if (!names.began) ids.erase("checkout_started_at");
  return ids;
}
std::string total_of(const Names& names) {
  return std::to_string(names.euros) + ".00";
}
json lines_of(const Names& names) {
  if (names.product == 0) return json::array();
  return json::array({{{"product_id", names.product}, {"name", "Box"}, {"quantity", 1}}});
}
// [{"<name>":key,"value":…}]
json pairs_of(const Names& names, const char* name) {
  json pairs = json::array();
  const json ids = ids_of(names);
  for (const auto& [key, value] : ids.items()) pairs.push_back({{name, key}, {"value", value}});
  return pairs;
}

enum class Part : std::uint8_t { first, renewal, other };

Told shopify_order(int number, int day, Part part, const Names& names) {
  json order = {{"id", number},
                {"total_price", total_of(names)},
                {"line_items", lines_of(names)},
                {"currency", "EUR"},
                {"financial_status", "paid"},
                {"source_name", part == Part::renewal ? "subscription_contract" : "web"},
                {"created_at", day_text(day)},
                {"email", names.email},
                {"note_attributes", pairs_of(names, "name")}};
  if (!names.customer.empty()) order["customer"] = {{"id", names.customer}};
  return {"orders/paid", order.dump(), std::to_string(number)};
}

Told woocommerce_sale(int number, int day, Part part, const Names& names,
                      const std::string& subscription = "500") {
  json meta = pairs_of(names, "key");
  if (part == Part::renewal)
    meta.push_back({{"key", "_subscription_renewal"}, {"value", subscription}});
  const json order = {{"id", number},
                      {"status", "completed"},
                      {"total", total_of(names)},
                      {"line_items", lines_of(names)},
                      {"currency", "EUR"},
                      {"customer_id", names.customer.empty() ? 0 : std::stoi(names.customer)},
                      {"date_paid_gmt", day_text(day).substr(0, 19)},
                      {"billing", {{"email", names.email}}},
                      {"refunds", json::array()},
                      {"meta_data", meta}};
  return {"order.updated", order.dump(), std::to_string(number)};
}

Told donation(int number, int day, Part part, const Names& names) {
  json given = {{"action", "new"},
                {"id", number},
                {"amount", total_of(names)},
                {"currency", "EUR"},
                {"recurring", part != Part::other},
                {"first_recurring_donation", part == Part::first},
                {"status", "paid"},
                {"donation_date", day_text(day)},
                {"donor", {{"email", names.email}}}};
  if (!names.customer.empty()) given["donor"]["id"] = names.customer;
  std::array<char, 128> buffer{};
  Out token(buffer.data(), buffer.size());
  if (names.visitor == 2001)
    write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
  else
    write_packed_token({id(2002), id(1002), kOtherBegan}, token);
  if (names.ids) given["utm_content"] = token.view();
  return {"", json::array({given}).dump(), std::to_string(number)};
}

// As the look-up of the payment tells it.
Told debit(int number, int day, Part part, const Names& names) {
  const std::string name = "PM" + std::to_string(number);
  json payment = {{"id", name},
                  {"status", "confirmed"},
                  {"amount", names.euros * 100},
                  {"currency", "EUR"},
                  {"created_at", day_text(day)},
                  {"metadata", ids_of(names)},
                  {"links", {{"mandate", "MD1"}}}};
  if (part == Part::renewal) payment["links"]["subscription"] = "SB1";
  json event = {{"id", "EV" + name},
                {"type", "payment"},
                {"resource", payment},
                {"customer", {{"email", names.email}}}};
  if (!names.customer.empty()) event["mandate"] = {{"links", {{"customer", names.customer}}}};
  return {"", json{{"events", {event}}}.dump(), name};
}

struct Seller {
  std::string provider, prefix;  // of an order's id
  std::function<Told(int, int, Part, const Names&)> order;
  std::string id(int number) const { return prefix + std::to_string(number); }
};
const Seller kShopify = {"shopify", "", shopify_order};
const Seller kWooCommerce = {"woocommerce", "",
                             [](int number, int day, Part part, const Names& names) {
                               return woocommerce_sale(number, day, part, names);
                             }};
const Seller kDonorbox = {"donorbox", "", donation};
const Seller kGoCardless = {"gocardless", "PM", debit};
const std::vector<Seller> kSellers = {kShopify, kWooCommerce, kDonorbox, kGoCardless};

// The account's other browser comes by an e-mail.
void open_other_browser(Shop& shop) {
  shop.store.put([](Tables& t) -> Outcome<void> {
    auto session = given_session(1002, kOtherBegan - kHour);
    session.anonymous_id = id(2002);
    session.first_touch = session.last_touch = id(2);
    TL_CHECK(t.events().put_session(session));
    auto touch = given_touch(2, Channel::email, kOtherBegan - kHour);
    touch.session_id = id(1002);
    touch.anonymous_id = id(2002);
    touch.click_ids = R"({"gclid":"of-the-other"})";
    TL_TRY(is_new, t.events().insert_touch(touch));
    static_cast<void>(is_new);
    return {};
  });
}

// Every order, or each so many-th of them.
template <class Check>
void in_any_order(const std::string& provider, std::vector<Told> told, Check check,
                  std::size_t step = 1) {
  const auto by_key = [](const Told& a, const Told& b) { return a.key < b.key; };
  std::sort(told.begin(), told.end(), by_key);
  std::size_t place = 0;
  do {
    if (place++ % step != 0) continue;
    std::string order;
    for (const auto& one : told) order += one.key + " ";
    INFO(provider << " told " << order);
    Shop shop;
    open_other_browser(shop);
    tell_all(shop, provider, told);
    check(shop);
    check_audit(shop);
  } while (std::next_permutation(told.begin(), told.end(), by_key));
}

// It has the path of that one, and the visitor's consent.
void check_renews(Shop& shop, const std::string& order, const std::string& first_order,
                  MatchType match = MatchType::subscription) {
  INFO(order << " of " << first_order);
  const auto first = *shop.conversion(first_order), row = *shop.conversion(order);
  CHECK(row.subscription == SubscriptionRole::renewal);
  CHECK(row.match_type == match);
  CHECK(row.anonymous_id == id(2001));
  CHECK(row.touches == 1);
  CHECK(row.first_touch == id(1));
  CHECK(parse_snapshot(row.snapshot).path_of == first.id);
  CHECK(parse_snapshot(row.snapshot).occurred_ms == first.occurred_ms);
  for (const auto& delivery : shop.deliveries())
    if (delivery.event_id == row.id) CHECK(delivery.anonymous_id == id(2001));
}

}  // namespace

TEST_CASE("renewals take the path of the order that began them, beyond the lookback too",
          "[apart]") {
  for (const auto& seller : kSellers)
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, kFirst),
         seller.order(3, 62, Part::renewal, Names{})},
        [&](Shop& shop) {
          check_renews(shop, seller.id(2), seller.id(1), MatchType::anonymous_id);
          check_renews(shop, seller.id(3), seller.id(1));
          CHECK(shop.conversion(seller.id(1))->match_type == MatchType::session);
        });
}

TEST_CASE("they find it by customer, else by ids, else by address", "[apart]") {
  const Names unnamed = {"", "other@example.com", false};
  for (const auto& seller : kSellers) {
    if (seller.provider == "gocardless") continue;  // has the customer or nothing
    for (const Names& names : {Names{"7", "other@example.com", false}, Names{"", "", true},
                               Names{"", "jane@example.com", false}})
      in_any_order(
          seller.provider,
          {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, names)},
          [&](Shop& shop) {
            check_renews(shop, seller.id(2), seller.id(1),
                         names.ids ? MatchType::anonymous_id : MatchType::subscription);
          });
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, unnamed)},
        [&](Shop& shop) {
          CHECK(shop.conversion(seller.id(2))->match_type == MatchType::none);
          CHECK(shop.conversion(seller.id(2))->touches == 0);
        });
  }
}

TEST_CASE("what was bought between two renewals did not begin them", "[apart]") {
  // Where a subscription is named (WooCommerce, GoCardless) or its first payment (Donorbox).
  for (const auto& seller : {kWooCommerce, kDonorbox, kGoCardless})
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, Names{}),
         seller.order(3, 40, Part::other, Names{}), seller.order(4, 62, Part::renewal, Names{})},
        [&](Shop& shop) {
          for (const int number : {2, 4}) check_renews(shop, seller.id(number), seller.id(1));
          CHECK(shop.conversion(seller.id(3))->subscription != SubscriptionRole::renewal);
        },
        /*step=*/5);
}

TEST_CASE("what else was bought before the first renewal did not begin it", "[apart][other_sale]") {
  const Names first = of_product(kFirst, 1), later = of_product(Names{}, 1);
  for (const auto& seller : kSellers)
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, first),
         seller.order(2, 10, Part::other, other_sale(2, 50)),
         seller.order(3, 31, Part::renewal, later), seller.order(4, 62, Part::renewal, later)},
        [&](Shop& shop) {
          for (const int number : {3, 4}) check_renews(shop, seller.id(number), seller.id(1));
          CHECK(shop.conversion(seller.id(2))->anonymous_id == id(2002));
        },
        /*step=*/5);
}

TEST_CASE("the hand-over that a renewal carries is the surest", "[apart][other_sale]") {
  // Of another subscription of the same account, too, that sold the same for the same amount.
  for (const auto& seller : {kShopify, kWooCommerce, kDonorbox})
    for (const int product : {0, 1})
      in_any_order(seller.provider,
                   {seller.order(1, 0, Part::first, of_product(kFirst, product)),
                    seller.order(2, 10, Part::first, other_sale(product, 20)),
                    seller.order(3, 31, Part::renewal, of_product(kFirst, product))},
                   [&](Shop& shop) {
                     check_renews(shop, seller.id(3), seller.id(1), MatchType::anonymous_id);
                   });
}

TEST_CASE("two subscriptions of one account have a beginning each", "[apart][other_sale]") {
  const auto check = [](Shop& shop) {
    for (const auto* number : {"3", "5"}) check_renews(shop, number, "1");
    const auto other = *shop.conversion("4");
    CHECK(other.subscription == SubscriptionRole::renewal);
    CHECK(other.anonymous_id == id(2002));
    CHECK(parse_snapshot(other.snapshot).path_of == shop.conversion("2")->id);
  };
  const Names one = of_product(Names{}, 1), two = {"7", "jane@example.com", false, 2, 50};
  in_any_order("woocommerce",
               {woocommerce_sale(1, 0, Part::first, of_product(kFirst, 1)),
                woocommerce_sale(2, 10, Part::first, other_sale(2, 50)),
                woocommerce_sale(3, 31, Part::renewal, one),
                woocommerce_sale(4, 41, Part::renewal, two, "501"),
                woocommerce_sale(5, 62, Part::renewal, one)},
               check, /*step=*/11);
  in_any_order(
      "donorbox",
      {donation(1, 0, Part::first, kFirst), donation(2, 10, Part::first, other_sale(0, 50)),
       donation(3, 31, Part::renewal, one), donation(4, 41, Part::renewal, two),
       donation(5, 62, Part::renewal, one)},
      check, /*step=*/11);
}

TEST_CASE("a free order of something else ends no subscription, a sale no trial",
          "[apart][trial][other_sale]") {
  const Names renewal = of_product(Names{}, 1);
  in_any_order("woocommerce",
               {woocommerce_sale(1, 0, Part::first, of_product(kFirst, 1)),
                woocommerce_sale(2, 10, Part::other, other_sale(2, 0)),
                woocommerce_sale(3, 31, Part::renewal, renewal)},
               [](Shop& shop) { check_renews(shop, "3", "1"); });
  in_any_order(
      "woocommerce",
      {woocommerce_sale(1, 0, Part::first, {"7", "jane@example.com", true, 1, 0}),
       woocommerce_sale(2, 10, Part::other, other_sale(2, 50)),
       woocommerce_sale(3, 31, Part::renewal, renewal),
       woocommerce_sale(4, 62, Part::renewal, renewal)},
      [](Shop& shop) {
        check_renews(shop, "4", "1");
        const auto charged = *shop.conversion("3");
        CHECK(charged.subscription == SubscriptionRole::first);
        CHECK(charged.anonymous_id == id(2001));
        CHECK(parse_snapshot(charged.snapshot).path_of == shop.conversion("1")->id);
      },
      /*step=*/5);
}

TEST_CASE("of one checkout's orders the one of the same goods began it",
          "[apart][trial][other_sale]") {
  // With and without the start of the checkout: then the session is common.
  for (const bool began : {true, false}) {
    const Names first = same_checkout(1, 20, began);
    for (const int euros : {0, 50})
      in_any_order(
          "woocommerce",
          {woocommerce_sale(1, 0, Part::first, first),
           woocommerce_sale(2, 1, Part::other, same_checkout(9, euros, began)),
           woocommerce_sale(3, 31, Part::renewal, first),
           woocommerce_sale(4, 62, Part::renewal, of_product(Names{}, 1))},
          [](Shop& shop) {
            check_renews(shop, "3", "1", MatchType::anonymous_id);
            CHECK(parse_snapshot(shop.conversion("4")->snapshot).path_of ==
                  shop.conversion("1")->id);
          },
          /*step=*/5);
    in_any_order(
        "woocommerce",
        {woocommerce_sale(1, 0, Part::first, same_checkout(1, 0, began)),
         woocommerce_sale(2, 1, Part::other, same_checkout(2, 50, began)),
         woocommerce_sale(3, 31, Part::renewal, first),
         woocommerce_sale(4, 62, Part::renewal, first)},
        [](Shop& shop) {
          check_renews(shop, "4", "1", MatchType::anonymous_id);
          const auto charged = *shop.conversion("3");
          CHECK(charged.subscription == SubscriptionRole::first);
          CHECK(parse_snapshot(charged.snapshot).path_of == shop.conversion("1")->id);
        },
        /*step=*/5);
    in_any_order(
        "woocommerce",
        {woocommerce_sale(1, 0, Part::first, first),
         woocommerce_sale(2, 1, Part::first, same_checkout(2, 30, began)),
         woocommerce_sale(3, 31, Part::renewal, first),
         woocommerce_sale(4, 31, Part::renewal, same_checkout(2, 30, began), "501")},
        [](Shop& shop) {
          check_renews(shop, "3", "1", MatchType::anonymous_id);
          check_renews(shop, "4", "2", MatchType::anonymous_id);
        },
        /*step=*/5);
  }
}

TEST_CASE("a common session alone is no hand-over where other goods were sold",
          "[apart][other_sale]") {
  in_any_order(
      "woocommerce",
      {woocommerce_sale(1, 0, Part::first, of_product(kFirst, 1)),
       woocommerce_sale(2, 10, Part::other, {"7", "jane@example.com", true, 2, 50, 2002, false}),
       woocommerce_sale(3, 31, Part::renewal, {"7", "jane@example.com", true, 1, 20, 2002, false})},
      [](Shop& shop) {
        CHECK(parse_snapshot(shop.conversion("3")->snapshot).path_of == shop.conversion("1")->id);
      });
}

TEST_CASE("a renewal with another address of the same account takes no hand-over from its first",
          "[apart]") {
  const Names renamed = {"7", "new@example.com", true};
  for (const auto& seller : kSellers)
    in_any_order(
        seller.provider,
        {seller.order(1, 0, Part::first, kFirst), seller.order(2, 31, Part::renewal, renamed)},
        [&](Shop& shop) {
          check_renews(shop, seller.id(2), seller.id(1), MatchType::anonymous_id);
          CHECK(shop.conversion(seller.id(1))->match_type == MatchType::session);
        });
}

TEST_CASE("what was sold may be told late, of the renewal or of another order",
          "[apart][other_sale]") {
  const auto created = [](Told order) {
    order.type = "order.created";
    order.key += "created";
    return order;
  };
  const Told first = woocommerce_sale(1, 0, Part::first, of_product(kFirst, 1)),
             other = woocommerce_sale(2, 10, Part::other, other_sale(2, 20)),
             renewal = woocommerce_sale(3, 31, Part::renewal, of_product(Names{}, 1));
  for (const auto& last : {other, renewal}) {
    Shop shop;
    open_other_browser(shop);
    tell_all(shop, "woocommerce",
             {created(woocommerce_sale(1, 0, Part::first, kFirst)),
              created(woocommerce_sale(2, 10, Part::other, other_sale(0, 20))),
              created(woocommerce_sale(3, 31, Part::renewal, Names{}))});
    tell_all(shop, "woocommerce", {first, last.key == other.key ? renewal : other});
    CHECK(shop.conversion("3")->anonymous_id == id(2002));
    tell_all(shop, "woocommerce", {last});
    check_renews(shop, "3", "1");
    check_audit(shop);
  }
}

TEST_CASE("a renewal with another browser's ids needs that one's consent", "[apart][consent]") {
  // The second browser subscribed; the renewal carries a hand-over of the first.
  for (const auto own : {Choice::granted, Choice::denied})
    in_any_order("woocommerce",
                 {woocommerce_sale(1, 10, Part::first, other_sale(1, 20)),
                  woocommerce_sale(2, 31, Part::renewal, of_product(kFirst, 1))},
                 [&](Shop& shop) {
                   const auto row = *shop.conversion("2");
                   CHECK(parse_snapshot(row.snapshot).path_of == shop.conversion("1")->id);
                   CHECK(row.match_type == MatchType::anonymous_id);
                   CHECK(row.anonymous_id == id(2001));
                   const auto of_other = own == Choice::granted ? Choice::denied : Choice::granted;
                   shop.store.put([&](Tables& t) -> Outcome<void> {
                     const auto said = [](Choice marketing, std::int64_t day) {
                       return ConsentRecord{{Choice::granted, marketing, Choice::unknown, false},
                                            kNow + day * kDay};
                     };
                     TL_CHECK(t.people().put_consent("demo", id(2001), said(own, 40)));
                     // Before the renewal: a refusal after it would be of all her browsers.
                     return t.people().put_consent("demo", id(2002), said(of_other, 30));
                   });
                   for (const auto& delivery : shop.deliveries()) {
                     if (delivery.event_id != row.id || delivery.destination != "meta") continue;
                     const auto gathered = shop.store.get([&](Tables& t) {
                       return gather_dispatch(t, shop.site, delivery, Purpose::marketing);
                     });
                     CHECK(gathered.clearance.may_send == (own == Choice::granted));
                     if (!gathered.clearance.may_send) continue;
                     CHECK(gathered.dispatch.anonymous_id == id(2001));
                     REQUIRE(gathered.dispatch.first_touch);
                     CHECK(gathered.dispatch.first_touch->click_ids == "{}");
                   }
                 });
}

TEST_CASE("an order with ids goes before later ones of the account, nobody's begins nothing",
          "[apart]") {
  in_any_order("shopify",
               {shopify_order(1, 0, Part::first, kFirst),
                shopify_order(2, 31, Part::other, {"7", "who@example.com", false}),
                shopify_order(3, 62, Part::renewal, {"7", "", false})},
               [](Shop& shop) { check_renews(shop, "3", "1"); });
  Shop shop;
  tell_all(shop, "shopify",
           {shopify_order(1, 0, Part::first, {"8", "", false}),
            shopify_order(2, 31, Part::renewal, {"8", "", false})});
  CHECK(shop.conversion("2")->match_type == MatchType::none);
}

TEST_CASE("GoCardless: a subscription that no payment began has its own first", "[apart]") {
  in_any_order("gocardless",
               {debit(2, 31, Part::renewal, Names{}), debit(3, 62, Part::renewal, Names{}),
                debit(1, -500, Part::other, Names{})},
               [](Shop& shop) {
                 CHECK(shop.conversion("PM1")->subscription == SubscriptionRole::none);
                 CHECK(shop.conversion("PM2")->subscription == SubscriptionRole::first);
                 CHECK(shop.conversion("PM3")->subscription == SubscriptionRole::renewal);
               });
}

TEST_CASE("GoCardless: what renews has the path of what began it, and only that", "[apart]") {
  const Names carl = {"8", "carl@example.com", false};
  const Names of_link = {"8", "carl@example.com", true};  // that Jane's payment was opened with
  const Names elsewhere = {"8", "carl@example.com", true, 0, 20, 2002};
  const auto began_by = [](const Names& apart, const Names& collected, bool begins) {
    in_any_order(
        "gocardless", {debit(1, 0, Part::other, apart), debit(2, 31, Part::renewal, collected)},
        [begins](Shop& shop) {
          const auto first = *shop.conversion("PM1"), row = *shop.conversion("PM2");
          CHECK(row.subscription == (begins ? SubscriptionRole::renewal : SubscriptionRole::first));
          const auto path_of = parse_snapshot(row.snapshot).path_of;
          CHECK(path_of == (begins ? std::optional(first.id) : std::nullopt));
        });
  };
  began_by(kFirst, Names{}, true);
  began_by(kFirst, {"8", "jane@example.com", false}, true);  // of another mandate
  began_by(kFirst, carl, false);
  began_by(kFirst, of_link, false);
  began_by(elsewhere, of_link, true);
}

TEST_CASE("WooCommerce: the first charge after a trial is the first payment", "[apart][trial]") {
  in_any_order("woocommerce",
               {woocommerce_sale(1, 0, Part::first, {"7", "jane@example.com", true, 0, 0}),
                woocommerce_sale(2, 31, Part::renewal, Names{}),
                woocommerce_sale(3, 62, Part::renewal, Names{})},
               [](Shop& shop) {
                 check_renews(shop, "3", "1");
                 const auto charged = *shop.conversion("2");
                 CHECK(charged.subscription == SubscriptionRole::first);
                 CHECK(parse_snapshot(charged.snapshot).path_of == shop.conversion("1")->id);
               });
}

TEST_CASE("a subscription that names its first payment is led by it", "[apart]") {
  json invoice = paid_invoice("2", "subscription_create");
  invoice["customer"] = "cus_7";
  json renewal = paid_invoice("3", "subscription_cycle");
  renewal["customer"] = "cus_7";
  renewal["status_transitions"]["paid_at"] = (kNow + 31 * kDay) / 1000;
  renewal["parent"]["subscription_details"]["metadata"] = json::object();
  json session = paid_session(2500, "1");
  session["customer"] = "cus_7";
  Shop shop;
  for (const auto& event : {stripe_event("checkout.session.completed", session),
                            stripe_event("invoice.paid", invoice, 60),
                            stripe_event("invoice.paid", renewal, 31 * 86400)})
    REQUIRE(shop.tell(event).ok());
  CHECK(parse_snapshot(shop.conversion("in_3")->snapshot).path_of == shop.conversion("in_2")->id);
  check_audit(shop);
}

TEST_CASE("an account of too many visitors began nothing", "[apart]") {
  Shop shop;
  tell_all(shop, "woocommerce",
           {woocommerce_sale(1, 0, Part::first, {"7", "till@example.com", true}),
            woocommerce_sale(2, 31, Part::renewal, {"7", "till2@example.com", false})});
  check_renews(shop, "2", "1");
  for (int number = 10; number < 26; ++number) {
    const auto visitor = static_cast<std::uint64_t>(4000 + number);
    json order = json::parse(woocommerce_sale(number, 1, Part::other, {"7", "", false}).body);
    shop.store.put([&](Tables& t) {
      auto session = given_session(visitor, kNow - kHour);
      session.anonymous_id = id(visitor);
      return t.events().put_session(session);
    });
    order["meta_data"] = json::array({{{"key", "anonymous_id"}, {"value", uuid(id(visitor))}}});
    tell_all(shop, "woocommerce", {{"order.updated", order.dump(), std::to_string(number)}});
  }
  CHECK(shop.conversion("2")->match_type == MatchType::none);
  check_audit(shop);
}
