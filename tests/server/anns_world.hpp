// SPDX-License-Identifier: Apache-2.0
// Ann, of whom there is something in every table, and somebody else: what is left of her is looked
// for in the files of the store.
#pragma once

#include "server/core/ingest/consent_change.hpp"
#include "server/core/privacy/erasure.hpp"
#include "server/core/privacy/person_export.hpp"
#include "server/core/reports/audit.hpp"
#include "tests/server/month.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace tl::server::test {

// Ids that do not stand in a file by chance.
inline constexpr std::uint64_t kPhone = 0x7a3f19c2d4e5b611, kLaptop = 0x31c95ad7e2480fb3,
                               kOther = 0x52be8d14976ac3f0, kPhoneVisit = 0x1de6b2a94c5f7083,
                               kLaptopVisit = 0x64f1c8307ba2d95e, kOtherVisit = 0x48a70be65d13f29c;
inline const std::string kEmail = "Ann.Lee+film@gmail.com", kNumber = "+420 777 123 456",
                         kBobsEmail = "bob@example.com";

inline std::string bytes_of(const Id128& value) {
  return {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
}
inline std::string bytes_of(const Digest& value) {
  return std::string(view_of(value));
}

// One person on two browsers who looks at two pages, says who she is, buys through Stripe, gets a
// part of it back, leaves her number, sends something that is refused; and somebody else.
class AnnsWorld : public MonthWorld {
 public:
  AnnsWorld() : MonthWorld("Europe/Prague") {
    site->destinations = {{"meta", "meta", {}, {}}, {"posthog", "posthog", {}, {}}};
    site->contact_storage = "encrypted";
    *lanes = {{"meta", Purpose::marketing, {"*"}}, {"posthog", Purpose::storage, {"*"}}};
  }

  void happen() {
    come(kPhone, kPhoneVisit, kMonth,
         {Channel::paid_social, "facebook", "spring", "video", "/anns-page"});
    come(kLaptop, kLaptopVisit, kMonth + kDay,
         {Channel::paid_search, "google", "spring", "", "/anns-other-page"});
    come(kOther, kOtherVisit, kMonth + kDay, {Channel::paid_search, "google", "spring", "", "/"});
    for (const auto device : {kPhone, kLaptop, kOther}) keep_details(device);
    identify(kPhone, kEmail, kMonth + kHour);
    identify(kLaptop, kEmail, kMonth + kDay + kHour);
    say_user_id(kLaptop, "customer-4711");
    buy(1, kEmail, kLaptop, kLaptopVisit, kMonth + 2 * kDay);
    tell(sale_event(1, "refund.created", sale_refund(1, "re_1", 500, "succeeded"),
                    kMonth + 3 * kDay));
    buy(2, "bob@example.com", kOther, kOtherVisit, kMonth + 2 * kDay);
    leave_lead();
    refuse_something();
    send_one_delivery();
  }

  void come(std::uint64_t visitor, std::uint64_t session, std::int64_t t_ms,
            const TrafficSource& source) {
    visit(visitor, session, t_ms, source);
    visit(visitor, session, t_ms + kMinute, {}, "click");
  }

  // What visit() of a month leaves out.
  void keep_details(std::uint64_t visitor) {
    const std::string who = visitor == kOther ? "others" : "anns";
    store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(sessions, tables.events().sessions_of_visitor("demo", id(visitor), 10));
      for (auto session : sessions) {
        session.device = "mobile";
        session.city = who + "ville";
        session.last_content = R"({"id":")" + who + R"(-film","name":"","category":""})";
        TL_CHECK(tables.events().put_session(session));
        SessionContext context;
        context.ip = "198.51.100.77";
        context.user_agent = "AnnsBrowser/1.0";
        TL_CHECK(tables.events().put_context("demo", session.id, session.anonymous_id, context,
                                             kMonth, kMonth + 400 * kDay));
        TL_CHECK(tables.events().alias_session("demo", id(session_alias(visitor)), session.id));
      }
      TL_CHECK(put_choice(tables, *site, id(visitor),
                          {{Choice::granted, Choice::granted, Choice::granted, false}, kMonth}));
      ConsentReceipt receipt;
      receipt.id = id(70'000 + visitor);
      receipt.anonymous_id = id(visitor);
      receipt.t_ms = kMonth;
      receipt.event = "given";
      receipt.platform = "klaro";
      receipt.text_version = "3";
      return tables.people().append_receipt("demo", receipt);
    });
    SQLite::Database database(store.path(), SQLite::OPEN_READWRITE);
    SQLite::Statement event(
        database,
        "UPDATE event SET url = ?, title = ?, props = ? WHERE hex(anonymous_id) "
        "= ?");
    event.bind(1, "https://shop.example/" + who + "-page?gclid=" + who + "-click");
    event.bind(2, who + " title");
    event.bind(3, "{\"note\":\"" + who + " note\"}");
    event.bind(4, hex(id(visitor)));
    event.exec();
    SQLite::Statement touch(
        database,
        "UPDATE touch SET term = ?, click_ids = ?, evidence = ? WHERE hex(anonymous_id) = ?");
    touch.bind(1, who + " search");
    touch.bind(2, "{\"gclid\":\"" + who + "-click\"}");
    touch.bind(3, "{\"u\":\"https://shop.example/" + who + "-page\"}");
    touch.bind(4, hex(id(visitor)));
    touch.exec();
  }

  void say_user_id(std::uint64_t visitor, const std::string& user_id) {
    store.put([&](Tables& tables) {
      ContactClaim claim;
      claim.kind = ContactKind::user_id;
      claim.hash = *contact_hash(ContactKind::user_id, user_id, "");
      claim.anonymous_id = id(visitor);
      claim.source = "identify";
      claim.t_ms = kMonth;
      return keep_claim(tables, *site, claim, kMonth);
    });
  }

  void buy(int number, const std::string& email, std::uint64_t visitor, std::uint64_t session,
           std::int64_t t_ms) {
    auto bought = sale_session(number, 2500 + number,
                               visit_metadata(id(visitor), id(session), t_ms - kMinute), email);
    bought["customer"] = "cus_" + std::to_string(number);
    bought["customer_details"]["name"] = number == 1 ? "Ann Lee" : "Bob Roe";
    if (number == 1) bought["customer_details"]["phone"] = kNumber;
    const auto change =
        read_stripe_event(sale_event(number, "checkout.session.completed", bought, t_ms), *site);
    REQUIRE(change.ok());
    InboxEntry entry;
    entry.provider = "stripe";
    entry.event_key = change.value().event_key;
    entry.event_type = change.value().event_type;
    entry.received_ms = t_ms;
    entry.headers_json = "{}";
    entry.body = bought.dump();
    Orders keeping(*store, store.clock, Shop::takes(), &store.box);
    REQUIRE(keeping.receive_webhook(*site, std::move(entry), {change.value()}).ok());
  }

  void leave_lead(const std::string& self_reported = "podcast") {
    StatedConversion lead;
    lead.kind = "lead";
    lead.reference = "form-ann.lee+film@gmail.com";
    lead.occurred_ms = kMonth + 4 * kDay;
    lead.customer.phone = kNumber;
    lead.user_id = "customer-4711";
    lead.session_id = id(kPhoneVisit);
    lead.self_reported = self_reported;
    lead.digest = sha256("the whole request of ann");
    state(lead);
  }

  void refuse_something() {
    RejectRow reject;
    reject.site_id = "demo";
    reject.t_ms = kMonth;
    reject.route = "/api/identify";
    reject.code = "bad_token";
    reject.message = "refused";
    reject.sender_json = "{}";
    reject.body = R"({"site":"demo","email":"ann.lee%2Bfilm@gmail.com"})";
    store.put([&](Tables& tables) -> Outcome<void> {
      TL_TRY(number, tables.operations().insert_reject(reject));
      static_cast<void>(number);
      reject.body = R"({"site":"demo","email":"bob@example.com"})";
      TL_TRY(other, tables.operations().insert_reject(reject));
      static_cast<void>(other);
      return {};
    });
  }

  // Ann's purchase was told to Meta already.
  void send_one_delivery() {
    for (const auto& row : deliveries()) {
      if (row.destination != "meta" || row.subject != DeliverySubject::conversion) continue;
      store.put([&](Tables& tables) -> Outcome<void> {
        DeliveryRow sent = row;
        sent.state = DeliveryState::delivered;
        sent.delivered_ms = kMonth;
        const std::string whose = row.anonymous_id == id(kOther) ? "bob" : "ann.lee+film@gmail.com";
        sent.last_error = whose + " was warned of";
        sent.body = whose;
        TL_CHECK(tables.outbox().put_delivery(sent));
        return tables.outbox().append_attempt(
            {row.id, kMonth, 20, 200, "delivered", "hello " + whose});
      });
    }
  }

  static std::uint64_t session_alias(std::uint64_t visitor) { return visitor ^ 0x0f0f0f0f0f0f0f0f; }
  static std::string hex(const Id128& value) {
    std::string text = to_hex(bytes_of(value));
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    return text;
  }

  std::vector<DeliveryRow> deliveries() {
    return store
        .get([&](Tables& t) {
          return t.outbox().list_deliveries({"demo", {}, {}, 1000, {}}, std::nullopt, "");
        })
        .items;
  }

  Erasure erase(const PersonName& name, bool is_dry_run = false) {
    return value_of(
        erase_person({*store, store.clock, store.entropy, store.box}, *site, name, is_dry_run));
  }
  std::string exported(const PersonName& name) {
    return value_of(export_person(*store, store.box, *site, name, kMonth));
  }

  std::vector<std::string> differences() {
    const std::string path = store.path() + ".audit" + std::to_string(++copies_);
    require_ok(store->copy_to(path));
    const auto copy = value_of(open_store("sqlite:" + path, store.box, kMonth));
    return value_of(audit(*copy, {site}, 20, kMonth, {}));
  }

  // Every row of every report, without ids and without the landing pages that go.
  std::string sums() {
    store.settle();
    SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
    std::ostringstream text;
    for (const char* sql :
         {"SELECT level, day, channel, source, campaign, content, touches, visits FROM day_traffic "
          "WHERE level < 3",
          "SELECT day, channel, source, campaign, content, sum(touches), sum(visits) FROM "
          "day_traffic WHERE level = 3 GROUP BY 1, 2, 3, 4, 5",
          "SELECT level, day, channel, source, campaign, length(sketch) FROM day_visitors WHERE "
          "level < 3",
          "SELECT config, day, currency, kind, channel, source, campaign, content, "
          "sum(conversions_micro), sum(new_customers_micro), sum(value_minor), sum(refund_minor), "
          "sum(net_minor), sum(returned_micro) FROM day_credit GROUP BY level, 1, 2, 3, 4, 5, 6, "
          "7, 8",
          "SELECT * FROM day_path", "SELECT * FROM day_conversions",
          "SELECT * FROM day_self_reported",
          "SELECT c.kind, c.amount_minor, c.occurred_ms, p.model, p.position, p.channel, p.source, "
          "p.campaign, p.content, p.value_minor, p.conversions_micro, p.net_minor, p.refunds "
          "FROM credit p JOIN conversion c ON c.site_id = p.site_id AND c.id = p.conversion_id "
          "ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
          "SELECT provider, state, amount_minor, currency, refunded_minor, refunds FROM orders "
          "ORDER BY 1, 2, 3, 4, 5, 6",
          "SELECT kind, amount_minor, occurred_ms, touches, days_to_convert, match_type, "
          "is_new_customer FROM conversion ORDER BY 1, 2, 3, 4, 5, 6, 7",
          "SELECT name, total FROM counter WHERE name <> 'reject_kept_bytes' ORDER BY name"}) {
      SQLite::Statement rows(database, sql);
      while (rows.executeStep()) {
        for (int i = 0; i < rows.getColumnCount(); ++i) text << rows.getColumn(i) << '|';
        text << '\n';
      }
      text << '\n';
    }
    return text.str();
  }

  // All bytes of the database, its log and its shared memory.
  std::string files() const {
    std::string all;
    for (const char* end : {"", "-wal", "-shm"}) {
      std::ifstream file(store.path() + end, std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  }

 private:
  int copies_ = 0;
};

}  // namespace tl::server::test
