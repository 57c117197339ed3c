// SPDX-License-Identifier: Apache-2.0
// What is left of who a visitor said to be once consent to storage was taken back.
#include "server/core/ingest/consent_change.hpp"
#include "server/core/maintenance.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/reports/audit.hpp"
#include "server/core/text/id_text.hpp"
#include "tests/server/intake_house.hpp"
#include "tests/server/month.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

const std::string kSaidEmail = "Jane.Roe+news@gmail.com", kSaidUserId = "customer-8154";

std::string file_of(const TempStore& store) {
  std::string all;
  for (const char* end : {"", "-wal"}) {
    std::ifstream file(store.path() + end, std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  return all;
}

// How the e-mail address and the user id may stand in a file.
std::vector<std::string> forms_of_jane() {
  std::vector<std::string> forms = {kSaidEmail, kSaidUserId, "jane.roe"};
  const auto add = [&](const Digest& hash) {
    forms.emplace_back(view_of(hash));
    forms.push_back(to_hex(hash));
  };
  add(*contact_hash(ContactKind::email, kSaidEmail, ""));
  add(*contact_hash(ContactKind::user_id, kSaidUserId, ""));
  const auto variants = json::parse(contact_variants(ContactKind::email, kSaidEmail, ""));
  for (const auto& variant : variants) forms.push_back(variant.get<std::string>());
  return forms;
}

std::string rows_of(const TempStore& store, const std::string& table) {
  SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
  return database.execAndGet("SELECT count(*) FROM " + table).getString();
}

// A visitor who says who she is, on the intakes.
class Said : public IntakeHouse {
 public:
  Said() {
    site->contact_storage = "encrypted";
    begun = kept(given_batch());
    store.clock.advance(1000);
  }
  void identify() {
    const auto reply = post("/api/identify", {{"site", "demo"},
                                              {"write_key", "wk_demo"},
                                              {"token", begun["token"]},
                                              {"email", kSaidEmail},
                                              {"user_id", kSaidUserId}});
    REQUIRE(reply.body == "{\"accepted\":1}");
    store.clock.advance(1000);
  }
  void choose(bool storage) {
    const auto reply = post("/api/consent", {{"site", "demo"},
                                             {"write_key", "wk_demo"},
                                             {"token", begun["token"]},
                                             {"consent", {{"storage", storage}}}});
    REQUIRE(reply.status == 200);
    store.clock.advance(1000);
  }
  Json begun;
};

}  // namespace

TEST_CASE("of who a visitor said to be nothing is in the file after a withdrawal",
          "[consent][withdrawal]") {
  Said house;
  house.identify();
  require_ok(house.store->forget_overwritten());
  const std::string before = file_of(house.store);
  CHECK(before.find(view_of(*contact_hash(ContactKind::email, kSaidEmail, ""))) !=
        std::string::npos);
  REQUIRE(rows_of(house.store, "contact WHERE sealed IS NOT NULL") == "1");

  SECTION("told by the route") {
    house.choose(false);
  }
  SECTION("told by an event") {
    const auto visitor = parse_uuid(house.begun["anonymous_id"].get<std::string>()).value();
    house.store.put([&](Tables& tables) {
      return put_choice(tables, *house.site, visitor,
                        {{Choice::unknown, Choice::unknown}, house.store.clock.now_ms()});
    });
  }

  require_ok(house.store->forget_overwritten());
  const std::string after = file_of(house.store);
  for (const auto& form : forms_of_jane()) {
    INFO(form);
    CHECK(after.find(form) == std::string::npos);
  }
  CHECK(rows_of(house.store, "contact_claim") == "0");
  CHECK(rows_of(house.store, "contact") == "0");
}

TEST_CASE("a refusal of marketing alone takes back no claim", "[consent][withdrawal]") {
  Said house;
  house.identify();
  house.choose(true);
  CHECK(rows_of(house.store, "contact_claim") == "2");
  CHECK(rows_of(house.store, "contact") == "1");
}

TEST_CASE("a refusal of marketing alone drops what waits for ad platforms, for good",
          "[consent][withdrawal]") {
  IntakeHouse house;
  house.lanes->assign({{"meta", Purpose::marketing, {"*"}}, {"posthog", Purpose::storage, {"*"}}});
  const auto begun = begin_session(house);
  const auto states = [&](const char* destination) {
    std::vector<DeliveryState> found;
    for (const auto& row : house.store
                               .get([&](Tables& tables) {
                                 return tables.outbox().list_deliveries({"demo", {}, {}, 100, {}},
                                                                        std::nullopt, destination);
                               })
                               .items)
      found.push_back(row.state);
    return found;
  };
  REQUIRE(states("meta") == std::vector{DeliveryState::queued});
  const auto choose = [&](bool marketing) {
    const auto reply =
        house.post("/api/consent", {{"site", "demo"},
                                    {"write_key", "wk_demo"},
                                    {"token", begun["token"]},
                                    {"consent", {{"storage", true}, {"marketing", marketing}}}});
    REQUIRE(reply.status == 200);
    house.store.clock.advance(1000);
  };
  choose(false);
  CHECK(states("meta") == std::vector{DeliveryState::withheld});
  CHECK(states("posthog") == std::vector{DeliveryState::queued});
  choose(true);
  CHECK(states("meta") == std::vector{DeliveryState::withheld});
}

TEST_CASE("a contact stays for others who say it, and for what carries it",
          "[consent][withdrawal]") {
  MonthWorld world("Europe/Prague");
  const std::string said = "jane@shop.example";
  const ContactRef contact{ContactKind::email, *contact_hash(ContactKind::email, said, "")};
  world.visit(1, 101, kMonth, TrafficSource{Channel::paid_social, "facebook", "", "", "/"});
  world.visit(2, 102, kMonth, TrafficSource{Channel::email, "letter", "", "", "/"});
  world.identify(1, said, kMonth + kHour);
  world.store.put([&](Tables& tables) {
    ContactVariants variants;
    variants.kind = contact.kind;
    variants.hash = contact.hash;
    variants.variants = "{}";
    return tables.people().put_contact("demo", variants);
  });
  StatedConversion stated;
  stated.kind = "purchase";
  stated.reference = "o-1";
  stated.amount_minor = 9000;
  stated.currency = "EUR";
  stated.occurred_ms = kMonth + kDay;
  stated.customer.email = said;
  stated.digest = sha256(stated.reference);
  std::string left = "0";
  SECTION("nobody else") {}
  SECTION("another visitor") {
    world.identify(2, said, kMonth + kHour);
    left = "1";
  }
  SECTION("an order") {
    world.state(stated);
    left = "1";
  }
  SECTION("an order that waits for its payment") {
    world.store.put([&](Tables& tables) {
      OrderRow order;
      order.site_id = "demo";
      order.provider = "stripe";
      order.order_id = "pi_waits";
      order.currency = "EUR";
      order.email_hash = contact.hash;
      return tables.orders().put_order(order);
    });
    left = "1";
  }
  SECTION("a lead of another browser") {
    stated.kind = "lead";
    stated.amount_minor = 0;
    stated.currency.clear();
    stated.anonymous_id = id(2);
    world.state(stated);
    left = "1";
  }
  world.store.put([&](Tables& tables) {
    return put_choice(tables, *world.site, id(1), {{Choice::denied}, kMonth + 2 * kDay});
  });
  CHECK(rows_of(world.store, "contact") == left);
  CHECK(world.store
            .get([&](Tables& tables) { return tables.people().claims_of_visitor("demo", id(1)); })
            .empty());
  for (const auto& line : audited(world)) FAIL_CHECK(line);
}

namespace {

ErasureServices services_of(MonthWorld& world) {
  return {*world.store, world.store.clock, world.store.entropy, world.store.box};
}
Maintenance::Sites sites_of(const MonthWorld& world) {
  return [&] { return std::vector{std::shared_ptr<const SiteConfig>(world.site)}; };
}

}  // namespace

TEST_CASE("what retention takes away is in no file either", "[retention]") {
  MonthWorld world("Europe/Prague");
  world.visit(1, 101, kMonth, TrafficSource{Channel::email, "letter", "spring", "", "/"});
  {
    SQLite::Database database(world.store.path(), SQLite::OPEN_READWRITE);
    database.exec("UPDATE event SET title = 'their-title'");
  }
  require_ok(world.store->forget_overwritten());
  REQUIRE(file_of(world.store).find("their-title") != std::string::npos);
  world.store.clock.advance(500 * kDay);

  Maintenance job(services_of(world), sites_of(world), {});
  require_ok(job.run_once());

  CHECK(file_of(world.store).find("their-title") == std::string::npos);
}

TEST_CASE("a withdrawal leaves no landing page and no utm_content in the files, and every sum",
          "[consent][withdrawal]") {
  MonthWorld world("Europe/Prague");
  const TrafficSource theirs{Channel::email, "letter", "spring", "theircontent", "/their-page"};
  world.visit(1, 101, kMonth, theirs);
  world.visit(1, 102, kMonth + kDay, theirs);
  world.visit(2, 103, kMonth,
              TrafficSource{Channel::email, "letter", "spring", "others", "/others-page"});
  StatedConversion stated;
  stated.kind = "purchase";
  stated.reference = "o-1";
  stated.amount_minor = 9000;
  stated.currency = "EUR";
  stated.occurred_ms = kMonth + 2 * kDay;
  stated.anonymous_id = id(1);
  stated.digest = sha256(stated.reference);
  world.state(stated);
  const auto sums = [&] {
    world.store.settle();
    SQLite::Database database(world.store.path(), SQLite::OPEN_READONLY);
    std::string all;
    for (const char* sql :
         {"SELECT group_concat(t) FROM (SELECT level || ' ' || day || ' ' || campaign || ' ' || "
          "sum(touches) || ' ' || sum(visits) AS t FROM day_traffic GROUP BY level, day, campaign)",
          "SELECT group_concat(t) FROM (SELECT level || ' ' || day || ' ' || campaign || ' ' || "
          "sum(conversions_micro) || ' ' || sum(value_minor) AS t FROM day_credit GROUP BY level, "
          "config, day, campaign)",
          "SELECT group_concat(level || ' ' || day || ' ' || campaign || ' ' || length(sketch)) "
          "FROM day_visitors WHERE level < 3"})
      all += database.execAndGet(sql).getString() + "\n";
    return all;
  };
  const std::string before = sums();
  Maintenance job(services_of(world), sites_of(world), {});
  require_ok(job.run_once());

  world.store.put([&](Tables& tables) {
    return put_choice(tables, *world.site, id(1), {{Choice::denied}, kMonth + 3 * kDay});
  });
  CHECK(file_of(world.store).find("/their-page") != std::string::npos);  // in the log
  require_ok(job.run_once());

  const std::string after = file_of(world.store);
  for (const char* gone : {"/their-page", "theircontent"}) {
    INFO(gone);
    CHECK(after.find(gone) == std::string::npos);
  }
  CHECK(after.find("/others-page") != std::string::npos);
  CHECK(sums() == before);
  for (const auto& line : audited(world)) FAIL_CHECK(line);
}
