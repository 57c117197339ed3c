// SPDX-License-Identifier: Apache-2.0
// Each described provider of a site has order numbers and event ids of its own, and the sales that
// an older version stored under the one name of all of them are found again.
#include "server/core/orders/custom_names.hpp"

#include "server/config/load_config.hpp"
#include "tests/server/app_house.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <set>

using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

// One that a token proves, as the configuration file describes it.
PaymentConfig described(const std::string& name) {
  const std::string table = "[site.payment." + name + "]\n";
  const std::string rule = "[[site.payment." + name + ".event]]\n";
  const auto loaded = parse_config(
      "[server]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[[site]]\nid = \"demo\"\n"
      "write_key = \"wk_demo\"\norigins = [\"https://shop.example\"]\n" +
          table + "webhook_secrets = [\"token-of-" + name +
          "\"]\nevent_id = [\"/id\"]\nevent_type = [\"/type\"]\namounts = \"minor\"\n"
          "order_id = [\"/order\"]\namount = [\"/amount\"]\ncurrency = [\"=EUR\"]\n[site.payment." +
          name + ".signature]\nkind = \"token\"\nheader = \"X-Token\"\n" + rule +
          "types = [\"paid\"]\nrole = \"paid\"\n" + rule +
          "types = [\"back\"]\nrole = \"refund\"\nrefunded_total = [\"/amount\"]\n",
      "t.toml", {[](const std::string&) { return std::optional<std::string>(); }, "."});
  if (!loaded.ok()) FAIL(loaded.error().detail);
  return loaded.value().config.sites.at(0).payments.at(0);
}

class Till {
 public:
  explicit Till(const std::vector<std::string>& names) {
    configure(names);
    key_ = house.add_key("read");
  }
  void configure(const std::vector<std::string>& names) {
    house.stop();
    use(names);
    house.start();
  }
  // What happened to the webhook.
  std::string told(const std::string& name, const std::string& id, const std::string& type,
                   const std::string& order, int amount) {
    const Json body = {{"id", id}, {"type", type}, {"order", order}, {"amount", amount}};
    const auto answer = house.ask("POST", "/api/webhook/" + name + "/demo",
                                  {{"X-Token", "token-of-" + name}}, body.dump());
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return Json::parse(answer.body).at("result").get<std::string>();
  }
  // "custom_a 1: 1000-200": what each was paid and gave back.
  std::set<std::string> sales() {
    const auto answer =
        house.get("/api/conversions?site=demo&limit=50", {{"Authorization", "Bearer " + key_}});
    INFO(answer.status << " " << answer.body);
    REQUIRE(answer.status == 200);
    std::set<std::string> all;
    const auto listed = Json::parse(answer.body);
    for (const auto& item : listed.at("items"))
      all.insert(item.at("provider").get<std::string>() + " " +
                 item.at("order_id").get<std::string>() + ": " + item.at("amount_minor").dump() +
                 "-" + item.at("refunded_minor").dump());
    return all;
  }
  // As if the version before had left the database; the next start upgrades it.
  void age() {
    house.stop();
    SQLite::Database(house.folder.file("app.db"), SQLite::OPEN_READWRITE)
        .exec("DROP TABLE custom_owner; DELETE FROM schema_migration WHERE version = 30");
  }
  void use(const std::vector<std::string>& names) {
    auto& payments = house.config.sites.at(0).payments;
    payments.clear();
    for (const auto& name : names) payments.push_back(described(name));
  }

  House house;

 private:
  std::string key_;
};

using Sales = std::set<std::string>;

}  // namespace

TEST_CASE("two described providers have order numbers and event ids of their own", "[custom]") {
  Till till({"custom_a", "custom_b"});
  CHECK(till.told("custom_a", "e1", "paid", "1", 1000) == "purchase");
  CHECK(till.told("custom_b", "e1", "paid", "1", 5000) == "purchase");
  CHECK(till.told("custom_b", "e2", "back", "1", 300) == "refund");
  CHECK(till.told("custom_a", "e1", "paid", "1", 1000) == "duplicate");
  CHECK(till.sales() == Sales{"custom_a 1: 1000-0", "custom_b 1: 5000-300"});
}

TEST_CASE("an only described provider keeps the sales that were stored as custom", "[custom]") {
  Till till({"custom"});
  CHECK(till.told("custom", "e1", "paid", "1", 1000) == "purchase");
  till.age();
  // The version before stored those of custom_a so.
  till.configure({"custom_a"});
  CHECK(till.told("custom_a", "e1", "paid", "1", 1000) == "duplicate");
  CHECK(till.told("custom_a", "e2", "back", "1", 300) == "refund");
  CHECK(till.sales() == Sales{"custom 1: 1000-300"});
  // And goes on so beside others.
  till.configure({"custom_a", "custom_b"});
  CHECK(till.told("custom_b", "e1", "paid", "1", 5000) == "purchase");
  CHECK(till.told("custom_a", "e3", "back", "1", 400) == "refund");
  CHECK(till.sales() == Sales{"custom 1: 1000-400", "custom_b 1: 5000-0"});
  till.use({"custom", "custom_a"});
  till.house.stop();
  const auto refused = App::create(till.house.config);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == "bad_config");
  till.use({"custom_a"});
  till.house.start();
}

TEST_CASE("nobody takes sales stored as custom that may be another's", "[custom]") {
  Till till({"custom"});
  CHECK(till.told("custom", "e1", "paid", "1", 1000) == "purchase");
  const bool was_there_before = GENERATE(true, false);
  if (was_there_before) {
    till.age();
    till.configure({"custom", "custom_a"});  // of which nobody knows whose they are
  }
  till.configure({"custom_a"});
  CHECK(till.told("custom_a", "e1", "paid", "1", 5000) == "purchase");
  till.configure({"custom_a", "custom"});
  CHECK(till.told("custom", "e2", "back", "1", 300) == "refund");
  CHECK(till.sales() == Sales{"custom 1: 1000-300", "custom_a 1: 5000-0"});
}

TEST_CASE("gtag's numbers are those of the provider that is stored as custom", "[custom]") {
  TempStore store;
  SiteConfig site;
  site.id = "demo";
  site.payments = {described("custom_a")};
  DestinationConfig tag;
  tag.settings["tag_provider"] = "custom_a";
  site.destinations = {tag};
  std::vector<SiteConfig> sites = {site};
  require_ok(keep_custom_names(*store, sites));
  CHECK(sites[0].payments[0].stored_name() == "custom_a");
  CHECK(sites[0].destinations[0].settings["tag_provider"] == "custom_a");
  SQLite::Database(store.path(), SQLite::OPEN_READWRITE)
      .exec("INSERT INTO custom_owner VALUES ('demo', 'custom_a')");
  require_ok(keep_custom_names(*store, sites));
  CHECK(sites[0].payments[0].stored_name() == "custom");
  CHECK(sites[0].destinations[0].settings["tag_provider"] == "custom");
}
