// SPDX-License-Identifier: Apache-2.0
// The same fact told twice, once with less of the buyer: a list of orders that carries no ids, a
// key that may not read addresses, an event that comes before its metadata. Whichever came first,
// the order, its match and its role are those of the one that tells most.
#include "server/core/orders/order_import.hpp"
#include "server/core/people/contact_variants.hpp"
#include "tests/server/listed_orders.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <sstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// One delivery, as it was read.
struct Telling {
  std::string provider;
  std::vector<OrderChange> changes;
};

void forget_buyer(OrderChange& change) {
  change.anonymous_id.reset();
  change.session_id.reset();
  change.checkout_started_ms.reset();
  change.customer = {};
  change.customer_id.clear();
  change.subscription_id.clear();
  change.subscription = SubscriptionRole::none;
  change.items.clear();
}

// Some of it, each part by a toss.
void forget_parts(OrderChange& change, std::mt19937& random) {
  const auto forgets = [&random] { return random() % 2 == 0; };
  if (forgets()) change.anonymous_id.reset();
  if (forgets()) change.session_id.reset();
  if (forgets()) change.checkout_started_ms.reset();
  if (forgets()) change.customer.email.clear();
  if (forgets()) change.customer.phone.clear();
  if (forgets()) change.customer.name.clear();
  if (forgets()) change.customer.country.clear();
  if (forgets()) change.customer_id.clear();
  if (forgets()) change.subscription_id.clear();
  if (forgets()) change.subscription = SubscriptionRole::none;
  if (forgets()) change.items.clear();
}

void tell(Shop& shop, const Telling& telling, const std::string& suffix) {
  InboxEntry entry;
  entry.provider = telling.provider;
  entry.event_key = telling.changes.front().event_key + suffix;
  entry.event_type = telling.changes.front().event_type;
  entry.received_ms = shop.store.clock.now_ms();
  entry.live = telling.changes.front().live;
  entry.headers_json = "{}";
  value_of(shop.orders.receive_webhook(shop.site, entry, telling.changes));
}

std::vector<Telling> tellings_of(const SaleScript& sale) {
  std::vector<Telling> tellings;
  for (const auto& news : sale.told)
    tellings.push_back(
        {sale.provider, value_of(sent(sale.provider, news.body, news.type, news.key))});
  return tellings;
}

std::vector<Telling> stripe_tellings() {
  std::vector<Telling> tellings;
  const SiteConfig site = demo_site();
  for (const auto& event : {stripe_event("checkout.session.completed", paid_session()),
                            stripe_event("payment_intent.succeeded", paid_intent()),
                            stripe_event("charge.succeeded", paid_charge()),
                            stripe_event("invoice.paid", paid_invoice("9", "subscription_create")),
                            stripe_event("invoice.paid", paid_invoice("10", "subscription_cycle"))})
    tellings.push_back({"stripe", {value_of(read_stripe_event(event, site))}});
  return tellings;
}

