// SPDX-License-Identifier: Apache-2.0
// Forgetting a person: nothing of the person is left in any file of the store, and every sum,
// credit and report is what it was.
#include "server/core/privacy/erasure.hpp"

#include "server/core/people/phone_number.hpp"
#include "server/core/privacy/erasure_receipt.hpp"
#include "server/core/privacy/person_export.hpp"
#include "server/core/privacy/retention.hpp"
#include "server/core/reports/visitor_sketch.hpp"
#include "server/core/text/uuid_text.hpp"
#include "tests/server/anns_world.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <chrono>
#include <latch>
#include <set>
#include <thread>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

// Every way in which a value of Ann's may stand somewhere, by a name for the failure.
std::vector<std::pair<std::string, std::string>> forms_of_ann() {
  std::vector<std::pair<std::string, std::string>> forms;
  const auto add = [&](const std::string& name, const std::string& text) {
    forms.emplace_back(name, text);
    forms.emplace_back(name + " in base64", to_base64(text));
  };
  const auto add_hash = [&](const std::string& name, const Digest& hash) {
    forms.emplace_back(name + " as bytes", bytes_of(hash));
    forms.emplace_back(name + " in hex", to_hex(bytes_of(hash)));
    forms.emplace_back(name + " in base64", to_base64(bytes_of(hash)));
  };
  const std::vector<std::string> texts = {kEmail,
                                          "ann.lee+film@gmail.com",
                                          "annlee@gmail.com",
                                          "ann.lee@gmail.com",
                                          kNumber,
                                          "+420777123456",
                                          "420777123456",
                                          "customer-4711",
                                          "cus_1",
                                          "ann",
                                          "lee",
                                          "Ann Lee"};
  for (const auto& text : texts) {
    if (text.size() > 5) add(text, text);
    add_hash("SHA-256 of " + text, sha256(text));
  }
  for (const auto& [kind, plain] :
       {std::pair{ContactKind::email, kEmail}, std::pair{ContactKind::phone, kNumber}}) {
    const auto variants = json::parse(contact_variants(kind, plain, "CZ"));
    for (const auto& [name, hash] : variants.items()) {
      forms.emplace_back(name, hash.get<std::string>());
      forms.emplace_back(name + " as bytes", *from_hex(hash.get<std::string>()));
    }
  }
  for (const auto& text : {"anns-page", "anns-other-page", "anns-click", "anns title", "anns note",
                           "anns search", "anns-film", "annsville", "AnnsBrowser", "198.51.100.77"})
    add(text, text);
  for (const std::uint64_t number :
       {kPhone, kLaptop, kPhoneVisit, kLaptopVisit, AnnsWorld::session_alias(kPhone),
        AnnsWorld::session_alias(kLaptop)}) {
    forms.emplace_back("id " + std::to_string(number), uuid(id(number)));
    forms.emplace_back("id " + std::to_string(number) + " as bytes", bytes_of(id(number)));
  }
  add_hash("digest of the lead", sha256("the whole request of ann"));
  return forms;
}

PersonName by_email(const std::string& email = kEmail) {
  PersonName name;
  name.email = email;
  return name;
}

}  // namespace

TEST_CASE("an erased person is in no file of the store, and every sum stays", "[erasure]") {
  AnnsWorld world;
  world.happen();
  require_ok(world.store->forget_overwritten());
  const std::string sums = world.sums(), before = world.files();
  REQUIRE(world.differences().empty());
  for (const char* there : {"anns-page", "anns-click", "anns title", "annsville"})
    REQUIRE(before.find(there) != std::string::npos);

  const auto dry = world.erase(by_email(), /*is_dry_run=*/true);
  CHECK(dry.receipt == 0);
  CHECK(world.files() == before);

  const auto erasure = world.erase(by_email());
  CHECK(erasure.receipt == 1);
  CHECK(erasure.counts == dry.counts);
  const std::map<std::string, std::int64_t> counts(erasure.counts.begin(), erasure.counts.end());
  CHECK(counts.at("visitors") == 2);
  CHECK(counts.at("contacts") == 3);
  CHECK(counts.at("sessions") == 4);  // with an alias each
  CHECK(counts.at("events") == 4);
  CHECK(counts.at("orders") == 1);
  CHECK(counts.at("conversions") == 2);
  CHECK(counts.at("webhooks") == 2);
  CHECK(counts.at("rejects") == 1);
  CHECK(counts.at("deliveries_emptied") == 1);
  CHECK(counts.at("deliveries_removed") > 1);

  const std::string after = world.files();
  for (const auto& [name, bytes] : forms_of_ann()) {
    INFO(name);
    CHECK(after.find(bytes) == std::string::npos);
  }
  CHECK(world.sums() == sums);
  for (const auto& line : world.differences()) FAIL_CHECK(line);
  // Somebody else's is all there.
  for (const char* there : {"others-page", "others-click", "others title"})
    CHECK(after.find(there) != std::string::npos);
  CHECK(after.find(bytes_of(*contact_hash(ContactKind::email, "bob@example.com", ""))) !=
        std::string::npos);
}

TEST_CASE("what the person said of themselves goes in every writing, and the sums stay",
          "[erasure]") {
  const std::string said =
      GENERATE(as<std::string>{}, "from ann.lee@gmail.com", "it was AnnLee@Gmail.com!",
               "ann.lee+other@gmail.com", "via <ANN.LEE+film@gmail.com>");
  const bool is_lead = GENERATE(true, false);
  INFO(said << (is_lead ? " of a lead" : " of a purchase"));
  AnnsWorld world;
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  world.identify(kPhone, kEmail, kMonth + kHour);
  StatedConversion stated;
  stated.kind = is_lead ? "lead" : "purchase";
  stated.reference = "r-1";
  stated.occurred_ms = kMonth + kDay;
  if (!is_lead) {
    stated.amount_minor = 2000;
    stated.currency = "EUR";
  }
  stated.customer.email = kEmail;
  stated.session_id = id(kPhoneVisit);
  stated.self_reported = said;
  stated.digest = sha256("r-1");
  world.state(stated);
  stated.reference = "r-2";
  stated.customer.email = "lee@gmail.com";
  stated.session_id.reset();
  stated.self_reported = "from lee@gmail.com";
  stated.digest = sha256("r-2");
  world.state(stated);
  const auto sum = [&] {
    world.store.settle();
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    return database
        .execAndGet("SELECT sum(conversions_micro) || ' ' || sum(value_minor) FROM day_credit")
        .getString();
  };
  const std::string before = sum();
  REQUIRE(world.files().find(said) != std::string::npos);

  world.erase(by_email());

  const std::string after = world.files();
  CHECK(after.find(said) == std::string::npos);
  for (const char* gone : {"ann.lee", "AnnLee", "ANN.LEE"})
    CHECK(after.find(gone) == std::string::npos);
  CHECK(after.find("from lee@gmail.com") != std::string::npos);
  CHECK(sum() == before);
  CHECK(world.differences().empty());
}

