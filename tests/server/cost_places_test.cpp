// SPDX-License-Identifier: Apache-2.0
// Costs meet the revenue of their traffic: links as people tag them, exports as platforms write
// them, whichever came first.
#include "server/core/costs/cost_places.hpp"

#include "server/core/reports/rebuild.hpp"
#include "tests/server/report_desk.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

class CostDesk {
 public:
  // A visit by the link, and an order of EUR 100 if it is to buy.
  void visit(const std::string& query, std::int64_t t_ms, bool buys) {
    ++visits_;
    const auto visitor = 100 + visits_, session = 5000 + visits_;
    desk.world.arrive(visitor, session, t_ms, "https://shop.example/?" + query, "");
    if (!buys) return;
    const auto paid = t_ms + kMinute;
    const int number = static_cast<int>(visits_) * 4;  // in euros
    desk.world.tell(
        sale_event(number, "checkout.session.completed",
                   sale_session(number, 10'000, visit_metadata(id(visitor), id(session), paid),
                                "b" + std::to_string(number) + "@example.com"),
                   paid));
  }
  void import_file(const std::string& csv) {
    const auto reply = desk.call("POST", "/api/costs", {}, csv, "text/csv");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
  }
  // "channel source campaign revenue cost" of each line, in order.
  std::vector<std::string> lines(std::vector<std::pair<std::string, std::string>> query = {}) {
    query.emplace_back("groupBy", "campaign");
    const Json report = desk.read("by-channel", std::move(query));
    std::vector<std::string> list;
    std::int64_t cost = 0;
    for (const auto& item : report["items"]) {
      list.push_back(item["channel"].get<std::string>() + " " + item["source"].get<std::string>() +
                     " " + item["campaign"].get<std::string>() + " " +
                     item["revenue_minor"].dump() + " " + item["cost_minor"].dump());
      if (!item["cost_minor"].is_null()) cost += item["cost_minor"].get<std::int64_t>();
    }
    if (!report["totals"]["cost_minor"].is_null()) CHECK(report["totals"]["cost_minor"] == cost);
    std::sort(list.begin(), list.end());
    return list;
  }

  Desk desk;

 private:
  std::uint64_t visits_ = 0;
};

using Lines = std::vector<std::string>;

constexpr std::int64_t kVisit = kMonth + 3 * kDay;  // 2026-10-15

std::string google(const std::string& campaign, const std::string& type, const std::string& cost) {
  return "Day,Campaign,Campaign ID,Campaign type,Currency code,Cost\n2026-10-15," + campaign +
         ",77," + type + ",EUR," + cost + "\n";
}

}  // namespace

