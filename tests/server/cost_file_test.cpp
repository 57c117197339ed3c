// SPDX-License-Identifier: Apache-2.0
#include "server/core/cost_file.hpp"

#include "tests/server/support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

CostFileOptions options() {
  CostFileOptions made;
  made.site_currency = "EUR";
  made.origin = "costs.csv";
  return made;
}

CostFile read(const std::string& text, const CostFileOptions& with = options()) {
  return value_of(read_cost_file(text, with));
}

std::string utf16(const std::string& ascii) {
  std::string bytes = "\xFF\xFE";
  for (const char c : ascii) {
    bytes += c;
    bytes += '\0';
  }
  return bytes;
}

std::string codes(const CostFile& file) {
  std::string text;
  for (const auto& error : file.errors)
    text += std::to_string(error.line) + " " + error.code + "\n";
  return text;
}

}  // namespace

TEST_CASE("an export of Google Ads is read as it is downloaded", "[costs]") {
  const std::string text =
      "Campaign performance\n"
      "\"January 1, 2026 - January 31, 2026\"\n"
      "Day\tCampaign\tCampaign type\tCurrency code\tCost\tClicks\tImpr.\n"
      "2026-01-30\tSpring\tSearch\tCZK\t1,234.50\t1,100\t20,000\n"
      "2026-01-30\tReach\tPerformance Max\tCZK\t0.99\t1\t5\n"
      "2026-01-31\tClips\tVideo\tCZK\t --\t0\t0\n"
      "Total: Campaigns\t --\t --\tCZK\t1,235.49\t1,101\t20,005\n";
  const bool is_utf16 = GENERATE(true, false);
  const CostFile file = read(is_utf16 ? utf16(text) : "\xEF\xBB\xBF" + text);
  INFO(codes(file));
  CHECK(file.platform == "google_ads");
  REQUIRE(file.rows.size() == 3);
  CHECK(file.skipped == 1);
  CHECK(file.rows[0].day == 20260130);
  CHECK(file.rows[0].source == "google");
  CHECK(file.rows[0].campaign == "Spring");
  CHECK(file.rows[0].channel == Channel::paid_search);
  CHECK(file.rows[0].currency == "CZK");
  CHECK(file.rows[0].amount_minor == 123450);
  CHECK(file.rows[0].clicks == 1100);
  CHECK(file.rows[0].impressions == 20000);
  CHECK(file.rows[1].channel == Channel::cross_network);
  CHECK(file.rows[2].channel == Channel::paid_video);
  CHECK(file.rows[2].amount_minor == 0);
}

TEST_CASE("an export of Meta Ads names its currency in a header and sums up first", "[costs]") {
  const CostFile file = read(
      "\"Reporting starts\",\"Reporting ends\",\"Campaign name\",\"Amount spent (USD)\","
      "\"Impressions\",\"Link clicks\"\n"
      "\"2026-01-30\",\"2026-01-31\",\"\",\"30.5\",\"3000\",\"30\"\n"
      "\"2026-01-30\",\"2026-01-30\",\"Launch, \"\"one\"\"\",\"20.25\",\"2000\",\"20\"\n"
      "\"2026-01-31\",\"2026-01-31\",\"Launch, \"\"one\"\"\",\"10.25\",\"1000\",\"\"\n");
  INFO(codes(file));
  CHECK(file.platform == "meta_ads");
  REQUIRE(file.rows.size() == 2);
  CHECK(file.skipped == 1);
  CHECK(file.rows[0].campaign == "Launch, \"one\"");
  CHECK(file.rows[0].currency == "USD");
  CHECK(file.rows[0].amount_minor == 2025);
  CHECK(file.rows[0].source == "facebook");
  CHECK(file.rows[0].channel == Channel::paid_social);
}

TEST_CASE("a campaign called Total is a campaign", "[costs]") {
  const CostFile file = read(
      "Campaign name,By Day,Cost,Currency,Impressions,Clicks (destination)\n"
      "Total War Launch,2026-01-30 00:00:00,12.5,EUR,100,3\n"
      "Total,1/2/2026,1,EUR,1,1\n"
      "Total,31/1/2026,2,EUR,1,1\n"
      "Total of 3 results,2026-01-30 - 2026-01-31,15.5,EUR,100,3\n"
      "Total of 3 results,-,15.5,EUR,100,3\n");
  INFO(codes(file));
  REQUIRE(file.rows.size() == 3);
  CHECK(file.skipped == 2);
  CHECK(file.rows[0].campaign == "Total War Launch");
  CHECK(file.rows[0].amount_minor == 1250);
}

TEST_CASE("an export of TikTok Ads is read", "[costs]") {
  const CostFile file = read(
      "Campaign name,By Day,Cost,Currency,Impressions,Clicks (destination)\n"
      "Clip,2026-01-30 00:00:00,12.5,EUR,100,3\n"
      "Total of 1 results,-,12.5,EUR,100,3\n");
  INFO(codes(file));
  CHECK(file.platform == "tiktok_ads");
  REQUIRE(file.rows.size() == 1);
  CHECK(file.rows[0].day == 20260130);
  CHECK(file.rows[0].amount_minor == 1250);
  CHECK(file.rows[0].source == "tiktok");
}

