// SPDX-License-Identifier: Apache-2.0
// What is told late or once more gives back nothing that its visitor has taken back since, whatever
// the browser's clock and the network make of the time; what was said later does.
#include "server/core/privacy/person_export.hpp"
#include "tests/server/intake_house.hpp"

#include <algorithm>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;
using Texts = std::vector<std::string>;

// A page whose clock is wrong by `clock_error_ms`, and its server.
class Refuser {
 public:
  explicit Refuser(std::int64_t clock_error_ms) : error_ms_(clock_error_ms) {
    house.lanes->push_back({"meta", Purpose::marketing, {"*"}});
    house.lanes->push_back({"posthog", Purpose::storage, {"*"}});
    wait(0);
    browser.open(kAd);
    first = browser.batch({browser.event("page_view")});
    answer = house.kept(first);
    browser.token = answer["token"];
    wait(5000);
  }

  void wait(std::int64_t ms) {
    house.store.clock.advance(ms);
    browser.now_ms = house.store.clock.now_ms() + error_ms_;
  }
  Json made(const std::string& name) { return browser.batch({browser.event(name)}); }
  // As the SDK tells it, or, without its time, as anybody may.
  Json choice(bool storage, bool marketing, bool says_time = true) {
    Json body = {{"site", "demo"},
                 {"write_key", "wk_demo"},
                 {"token", browser.token},
                 {"anonymous_id", answer["anonymous_id"]},
                 {"consent", {{"s", storage ? 1 : 0}, {"m", marketing ? 1 : 0}}}};
    if (says_time) body["t"] = browser.now_ms;
    if (says_time && says_sent) body["sent"] = browser.now_ms;
    return body;
  }
  // What waited on the device and is sent now.
  Json late(Json choice) {
    choice["sent"] = browser.now_ms;
    return choice;
  }
  void set_clock(std::int64_t clock_error_ms) {
    error_ms_ = clock_error_ms;
    wait(0);
  }
  Json tell(const Json& choice) {
    const auto reply = house.post("/api/consent", choice);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body);
  }
  Consent record() {
    return house.store
        .get([&](Tables& tables) { return tables.people().find_consent("demo", visitor()); })
        ->consent;
  }
  // The events of the visitor's receipts, in order.
  Texts receipts() {
    Texts events;
    for (const auto& row : house.store.get(
             [&](Tables& tables) { return tables.privacy().receipts_of("demo", visitor()); }))
      events.push_back(row.receipt.event);
    return events;
  }
  // Events and answers to marketing of all receipts, as they are exported.
  Texts exported() {
    Texts said;
    require_ok(export_consent_receipts(*house.store, "demo", [&](const std::string& line) {
      const auto receipt = Json::parse(line);
      said.push_back(receipt["event"].get<std::string>() + " " +
                     receipt["consent"]["marketing"].get<std::string>());
    }));
    return said;
  }
  // Names of the destinations that are to be told of the batch's event.
  Texts told(const Json& batch) {
    const auto rows = house.store.get([&](Tables& tables) {
      return tables.outbox().deliveries_of_event(
          "demo", parse_uuid(batch["e"][0]["id"].get<std::string>()).value());
    });
    Texts names;
    for (const auto& row : rows)
      if (row.state == DeliveryState::queued) names.push_back(row.destination);
    std::sort(names.begin(), names.end());
    return names;
  }
  Id128 visitor() { return parse_uuid(answer["anonymous_id"].get<std::string>()).value(); }

  IntakeHouse house;
  Browser browser;
  Json first, answer;
  bool says_sent = true;  // as choices are sent

 private:
  std::int64_t error_ms_;
};

std::int64_t any_clock_error() {
  return GENERATE(as<std::int64_t>{}, 0, 10 * kMinute, -10 * kMinute);
}

}  // namespace

TEST_CASE("an acknowledged batch that comes again undoes no withdrawal", "[consent][late]") {
  Refuser visit(any_clock_error());
  const bool is_of_storage = GENERATE(true, false), says_time = GENERATE(true, false);
  visit.tell(visit.choice(!is_of_storage, false, says_time));
  const auto receipts = visit.receipts();
  visit.wait(GENERATE(1, 30 * 60) * 1000);

  const auto reply = visit.house.events(visit.first);

  CHECK(reply.status == 202);
  CHECK(header_of(reply, "Set-Cookie").empty() == is_of_storage);
  CHECK(Json::parse(reply.body)["token"].is_null() == is_of_storage);
  CHECK(permits_ids(visit.record()) == !is_of_storage);
  CHECK_FALSE(permits_marketing(visit.record()));
  CHECK(visit.receipts() == receipts);
  // Nor for what comes after it.
  visit.browser.consent.marketing = Choice::denied;
  const auto next = visit.made("click");
  CHECK(visit.house.kept(next)["accepted"] == (is_of_storage ? 0 : 1));
  CHECK(visit.told(next) == (is_of_storage ? Texts{} : Texts{"posthog"}));
}