TEST_CASE("costs of every campaign type and platform meet their revenue", "[costs][places]") {
  struct Case {
    std::string link, csv;
    std::string line;  // where both stand
  };
  std::vector<Case> cases;
  for (const char* type : {"Search", "Performance Max", "Display", "Video", "Shopping",
                           "Demand Gen", "App", "Smart", "--"})
    cases.push_back({"utm_source=google&utm_medium=cpc&utm_campaign=Reach+Us&gclid=x&gad_source=1",
                     google("Reach Us", type, "20.00"), "paid_search google Reach Us"});
  for (const char* type : {"Search & content", "Audience", "Shopping", "Performance max"})
    cases.push_back(
        {"utm_source=bing&utm_medium=cpc&utm_campaign=Reach+Us&msclkid=x",
         std::string("Gregorian date,Campaign,Campaign type,Currency code,Spend\n10/15/2026,Reach "
                     "Us,") +
             type + ",EUR,20.00\n",
         "paid_search bing Reach Us"});
  for (const char* source : {"facebook", "fb", "ig", "instagram", "meta", "facebook_ads", "msg"})
    cases.push_back(
        {std::string("utm_source=") + source + "&utm_medium=paid&utm_campaign=Reach+Us&fbclid=x",
         "Day,Campaign name,Amount spent (EUR)\n2026-10-15,Reach Us,20.00\n",
         std::string("paid_social ") + source + " Reach Us"});
  const std::string tiktok = "Campaign name,By Day,Cost,Currency\nReach Us,2026-10-15,20.00,EUR\n";
  cases.push_back({"utm_source=tiktok&utm_medium=paid&utm_campaign=Reach+Us&ttclid=x", tiktok,
                   "paid_social tiktok Reach Us"});
  cases.push_back({"utm_source=tiktok-ads&utm_medium=cpc&utm_campaign=Reach+Us", tiktok,
                   "paid_social tiktok-ads Reach Us"});
  // Other tags than the export's words: youtube's ads, the campaign's id, another case, no medium
  // that tells of an ad.
  cases.push_back({"utm_source=youtube&utm_medium=cpv&utm_campaign=Reach+Us",
                   google("Reach Us", "Video", "20.00"), "paid_video youtube Reach Us"});
  cases.push_back({"utm_source=google&utm_medium=cpc&utm_campaign=77&gclid=x",
                   google("Reach Us", "Display", "20.00"), "paid_search google 77"});
  // No tags at all: the id that Google adds to its clicks by itself.
  for (const char* link : {"gclid=x&gad_source=1&gad_campaignid=77", "gbraid=x&gad_campaignid=77",
                           "gad_campaignid=77&gclid=x&utm_source=google&utm_medium=cpc",
                           "utm_source=google&utm_medium=cpc&utm_id=77"})
    cases.push_back(
        {link, google("Reach Us", "Performance Max", "20.00"), "paid_search google 77"});
  cases.push_back({"utm_source=Google&utm_medium=cpc&utm_campaign=reach+us",
                   google("Reach Us", "Display", "20.00"), "paid_search google reach us"});
  cases.push_back({"utm_source=fb&utm_medium=social&utm_campaign=Reach+Us",
                   "Day,Campaign name,Amount spent (EUR)\n2026-10-15,Reach Us,20.00\n",
                   "organic_social fb Reach Us"});
  for (const auto& one : cases) {
    INFO(one.link << "\n" << one.csv);
    CostDesk desk;
    desk.visit(one.link, kVisit, true);
    desk.import_file(one.csv);
    CHECK(desk.lines() == Lines{one.line + " 10000 2000"});
  }
}

TEST_CASE("where nothing names a campaign its cost stays as it was told", "[costs][places]") {
  for (const char* link :
       {"gclid=x&gad_source=1", "gclid=*&gad_campaignid=*",
        // another click id in its place, a longer number: one visitor's, no campaign's
        "gclid=x&gad_campaignid=Cj0KCQjw-abc_123",
        "gclid=x&gad_campaignid=123456789012345678901"}) {
    CAPTURE(link);
    CostDesk desk;
    desk.visit(link, kVisit, true);
    desk.import_file(google("Reach Us", "Search", "20.00"));
    CHECK(desk.lines() ==
          Lines{"paid_search google  10000 null", "paid_search google Reach Us 0 2000"});
  }
  CostDesk desk;  // an id of Google's names no campaign of another's
  desk.visit("utm_source=letter&utm_medium=email&gad_campaignid=77", kVisit, true);
  desk.visit("utm_source=bing&utm_medium=cpc&utm_id=77", kVisit + kHour, true);
  desk.import_file(google("Reach Us", "Search", "20.00"));
  CHECK(desk.lines() == Lines{"paid_search bing 77 10000 null",
                              "paid_search google Reach Us 0 2000",
                              "paid_search letter  10000 null"});
}

TEST_CASE("a line that is called by a campaign's id tells its name", "[costs][places]") {
  CostDesk desk;
  desk.visit("gclid=x&gad_campaignid=77", kVisit, true);
  desk.visit("utm_source=google&utm_medium=cpc&utm_campaign=Other", kVisit + kHour, false);
  desk.import_file(google("Reach Us", "Search", "20.00"));
  const Json report = desk.desk.read("by-channel", {{"groupBy", "campaign"}});
  REQUIRE(report["items"].size() == 2);
  CHECK(report["items"][0]["campaign_name"] == "Reach Us");
  CHECK_FALSE(report["items"][1].contains("campaign_name"));
  CHECK_FALSE(desk.desk.read("by-channel")["items"][0].contains("campaign_name"));
}