// What is known of the sales in the end. `has_times`: also since when; a refund without a time of
// its own has that of its telling.
std::string ends_of(Shop& shop, bool has_times = true) {
  std::ostringstream text;
  const auto hex = [](const std::optional<Digest>& digest) {
    return digest ? to_hex(*digest).substr(0, 8) : std::string("-");
  };
  const auto name = [](const std::optional<Id128>& id) { return id ? uuid(*id) : "-"; };
  auto orders = shop.all_orders();
  std::sort(orders.begin(), orders.end(),
            [](const auto& a, const auto& b) { return a.order_id < b.order_id; });
  for (const auto& o : orders) {
    text << o.provider << ' ' << o.order_id << ' ' << static_cast<int>(o.state) << ' '
         << o.amount_minor << o.currency << " -" << o.refunded_minor << ' '
         << static_cast<int>(o.dispute) << ' ' << static_cast<int>(o.subscription) << ' '
         << (has_times ? o.created_ms : 0) << ' ' << o.paid_ms.value_or(0) << ' '
         << name(o.anonymous_id) << ' ' << name(o.session_id) << ' '
         << o.checkout_started_ms.value_or(0) << ' ' << hex(o.email_hash) << ' '
         << hex(o.phone_hash) << ' ' << o.customer << ' ' << o.items << ' ' << o.customer_id << ' '
         << o.subscription_id << '\n';
  }
  auto conversions = shop.conversions();
  std::sort(conversions.begin(), conversions.end(),
            [](const auto& a, const auto& b) { return a.order_id < b.order_id; });
  for (const auto& c : conversions) {
    text << c.order_id << ' ' << static_cast<int>(c.match_type) << ' ' << name(c.anonymous_id)
         << ' ' << name(c.session_id) << ' ' << static_cast<int>(c.subscription) << ' '
         << c.is_new_customer << ' ' << c.touches << ' ' << hex(c.customer) << ' '
         << (has_times ? c.snapshot : "") << '\n';
    for (const auto& credit : shop.credits(c.id))
      text << credit.model << credit.position << ' ' << static_cast<int>(credit.channel) << ' '
           << credit.value_minor << ' ' << credit.net_minor << '\n';
  }
  return text.str();
}

// How many of the listed are no repeat.
std::int64_t kept_of(Shop& shop, const std::string& provider, const Lists& lists) {
  ListingProvider client(provider, lists);
  OrderImport import(
      *shop.store, shop.store.clock, shop.orders, client, [](std::int64_t) {},
      [](const ImportNews&) {});
  PaymentConfig config = provider_config(provider);
  config.api_key = "key";
  config.account_id = "biz_1";
  config.base_url = "https://api.example";
  return value_of(import.run(shop.site, config, *find_provider_api(provider), kNow - 30 * kDay,
                             /*starts_anew=*/true))
      .kept;
}

std::vector<std::vector<Telling>> sales() {
  std::vector<std::vector<Telling>> sales = {stripe_tellings()};
  for (const auto& sale : sale_scripts()) sales.push_back(tellings_of(sale));
  return sales;
}

}  // namespace

TEST_CASE("what is told with less and with more of the buyer ends in the most, in either order",
          "[orders][richer]") {
  for (const auto& sale : sales()) {
    INFO(sale.front().provider);
    Shop only;
    for (const auto& telling : sale) tell(only, telling, "");
    const std::string rich = ends_of(only);
    for (const bool poor_first : {true, false}) {
      INFO((poor_first ? "the poor ones first" : "the rich ones first"));
      Shop shop;
      for (const bool is_poor : {poor_first, !poor_first})
        for (auto telling : sale) {
          if (is_poor)
            for (auto& change : telling.changes) forget_buyer(change);
          tell(shop, telling, is_poor ? "-poor" : "");
        }
      CHECK(ends_of(shop) == rich);
      check_audit(shop);
    }
  }
}

TEST_CASE("whatever parts of it each telling knows, all of them know the whole",
          "[orders][richer][shuffle]") {
  for (const auto& sale : sales()) {
    INFO(sale.front().provider);
    Shop only;
    for (const auto& telling : sale) tell(only, telling, "");
    const std::string rich = ends_of(only);
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
      INFO("seed " << seed);
      std::mt19937 random(seed);
      std::vector<std::pair<Telling, std::string>> told;
      for (const auto& telling : sale) {
        told.emplace_back(telling, "");
        for (const char* suffix : {"-a", "-b", "-c"}) {
          Telling part = telling;
          for (auto& change : part.changes) forget_parts(change, random);
          told.emplace_back(std::move(part), suffix);
        }
      }
      std::shuffle(told.begin(), told.end(), random);
      Shop shop;
      for (const auto& [telling, suffix] : told) tell(shop, telling, suffix);
      CHECK(ends_of(shop) == rich);
      check_audit(shop);
    }
  }
}

