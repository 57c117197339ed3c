// SPDX-License-Identifier: Apache-2.0
// Storage is granted first and marketing later: the arrival is told once more, with its click ids.
#include "server/core/reports/rebuild.hpp"
#include "tests/server/derived_tables.hpp"
#include "tests/server/intake_house.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;
constexpr const char* kClickedAdvert =
    "https://shop.example/?gclid=Cj0A&gad_source=1&gad_campaignid=77";

// A page whose visitor permits storage alone, and marketing a minute later.
struct TwoConsents {
  TwoConsents() { browser.consent = {Choice::granted, Choice::denied, Choice::unknown, false}; }

  Json view(const std::string& url) {
    pass_a_minute();
    browser.open(url);
    return browser.event("page_view");
  }
  // The same view, as the script tells it when marketing is granted.
  Json again(Json event) {
    pass_a_minute();
    browser.consent.marketing = Choice::granted;
    const SessionState& state = browser.state;
    event["c"]["m"] = 1;
    event["why"] = "same";
    event["ev"]["u"] = kClickedAdvert;
    event["ev"]["ct"] = browser.now_ms;
    event["ev"]["prev"] = {
        {"aid", event["aid"]},     {"sid", event["sid"]},
        {"start", state.start_ms}, {"last", state.last_ms},
        {"idx", state.index},      {"th", std::to_string(state.touch_fingerprint)}};
    event.erase("touch");
    return event;
  }
  Json keep(std::vector<Json> events) {
    auto answer = house.kept(browser.batch(std::move(events)));
    if (answer["token"].is_string()) browser.token = answer["token"];
    return answer;
  }
  void pass_a_minute() {
    browser.now_ms += kMinute;
    house.store.clock.set(browser.now_ms);
  }
  std::vector<std::string> rows(const std::string& query) {
    house.store.settle();
    SQLite::Database database(house.store.path(), SQLite::OPEN_READONLY);
    SQLite::Statement statement(database, query);
    std::vector<std::string> found;
    while (statement.executeStep()) found.push_back(statement.getColumn(0).getString());
    return found;
  }
  std::vector<std::string> touches() {
    return rows("SELECT campaign || ' ' || click_ids FROM touch ORDER BY t_ms, id");
  }
  // Touches and visits of a day's campaign.
  std::vector<std::string> traffic() {
    return rows(
        "SELECT campaign || ' ' || touches || ' ' || visits FROM day_traffic WHERE level = 2"
        " ORDER BY campaign");
  }
  void require_derived() {
    house.store.settle();
    const std::string before = derived_rows(house.store);
    value_of(rebuild(*house.store, *house.site, {}, browser.now_ms));
    CHECK(derived_rows(house.store) == before);
  }

  IntakeHouse house;
  Browser browser;
};

const std::string kWithheld = R"( {"gclid":"*","gad_source":"*","gad_campaignid":"*"})";
const std::string kTold = R"(77 {"gclid":"Cj0A","gad_source":"1","gad_campaignid":"77"})";
using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("a view told again with marketing brings the click ids it was kept without",
          "[consent]") {
  TwoConsents page;
  const auto view = page.view(kClickedAdvert);
  page.keep({view});
  REQUIRE(page.touches() == Rows{kWithheld});

  const auto answer = page.keep({page.again(view)});

  CHECK(answer["duplicate"] == 1);
  CHECK(page.touches() == Rows{kTold});
  CHECK(page.traffic() == Rows{"77 1 1"});
  CHECK(page.rows("SELECT url FROM event").front().find("gclid=Cj0A") != std::string::npos);
  page.require_derived();
}

TEST_CASE("both in one batch are one view with its click ids", "[consent]") {
  TwoConsents page;
  page.keep({page.view("https://shop.example/about")});
  const auto view = page.view(kClickedAdvert);
  page.keep({view, page.again(view)});
  CHECK(page.touches() == Rows{" {}", kTold});
  page.require_derived();
}

TEST_CASE("a later look at the same advert names it too; another click is a touch of its own",
          "[consent]") {
  TwoConsents page;
  page.keep({page.view(kClickedAdvert)});
  page.browser.consent.marketing = Choice::granted;
  page.keep({page.view(kClickedAdvert)});
  CHECK(page.touches() == Rows{kTold});
  page.keep({page.view("https://shop.example/?gclid=Cj0B&gad_source=1&gad_campaignid=78")});
  CHECK(page.touches().size() == 2);
  CHECK(page.touches().front() == kTold);
  page.require_derived();
}

TEST_CASE("a visitor whom another touch brought stays counted there", "[consent]") {
  TwoConsents page;
  const std::string other = "https://shop.example/?gclid=Cj0A&gad_source=1";
  page.keep({page.view(other)});
  const auto view = page.view(kClickedAdvert);
  page.keep({view});
  page.keep({page.again(view)});
  CHECK(page.touches().back() == kTold);
  page.require_derived();
}

TEST_CASE("no click id comes back without marketing, or from somebody else", "[consent]") {
  TwoConsents page;
  const auto view = page.view(kClickedAdvert);
  page.keep({view});
  SECTION("its consent is no yes") {
    auto again = page.again(view);
    again["c"]["m"] = 0;
    page.keep({again});
  }
  SECTION("the sender has another visitor's token") {
    const auto again = page.again(view);
    page.browser.token.clear();
    page.browser.open("https://shop.example/");
    page.keep({again});
  }
  SECTION("marketing was taken back since") {
    const auto again = page.again(view);
    page.house.store.clock.set(page.browser.now_ms + kMinute);
    REQUIRE(page.house
                .post("/api/consent", {{"site", "demo"},
                                       {"write_key", "wk_demo"},
                                       {"token", page.browser.token},
                                       {"consent", {{"storage", true}, {"marketing", false}}}})
                .status == 200);
    page.keep({again});
  }
  CHECK(page.touches() == Rows{kWithheld});
}
