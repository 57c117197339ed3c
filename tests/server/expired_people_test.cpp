// SPDX-License-Identifier: Apache-2.0
// Who ordered or left a lead too long ago: no file of the store names them any more, and every sum,
// credit and report is what it was.
#include "server/core/privacy/expired_people.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/maintenance.hpp"
#include "server/core/privacy/retention.hpp"
#include "tests/server/anns_world.hpp"
#include "tests/server/interrupted_store.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::size_t kEverybody = 1000;

class OldWorld : public AnnsWorld {
 public:
  ErasureServices services() { return {*store, store.clock, store.entropy, store.box}; }

  // "leads orders" that would go.
  std::string due(std::int64_t now_ms) {
    std::map<std::string, std::int64_t> rows;
    for (const auto& expired :
         store.get([&](Tables& tables) { return count_expired(tables, *site, now_ms); }))
      rows[std::string(expired.name)] = expired.rows;
    return std::to_string(rows.at("leads")) + " " + std::to_string(rows.at("order_contacts"));
  }
  // And those that went, some people at a time, each in a store that is opened anew.
  std::string clear(std::int64_t now_ms, std::size_t limit = kEverybody) {
    ClearedPeople all;
    for (int piece = 0; !all.is_done && piece < 50; ++piece) {
      const auto cleared = value_of(remove_expired_people(services(), *site, now_ms, limit));
      all.leads += cleared.leads;
      all.orders += cleared.orders;
      all.is_done = cleared.is_done;
      if (limit != kEverybody) store.reopen();
    }
    CHECK(all.is_done);
    require_ok(store->forget_overwritten());
    return std::to_string(all.leads) + " " + std::to_string(all.orders);
  }

  // The contact or id in every way in which it may stand somewhere.
  std::vector<std::string> ways_of(const std::string& text) {
    std::string low = text;
    for (char& c : low) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    std::vector<std::string> ways{text, low};
    for (const auto& plain : {text, low}) {
      const std::string hash = bytes_of(sha256(plain));
      ways.insert(ways.end(), {hash, to_hex(hash), to_base64(hash)});
    }
    return ways;
  }
  bool names(const std::string& text) {
    const std::string all = files();
    for (const auto& way : ways_of(text))
      if (all.find(way) != std::string::npos) return true;
    return false;
  }
  bool is_sound() {
    const auto found = differences();
    for (const auto& line : found) FAIL_CHECK(line);
    return found.empty();
  }

  LeadStatement letter(const std::string& email, std::int64_t t_ms, LeadWord word) {
    LeadStatement told;
    told.form = "newsletter";
    told.word = word;
    told.said.occurred_ms = t_ms;
    told.said.customer.email = email;
    told.said.digest = sha256(email + std::to_string(t_ms));
    told.fresh_reference = "lead-" + std::to_string(++leads_);
    return told;
  }
  LeadResult tell_lead(const LeadStatement& told) {
    return value_of(orders.receive_lead(*site, told));
  }
  StatedConversion order(const std::string& reference, const std::string& email,
                         std::int64_t t_ms) {
    StatedConversion stated;
    stated.reference = reference;
    stated.amount_minor = 2000;
    stated.currency = "EUR";
    stated.occurred_ms = t_ms;
    stated.customer.email = email;
    stated.digest = sha256(reference);
    return stated;
  }

 private:
  int leads_ = 0;
};

}  // namespace