TEST_CASE("an order that was listed without its buyer is the visitor's when its webhook comes",
          "[orders][richer][import]") {
  for (const auto& sale : sale_scripts()) {
    const auto lists = lists_of(sale);
    if (lists.empty()) continue;
    INFO(sale.provider);
    std::string ends[2];
    for (const bool webhooks_first : {true, false}) {
      INFO((webhooks_first ? "the webhooks first" : "the import first"));
      Shop shop;
      if (webhooks_first) tell_all(shop, sale.provider, sale.told);
      kept_of(shop, sale.provider, lists);
      if (!webhooks_first) tell_all(shop, sale.provider, sale.told);
      REQUIRE(shop.conversions().size() == 1);
      CHECK(shop.conversions()[0].match_type == sale.match);
      CHECK(shop.order(sale.order_id)->anonymous_id == id(2001));
      ends[webhooks_first ? 0 : 1] = ends_of(shop, /*has_times=*/false);
      check_audit(shop);
    }
    CHECK(ends[0] == ends[1]);
  }
}

TEST_CASE("a list that tells more than when it was imported is no repeat, the same one is",
          "[orders][richer][import]") {
  Lists rich = lists_of(whop_sale());
  Lists poor = rich;
  for (auto& payment : poor["/api/v1/payments"]) {
    payment.erase("user");
    payment.erase("metadata");
  }
  Shop shop;
  const auto import = [&shop](const Lists& lists) { return kept_of(shop, "whop", lists); };
  for (Lists* lists : {&poor, &rich}) {
    lists->erase("/api/v1/refunds");
    lists->erase("/api/v1/disputes");
  }
  CHECK(import(poor) == 1);
  CHECK(shop.conversion("pay_1")->match_type == MatchType::none);
  CHECK(import(poor) == 0);
  CHECK(import(rich) == 1);
  CHECK(shop.conversion("pay_1")->match_type == MatchType::session);
  CHECK(shop.order("pay_1")->email_hash);
  CHECK(import(rich) == 0);
  CHECK(import(poor) == 0);
  CHECK(shop.conversion("pay_1")->match_type == MatchType::session);
}

TEST_CASE(
    "what was withheld because nobody was known is sent when the same is told with the visitor",
    "[orders][richer]") {
  const auto rich = one_sent("polar", polar_sale().told[1].body);
  OrderChange poor = rich;
  forget_buyer(poor);
  Shop shop;
  tell(shop, {"polar", {poor}}, "-poor");
  CHECK(shop.conversion("or_1")->match_type == MatchType::none);
  for (auto row : shop.deliveries()) {
    row.state = DeliveryState::withheld;
    row.last_error = "consent_unknown";
    shop.store.put([&](Tables& t) { return t.outbox().put_delivery(row); });
  }
  tell(shop, {"polar", {rich}}, "");
  REQUIRE(shop.deliveries().size() == 2);
  for (const auto& row : shop.deliveries()) {
    CHECK(row.state == DeliveryState::queued);
    CHECK(row.anonymous_id == id(2001));
  }
}

TEST_CASE("a payment that is told again with its subscription renews it",
          "[orders][richer][subscriptions]") {
  const bool poor_first = GENERATE(true, false);
  INFO((poor_first ? "the poor ones first" : "the rich ones first"));
  Shop shop;
  const auto pay = [&](int month, bool is_poor) {
    OrderChange change = one_sent("square", square_sale().told[1].body);
    const std::string number = std::to_string(month);
    change.event_key = "e" + number;
    change.order_id = "sq_" + number;
    change.occurred_ms = kNow + month * 30 * kDay;
    change.change_key = purchase_key(change);
    change.subscription_id = "sub_1";
    if (is_poor) forget_buyer(change);
    tell(shop, {"square", {change}}, is_poor ? "-poor" : "");
  };
  for (const bool is_poor : {poor_first, !poor_first})
    for (const int month : {2, 0, 1}) pay(month, is_poor);
  CHECK(shop.conversion("sq_0")->subscription == SubscriptionRole::first);
  for (const char* later : {"sq_1", "sq_2"}) {
    CHECK(shop.conversion(later)->subscription == SubscriptionRole::renewal);
    CHECK(shop.conversion(later)->anonymous_id == id(2001));
  }
  check_audit(shop);
}