TEST_CASE("a cost meets its revenue whichever came first, and after a rebuild", "[costs][places]") {
  const std::string link = "utm_source=google&utm_medium=cpc&utm_campaign=Reach&gclid=x";
  CostDesk desk;
  desk.import_file(google("Reach", "Performance Max", "20.00"));
  CHECK(desk.lines() == Lines{"cross_network google Reach 0 2000"});
  desk.visit(link, kVisit + 2 * kDay, true);
  const Lines met = {"paid_search google Reach 10000 2000"};
  desk.desk.cache.forget("demo/");
  CHECK(desk.lines() == met);
  // The day of the cost alone: its traffic came on another.
  CHECK(desk.lines({{"startDate", "2026-10-15"}, {"endDate", "2026-10-15"}}) ==
        Lines{"paid_search google Reach 0 2000"});
  desk.import_file(google("Reach", "Performance Max", "30.00"));
  CHECK(desk.lines() == Lines{"paid_search google Reach 10000 3000"});
  desk.import_file(google("Reach renamed", "Performance Max", "30.00"));  // by its id
  CHECK(desk.lines({{"channel", "cross_network"}}) ==
        Lines{"cross_network google Reach renamed 0 3000"});
  desk.import_file(google("Reach", "Performance Max", "20.00"));
  CHECK(desk.lines() == met);
  CHECK(audited(desk.desk.world).empty());
  value_of(rebuild(*desk.desk.world.store, *desk.desk.world.site, {}, kNow));
  desk.desk.cache.forget("demo/");
  CHECK(desk.lines() == met);
}

TEST_CASE("a cost is shared by all places of its campaign, in every report", "[costs][places]") {
  CostDesk desk;
  const std::string meta = "&utm_medium=paid_social&utm_campaign=Launch&fbclid=x";
  desk.visit("utm_source=fb" + meta, kVisit, true);
  desk.visit("utm_source=fb" + meta, kVisit + kHour, false);
  desk.visit("utm_source=ig" + meta, kVisit + 2 * kHour, true);
  desk.visit("utm_source=fb&utm_medium=social&utm_campaign=Launch", kVisit + 3 * kHour, false);
  desk.visit("utm_source=letter&utm_medium=email&utm_campaign=Launch", kVisit + 4 * kHour, false);
  desk.import_file("Day,Campaign name,Amount spent (EUR),Link clicks\n2026-10-15,Launch,10.00,5\n");
  CHECK(desk.lines() == Lines{"email letter Launch 0 null", "organic_social fb Launch 0 null",
                              "paid_social fb Launch 10000 667",
                              "paid_social ig Launch 10000 333"});
  CHECK(desk.lines({{"source", "ig"}}) == Lines{"paid_social ig Launch 10000 333"});
  const Json channels = desk.desk.read("by-channel", {{"channel", "paid_social"}});
  CHECK(channels["items"][0]["cost_minor"] == 1000);
  CHECK(channels["items"][0]["clicks"] == 5);
  CHECK(desk.desk.read("overview", {{"source", "fb"}})["cost_minor"] == 667);
  CHECK(desk.desk.read("overview", {{"channel", "organic_social"}})["cost_minor"].is_null());
  std::int64_t cost = 0;
  const Json series = desk.desk.read("time-series", {{"source", "ig"}});
  for (const auto& day : series["items"])
    if (!day["cost_minor"].is_null()) cost += day["cost_minor"].get<std::int64_t>();
  CHECK(cost == 333);
}

TEST_CASE("what a person states stands where they state it", "[costs][places]") {
  CostDesk desk;
  desk.visit("utm_source=google&utm_medium=cpc&utm_campaign=Spring", kVisit, true);
  desk.visit("utm_source=google&utm_medium=display&utm_campaign=Spring", kVisit + kHour, true);
  desk.visit("utm_source=google&utm_medium=organic", kVisit + 2 * kHour, false);
  const std::string head = "day,channel,source,campaign,amount\n";
  desk.import_file(head +
                   "2026-10-15,display,google,Spring,7.00\n"
                   "2026-10-15,paid_search,google,,3.00\n"
                   "2026-10-15,audio,radio one,Spring,5.00\n");
  CHECK(desk.lines() == Lines{"audio radio one Spring 0 500", "display google Spring 10000 700",
                              "organic_search google  0 null", "paid_search google  0 300",
                              "paid_search google Spring 10000 null"});
}