TEST_CASE("what was on its way during a withdrawal undoes none of it", "[consent][late]") {
  Refuser visit(any_clock_error());
  const bool is_of_storage = GENERATE(true, false);
  const auto delay_ms = GENERATE(as<std::int64_t>{}, 1500, 2 * kMinute);
  const auto late = visit.made("click");
  visit.wait(300);
  visit.tell(visit.choice(!is_of_storage, false));
  visit.wait(delay_ms);

  const auto reply = visit.house.events(late);

  CHECK(header_of(reply, "Set-Cookie").empty() == is_of_storage);
  CHECK(Json::parse(reply.body)["accepted"] == (is_of_storage ? 0 : 1));
  CHECK(permits_ids(visit.record()) == !is_of_storage);
  CHECK_FALSE(permits_marketing(visit.record()));
  CHECK(visit.told(late) == (is_of_storage ? Texts{} : Texts{"posthog"}));
  CHECK(visit.receipts() == Texts{"stated", "withdrawn"});
}

TEST_CASE("a yes that was on its way during a withdrawal undoes none of it", "[consent][late]") {
  Refuser visit(any_clock_error());
  const bool is_of_storage = GENERATE(true, false);
  const auto late = visit.choice(true, true);
  visit.wait(300);
  visit.tell(visit.choice(!is_of_storage, false));
  visit.wait(1500);

  // It was said, and has its receipt.
  const Json id = visit.tell(late)["receipt_id"];

  CHECK(permits_ids(visit.record()) == !is_of_storage);
  CHECK_FALSE(permits_marketing(visit.record()));
  CHECK(visit.receipts().size() == 3);
  if (late["t"] < visit.house.store.clock.now_ms()) CHECK(visit.tell(late)["receipt_id"] == id);
}

TEST_CASE("choices that waited have a receipt each, and are exported as they were said",
          "[consent][late][receipts]") {
  Refuser visit(GENERATE(as<std::int64_t>{}, 0, -10 * kMinute));
  std::vector<Json> waiting;
  for (const bool marketing : {false, true, false, true}) {
    waiting.push_back(visit.choice(true, marketing));
    visit.wait(50);
  }
  const bool ends_with_yes = GENERATE(true, false);
  if (!ends_with_yes) waiting.pop_back();
  visit.wait(2000);
  // The next page's view comes before what the page before could not tell.
  visit.browser.consent.marketing = ends_with_yes ? Choice::granted : Choice::denied;
  visit.house.kept(visit.made("page_view"));
  const bool is_in_order = GENERATE(true, false);
  if (!is_in_order) std::swap(waiting[0], waiting[1]);

  for (const auto& choice : waiting) {
    visit.wait(20);
    visit.tell(visit.late(choice));
  }

  CHECK(permits_marketing(visit.record()) == ends_with_yes);
  auto exported = visit.exported();
  REQUIRE(exported.size() == waiting.size() + 1);
  std::erase(exported, "stated granted");
  REQUIRE(exported.size() == waiting.size());
  for (std::size_t i = 0; i < exported.size(); ++i)
    CHECK(exported[i].ends_with(i % 2 == 0 ? " denied" : " granted"));
  if (is_in_order)
    for (std::size_t i = 0; i < exported.size(); ++i)
      CHECK(exported[i].starts_with(i % 2 == 0 ? "withdrawn" : "updated"));
}