TEST_CASE("campaigns and event names that name the person go, and the sums stay", "[erasure]") {
  AnnsWorld world;
  const auto hash = to_hex(*contact_hash(ContactKind::email, kEmail, ""));
  const TrafficSource sources[] = {
      {Channel::email, "crm", "spring", "to-customer-4711", "/a"},
      {Channel::email, "crm", "420777123456", "", "/b"},
      {Channel::email, "crm", "Ann.Lee%2Bfilm%252540gmail.com", hash, "/c"},
      {Channel::email, "customer-4711", "mail-" + hash, "plain", "/d"}};
  int day = 0;
  for (const auto& source : sources) {
    world.visit(kPhone, kPhoneVisit + static_cast<std::uint64_t>(day), kMonth + day * kDay, source);
    ++day;
  }
  world.visit(kPhone, kPhoneVisit, kMonth + kMinute, {}, "signup of customer-4711");
  world.visit(kPhone, kPhoneVisit, kMonth + 2 * kMinute, {}, "click");
  world.visit(kOther, kOtherVisit, kMonth, sources[0]);  // who was sent Ann's link
  world.identify(kPhone, kEmail, kMonth + kHour);
  world.say_user_id(kPhone, "customer-4711");
  world.leave_lead();
  world.buy(1, kEmail, kPhone, kPhoneVisit, kMonth + 5 * kDay);
  const auto sums = [&] {
    world.store.settle();
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    std::string all;
    for (const char* sql :
         {"SELECT group_concat(t) FROM (SELECT level || ' ' || day || ' ' || channel || ' ' || "
          "sum(touches) || ' ' || sum(visits) AS t FROM day_traffic GROUP BY level, day, channel)",
          "SELECT group_concat(t) FROM (SELECT level || ' ' || day || ' ' || channel || ' ' || "
          "sum(conversions_micro) || ' ' || sum(value_minor) AS t FROM day_credit GROUP BY level, "
          "config, day, channel)"})
      all += database.execAndGet(sql).getString() + "\n";
    return all;
  };
  const std::string before = sums();
  REQUIRE(world.differences().empty());
  const std::vector<std::string> gone = {"420777123456", "mail-", hash, "Ann.Lee",
                                         "signup of customer-4711"};
  for (const auto& text : gone) REQUIRE(world.files().find(text) != std::string::npos);

  world.erase(by_email());

  const std::string after = world.files();
  for (const auto& text : gone) {
    INFO(text);
    CHECK(after.find(text) == std::string::npos);
  }
  // In the link that somebody else opened it stays.
  SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
  CHECK(
      database
          .execAndGet("SELECT group_concat(source || '|' || campaign || '|' || content, ' ') FROM "
                      "(SELECT * FROM touch ORDER BY t_ms, source = 'crm' AND content <> '*')")
          .getString() == "crm|spring|* crm|spring|to-customer-4711 crm|*| crm|*|* *|*|plain");
  CHECK(database.execAndGet("SELECT group_concat(DISTINCT name) FROM event").getString() ==
        "page_view,*,click");
  CHECK(sums() == before);
  for (const auto& line : world.differences()) FAIL_CHECK(line);
}

TEST_CASE("erasing again changes nothing and leaves a receipt", "[erasure]") {
  AnnsWorld world;
  world.happen();
  world.erase(by_email());
  const std::string sums = world.sums();
  const auto again = world.erase(by_email());
  CHECK(again.receipt == 2);
  for (const auto& [name, count] : again.counts)
    if (name != "contacts") CHECK(count == 0);
  CHECK(world.sums() == sums);
  CHECK(world.differences().empty());
}

TEST_CASE("what is told of an order after its buyer was erased moves money and names nobody",
          "[erasure]") {
  AnnsWorld world;
  world.happen();
  world.erase(by_email());
  const std::int64_t later = kMonth + 5 * kDay;

  world.buy(1, kEmail, kLaptop, kLaptopVisit, later);
  auto again = sale_session(1, 2501, visit_metadata(id(kLaptop), id(kLaptopVisit), later), kEmail);
  again["customer"] = "cus_1";
  again["customer_details"]["phone"] = kNumber;
  again["customer_details"]["name"] = "Ann Lee";
  world.tell(sale_event(1, "checkout.session.async_payment_succeeded", again, later));
  auto charge = sale_charge(1, 2501, 1200);
  charge["customer"] = "cus_1";
  charge["billing_details"] = {{"email", kEmail}, {"phone", kNumber}, {"name", "Ann Lee"}};
  world.tell(sale_event(1, "charge.refunded", charge, later + kMinute));
  StatedConversion stated;
  stated.kind = "refund";
  stated.reference = "pi_1";
  stated.refund_id = "of-the-shop";
  stated.amount_minor = 300;
  stated.currency = "EUR";
  stated.occurred_ms = later + kHour;
  stated.customer.email = kEmail;
  stated.user_id = "customer-4711";
  stated.digest = sha256("the shop's own refund");
  world.state(stated);

  require_ok(world.store->forget_overwritten());
  const std::string after = world.files();
  for (const auto& [name, bytes] : forms_of_ann()) {
    INFO(name);
    CHECK(after.find(bytes) == std::string::npos);
  }
  for (const auto& line : world.differences()) FAIL_CHECK(line);
  const auto order =
      world.store.get([](Tables& t) { return t.orders().find_order("demo", "stripe", "pi_1"); });
  REQUIRE(order);
  CHECK(order->amount_minor == 2501);
  CHECK(order->refunded_minor == 1200);
  const auto held = json::parse(world.exported(by_email()));
  for (const char* list : {"orders", "conversions", "webhooks"}) CHECK(held[list].empty());
  SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
  CHECK(database
            .execAndGet("SELECT count(*) FROM webhook_inbox WHERE order_id = 'pi_1' AND "
                        "length(sealed) > 0")
            .getInt() == 0);
}

