// SPDX-License-Identifier: Apache-2.0
// What the models make of the same month, what they learned, and what they leave without credit.
#include "server/core/reports/report_models.hpp"

#include "server/core/reports/rebuild.hpp"
#include "server/http/conversion_json.hpp"
#include "tests/server/report_desk.hpp"

#include <map>
#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("participation stands apart from what sums to the orders", "[reports][models]") {
  Desk desk;
  tell_month(desk);
  std::map<std::string, std::int64_t> whole;
  const Json paths = desk.read("paths");
  for (const auto& item : paths["items"]) {
    std::set<std::string> channels;
    for (const auto& channel : item["path"]) channels.insert(channel.get<std::string>());
    if (channels.empty()) channels.insert("unattributed");
    for (const auto& channel : channels) whole[channel] += item["revenue_minor"].get<int>();
  }

  for (const char* report : {"by-channel", "models-compare"}) {
    const Json answer = desk.read(report, {{"attributionModel", "last_touch"}});
    std::map<std::string, std::int64_t> told;
    for (const auto& item : answer["items"])
      if (const auto revenue = item["participation"]["revenue_minor"].get<std::int64_t>(); revenue)
        told[item["channel"]] = revenue;
    std::erase_if(whole, [](const auto& line) { return line.second == 0; });
    CHECK(told == whole);
    CHECK_FALSE(answer["totals"].contains("participation"));
    const Json sources = desk.read(report, {{"groupBy", "source"}});
    CHECK_FALSE(sources["items"][0].contains("participation"));
  }
}

TEST_CASE("a half-life of any hours is configured, and rebuilt for what was there",
          "[reports][models]") {
  Desk desk;
  desk.world.site->half_life_ms = 7 * kDay;
  tell_month(desk);
  const Json shown = desk.read("by-channel", {{"attributionModel", "time_decay"}});
  REQUIRE(shown["configurations"].size() == 1);
  CHECK(shown["configurations"][0]["model"] == "time_decay:half_life_ms=604800000");
  CHECK(audited(desk.world).empty());
}