TEST_CASE("an export of Microsoft Advertising has lines before and after", "[costs]") {
  const CostFile file = read(
      "\"Report Name: Campaigns\"\n"
      "\"Report Time: 1/1/2026 - 1/31/2026\"\n"
      "\"Time Zone: (GMT+01:00) Prague\"\n"
      "\"Rows: 2\"\n"
      "\n"
      "\"Gregorian date\",\"Campaign name\",\"Currency "
      "code\",\"Impressions\",\"Clicks\",\"Spend\"\n"
      "\"1/2/2026\",\"Spring\",\"EUR\",\"10\",\"1\",\"0.75\"\n"
      "\"1/31/2026\",\"Spring\",\"EUR\",\"20\",\"2\",\"1.25\"\n"
      "\"\xC2\xA9"
      "2026 Microsoft Corporation. All rights reserved.\"\n");
  INFO(codes(file));
  CHECK(file.platform == "microsoft_ads");
  REQUIRE(file.rows.size() == 2);
  CHECK(file.rows[0].day == 20260102);
  CHECK(file.rows[1].day == 20260131);
  CHECK(file.rows[0].source == "bing");
}

TEST_CASE("decimal commas, dots between thousands and day-first dates are understood", "[costs]") {
  const CostFile file = read(
      "day;channel;source;campaign;amount;currency\n"
      "31.1.2026;paid_search;Google;Jaro;1.234,50;EUR\n"
      "30/01/2026;email;letter;;\"12 345,5 \xE2\x82\xAC\";EUR\n"
      "1/2/2026;email;letter;;1.234;EUR\n");
  INFO(codes(file));
  CHECK(file.platform == "plain");
  REQUIRE(file.rows.size() == 3);
  CHECK(file.rows[0].amount_minor == 123450);
  CHECK(file.rows[0].source == "google");
  CHECK(file.rows[1].amount_minor == 1234550);
  CHECK(file.rows[2].day == 20260201);
  CHECK(file.rows[2].amount_minor == 123400);
}

TEST_CASE("amounts keep to the currency's own decimals", "[costs]") {
  const CostFile file = read(
      "day,channel,source,campaign,amount,currency\n"
      "2026-01-31,display,x,,1500,JPY\n"
      "2026-01-31,display,x,,1.2345,KWD\n"
      "2026-01-31,display,x,,0.995,EUR\n");
  INFO(codes(file));
  REQUIRE(file.rows.size() == 3);
  CHECK(file.rows[0].amount_minor == 1500);
  CHECK(file.rows[1].amount_minor == 1235);
  CHECK(file.rows[2].amount_minor == 100);
}

TEST_CASE("every wrong line is told and nothing is read", "[costs]") {
  const CostFile file = read(
      "day,channel,source,campaign,amount,currency,clicks\n"
      "2026-02-30,display,x,,1.00,EUR,1\n"
      "2026-01-31,billboard,x,,1.00,EUR,1\n"
      "2026-01-31,display,,,1.00,EUR,1\n"
      "2026-01-31,display,x,,one,EUR,1\n"
      "2026-01-31,display,x,,-1.00,EUR,1\n"
      "2026-01-31,display,x,,1.00,EURO,1\n"
      "2026-01-31,display,x,,1.00,EUR,many\n"
      "2026-01-31,display,x,,1.00,EUR,1\n");
  CHECK(codes(file) ==
        "2 bad_date\n3 unknown_channel\n4 missing_source\n5 bad_amount\n6 bad_amount\n"
        "7 bad_currency\n8 bad_number\n");
  CHECK(file.rows.empty());
}

TEST_CASE("a date that may be read in two ways is asked about", "[costs]") {
  const std::string text =
      "day,channel,source,campaign,amount,currency\n1/2/2026,display,x,,1.00,EUR\n";
  CHECK(codes(read(text)) == "2 bad_date\n");
  auto with = options();
  with.date_order = DateOrder::month_first;
  CHECK(read(text, with).rows.at(0).day == 20260102);
  with.date_order = DateOrder::day_first;
  CHECK(read(text, with).rows.at(0).day == 20260201);
}

TEST_CASE("a line over several days and mixed decimals are refused", "[costs]") {
  CHECK(codes(read("Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n"
                   "2026-01-01,2026-01-31,Launch,10.00\n")) == "2 several_days\n");
  CHECK(codes(read("day,channel,source,campaign,amount\n"
                   "2026-01-01,display,x,,\"10,50\"\n2026-01-02,display,x,,10.50\n"))
            .find("mixed_amounts") != std::string::npos);
}

TEST_CASE("columns of any name are read by a mapping", "[costs]") {
  auto with = options();
  with.mapping = {{CostField::day, "Datum"}, {CostField::amount, "Kosten"}};
  with.source = "newspaper";
  with.channel = Channel::display;
  const CostFile file = read("Datum;Kosten\n2026-01-31;12,50\n", with);
  INFO(codes(file));
  REQUIRE(file.rows.size() == 1);
  CHECK(file.platform == "mapped");
  CHECK(file.rows[0].amount_minor == 1250);
  CHECK(file.rows[0].source == "newspaper");
  CHECK(file.rows[0].currency == "EUR");
}

TEST_CASE("a file of something else is refused", "[costs]") {
  const auto file = read_cost_file("a,b\n1,2\n", options());
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().code == "unknown_cost_columns");
  const auto empty = read_cost_file("day,channel,source,campaign,amount\n", options());
  REQUIRE_FALSE(empty.ok());
  CHECK(empty.error().code == "empty_cost_file");
}