TEST_CASE("a subscription is erased whole, and what it pays later is nobody's", "[erasure]") {
  AnnsWorld world;
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  const auto pay = [&](int number, const json& metadata, const json& email) {
    const std::int64_t paid = kMonth + number * 20 * kDay;
    world.tell(sale_event(
        number, "invoice.paid",
        {{"id", "in_" + std::to_string(number)},
         {"object", "invoice"},
         {"amount_paid", 900},
         {"currency", "eur"},
         {"billing_reason", number == 0 ? "subscription_create" : "subscription_cycle"},
         {"customer", "cus_9"},
         {"customer_email", email},
         {"status_transitions", {{"paid_at", paid / 1000}}},
         {"parent",
          {{"subscription_details", {{"subscription", "sub_9"}, {"metadata", metadata}}}}},
         {"lines", {{"data", json::array()}}}},
        paid));
  };
  const auto row = [&](int number) {
    return *world.store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "stripe", "in_" + std::to_string(number),
                                                 "purchase");
    });
  };
  pay(0, visit_metadata(id(kPhone), id(kPhoneVisit), kMonth), kEmail);
  pay(2, json::object(), nullptr);
  REQUIRE(row(2).anonymous_id == id(kPhone));
  world.erase({kEmail, "", "", std::nullopt});

  CHECK(row(0).touches == 1);
  CHECK(row(2).touches == 1);
  CHECK(row(2).anonymous_id == row(0).anonymous_id);
  CHECK(row(2).anonymous_id != id(kPhone));
  pay(4, json::object(), kEmail);
  CHECK(row(4).match_type == MatchType::none);
  CHECK(row(4).touches == 0);
  CHECK(audited(world).empty());
}

TEST_CASE("renewals are erased with the order of the account that began them", "[erasure]") {
  AnnsWorld world;
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  auto order = sale_session(1, 900, visit_metadata(id(kPhone), id(kPhoneVisit), kMonth), kEmail);
  order["customer"] = "cus_9";
  world.tell(sale_event(1, "checkout.session.completed", order, kMonth));
  const auto renew = [&](int number, const json& email) {
    const std::int64_t paid = kMonth + 35 * kDay;
    const std::string name = std::to_string(number);
    world.tell(
        sale_event(number, "invoice.paid",
                   {{"id", "in_" + name},
                    {"object", "invoice"},
                    {"amount_paid", 900},
                    {"currency", "eur"},
                    {"billing_reason", "subscription_cycle"},
                    {"customer", "cus_9"},
                    {"customer_email", email},
                    {"status_transitions", {{"paid_at", paid / 1000}}},
                    {"parent", {{"subscription_details", {{"subscription", "sub_" + name}}}}},
                    {"lines", {{"data", json::array()}}}},
                   paid));
  };
  const auto row = [&](const std::string& reference) {
    return *world.store.get([&](Tables& t) {
      return t.orders().find_conversion_of_order("demo", "stripe", reference, "purchase");
    });
  };
  renew(2, nullptr);
  renew(3, "office@shop.example");
  for (const char* name : {"in_2", "in_3"}) REQUIRE(row(name).anonymous_id == id(kPhone));
  world.erase({kEmail, "", "", std::nullopt});

  for (const char* name : {"in_2", "in_3"}) {
    CHECK(row(name).match_type == MatchType::subscription);
    CHECK(row(name).touches == 1);
    CHECK(row(name).anonymous_id != id(kPhone));
  }
  CHECK(audited(world).empty());
}

TEST_CASE("references and items that name a buyer go from the ledger", "[erasure]") {
  AnnsWorld world;
  world.happen();
  StatedConversion stated;
  stated.reference = "order of ann.lee+film@gmail.com";
  stated.amount_minor = 2000;
  stated.currency = "EUR";
  stated.occurred_ms = kMonth + 4 * kDay;
  stated.customer.email = kEmail;
  stated.items = {{"ticket", "seat of ann.lee+film@gmail.com", "", 1, {}}};
  stated.digest = sha256("the order of ann");
  world.state(stated);
  stated.kind = "refund";
  stated.refund_id = "back to ann.lee+film@gmail.com";
  stated.amount_minor = 700;
  stated.digest = sha256("the refund of ann");
  world.state(stated);
  const auto refunded = [&] {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    return database
        .execAndGet(
            "SELECT group_concat(amount_minor || ' ' || refunded_minor) FROM orders "
            "WHERE provider = 'api'")
        .getString();
  };
  REQUIRE(refunded() == "2000 700");
  REQUIRE(world.differences().empty());
  world.store.put([&](Tables& t) -> Outcome<void> {  // as destinations were told of it
    TL_TRY(sale, t.orders().find_conversion_of_order("demo", "api", stated.reference, "purchase"));
    TL_CHECK(t.outbox().claim_transaction_id("ga4 G-1", stated.reference, "demo", sale->id));
    // And of another, which turned out to be this one.
    TL_CHECK(t.orders().add_alias("demo", "api", uuid_text(id(77)), stated.reference));
    TL_CHECK(t.outbox().claim_transaction_id("ga4 G-1", "api-" + stated.reference, "demo", id(77)));
    return {};
  });

  world.erase(by_email());

  const std::string after = world.files();
  for (const auto& [name, bytes] : forms_of_ann()) {
    INFO(name);
    CHECK(after.find(bytes) == std::string::npos);
  }
  CHECK(refunded() == "2000 700");
  for (const auto& line : world.differences()) FAIL_CHECK(line);
}