TEST_CASE("traffic of the asked days decides before that of others", "[costs][places]") {
  CostDesk desk;
  const std::string link = "utm_source=google&utm_campaign=Spring&utm_medium=";
  desk.visit(link + "cpc", kVisit, true);
  desk.visit(link + "pmax", kVisit + 10 * kDay, true);
  desk.import_file(google("Spring", "Search", "20.00"));
  const std::vector<std::pair<std::string, std::string>> first = {{"startDate", "2026-10-12"},
                                                                  {"endDate", "2026-10-20"}};
  CHECK(desk.lines(first) == Lines{"paid_search google Spring 10000 2000"});
  CHECK(desk.lines() ==
        Lines{"cross_network google Spring 10000 1000", "paid_search google Spring 10000 1000"});
}

TEST_CASE("sources are one advertiser under many names", "[costs][places]") {
  for (const char* name : {"google", "Google", "adwords", "google_ads", "googleads", "google-cpc",
                           "google.com", "google.ads"})
    CHECK(ad_source(name) == AdSource{"google", "google"});
  for (const char* name : {"fb", "facebook", "facebook.com", "m.facebook.com", "facebook-ads",
                           "Facebook_Mobile_Feed", "fb_ads", "meta"})
    CHECK(ad_source(name) == AdSource{"facebook", "meta"});
  for (const char* name : {"ig", "instagram", "l.instagram.com", "instagram_stories", "ig_ads"})
    CHECK(ad_source(name) == AdSource{"instagram", "meta"});
  for (const char* name : {"bing", "bingads", "microsoft", "microsoft_ads", "bing.com", "msn"})
    CHECK(ad_source(name).platform == "microsoft");
  CHECK(ad_source("yt").platform == "google");
  CHECK(ad_source("tiktok.com").platform == "tiktok");
  CHECK(ad_source("Radio One") == AdSource{"radio one", "radio one"});
  CHECK(ad_source("ads").name == "ads");
  CHECK(ad_source("").name.empty());
}

TEST_CASE("a cost replaces that of its own campaign, not another's", "[costs][places]") {
  const std::string head = "Day,Campaign,Campaign ID,Campaign type,Currency code,Cost\n2026-10-15,";
  CostDesk desk;
  // Two accounts have a campaign of one name, and two campaigns have none.
  for (const char* line : {"Reach,77,Search,EUR,20.00\n", "Reach,78,Search,EUR,5.00\n"})
    desk.import_file(head + line);
  CHECK(desk.lines() == Lines{"paid_search google Reach 0 2500"});
  desk.import_file(head + "Reach,78,Search,EUR,6.00\n");
  CHECK(desk.lines() == Lines{"paid_search google Reach 0 2600"});
  desk.desk.cache.forget("demo/");
  for (const char* line :
       {R"("campaign_id":"1","amount":"1.00")", R"("campaign_id":"2","amount":"2.00")"}) {
    const auto reply = desk.desk.call(
        "POST", "/api/costs", {},
        R"({"rows":[{"day":"2026-10-15","channel":"paid_search","source":"bing","currency":"EUR",)" +
            std::string(line) + "}]}",
        "application/json");
    INFO(reply.body);
    REQUIRE(reply.status == 200);
  }
  CHECK(desk.lines({{"source", "bing"}}) == Lines{"paid_search bing  0 300"});
}

TEST_CASE("only traffic that may place a cost is sought, and of any day only what is missing",
          "[costs][places]") {
  const auto cost = [](const std::string& campaign, const std::string& campaign_id) {
    CostRow row;
    row.channel = Channel::paid_search;
    row.source = row.platform = "google";
    row.campaign = campaign;
    row.campaign_id = campaign_id;
    return row;
  };
  const std::vector<CostRow> costs = {cost("Reach", "77"), cost(" Brand", "88")};
  CostPlaces places;
  CHECK_FALSE(places.seek({}));
  CHECK_FALSE(places.seeks(""));
  REQUIRE(places.seek(costs));
  for (const char* campaign : {"reach", "77", "BRAND ", "88"}) CHECK(places.seeks(campaign));
  for (const char* campaign : {"", "reach us", "7"}) CHECK_FALSE(places.seeks(campaign));

  places.add_traffic(CostPlaces::When::asked, {Channel::paid_search, "google", "reach", "", ""}, 1);
  REQUIRE(places.seek(costs));
  for (const char* campaign : {"reach", "77"}) CHECK_FALSE(places.seeks(campaign));
  for (const char* campaign : {"brand", "88"}) CHECK(places.seeks(campaign));

  places.add_traffic(CostPlaces::When::asked, {Channel::paid_search, "google", "88", "", ""}, 1);
  CHECK_FALSE(places.seek(costs));
}