TEST_CASE("a collected payment whose customer is told later renews what that one paid apart",
          "[orders][richer][subscriptions]") {
  const bool poor_first = GENERATE(true, false);
  INFO((poor_first ? "the list first" : "the look-ups first"));
  Shop shop;
  const auto pay = [&](const std::string& number, std::int64_t days, bool is_listed) {
    OrderChange change = one_sent("square", square_sale().told[1].body);
    change.event_key = change.order_id = "PM" + number;
    change.occurred_ms = kNow + days * kDay;
    change.change_key = purchase_key(change);
    change.customer_id = "CU1";
    if (days > 0) {
      change.subscription_id = "SB1";
      change.subscription = SubscriptionRole::collected;
      change.anonymous_id.reset();
    }
    if (is_listed) {  // which names no customers
      change.customer_id.clear();
      change.customer = {};
    }
    tell(shop, {"gocardless", {change}}, is_listed ? "-listed" : "");
  };
  for (const bool is_listed : {poor_first, !poor_first})
    for (const auto& [number, days] : {std::pair{"2", 60}, {"1", 30}, {"0", 0}})
      pay(number, days, is_listed);
  for (const char* later : {"PM1", "PM2"}) {
    CHECK(shop.conversion(later)->subscription == SubscriptionRole::renewal);
    CHECK(shop.conversion(later)->anonymous_id == id(2001));
  }
  check_audit(shop);
}

TEST_CASE("what is known of a buyer is not replaced by what is told again", "[orders][richer]") {
  auto change = one_sent("square", square_sale().told[1].body);
  Shop shop;
  tell(shop, {"square", {change}}, "");
  const std::string rows = ends_of(shop);
  change.anonymous_id = id(2002);
  change.session_id = id(1002);  // another's, which completes nothing
  change.customer.email = "another@example.com";
  tell(shop, {"square", {change}}, "-again");
  CHECK(ends_of(shop) == rows);
}

namespace {

// What the first telling of a payment leaves of the buyer, then what the second one tells.
OrderRow twice_told(const std::function<void(OrderChange&)>& first,
                    const std::function<void(OrderChange&)>& second) {
  const auto change = one_sent("square", square_sale().told[1].body);
  Shop shop;
  for (const auto* tells : {&first, &second}) {
    OrderChange told = change;
    forget_buyer(told);
    (*tells)(told);
    tell(shop, {"square", {told}}, tells == &first ? "" : "-again");
  }
  check_audit(shop);
  return *shop.order(change.order_id);
}

void name_visitor(OrderChange& change) {
  change.anonymous_id = id(2001);
  change.session_id = id(1001);
  change.checkout_started_ms = kNow - kHour;
}

}  // namespace

TEST_CASE("nothing of another buyer completes what is known of an order's", "[orders][richer]") {
  const auto carl = [](OrderChange& change) { change.customer.email = "carl@example.com"; };
  SECTION("another e-mail address brings no ids") {
    const auto order = twice_told(carl, [](OrderChange& change) {
      name_visitor(change);
      change.customer.email = "dora@example.com";
      change.customer.phone = "+420601123456";
      change.customer.country = "CZ";
    });
    CHECK(order.email_hash == contact_hash(ContactKind::email, "carl@example.com", {}));
    CHECK_FALSE((order.anonymous_id || order.session_id || order.checkout_started_ms));
    CHECK_FALSE(order.phone_hash);
    CHECK(order.customer.empty());
  }
  SECTION("other ids bring no address") {
    const auto order = twice_told(name_visitor, [&](OrderChange& change) {
      carl(change);
      change.session_id = id(1002);
    });
    CHECK(order.session_id == id(1001));
    CHECK_FALSE(order.email_hash);
  }
  SECTION("another account or number brings none either") {
    const auto numbered = [](const char* number) {
      return [number](OrderChange& change) { change.customer.phone = number; };
    };
    const auto by_number = twice_told(numbered("+420601123456"), [&](OrderChange& change) {
      numbered("+420601123457")(change);
      carl(change);
    });
    CHECK_FALSE(by_number.email_hash);
    const auto by_account = twice_told([](OrderChange& change) { change.customer_id = "cus_1"; },
                                       [&](OrderChange& change) {
                                         carl(change);
                                         change.customer_id = "cus_2";
                                       });
    CHECK_FALSE(by_account.email_hash);
  }
}