TEST_CASE("an erasure by e-mail takes the buyer's user id out of every text", "[erasure]") {
  AnnsWorld world;
  world.happen();
  StatedConversion stated;
  stated.reference = "ord-custERA99887-1";
  stated.amount_minor = 2000;
  stated.currency = "EUR";
  stated.occurred_ms = kMonth + 4 * kDay;
  stated.customer.email = kEmail;
  stated.user_id = "custERA99887";
  stated.self_reported = "I am custERA99887";
  stated.items = {{"ticket", "seat of custERA99887", "", 1, {}}};
  stated.digest = sha256("the order of ann");
  world.state(stated);
  stated.reference = "signup+custERA99887";
  stated.kind = "signup";
  stated.currency = "";
  stated.amount_minor = 0;
  stated.items = {};
  stated.digest = sha256("the signup of ann");
  world.state(stated);
  // An id that somebody else's orders carry too tells nothing of a refused request.
  stated.reference = "guests-1";
  stated.kind = "purchase";
  stated.amount_minor = 900;
  stated.currency = "EUR";
  stated.user_id = "everybody";
  stated.self_reported = "everybody";
  stated.digest = sha256("guests-1");
  world.state(stated);
  for (int guest = 2; guest < 22; ++guest) {
    stated.reference = "guests-" + std::to_string(guest);
    stated.customer.email = "guest" + std::to_string(guest) + "@example.com";
    stated.self_reported = "everybody knows you";
    stated.digest = sha256(stated.reference);
    world.state(stated);
  }
  const auto refuse = [&](const std::string& body) {
    world.store.put([&](Tables& t) -> Outcome<void> {
      RejectRow reject;
      reject.site_id = "demo";
      reject.t_ms = kMonth;
      reject.route = "/api/conversions";
      reject.sender_json = "{}";
      reject.body = body;
      TL_TRY(number, t.operations().insert_reject(reject));
      static_cast<void>(number);
      return {};
    });
  };
  refuse(R"({"order_id":"rej-custERA99887","user_id":"custERA99887"})");
  refuse(R"({"order_id":"rej-2","self_reported":"everybody"})");

  const auto erasure = world.erase(by_email());
  const std::map<std::string, std::int64_t> counts(erasure.counts.begin(), erasure.counts.end());
  CHECK(counts.at("rejects") == 2);  // and the one that happen() left

  const std::string after = world.files();
  CHECK(after.find("custERA99887") == std::string::npos);
  CHECK(after.find("custera99887") == std::string::npos);
  CHECK(after.find(bytes_of(sha256("custERA99887"))) == std::string::npos);
  CHECK(after.find("everybody knows you") != std::string::npos);
  for (const auto& line : world.differences()) FAIL_CHECK(line);
}

TEST_CASE("a refund whose id names an erased buyer counts once when it is told again",
          "[erasure]") {
  AnnsWorld world;
  world.happen();
  Orders orders(*world.store, world.store.clock, Shop::takes(), &world.store.box);
  StatedConversion stated;
  stated.reference = "order-5";
  stated.amount_minor = 2000;
  stated.currency = "EUR";
  stated.occurred_ms = kMonth + 4 * kDay;
  stated.customer.email = kEmail;
  stated.digest = sha256("the order of ann");
  value_of(orders.receive_stated(*world.site, stated));
  stated.kind = "refund";
  stated.refund_id = "back to ann.lee+film@gmail.com";
  stated.amount_minor = 700;
  stated.digest = sha256("the refund of ann");
  value_of(orders.receive_stated(*world.site, stated));

  world.erase(by_email());
  CHECK_FALSE(value_of(orders.receive_stated(*world.site, stated)).is_new);

  const auto order =
      world.store.get([](Tables& t) { return t.orders().find_order("demo", "api", "order-5"); });
  REQUIRE(order);
  CHECK(order->refunded_minor == 700);
  require_ok(world.store->forget_overwritten());
  const std::string after = world.files();
  for (const auto& [name, bytes] : forms_of_ann()) {
    INFO(name);
    CHECK(after.find(bytes) == std::string::npos);
  }
  for (const auto& line : world.differences()) FAIL_CHECK(line);
}

TEST_CASE("any of a person's names leads to all of it", "[erasure]") {
  const auto check = [](const PersonName& name) {
    AnnsWorld world;
    world.happen();
    world.erase(name);
    const std::string after = world.files();
    for (const auto& [form, bytes] : forms_of_ann()) {
      INFO(form);
      CHECK(after.find(bytes) == std::string::npos);
    }
    CHECK(world.differences().empty());
  };
  PersonName name;
  SECTION("the phone number, written nationally") {
    name.phone = "777 123 456";
  }
  SECTION("the user id, which nobody signed") {
    name.user_id = "customer-4711";
  }
  SECTION("the anonymous id of one browser") {
    name.anonymous_id = id(kLaptop);
  }
  check(name);
}