TEST_CASE("who left a lead and never bought goes by lead_days", "[retention][people]") {
  OldWorld world;
  world.come(kPhone, kPhoneVisit, kMonth, {Channel::paid_social, "facebook", "spring", "", "/"});
  auto form = world.letter("Eve@example.com", kMonth + kHour, LeadWord::browser);
  SessionToken token;
  token.site_id = "demo";
  token.anonymous_id = id(kPhone);
  token.session_id = id(kPhoneVisit);
  token.consent = {Choice::granted, Choice::granted};
  form.visit = token;
  const auto lead = world.tell_lead(form);
  auto news = world.letter("Eve@example.com", kMonth + 2 * kDay, LeadWord::server);
  news.stage = "opportunity";
  news.said.user_id = "prospect-2012";
  news.said.amount_minor = 900;
  news.said.currency = "EUR";
  world.tell_lead(news);
  auto signup = world.order("s-1", "eve@example.com", kMonth + kDay);
  signup.kind = "signup";
  signup.currency = "";
  signup.amount_minor = 0;
  world.state(signup);
  world.tell_lead(world.letter("fay@example.com", kMonth + 300 * kDay, LeadWord::browser));
  const std::string sums = world.sums();
  const std::int64_t later = kMonth + 400 * kDay;
  CHECK(world.due(kMonth + 10'000 * kDay) == "0 0");
  CHECK(world.clear(kMonth + 10'000 * kDay) == "0 0");

  world.site->retention.lead_days = 365;
  CHECK(world.due(kMonth + 360 * kDay) == "0 0");
  CHECK(world.due(later) == "3 0");
  CHECK(world.clear(later) == "3 0");
  for (const char* gone : {"Eve@example.com", "prospect-2012"}) {
    INFO(gone);
    CHECK_FALSE(world.names(gone));
  }
  CHECK(world.names("fay@example.com"));
  CHECK(world.sums() == sums);
  CHECK(world.is_sound());
  CHECK(world.due(later) == "0 0");

  // A client that did not hear the answer tells it once more, years too late: known, and no news.
  world.state(signup);
  CHECK_FALSE(world.names("Eve@example.com"));
  CHECK(world.is_sound());

  // A stage that is told by the lead's id brings a contact, which goes again in its time.
  news = world.letter("eve@example.com", later, LeadWord::server);
  news.stage = "customer";
  news.lead_id = lead.conversion_id;
  world.tell_lead(news);
  CHECK(world.names("eve@example.com"));
  CHECK(world.due(later + 10 * kDay) == "0 0");
  CHECK(world.due(later + 370 * kDay) == "4 0");  // fay's, and three stages
  CHECK(world.clear(later + 370 * kDay) == "4 0");
  CHECK_FALSE(world.names("eve@example.com"));
  CHECK(world.is_sound());
}

TEST_CASE("who ordered goes by order_contact_days, and what is told later names nobody",
          "[retention][people]") {
  OldWorld world;
  world.happen();
  auto unpaid = sale_session(7, 900, json::object(), kEmail);
  unpaid["payment_status"] = "unpaid";
  unpaid["status"] = "open";
  world.tell(sale_event(7, "checkout.session.completed", unpaid, kMonth + kDay));
  auto nameless = sale_session(8, 900, json::object(), "");
  nameless["customer_details"] = json::object();
  nameless["customer"] = "cus_no_contact";
  world.tell(sale_event(8, "checkout.session.completed", nameless, kMonth + kDay));
  auto stated = world.order("order of ann.lee+film@gmail.com", kEmail, kMonth + 4 * kDay);
  stated.user_id = "oldcustomer1";
  stated.customer.name = "Annabelle Lee";
  stated.items = {{"ticket", "seat of ann.lee+film@gmail.com", "", 1, {}}};
  world.state(stated);
  stated.reference = "ord-oldcustomer1-2";
  stated.items = {{"ticket", "seat of oldcustomer1", "", 1, {}}};
  stated.digest = sha256("the second order of ann");
  world.state(stated);
  world.buy(3, "bob@example.com", kOther, kOtherVisit, kMonth + 500 * kDay);
  const std::string sums = world.sums();
  const auto later = kMonth + 1000 * kDay;

  world.site->retention.order_contact_days = 900;
  CHECK(world.due(later) == "0 1");  // Ann's lead is kept for ever, and with it her orders
  world.site->retention.lead_days = 30;
  CHECK(world.due(later) == "1 5");
  CHECK(world.clear(later) == "1 5");
  for (const char* gone : {kEmail.c_str(), "+420777123456", "customer-4711", "oldcustomer1",
                           "cus_1", "cus_no_contact", "Annabelle", "the whole request of ann"}) {
    INFO(gone);
    CHECK_FALSE(world.names(gone));
  }
  CHECK(world.names("bob@example.com"));
  CHECK(world.names("cus_2"));
  CHECK(world.sums() == sums);
  CHECK(world.is_sound());
  CHECK(world.due(later) == "0 0");

  // The payment is known by the provider's references, and the buyer does not come back with it.
  const auto refunded = [&] {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    return database.execAndGet("SELECT sum(refunded_minor) FROM orders").getInt();
  };
  REQUIRE(refunded() == 500);
  for (int again = 0; again < 2; ++again)
    world.tell(sale_event(9, "refund.created", sale_refund(1, "re_9", 700, "succeeded"), later));
  CHECK(refunded() == 1200);
  auto paid = sale_session(1, 2501, json::object(), kEmail);
  paid["customer"] = "cus_1";
  world.tell(sale_event(10, "checkout.session.completed", paid, later));
  CHECK(refunded() == 1200);
  require_ok(world.store->forget_overwritten());
  for (const char* gone : {kEmail.c_str(), "cus_1"}) {
    INFO(gone);
    CHECK_FALSE(world.names(gone));
  }
  CHECK(world.is_sound());
}

TEST_CASE("who ordered again, or pays a subscription, is kept", "[retention][people]") {
  OldWorld world;
  world.site->retention.order_contact_days = 900;
  world.site->retention.lead_days = 100;
  const auto later = kMonth + 1000 * kDay;
  world.state(world.order("o-1", "ann@example.com", kMonth));
  auto again = world.order("o-2", "other@example.com", kMonth + 500 * kDay);
  again.customer.phone = kNumber;
  world.state(again);
  auto joined = world.order("o-3", "ann@example.com", kMonth);
  joined.customer.phone = kNumber;
  world.state(joined);  // the phone number leads from the first to the newest
  world.tell_lead(world.letter("ann@example.com", kMonth, LeadWord::browser));
  const auto pay = [&](int number, std::int64_t t_ms, const json& email) {
    world.tell(sale_event(number, "invoice.paid",
                          {{"id", "in_" + std::to_string(number)},
                           {"object", "invoice"},
                           {"amount_paid", 900},
                           {"currency", "eur"},
                           {"customer", "cus_9"},
                           {"customer_email", email},
                           {"status_transitions", {{"paid_at", t_ms / 1000}}},
                           {"parent", {{"subscription_details", {{"subscription", "sub_9"}}}}},
                           {"lines", {{"data", json::array()}}}},
                          t_ms));
  };
  pay(1, kMonth, "cy@example.com");
  pay(2, kMonth + 500 * kDay, nullptr);
  world.state(world.order("o-4", "dan@example.com", kMonth));
  world.tell_lead(world.letter("dan@example.com", kMonth + 950 * kDay, LeadWord::browser));

  CHECK(world.due(later) == "0 0");
  CHECK(world.clear(later) == "0 0");
  for (const char* kept : {"ann@example.com", "cy@example.com", "cus_9", "dan@example.com"})
    CHECK(world.names(kept));
  CHECK(world.due(kMonth + 1100 * kDay) == "1 1");  // Dan
  CHECK(world.due(kMonth + 1500 * kDay) == "2 6");
  CHECK(world.clear(kMonth + 1500 * kDay) == "2 6");
  for (const char* gone : {"ann@example.com", "cy@example.com", "cus_9", "dan@example.com"})
    CHECK_FALSE(world.names(gone));
  CHECK(world.is_sound());
}

TEST_CASE("what too many share keeps nobody, and goes from nobody else", "[retention][people]") {
  OldWorld world;
  world.site->retention.order_contact_days = 900;
  const auto later = kMonth + 1000 * kDay;
  const auto buyer = [](int i) { return "buyer" + std::to_string(i) + "@example.com"; };
  for (int i = 0; i < 20; ++i) {
    const bool is_old = i < 10;
    auto order = world.order("o-" + std::to_string(i), buyer(i), is_old ? kMonth : later - kDay);
    order.user_id = "guest-of-the-shop";
    order.customer.phone = kNumber;  // the till's
    world.state(order);
  }
  const std::string sums = world.sums();
  CHECK(world.due(later) == "0 10");
  CHECK(world.clear(later) == "0 10");
  for (int i = 0; i < 20; ++i) CHECK(world.names(buyer(i)) == (i >= 10));
  const auto guest = sha256("guest-of-the-shop");
  const auto young = world.store.get([&](Tables& t) {
    return t.orders().conversions_by_key("demo", contact_key(ContactKind::user_id, guest), 0);
  });
  CHECK(young.size() == 20);
  CHECK(world.sums() == sums);
  CHECK(world.is_sound());
  CHECK(world.due(later) == "0 0");
}

TEST_CASE("who was there within the days and said so is kept", "[retention][people]") {
  OldWorld world;
  world.site->retention.order_contact_days = 900;
  world.state(world.order("o-1", "ann@example.com", kMonth));
  world.state(world.order("o-2", "bob@example.com", kMonth));
  const auto later = kMonth + 1000 * kDay;
  world.come(kPhone, kPhoneVisit, later - kHour, {Channel::paid_search, "google", "s", "", "/"});
  world.identify(kPhone, "ann@example.com", later);
  CHECK(world.due(later) == "0 1");  // Bob
  CHECK(world.clear(later) == "0 1");
  world.state(world.order("o-3", "ann@example.com", later + kHour));
  const auto sale = world.store.get([](Tables& t) {
    return t.orders().find_conversion_of_order("demo", "api", "o-3", "purchase");
  });
  REQUIRE(sale);
  CHECK(sale->match_type == MatchType::email);
  CHECK(world.is_sound());
  CHECK(world.clear(later + 950 * kDay) == "0 2");
  CHECK_FALSE(world.names("ann@example.com"));
}

TEST_CASE("people go a few at a time, and a start between them goes on with the rest",
          "[retention][people]") {
  OldWorld world;
  world.happen();
  world.site->retention.order_contact_days = 100;
  world.site->retention.lead_days = 100;
  for (int i = 0; i < 5; ++i) {
    const std::string email = "buyer" + std::to_string(i) + "@example.com";
    world.state(world.order("o-" + std::to_string(i), email, kMonth));
    world.tell_lead(world.letter(email, kMonth + kDay, LeadWord::server));
  }
  const std::string sums = world.sums();
  const auto later = kMonth + 400 * kDay;
  CHECK(world.due(later) == "6 7");
  const auto first = value_of(remove_expired_people(world.services(), *world.site, later, 2));
  CHECK_FALSE(first.is_done);
  CHECK(world.is_sound());
  const auto left = world.due(later);
  CHECK(left == std::to_string(6 - first.leads) + " " + std::to_string(7 - first.orders));
  CHECK(world.clear(later, 1) == left);
  for (int i = 0; i < 5; ++i)
    CHECK_FALSE(world.names("buyer" + std::to_string(i) + "@example.com"));
  CHECK(world.sums() == sums);
  CHECK(world.is_sound());
}

TEST_CASE("the server itself forgets them once a day", "[retention][people]") {
  OldWorld world;
  world.site->retention.lead_days = 10;
  Maintenance job(world.services(),
                  [&] { return std::vector{std::shared_ptr<const SiteConfig>(world.site)}; }, {});
  const auto told = [&](const std::string& email) {
    world.tell_lead(world.letter(email, world.store.clock.now_ms(), LeadWord::browser));
  };
  told("eve@example.com");
  world.store.clock.advance(5 * kDay);
  require_ok(job.run_once());
  CHECK(world.names("eve@example.com"));
  world.store.clock.advance(6 * kDay);
  require_ok(job.run_once());
  CHECK_FALSE(world.names("eve@example.com"));
}

TEST_CASE("who comes back in that moment is kept", "[retention][people]") {
  OldWorld world;
  world.site->retention.lead_days = 10;
  world.site->retention.order_contact_days = 10;
  const bool is_order = GENERATE(true, false);
  world.state(world.order("o-1", "eve@example.com", kMonth));
  world.tell_lead(world.letter("eve@example.com", kMonth, LeadWord::browser));
  const auto later = kMonth + 20 * kDay;
  InterruptedStore store(*world.store, 1, [&] {
    if (is_order)
      world.state(world.order("o-2", "eve@example.com", later));
    else
      world.tell_lead(world.letter("eve@example.com", later, LeadWord::browser));
  });
  const ErasureServices services{store, world.store.clock, world.store.entropy, world.store.box};
  const auto cleared = value_of(remove_expired_people(services, *world.site, later, kEverybody));
  CHECK_FALSE(cleared.is_done);
  CHECK(cleared.orders + cleared.leads == 0);
  CHECK(world.names("eve@example.com"));
  CHECK(world.clear(later) == "0 0");
  CHECK(world.is_sound());
}