TEST_CASE("configurations are those of the range, and a rebuild forgets the former",
          "[reports][models]") {
  Desk desk;
  tell_month(desk);
  desk.world.site->tau_ms = 2 * kDay;
  desk.world.store.clock.set(kMonth + 60 * kDay);
  StatedConversion later;
  later.kind = "purchase";
  later.reference = "later";
  later.amount_minor = 700;
  later.currency = "EUR";
  later.occurred_ms = kMonth + 50 * kDay;
  later.digest = sha256(later.reference);
  desk.world.state(later);
  const auto models = [&](const std::string& from, const std::string& to) {
    desk.world.store.clock.advance(61'000);
    const Json report = desk.read(
        "by-channel", {{"attributionModel", "time_decay"}, {"startDate", from}, {"endDate", to}});
    std::set<std::string> names;
    for (const auto& config : report["configurations"]) names.insert(config["model"]);
    return names;
  };
  const std::string former = "time_decay:tau_ms=86400000", now = "time_decay:tau_ms=172800000";
  using Names = std::set<std::string>;
  CHECK(models("2026-10-01", "2026-12-20") == Names{former, now});
  CHECK(models("2026-10-01", "2026-11-20") == Names{former});
  CHECK(models("2026-11-21", "2026-12-20") == Names{now});
  CHECK(models("2026-01-01", "2026-01-31").empty());

  value_of(rebuild(*desk.world.store, *desk.world.site, {}, desk.world.store.clock.now_ms()));

  CHECK(models("2026-10-01", "2026-12-20") == Names{now});
  CHECK(desk.code(desk.ask("by-channel", {{"attributionModel", former}})) == "unknown_model");
  CHECK(audited(desk.world).empty());
}

TEST_CASE("models learn when they are asked to, and say what from", "[reports][training]") {
  Desk desk;
  tell_month(desk);
  CHECK(desk.read("trained")["trainings"].empty());
  const auto reply = desk.call("POST", "/api/sites/{site}/train", {});
  INFO(reply.body);
  REQUIRE(reply.status == 200);
  CHECK(Json::parse(reply.body)["split"].get<int>() > 0);

  const Json trained = desk.read("trained");
  CHECK(trained["describes"] == "observed paths; does not measure incrementality");
  REQUIRE(trained["trainings"].size() == 3);
  const Json& first = trained["trainings"][0];
  CHECK(first["model"] == "markov_1");
  CHECK(first["kind"] == "purchase");
  CHECK(first["refused"].is_null());
  // The channels of a training share all of its conversions.
  std::int64_t conversions = 0;
  for (const auto& item : trained["items"])
    if (item["model"] == "markov_1") conversions += micro(item["conversions"]);
  CHECK(conversions == first["conversions"].get<std::int64_t>() * 1'000'000);

  const Json compared = desk.read("models-compare");
  CHECK(compared["data_driven"].contains("markov_1_per_conversion"));
  CHECK(compared["totals"]["markov_1_per_conversion"] == compared["totals"]["linear"]);
  const Json lines = desk.read("by-channel", {{"attributionModel", "markov-1-per-conversion"},
                                              {"groupBy", "campaign"},
                                              {"intervals", "true"}});
  CHECK(lines["describes"] == trained["describes"]);
  CHECK(lines["totals"]["conversions"] == desk.read("by-channel")["totals"]["conversions"]);
  CHECK(lines["items"][0].contains("interval"));
}

TEST_CASE("an order that the repeat rule leaves without credit is told apart", "[reports][rules]") {
  Desk desk;
  auto site = std::make_shared<SiteConfig>(*desk.world.site);
  site->repeat_rule = models::RepeatRule::first_only;
  desk.world.site = site;
  tell_month(desk);
  const Json all = desk.read("overview");
  const Json lines = desk.read("by-channel");
  CHECK(all["suppressed"].get<std::int64_t>() > 0);
  CHECK(all["orders"].get<std::int64_t>() * 1'000'000 ==
        micro(lines["totals"]["conversions"]) + all["suppressed"].get<std::int64_t>() * 1'000'000);
  CHECK(audited(desk.world).empty());

  for (const char* basis : {"accrual", "cash"}) {
    INFO(basis);
    const Json whole = desk.read("overview", {{"basis", basis}});
    const Json table = desk.read("by-channel", {{"basis", basis}});
    const Json left = table["suppressed"], with = table["with_suppressed"];
    CHECK(left["revenue_minor"].get<std::int64_t>() > 0);
    CHECK(left["revenue_minor"] == whole["suppressed_minor"]);
    CHECK(table["totals"]["revenue_minor"].get<std::int64_t>() +
              left["revenue_minor"].get<std::int64_t>() ==
          whole["revenue_minor"].get<std::int64_t>());
    for (const char* name : {"visits", "conversions", "net_conversions", "new_customers",
                             "revenue_minor", "average_order_value_minor", "conversion_rate"})
      CHECK(with[name] == whole[name]);
    std::int64_t in_days = 0, of_conversions = 0;
    const Json series = desk.read("time-series", {{"basis", basis}});
    for (const auto& day : series["items"]) {
      in_days += day["revenue_minor"].get<std::int64_t>();
      of_conversions += micro(day["conversions"]);
    }
    CHECK(in_days == whole["revenue_minor"].get<std::int64_t>());
    CHECK(of_conversions == micro(whole["conversions"]));
    // Attributed, unmeasurable and suppressed are all of the revenue.
    const auto suppressed = whole["suppressed_minor"].get<double>() / static_cast<double>(in_days);
    CHECK(whole["attributed_revenue_share"].get<double>() +
              whole["unmeasurable_share"].get<double>() + suppressed ==
          Approx(1));
  }
  const Json filtered = desk.read("by-channel", {{"channel", "email"}});
  CHECK_FALSE(filtered.contains("suppressed"));
}

TEST_CASE("every figure that was learned from paths says so, in files too", "[reports][training]") {
  Desk desk;
  tell_month(desk);
  REQUIRE(desk.call("POST", "/api/sites/{site}/train", {}).status == 200);
  const auto lines = [&](const std::string& report, const std::string& model) {
    const auto csv = desk.ask(report, {{"format", "csv"}, {"attributionModel", model}}).body;
    std::pair<int, int> counted;  // rows, those that say so
    for (std::size_t at = csv.find('\n') + 1; at < csv.size(); at = csv.find('\n', at) + 1) {
      counted.first += 1;
      if (csv.substr(at, csv.find('\n', at) - at).find(kDescribesPaths) != std::string::npos)
        counted.second += 1;
    }
    return counted;
  };
  for (const char* report : {"by-channel", "time-series", "models-compare"})
    for (const char* model : {"shapley", "markov-1-per-conversion"}) {
      INFO(report << " " << model);
      const auto [rows, said] = lines(report, model);
      CHECK(rows > 1);
      CHECK(said == rows);
    }
  const auto [rows, said] = lines("trained", "linear");
  CHECK(rows > 1);
  CHECK(said == rows);
  CHECK(lines("by-channel", "linear").second == 0);
}

TEST_CASE("a conversion says what was refunded, what is left, and what its models describe",
          "[reports][refunds]") {
  Desk desk;
  tell_month(desk);
  bool has_refund = false, has_no_touch = false;
  const auto found = desk.world.store.get([](Tables& t) {
    return t.orders().list_conversions({"demo", {}, {}, 1000, {}}, {});
  });
  for (const auto& conversion : found.items) {
    const Json told = desk.world.store.get([&](Tables& t) -> Outcome<Json> {
      TL_TRY(details, http::conversion_details(t, conversion));
      return Json(details);
    });
    INFO(told.dump());
    std::int64_t refunded = 0;
    for (const auto& refund : told["refunds"]) refunded += refund["amount_minor"].get<int>();
    CHECK(refunded == told["refunded_minor"].get<int>());
    if (refunded > 0) has_refund = true;
    CHECK(told["days_to_convert"].is_null() == (conversion.touches == 0));
    if (conversion.touches == 0) has_no_touch = true;
    if (told["credits"].contains("shapley"))
      CHECK(told["data_driven"]["shapley"] == kDescribesPaths);
    CHECK_FALSE(told["data_driven"].contains("linear"));
  }
  CHECK(has_refund);
  CHECK(has_no_touch);
}