TEST_CASE("an export holds everything, and nothing once it is erased", "[erasure]") {
  AnnsWorld world;
  world.happen();
  const auto held = json::parse(world.exported(by_email()));
  CHECK(held["person"]["anonymous_ids"].size() == 2);
  CHECK(held["person"]["contacts"].size() == 3);
  CHECK(held["sessions"].size() == 2);
  CHECK(held["consent_receipts"].size() == 2);
  CHECK(held["orders"].size() == 1);
  CHECK(held["conversions"].size() == 2);
  CHECK(held["webhooks"].size() == 2);
  CHECK(held["rejects"].size() == 1);
  const std::string text = held.dump();
  for (const char* there :
       {"Ann.Lee+film@gmail.com", "+420 777 123 456", "198.51.100.77", "AnnsBrowser/1.0",
        "anns-click", "anns note", "anns search", "annsville", "anns-film", "customer.4711",
        "hello ann.lee", "form-ann.lee", "ann.lee%2Bfilm"}) {
    INFO(there);
    if (std::string(there) != "customer.4711") CHECK(text.find(there) != std::string::npos);
  }
  CHECK(text.find("bob@example.com") == std::string::npos);
  CHECK(text.find("others") == std::string::npos);

  world.store.put([&](Tables& tables) -> Outcome<void> {
    TouchRow seen = given_touch(777, Channel::display, kNow - kHour);
    seen.anonymous_id = parse_uuid(held["person"]["anonymous_ids"][0].get<std::string>()).value();
    seen.session_id = seen.id;
    seen.is_view = true;
    TL_CHECK(tables.events().insert_touch(seen));
    return {};
  });
  CHECK(json::parse(world.exported(by_email()))["ad_views"].size() == 1);

  world.erase(by_email());
  const auto nothing = json::parse(world.exported(by_email()));
  for (const char* list : {"sessions", "ad_views", "consent", "consent_receipts", "orders",
                           "conversions", "deliveries", "webhooks", "rejects"})
    CHECK(nothing[list].empty());
}

TEST_CASE("whoever is erased after a backup is erased from it when it is restored", "[erasure]") {
  AnnsWorld world;
  world.happen();
  const std::string path = world.store.path() + ".backup";
  require_ok(world.store->copy_to(path));
  world.erase(by_email());
  world.erase(by_email("nobody@example.com"));
  {
    const auto restored = value_of(open_store("sqlite:" + path, world.store.box, kMonth));
    CHECK(value_of(repeat_erasures(*restored, *world.store, {*world.site}, world.store.entropy,
                                   world.store.box, kMonth)) == 1);
    CHECK(value_of(repeat_erasures(*restored, *world.store, {*world.site}, world.store.entropy,
                                   world.store.box, kMonth)) == 0);
    const auto traces = [&] {
      PersonTraces found;
      require_ok(restored->read([&](Tables& tables) -> Outcome<void> {
        TL_TRY(held, find_traces(tables, *world.site, by_email(), Reach::claiming));
        found = std::move(held);
        return {};
      }));
      return found;
    };
    CHECK(traces().is_empty());
  }
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  for (const auto& [form, value] : forms_of_ann()) {
    INFO(form);
    CHECK(bytes.find(value) == std::string::npos);
  }
}

TEST_CASE("a receipt cannot be tried against an address once its key is gone", "[erasure]") {
  AnnsWorld world;
  world.happen();
  const auto before = world.store.get([](Tables& t) { return t.privacy().erasure_key(); });
  world.erase(by_email());
  const auto after = world.store.get([](Tables& t) { return t.privacy().erasure_key(); });
  const auto receipts =
      world.store.get([](Tables& t) { return t.privacy().erasures_after("demo", 0, 10); });
  REQUIRE(receipts.size() == 1);
  const ContactRef ann{ContactKind::email, *contact_hash(ContactKind::email, kEmail, "")};
  CHECK(ReceiptSubjects(before, receipts[0]).has(ann));
  CHECK_FALSE(ReceiptSubjects(after, receipts[0]).has(ann));
  CHECK(world.files().find(bytes_of(before.key)) == std::string::npos);
}

TEST_CASE("the chain of consent receipts outlives an erasure", "[erasure]") {
  AnnsWorld world;
  world.happen();
  const auto receipts = [&] {
    auto rows =
        world.store.get([](Tables& t) { return t.privacy().receipts_after("demo", 0, {}, 100); });
    std::sort(rows.begin(), rows.end(),
              [](const auto& a, const auto& b) { return a.number < b.number; });
    return rows;
  };
  const auto before = receipts();
  world.erase(by_email());
  const auto after = receipts();
  REQUIRE(after.size() == 3);
  for (std::size_t i = 0; i < after.size(); ++i) {
    CHECK(after[i].hash == before[i].hash);
    CHECK(after[i].subject == before[i].subject);
    if (i > 0) CHECK(after[i].previous_hash == after[i - 1].hash);
    CHECK(after[i].receipt.anonymous_id.has_value() == (i == 2));
  }
}

TEST_CASE("erasing anybody of a month leaves its reports as they are", "[erasure]") {
  for (const auto& [who, name] : std::vector<std::pair<std::string, PersonName>>{
           {"one", by_email("one@example.com")},
           {"three", by_email("three@example.com")},
           {"a buyer", by_email("buyer8@example.com")},
           {"a lead", by_email("lead@example.com")},
           {"a visitor with own conversions", {"", "", "", id(4)}},
           {"a bot", {"", "", "", id(9)}}}) {
    INFO(who);
    AnnsWorld world;
    world.site->conversion_events = {"trial_started"};
    for (const auto& tell : subscribed_month()) tell(world);
    const std::string sums = world.sums();
    world.erase(name);
    CHECK(world.sums() == sums);
    for (const auto& line : world.differences()) FAIL_CHECK(line);
    CHECK(json::parse(world.exported(name))["sessions"].empty());
  }
}

TEST_CASE("a landing page that many share stays, with the count of its visitors", "[erasure]") {
  AnnsWorld world;
  const TrafficSource source{Channel::email, "letter", "october", "", "/offer"};
  // Spread over the whole space, so that rows lie on many pages.
  const auto number = [](std::uint64_t i) { return (i + 1) * 0x9e3779b97f4a7c15; };
  for (std::uint64_t i = 0; i < VisitorSketch::kMostExact + 200; ++i)
    world.visit(number(i), number(i) ^ 0xff, kMonth + static_cast<std::int64_t>(i), source);
  const auto visitors = [&] {
    world.store.settle();
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    SQLite::Statement rows(database,
                           "SELECT group_concat(level || landing_path || hex(sketch)) FROM "
                           "day_visitors");
    REQUIRE(rows.executeStep());
    return rows.getColumn(0).getString();
  };
  const std::string before = visitors();
  constexpr std::uint64_t kErased = 40;
  for (std::uint64_t i = 0; i < kErased; ++i) world.erase({"", "", "", id(number(i))});
  CHECK(visitors() == before);
  const std::string files = world.files();
  for (std::uint64_t i = 0; i < kErased; ++i)
    for (const auto& gone : {id(number(i)), id(number(i) ^ 0xff)})
      CHECK(files.find(bytes_of(gone)) == std::string::npos);
  CHECK(world.differences().empty());
}