TEST_CASE("a no to marketing that is told after a later yes leaves it a yes", "[consent][late]") {
  Refuser visit(any_clock_error());
  const auto no = visit.choice(true, false);
  visit.wait(100);
  visit.tell(visit.choice(true, true));
  visit.wait(GENERATE(5, 90'000));
  // What waits has been taken back all the same: consent does not reach back.
  CHECK(visit.told(visit.first) == Texts{"meta", "posthog"});

  visit.tell(visit.late(no));

  CHECK(permits_marketing(visit.record()));
  CHECK(visit.told(visit.first) == Texts{"posthog"});
  const auto next = visit.made("click");
  CHECK(visit.house.kept(next)["accepted"] == 1);
  CHECK(visit.told(next) == Texts{"meta", "posthog"});
}

TEST_CASE("a refusal by a clock that ran ahead holds back no later yes", "[consent][late][clock]") {
  Refuser visit(GENERATE(as<std::int64_t>{}, kHour, 47 * kHour));
  visit.says_sent = GENERATE(true, false);
  const bool is_of_storage = GENERATE(true, false);
  const auto before = visit.choice(true, true);
  visit.wait(1000);
  visit.tell(visit.choice(!is_of_storage, false));
  visit.wait(1000);
  // As long as the clock is wrong it tells what came first.
  visit.tell(before);
  CHECK_FALSE(permits_marketing(visit.record()));
  visit.set_clock(0);
  visit.wait(GENERATE(1000, 30 * 60 * 1000));

  visit.tell(visit.choice(true, true));

  CHECK(permits_marketing(visit.record()));
  // And what was on its way before a refusal by the right clock stays behind it.
  const auto late = visit.choice(true, true);
  visit.wait(1000);
  visit.tell(visit.choice(true, false));
  visit.wait(1000);
  visit.tell(late);
  CHECK_FALSE(permits_marketing(visit.record()));
}

TEST_CASE("a yes that is told after a withdrawal holds again", "[consent][late]") {
  Refuser visit(any_clock_error());
  const bool is_of_storage = GENERATE(true, false), says_time = GENERATE(true, false);
  visit.tell(visit.choice(!is_of_storage, false, says_time));
  visit.wait(1000);

  CHECK(visit.tell(visit.choice(true, true, says_time))["receipt_id"].is_string());

  CHECK(permits_marketing(visit.record()));
  CHECK(visit.receipts() == Texts{"stated", "withdrawn", is_of_storage ? "given" : "updated"});
  visit.wait(1000);
  const auto next = visit.made("click");
  CHECK(visit.house.kept(next)["accepted"] == 1);
  CHECK(visit.told(next) == Texts{"meta", "posthog"});
}

TEST_CASE("a tab that has not heard of a refusal of marketing undoes none of it",
          "[consent][late]") {
  Refuser visit(any_clock_error());
  visit.tell(visit.choice(true, false));
  visit.wait(2000);
  visit.browser.open("https://shop.example/watch");
  auto next = visit.made("page_view");
  visit.wait(500);

  const auto answer = visit.house.kept(next);
  CHECK(answer["accepted"] == 1);

  CHECK_FALSE(permits_marketing(visit.record()));
  CHECK(visit.told(next) == Texts{"posthog"});
  CHECK(visit.receipts() == Texts{"stated", "withdrawn"});
  // Nor does its next event, with the token of that answer.
  visit.browser.token = answer["token"];
  visit.wait(1000);
  visit.house.kept(visit.made("click"));
  CHECK_FALSE(permits_marketing(visit.record()));
  // What says when its yes was given is believed.
  next["e"][0]["ev"]["ct"] = visit.browser.now_ms;
  next["sent"] = visit.browser.now_ms;
  visit.house.kept(next);
  CHECK(permits_marketing(visit.record()));
}

TEST_CASE("what events alone took back they give back, when they were made later",
          "[consent][late]") {
  Refuser visit(any_clock_error());
  visit.browser.consent.marketing = Choice::denied;
  visit.house.kept(visit.made("click"));
  CHECK_FALSE(permits_marketing(visit.record()));
  visit.wait(2000);
  visit.browser.consent.marketing = Choice::granted;
  const auto next = visit.made("click");
  visit.wait(500);

  CHECK(visit.house.kept(next)["accepted"] == 1);

  CHECK(permits_marketing(visit.record()));
  CHECK(visit.told(next) == Texts{"meta", "posthog"});
  CHECK(visit.receipts() == Texts{"stated", "stated"});
}

TEST_CASE("an event without a time gives marketing back with a token of after the refusal alone",
          "[consent][late][touch]") {
  Refuser visit(0);
  const auto touch = [&](bool marketing) {
    return visit.house.post("/api/touch",
                            {{"site", "demo"},
                             {"write_key", "wk_demo"},
                             {"url", kAd},
                             {"token", visit.browser.token},
                             {"consent", {{"storage", true}, {"marketing", marketing}}}});
  };
  touch(false);
  visit.wait(1500);
  const auto late = touch(true);
  CHECK_FALSE(permits_marketing(visit.record()));

  visit.browser.token = Json::parse(late.body)["token"];
  visit.wait(1000);
  CHECK(touch(true).status == 200);
  CHECK(permits_marketing(visit.record()));
}

TEST_CASE("a new page without ids is a new visitor, whom no earlier refusal concerns",
          "[consent][late]") {
  Refuser visit(any_clock_error());
  visit.tell(visit.choice(false, false));
  visit.wait(1000);
  visit.browser.state = {};
  visit.browser.token.clear();
  visit.browser.open("https://shop.example/watch");
  const auto next = visit.made("page_view");
  // Another tab's answer may have left the cookies of before.
  auto request = visit.house.request(next.dump());
  if (GENERATE(true, false))
    request.headers.emplace_back("Cookie",
                                 "tl_aid.demo=" + visit.answer["anonymous_id"].get<std::string>() +
                                     "; tl_tok.demo=" + visit.answer["token"].get<std::string>());

  const auto answer = Json::parse(visit.house.send("POST", "/api/events", request).body);

  CHECK(answer["accepted"] == 1);
  CHECK(answer["anonymous_id"] == next["e"][0]["aid"]);
  CHECK(answer["anonymous_id"] != visit.answer["anonymous_id"]);
  CHECK(visit.told(next) == Texts{"meta", "posthog"});
  CHECK_FALSE(permits_ids(visit.record()));
}