TEST_CASE("half a hand-over is completed by what names that half", "[orders][richer]") {
  const auto visitor = [](OrderChange& change) { change.anonymous_id = id(2001); };
  const auto session = [](OrderChange& change) { change.session_id = id(1002); };
  const auto apart = twice_told(visitor, session);
  CHECK(apart.anonymous_id == id(2001));
  CHECK_FALSE(apart.session_id);
  CHECK_FALSE(twice_told(session, visitor).anonymous_id);
  CHECK(twice_told(visitor, name_visitor).session_id == id(1001));
  const auto started_elsewhen = twice_told(
      [](OrderChange& change) { change.checkout_started_ms = kNow - 2 * kHour; }, name_visitor);
  CHECK_FALSE((started_elsewhen.anonymous_id || started_elsewhen.session_id));
}

TEST_CASE("of a payment told with two amounts and two buyers the one with the ids counts",
          "[orders][richer]") {
  const bool ids_first = GENERATE(true, false);
  const bool both_have_ids = GENERATE(true, false);
  INFO((ids_first ? "ids first" : "ids last") << (both_have_ids ? ", and other ids" : ""));
  auto change = one_sent("square", square_sale().told[1].body);
  forget_buyer(change);
  auto carl = change, dora = change;
  carl.customer.email = "carl@example.com";
  dora.customer.email = "dora@example.com";
  name_visitor(dora);
  dora.amount_minor = change.amount_minor + 200;
  dora.change_key = purchase_key(dora);
  if (both_have_ids) {
    carl.customer.email.clear();
    carl.customer.phone = "+420601123456";
    carl.anonymous_id = id(2002);
  }
  Shop shop;
  tell(shop, {"square", {ids_first ? dora : carl}}, "");
  tell(shop, {"square", {ids_first ? carl : dora}}, "-again");
  const auto order = *shop.order(change.order_id);
  const bool is_doras = order.anonymous_id == id(2001);
  CHECK((is_doras || both_have_ids));
  CHECK(order.email_hash.has_value() == is_doras);
  CHECK(order.phone_hash.has_value() == !is_doras);
  if (is_doras) CHECK(order.email_hash == contact_hash(ContactKind::email, "dora@example.com", {}));
  check_audit(shop);
}

TEST_CASE("whose address or number changed is one buyer", "[orders][richer]") {
  const auto named = [](const char* email, const char* account) {
    return [=](OrderChange& change) {
      change.customer.email = email;
      change.customer_id = account;
    };
  };
  const auto by_account = twice_told(named("carl@example.com", "cus_1"), [&](OrderChange& change) {
    named("new@example.com", "cus_1")(change);
    name_visitor(change);
  });
  CHECK(by_account.anonymous_id == id(2001));
  CHECK(by_account.email_hash == contact_hash(ContactKind::email, "carl@example.com", {}));
  const auto by_address = twice_told(
      [&](OrderChange& change) {
        named("carl@example.com", "")(change);
        change.customer.phone = "+420601123456";
      },
      [&](OrderChange& change) {
        named("carl@example.com", "")(change);
        change.customer.phone = "+420601123457";
        name_visitor(change);
      });
  CHECK(by_address.anonymous_id == id(2001));
}