TEST_CASE("a week of many forgets a landing page of few in a day", "[erasure]") {
  AnnsWorld world;
  const TrafficSource source{Channel::email, "letter", "october", "", "/offer"};
  const auto number = [](std::uint64_t i) { return (i + 1) * 0x9e3779b97f4a7c15; };
  // kMonth is a Monday; nobody's registers are all somebody else's too.
  for (std::uint64_t i = 0; i < VisitorSketch::kMostExact + 100; ++i)
    world.visit(number(i), number(i) ^ 0xff,
                kMonth + static_cast<std::int64_t>(i % 7) * kDay + static_cast<std::int64_t>(i),
                source);
  for (std::uint64_t i = 0; i < 20; ++i) world.erase({"", "", "", id(number(i))});
  for (const auto& line : world.differences()) FAIL_CHECK(line);
}

TEST_CASE("a contact that many share leads to nobody", "[erasure]") {
  AnnsWorld world;
  for (std::uint64_t i = 1; i <= 20; ++i) {
    world.visit(i, 100 + i, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
    world.identify(i, "info@example.com", kMonth);
  }
  const auto erasure = world.erase(by_email("info@example.com"));
  CHECK(erasure.is_shared);
  CHECK(world.differences().empty());
  CHECK(json::parse(world.exported({"", "", "", id(3)}))["sessions"].size() == 1);
}

TEST_CASE("exactly one name says who is meant", "[erasure]") {
  AnnsWorld world;
  const auto code = [&](const PersonName& name) {
    const auto erased =
        erase_person({*world.store, world.store.clock, world.store.entropy, world.store.box},
                     *world.site, name, true);
    return erased.ok() ? std::string("ok") : erased.error().code;
  };
  CHECK(code({}) == "bad_person");
  CHECK(code({"a@example.com", "", "u1", std::nullopt}) == "bad_person");
  CHECK(code({"no address", "", "", std::nullopt}) == "bad_person");
  CHECK(code({"", "12", "", std::nullopt}) == "bad_person");
  CHECK(code({"a@example.com", "", "", std::nullopt}) == "ok");
}

TEST_CASE("what is old goes by the site's rules, and no report changes", "[retention]") {
  AnnsWorld world;
  world.happen();
  const std::string sums = world.sums();
  const std::int64_t later = kMonth + 500 * kDay;
  const auto count = [&](std::int64_t now_ms) {
    std::map<std::string, std::int64_t> rows;
    for (const auto& expired :
         world.store.get([&](Tables& t) { return count_expired(t, *world.site, now_ms); }))
      rows[std::string(expired.name)] = expired.rows;
    return rows;
  };
  for (const auto& [name, rows] : count(kMonth + 10 * kDay)) {
    INFO(name);
    CHECK(rows == 0);
  }
  const auto due = count(later);
  CHECK(due.at("visits") == 3);
  CHECK(due.at("click_ids") == 3);
  CHECK(due.at("webhook_bodies") == 3);
  CHECK(due.at("delivery_answers") == 2);
  CHECK(due.at("consent_receipts") == 0);
  for (int round = 0; round < 3; ++round)
    world.store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(gone, remove_expired(tables, *world.site, later, 2));
      static_cast<void>(gone);
      return {};
    });
  for (const auto& [name, rows] : count(later)) {
    INFO(name);
    CHECK(rows == 0);
  }
  require_ok(world.store->forget_overwritten());
  const std::string files = world.files();
  for (const char* gone : {"anns-click", "anns note", "anns search", "annsville", "others title"}) {
    INFO(gone);
    CHECK(files.find(gone) == std::string::npos);
  }
  CHECK(world.sums() == sums);
  CHECK(world.differences().empty());
}

TEST_CASE("click ids go long before the visits, and nothing is classified anew", "[retention]") {
  AnnsWorld world;
  world.happen();
  const std::string sums = world.sums();
  require_ok(world.store->write([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(remove_expired(tables, *world.site, kMonth + 100 * kDay, 100));
    return {};
  }));
  require_ok(world.store->forget_overwritten());
  const std::string files = world.files();
  CHECK(files.find("anns-click") == std::string::npos);
  CHECK(files.find("others-click") == std::string::npos);
  CHECK(files.find("anns note") != std::string::npos);
  CHECK(world.sums() == sums);
  CHECK(world.differences().empty());
}

TEST_CASE("click ids stay for as long as their touches count", "[retention]") {
  AnnsWorld world;
  world.happen();
  world.site->lookback_ms = 200 * kDay;
  const auto is_there_after = [&](std::int64_t days) {
    require_ok(world.store->write([&](Tables& tables) -> Outcome<void> {
      TL_CHECK(remove_expired(tables, *world.site, kMonth + days * kDay, 100));
      return {};
    }));
    require_ok(world.store->forget_overwritten());
    return world.files().find("anns-click") != std::string::npos;
  };
  CHECK(is_there_after(199));
  CHECK_FALSE(is_there_after(203));
}

TEST_CASE("what a buyer refused stays with the conversion", "[retention]") {
  AnnsWorld world;
  world.happen();
  world.site->consent_default = Choice::granted;
  world.store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(put_choice(tables, *world.site, id(kOther),
                        {{Choice::granted, Choice::denied}, kMonth + 3 * kDay}));
    return put_choice(tables, *world.site, id(kLaptop),
                      {{Choice::granted, Choice::granted, Choice::granted, /*opted out*/ true},
                       kMonth + 3 * kDay});
  });
  world.store.put([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(remove_expired(tables, *world.site, kMonth + 800 * kDay, 100));
    return {};
  });
  const auto choice = [&](std::uint64_t visitor) {
    return world.store.get(
        [&](Tables& tables) { return tables.people().find_consent("demo", id(visitor)); });
  };
  REQUIRE(choice(kOther));
  CHECK(choice(kOther)->consent.marketing == Choice::denied);
  REQUIRE(choice(kLaptop));
  CHECK(choice(kLaptop)->consent.opted_out_of_sale);
  CHECK_FALSE(choice(kPhone));
}

TEST_CASE("each refusal keeps the choice of a buyer, and what was withheld outlives a new yes",
          "[retention]") {
  const Consent yes{Choice::granted, Choice::granted, Choice::granted, false};
  Consent no_storage = yes, no_marketing = yes, no_ads = yes, opted_out = yes;
  no_storage.storage = Choice::denied;
  no_marketing.marketing = Choice::denied;
  no_ads.ad_personalisation = Choice::denied;
  opted_out.opted_out_of_sale = true;
  for (const auto& refusal : {no_storage, no_marketing, no_ads, opted_out}) {
    AnnsWorld world;
    world.happen();
    world.store.put([&](Tables& tables) {
      return put_choice(tables, *world.site, id(kOther), {refusal, kMonth + 3 * kDay});
    });
    const auto expire = [&] {
      world.store.put([&](Tables& tables) -> Outcome<void> {
        TL_TRY(gone, remove_expired(tables, *world.site, kMonth + 800 * kDay, 100));
        static_cast<void>(gone);
        return {};
      });
    };
    expire();
    const auto kept = world.store.get(
        [&](Tables& tables) { return tables.people().find_consent("demo", id(kOther)); });
    REQUIRE(kept);
    CHECK(kept->consent == refusal);
    if (permits_ids(refusal)) continue;
    const auto was_withheld = [&] {
      return world.store.get([&](Tables& tables) {
        return tables.people().was_storage_withheld("demo", id(kOther), kMonth + 4 * kDay);
      });
    };
    REQUIRE(was_withheld());
    world.store.put([&](Tables& tables) {
      return put_choice(tables, *world.site, id(kOther), {yes, kMonth + 5 * kDay});
    });
    // As if no rule had looked at these visits yet.
    SQLite::Database(world.store.path(), SQLite::OPEN_READWRITE).exec("DELETE FROM retention_mark");
    expire();
    CHECK_FALSE(world.store.get(
        [&](Tables& tables) { return tables.people().find_consent("demo", id(kOther)); }));
    CHECK(was_withheld());
    CHECK(world.differences().empty());
  }
}

TEST_CASE("contacts and choices go where no conversion rests on them", "[retention]") {
  AnnsWorld world;
  world.happen();
  // Somebody who never bought, said who they are, and refused marketing.
  constexpr std::uint64_t kStranger = 77;
  world.visit(kStranger, 7700, kMonth, TrafficSource{Channel::email, "news", "", "", "/"});
  world.identify(kStranger, "eve@example.com", kMonth);
  const auto rows = [&](const std::string& sql) {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    return database.execAndGet("SELECT count(*) FROM " + sql).getInt();
  };
  const std::string strangers = " WHERE anonymous_id = x'0000000000000000000000000000004d'";
  world.store.put([&](Tables& tables) {
    return put_choice(tables, *world.site, id(kStranger),
                      {{Choice::granted, Choice::denied}, kMonth + kDay});
  });
  REQUIRE(rows("contact_claim" + strangers) == 1);
  REQUIRE(rows("consent_state" + strangers) == 1);
  REQUIRE(rows("storage_choice" + strangers) == 2);
  const auto aliases = rows("order_alias");
  REQUIRE(aliases > 0);
  // Of a lead or an old order: no claim and no visit leads to it; and one that is said again later.
  const auto say = [&](const std::string& email, std::int64_t t_ms) {
    world.store.put([&](Tables& tables) {
      ContactVariants contact;
      contact.kind = ContactKind::email;
      contact.hash = *contact_hash(ContactKind::email, email, "");
      contact.variants = "{}";
      contact.t_ms = t_ms;
      return tables.people().put_contact("demo", contact);
    });
  };
  say("lead@example.com", kMonth);
  say(kEmail, kMonth + 700 * kDay);
  const std::string sums = world.sums();
  const auto claims = rows("contact_claim");
  const auto expire = [&](std::int64_t now_ms) {
    for (int round = 0; round < 4; ++round)
      require_ok(world.store->write([&](Tables& tables) -> Outcome<void> {
        TL_CHECK(remove_expired(tables, *world.site, now_ms, 3));
        return {};
      }));
  };

  expire(kMonth + 800 * kDay);  // after consent_days, before contact_days
  CHECK(rows("consent_state") == 0);
  CHECK(rows("storage_choice") == 0);
  CHECK(rows("contact_claim") == claims);
  CHECK(world.differences().empty());

  expire(kMonth + 1200 * kDay);
  CHECK(rows("contact_claim" + strangers) == 0);
  CHECK(rows("contact_claim") == claims - 1);  // Ann's lead to her orders
  CHECK(rows("contact") == 1);
  const std::int64_t later = kMonth + 1900 * kDay;
  const auto due = world.store.get([&](Tables& t) { return count_expired(t, *world.site, later); });
  for (const auto& expired : due)
    if (expired.name == "contacts") CHECK(expired.rows == 1);
  expire(later);
  CHECK(rows("contact") == 0);
  CHECK(rows("order_alias") == aliases);
  CHECK(world.sums() == sums);
  CHECK(world.differences().empty());
}

TEST_CASE("a choice of an id that never had a visit goes by its own time", "[retention]") {
  AnnsWorld world;
  world.happen();
  const auto choose = [&](std::uint64_t visitor, Choice storage, std::int64_t t_ms) {
    world.store.put([&](Tables& tables) {
      return tables.people().put_consent("demo", id(visitor), {{storage, storage}, t_ms});
    });
  };
  choose(501, Choice::denied, kMonth);
  choose(502, Choice::granted, kMonth);
  choose(503, Choice::granted, kMonth + 100 * kDay);
  const auto left = [&](std::int64_t days) {
    const std::int64_t now_ms = kMonth + days * kDay;
    std::int64_t due = 0;
    for (const auto& expired :
         world.store.get([&](Tables& t) { return count_expired(t, *world.site, now_ms); }))
      if (expired.name == "consent_states") due = expired.rows;
    std::int64_t gone = 0;
    bool is_done = false;
    for (int round = 0; round < 30 && !is_done; ++round)
      world.store.put([&](Tables& tables) -> Outcome<void> {
        TL_TRY(taken, remove_expired(tables, *world.site, now_ms, 1));
        is_done = true;
        for (const auto& expired : taken)
          if (expired.name == "consent_states" && expired.rows > 0) is_done = false;
        return {};
      });
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    const auto count = [&](const char* table) {
      return database.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt64();
    };
    gone = 6 - count("consent_state");
    return std::to_string(due) + " due, " + std::to_string(gone) + " gone, " +
           std::to_string(count("storage_choice")) + " times";
  };
  CHECK(left(759) == "0 due, 0 gone, 6 times");
  CHECK(left(761) == "2 due, 2 gone, 5 times");
  // The three who came go seven days later, for what is said comes after a visit has begun.
  CHECK(left(770) == "3 due, 5 gone, 0 times");
  CHECK(left(861) == "1 due, 6 gone, 0 times");
}

TEST_CASE("what visitors who still come have said and chosen stays", "[retention]") {
  AnnsWorld world;
  constexpr std::uint64_t kRegular = 78;
  world.visit(kRegular, 7800, kMonth, TrafficSource{Channel::email, "news", "", "", "/"});
  world.identify(kRegular, "eve@example.com", kMonth);
  world.store.put([&](Tables& tables) {
    return put_choice(tables, *world.site, id(kRegular),
                      {{Choice::granted, Choice::granted}, kMonth + kMinute});
  });
  world.visit(kRegular, 7801, kMonth + 700 * kDay, std::nullopt);
  const auto expire = [&](std::int64_t days) {
    world.store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(taken, remove_expired(tables, *world.site, kMonth + days * kDay, 100));
      static_cast<void>(taken);
      return {};
    });
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    return database
        .execAndGet(
            "SELECT (SELECT count(*) FROM consent_state) || ' ' || (SELECT count(*) FROM "
            "contact_claim) || ' ' || (SELECT count(*) FROM storage_choice)")
        .getString();
  };
  CHECK(expire(1200) == "1 1 2");  // both rules look at the first visit
  CHECK(expire(1470) == "0 1 0");
  CHECK(expire(1810) == "0 0 0");
}

TEST_CASE("an address of an order that many have said stays many people's", "[retention]") {
  AnnsWorld world;
  for (std::uint64_t visitor = 200; visitor < 220; ++visitor) {
    world.visit(visitor, 20'000 + visitor, kMonth,
                TrafficSource{Channel::email, "news", "", "", "/"});
    world.identify(visitor, "info@shop.example", kMonth);
  }
  StatedConversion stated;
  stated.reference = "o-1";
  stated.amount_minor = 2000;
  stated.currency = "EUR";
  stated.occurred_ms = kMonth + kDay;
  stated.customer.email = "info@shop.example";
  stated.digest = sha256("o-1");
  world.state(stated);
  world.store.put([&](Tables& tables) -> Outcome<void> {
    TL_TRY(taken, remove_expired(tables, *world.site, kMonth + 1200 * kDay, 100));
    static_cast<void>(taken);
    return {};
  });
  SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
  CHECK(database.execAndGet("SELECT count(*) FROM contact_claim").getInt() == 20);
  CHECK(world.differences().empty());
}

TEST_CASE("what is said in the week after an old visit is not too old yet", "[retention]") {
  AnnsWorld world;
  constexpr std::uint64_t kSlow = 79;
  world.visit(kSlow, 7900, kMonth, TrafficSource{Channel::email, "news", "", "", "/"});
  const auto expire = [&](std::int64_t days) {
    world.store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(taken, remove_expired(tables, *world.site, kMonth + days * kDay, 100));
      static_cast<void>(taken);
      return {};
    });
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    return database.execAndGet("SELECT count(*) FROM contact_claim").getInt();
  };
  expire(1096);  // a day after contact_days: the visit is old
  world.identify(kSlow, "eve@example.com", kMonth + 5 * kDay);
  CHECK(expire(1097) == 1);
  CHECK(expire(1103) == 0);
}

TEST_CASE("a rule of no days keeps for ever", "[retention]") {
  AnnsWorld world;
  world.happen();
  world.site->retention = {0, 0, 0, 0, 0, 0, 0, 0, 0};
  for (const auto& expired : world.store.get(
           [&](Tables& t) { return count_expired(t, *world.site, kMonth + 10'000 * kDay); }))
    CHECK(expired.rows == 0);
}

TEST_CASE("the log is cut although somebody else copies it in that moment", "[erasure]") {
  AnnsWorld world;
  world.happen();
  // A checkpoint that waits for this reader holds all others back, which are refused at once.
  SQLite::Database reading(world.store.path(), SQLite::OPEN_READONLY);
  reading.exec("BEGIN");
  REQUIRE(reading.execAndGet("SELECT count(*) FROM event").getInt() > 0);
  world.buy(9, "zoe@example.com", kOther, kOtherVisit, kMonth + 9 * kDay);
  std::latch has_begun(1);
  std::thread copying([&] {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READWRITE);
    // Before its first reading a connection does not know that there is a log.
    static_cast<void>(database.execAndGet("SELECT count(*) FROM event").getInt());
    static_cast<void>(sqlite3_busy_handler(
        database.getHandle(),
        [](void* latch, int waited) {
          if (waited == 0) static_cast<std::latch*>(latch)->count_down();
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
          return waited < 4 ? 1 : 0;
        },
        &has_begun));
    sqlite3_wal_checkpoint_v2(database.getHandle(), nullptr, SQLITE_CHECKPOINT_FULL, nullptr,
                              nullptr);
    reading.exec("COMMIT");
    if (!has_begun.try_wait()) has_begun.count_down();
  });
  has_begun.wait();
  const auto done = world.store->forget_overwritten();
  copying.join();
  CHECK(done.ok());
}
